"""Whether an agent's phone may be called, before it is kept."""

from dialer.config import Config
from dialer.errors import ConfigError
from telephony.sip.translate import agent_address, check_phone_host


def check_phone(phone: str, config: Config) -> None:
    """Refuse a phone that a run would refuse to call.

    Raises:
        ConfigError: If it is no SIP address, or not at an allowed host.
    """
    try:
        check_phone_host(agent_address(phone), config.sip.phone_hosts())
    except ValueError as error:
        raise ConfigError(f"{phone!r}: {error}") from error
