"""Whether trunks and agents' phones answer, and whether the carrier takes the password."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from cli.doctor.findings import Finding, failure, ok, warning
from dialer.config import SipConfig, TrunkConfig
from dialer.core.addresses import CALLS_IN
from dialer.errors import ConfigError
from dialer.storage.agents import AgentRow
from telephony.sip import probe
from telephony.sip.probe import Probe, Target
from telephony.sip.translate import agent_address

_AT_ONCE = 16


class TrunkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a trunk said to OPTIONS, and to REGISTER if it has a user."""

    name: str
    trunk: TrunkConfig
    there: Probe
    account: Probe | None
    password_error: str = ""


class PhoneFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent's phone said to OPTIONS."""

    agent: str
    phone: str
    there: Probe


def gather_trunk(name: str, trunk: TrunkConfig, *, bind: str) -> TrunkFacts:
    """Ask a trunk whether it is there, and prove our password to it."""
    target = Target(trunk.host, trunk.port, trunk.transport.value)
    there = probe.options(target, bind=bind)
    try:
        known = probe.Credentials(trunk.username, trunk.password())
    except ConfigError as error:
        return TrunkFacts(name=name, trunk=trunk, there=there, account=None, password_error=str(error))
    asks = bool(trunk.username) and there.code is not None
    account = probe.register(target, known, bind=bind) if asks else None
    return TrunkFacts(name=name, trunk=trunk, there=there, account=account)


def gather_phone(agent: AgentRow, *, bind: str) -> PhoneFacts:
    """Ask an agent's phone whether it is there."""
    try:
        address = agent_address(agent.phone)
    except ValueError as error:
        return PhoneFacts(agent=agent.name, phone=agent.phone, there=Probe(None, str(error)))
    target = Target(address.host, address.port or 5060, address.transport)
    user = address.uri.removeprefix("sip:").partition("@")[0]
    return PhoneFacts(agent=agent.name, phone=agent.phone, there=probe.options(target, bind=bind, user=user))


def examine(config: SipConfig, trunks: dict[str, TrunkConfig], agents: Sequence[AgentRow]) -> list[Finding]:
    """Ask all of them at once, as the dead ones take seconds, and judge each."""
    called = [agent for agent in agents if not agent.phone.startswith(CALLS_IN)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        of_trunks = pool.map(lambda one: gather_trunk(*one, bind=config.bind), trunks.items())
        of_phones = pool.map(lambda agent: gather_phone(agent, bind=config.bind), called)
        found = [finding for facts in of_trunks for finding in judge_trunk(facts)]
        found += [judge_phone(facts) for facts in of_phones]
    found += [judge_words(name, trunk) for name, trunk in trunks.items() if trunk.causes is not None]
    return found + [judge_call_in(agent, config) for agent in agents if agent not in called]


def judge_trunk(facts: TrunkFacts) -> list[Finding]:
    """Return whether a trunk answers, and whether it takes our password."""
    check, trunk = f"trunk {facts.name}", facts.trunk
    where = f"{trunk.host}:{trunk.port} over {trunk.transport}"
    if facts.password_error:
        remedy = f"give [trunks.{facts.name}] the password it names, in the environment of this command and of `dialer run`"
        return [failure(check, facts.password_error, remedy)]
    if facts.there.code is None:
        remedy = (
            f"check host, port and transport in [trunks.{facts.name}], and that the firewall lets SIP to {trunk.host} "
            "and its answers pass; ask the carrier whether it knows this machine's address"
        )
        return [failure(check, f"{where}: {facts.there.reason}", remedy)]
    answered = (
        f"{where} answers OPTIONS with {facts.there.code} in {1000 * (facts.there.round_trip_s or 0):.0f} ms"
    )
    reachable = ok(check, answered)
    return [reachable] if facts.account is None else [reachable, _judge_account(facts, facts.account)]


def _judge_account(facts: TrunkFacts, account: Probe) -> Finding:
    check, user = f"trunk {facts.name}", facts.trunk.username
    if account.code is None:
        remedy = "`dialer call test` shows whether calls are taken"
        return warning(
            check, f"no answer to REGISTER ({account.reason}): the password is not checked", remedy
        )
    if account.challenged and account.code < 300:
        return ok(check, f"takes the password of {user!r}")
    if account.challenged and account.code in (401, 403, 407):
        return failure(
            check,
            f"refuses the user {user!r} with this password ({account.code} {account.reason})",
            f"check username in [trunks.{facts.name}] and {password_source(facts.trunk)} against what the carrier gave you",
        )
    if account.code < 300:
        return ok(check, f"takes {user!r} without asking for a password")
    return warning(
        check,
        f"takes no REGISTER ({account.code} {account.reason}): the password is not checked",
        "`dialer call test` shows whether calls are taken",
    )


def password_source(trunk: TrunkConfig) -> str:
    """Return where a trunk's password comes from, as the operator knows it."""
    if trunk.password_file is not None:
        return f"the password in {trunk.password_file} (password_file)"
    if trunk.password_env:
        return f"the password in the variable {trunk.password_env} (password_env)"
    return "password_env or password_file, of which none is set"


def judge_words(name: str, trunk: TrunkConfig) -> Finding:
    """Return whether the table of what a carrier's refusals mean can be used."""
    check = f"trunk {name}"
    try:
        words = trunk.words()
    except ConfigError as error:
        return failure(check, str(error), "correct the file that `causes` names; no run starts before")
    listened = ", and has its calls listened to" if words.listens else ""
    return ok(check, f"{trunk.causes} knows {len(words.says)} things that its carrier says{listened}")


def judge_call_in(agent: AgentRow, config: SipConfig) -> Finding:
    """Return whether an agent's phone would be let in."""
    check = f"phone {agent.name}"
    try:
        known = bool(config.agents_port) and agent.name in config.agent_passwords()
    except ConfigError as error:
        return failure(check, str(error), "nobody can call in before")
    if not known:
        return failure(
            check,
            "the agent calls in, but would be let in by nobody",
            f"set sip.agents_port, and give {agent.name!r} a password in the file of sip.agent_secrets",
        )
    return ok(check, f"may call sip:{config.bind}:{config.agents_port}")


def judge_phone(facts: PhoneFacts) -> Finding:
    """Return whether an agent's phone answers; whatever it says, it is there."""
    check = f"phone {facts.agent}"
    if facts.there.code is None:
        return failure(
            check,
            f"{facts.phone}: {facts.there.reason}",
            "see that the phone is on and in the network, and that its address is the one of `dialer agent list`; "
            "the agent cannot log in before",
        )
    took_ms = 1000 * (facts.there.round_trip_s or 0)
    return ok(check, f"{facts.phone} answers with {facts.there.code} in {took_ms:.0f} ms")
