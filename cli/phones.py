"""Whether an agent's phone may be called, or may call, before it is kept."""

from dialer.config import Config
from dialer.errors import ConfigError
from telephony.sip.translate import agent_address, check_phone_host


def check_phone(phone: str, config: Config, calls_in: bool) -> str:
    """Return what calls the phone; refuse one that a run would refuse to call.

    Raises:
        ConfigError: If it is no SIP address or not at an allowed host, or the agent calls in.
    """
    if calls_in or not phone:
        raise ConfigError("give one of --phone SIP-URI, for a phone that is called, and --calls-in")
    check_address(phone, config)
    return "`dialer agent login` calls the phone"


def check_address(phone: str, config: Config) -> None:
    """Refuse a phone that a run would refuse to call.

    Raises:
        ConfigError: If it is no SIP address or not at an allowed host.
    """
    try:
        check_phone_host(agent_address(phone), config.sip.phone_hosts())
    except ValueError as error:
        raise ConfigError(f"{phone!r}: {error}") from error


def check_number(number: str) -> None:
    """Refuse what is no whole number in its international form.

    Raises:
        ConfigError: With what is wrong with it.
    """
    from dialer.leads.numbers import BadNumber, Normaliser

    found = Normaliser("US").read(number)
    if isinstance(found, BadNumber):
        raise ConfigError(f"{number!r}: {found}")
    if found[0] != number:
        raise ConfigError(f"{number!r}: write it as {found[0]}")


def check_calls_in(name: str, config: Config) -> str:
    """Return what the phone shall call; refuse an agent whose call would be refused.

    Raises:
        ConfigError: If nobody may call in, or the agent has no password.
    """
    if not config.sip.agents_port:
        raise ConfigError(
            "nobody may call in: set sip.agents_port and sip.agent_secrets in the configuration"
        )
    if name not in config.sip.agent_passwords():
        raise ConfigError(f"{name!r} has no password in {config.sip.agent_secrets}: add a line for {name!r}")
    return f"the phone calls sip:{config.sip.bind}:{config.sip.agents_port} as {name!r}"
