"""Whether a test call may be placed, and placing it."""

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, select

from cli.campaigns import check_trunk
from cli.options import Shared
from dialer.config import Config
from dialer.core.rules.number_kinds import NEVER_CALLED
from dialer.errors import ConfigError, RuleError
from dialer.leads.numbers import BadNumber, Normaliser
from dialer.reports.readiness import halt_reason
from dialer.storage import agents, do_not_call, schema
from telephony.sip.translate import (
    AgentAddress,
    agent_address,
    asserted_identity,
    caller_uri,
    check_phone_host,
    number_uri,
)
from telephony.sip.trial import Callee, LegTrial, Message, TrialOrder, carry_out, set_up

RING_S = 45.0
"""How long it may ring: a person walks to the phone. A guess."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked for."""

    written: str
    region: str
    trunk: str
    agent: str | None
    caller_id: str
    talk_s: float


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was placed, and all that is known of it."""

    number: str
    order: TrialOrder
    legs: tuple[LegTrial, ...]
    messages: tuple[Message, ...]


def read_number(written: str, region: str) -> str:
    """Return the E.164 form of a number that may be called at all.

    Raises:
        ConfigError: If it is no number, or of a kind that is never called.
    """
    found = Normaliser(region).read(written)
    if isinstance(found, BadNumber):
        raise ConfigError(f"{written!r}: {found}: write it in full, as +12025550123")
    number, facts = found
    if facts.kind in NEVER_CALLED:
        raise ConfigError(f"{number} is a {facts.kind} number: calls to it cost extra and are never placed")
    return number


def check_allowed(connection: Connection, workspace_id: int, number: str) -> None:
    """Refuse to call a number that must not be called now.

    Raises:
        RuleError: If it is on the do-not-call list, has a call in progress, or all originating is halted.
    """
    listed = do_not_call.check(connection, workspace_id, number)
    if listed is not None:
        raise RuleError(f"{number} is on the do-not-call list ({listed.reason or 'no reason given'})")
    halted = halt_reason(connection, workspace_id)
    if halted is not None:
        raise RuleError(f"all originating is halted ({halted or 'no reason given'}): `dialer resume` first")
    kept = schema.call.c
    busy = select(kept.id).where(
        kept.workspace_id == workspace_id, kept.number == number, kept.ended_at.is_(None)
    )
    if connection.scalar(busy) is not None:
        raise RuleError(f"{number} has a call in progress: wait for its end")


def place(options: Shared, asked: Asked, on_message: Callable[[Message], None]) -> Placed:
    """Place a test call, if it may be placed.

    Raises:
        ConfigError: If the number, the trunk or the agent's phone cannot be used.
        RuleError: If the number must not be called.
        SwitchUnavailableError: If no call can be placed from here.
    """
    config = options.load_config()
    check_trunk(asked.trunk, config)
    number = read_number(asked.written, asked.region)
    with options.open() as workplace, workplace.database.read() as connection:
        check_allowed(connection, workplace.workspace_id, number)
        found = agents.find(connection, workplace.workspace_id, asked.agent) if asked.agent else None
    phone = _phone(found.phone, config) if found is not None else None
    messages: list[Message] = []

    def keep(message: Message) -> None:
        messages.append(message)
        on_message(message)

    with set_up(config.sip, config.trunks[asked.trunk], asked.trunk, phone) as setup:
        order = TrialOrder(
            setup=setup,
            customer=_customer(number, asked, config),
            agent=_agent(phone, config) if phone is not None else None,
            talk_s=asked.talk_s,
            ring_s=RING_S,
        )
        legs = carry_out(order, keep)
    return Placed(number=number, order=order, legs=tuple(legs), messages=tuple(messages))


def _customer(number: str, asked: Asked, config: Config) -> Callee:
    trunk = config.trunks[asked.trunk]
    try:
        return Callee(
            uri=number_uri(number, trunk),
            caller=caller_uri(asked.caller_id, trunk, bind=config.sip.bind),
            transport=trunk.transport.value,
            identity=asserted_identity(asked.caller_id, trunk, bind=config.sip.bind),
        )
    except ValueError as error:
        raise ConfigError(f"[trunks.{asked.trunk}]: {error}") from error


def _agent(phone: AgentAddress, config: Config) -> Callee:
    return Callee(uri=phone.uri, caller=f"sip:dialer@{config.sip.bind}", transport=phone.transport)


def _phone(uri: str, config: Config) -> AgentAddress:
    try:
        phone = agent_address(uri)
        check_phone_host(phone, config.sip.phone_hosts())
    except ValueError as error:
        raise ConfigError(f"{uri!r}: {error}") from error
    return phone
