"""Whoever is called to a talk beside its customer and its agent: by which server, and what joins them. Pure."""

from collections.abc import Iterator, Mapping

from dialer.asterisk_config import AsteriskConfig
from dialer.config import TrunkConfig
from dialer.core.commands import CallGuest, Supervise
from dialer.phone_hosts import PhoneHosts
from telephony.asterisk import actions
from telephony.asterisk.actions import Action
from telephony.asterisk.legs import Leg
from telephony.asterisk.translate import Legs
from telephony.sip.translate import agent_address, check_phone_host


class Guests:
    """Turns what is ordered of guests into actions; their legs are legs among the others."""

    def __init__(
        self,
        legs: Legs,
        config: AsteriskConfig,
        trunks: Mapping[str, TrunkConfig],
        *,
        phone_hosts: PhoneHosts,
    ) -> None:
        self._legs = legs
        self._config = config
        self._trunks = trunks
        self._phone_hosts = phone_hosts

    def originate(self, command: CallGuest, address: str, now: float) -> tuple[Leg, Action]:
        """Return a guest's leg and what calls it: by its trunk, or its phone by the server that holds the talk.

        Raises:
            ValueError: If the talk is over, it is no number or phone, or may not or cannot be called from that server.
        """
        if command.trunk is not None:
            return self._by_trunk(command, command.trunk, address, now)
        beside = self._legs.find(command.beside)
        if beside is None:
            raise ValueError("the talk is over")
        leg = Leg(command.leg_id, beside.server, False, now, is_guest=True)
        if registered := actions.registered_at(address, self._config.servers):
            endpoint, server = registered
            if server != beside.server:
                raise ValueError(
                    f"the phone is registered at {server}, the talk is at {beside.server}: use a phone that is there"
                )
            return leg, actions.call_registered_guest(leg.leg_id, endpoint)
        phone = agent_address(address)
        check_phone_host(phone, self._phone_hosts)
        return leg, actions.call_guest(leg.leg_id, phone, self._config.servers[leg.server])

    def _by_trunk(self, command: CallGuest, name: str, number: str, now: float) -> tuple[Leg, Action]:
        trunk = self._trunks.get(name)
        if trunk is None:
            raise ValueError(f"there is no trunk {name}")
        leg = Leg(command.leg_id, trunk.server, False, now, says=trunk.words().says, is_guest=True)
        return leg, actions.call_third(command, number, trunk)

    def supervise(self, command: Supervise) -> Iterator[tuple[str, Action]]:
        """Yield what lets a guest hear an agent, with the server to tell; nothing if either is gone."""
        guest, agent = self._legs.find(command.leg_id), self._legs.find(command.agent_leg)
        if guest is not None and agent is not None:
            for action in actions.supervise(guest.channel, agent.channel, command.mode):
                yield guest.server, action
