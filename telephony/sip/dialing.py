"""What a worker is told to dial, from an order of the engine's and the number or address that belongs to it. Pure."""

from collections.abc import Mapping

from dialer.config import SipConfig, TrunkConfig
from dialer.core.commands import CallAgent, OriginateCommand
from telephony.sip.protocol import Dial
from telephony.sip.translate import (
    agent_address,
    asserted_identity,
    caller_uri,
    check_phone_host,
    number_uri,
)


class Dialing:
    """Makes orders to dial: numbers through their trunk, agents' and others' phones by their address."""

    def __init__(self, config: SipConfig, trunks: Mapping[str, TrunkConfig]) -> None:
        self._bind = config.bind
        self._phone_hosts = config.phone_hosts()
        self._trunks = trunks

    def order(self, command: OriginateCommand, address: str) -> tuple[str | None, Dial]:
        """Return the trunk, None for a phone, and the order.

        Raises:
            ValueError: If it is no number or address, or may not be called.
        """
        if isinstance(command, CallAgent) or command.trunk is None:
            return None, self._phone(command, address)
        # A trunk that there is not is refused by name; the number is looked at first.
        trunk = self._trunks.get(command.trunk, TrunkConfig(host="unknown"))
        caller = caller_uri(command.caller_id, trunk, bind=self._bind)
        return command.trunk, Dial(
            leg_id=command.leg_id,
            uri=number_uri(address, trunk),
            caller=caller,
            identity=asserted_identity(command.caller_id, trunk, bind=self._bind),
            transport=trunk.transport.value,
        )

    def _phone(self, command: OriginateCommand, address: str) -> Dial:
        phone = agent_address(address)
        check_phone_host(phone, self._phone_hosts)
        return Dial(
            leg_id=command.leg_id,
            uri=phone.uri,
            caller=f"sip:dialer@{self._bind}",
            transport=phone.transport,
            host=phone.host,
            port=phone.port,
        )
