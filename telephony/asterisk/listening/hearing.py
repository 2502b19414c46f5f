"""Has Asterisk send the audio of customers' calls to the listeners, from their dialing to some seconds after the answer.

A channel of its own does it, which ends with the connection that it fills: by whoever of the listeners, the customer
and Asterisk ends first. It is no leg, and nobody else is told of it. Runs on the switch's one thread; times are monotonic.
"""

import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from dialer.asterisk_config import AsteriskServer
from dialer.config import TrunkConfig
from dialer.core.switch_events import AnnouncementHeard, LegAnswered, SwitchEvent
from dialer.network_words import NetworkWords
from telephony.asterisk import actions
from telephony.asterisk.joining import Wire
from telephony.asterisk.legs import Leg
from telephony.asterisk.listening.protocol import Await, Forget, Picked
from telephony.asterisk.listening.staff import Staff
from telephony.asterisk.translate import Legs
from telephony.audio.findings import Ears

_EVERY_S = 0.1


class Hearing:
    """What is listened for in which trunks' calls, and the legs that are listened to.

    Args:
        trunks: By name.
        servers: By name.
        wire: The way to them.
        legs: Those that have not ended.
        tell: Takes events, their times monotonic.

    Raises:
        ConfigError: If a trunk's recordings cannot be used.
    """

    def __init__(
        self,
        trunks: Mapping[str, TrunkConfig],
        words: Mapping[str, NetworkWords],
        servers: Mapping[str, AsteriskServer],
        *,
        wire: Wire,
        legs: Legs,
        tell: Callable[[SwitchEvent], None],
    ) -> None:
        ears = {name: wanted for name, one in words.items() if (wanted := _ears(one)) is not None}
        self._trunks = frozenset(ears)
        self._servers = {trunks[name].server: servers[trunks[name].server] for name in ears}
        self._staff = Staff(ears, sum(trunks[name].lines for name in ears))
        self._at: dict[str, str] = {}
        self._wire = wire
        self._legs = legs
        self._tell = tell
        self._due_at = 0.0

    def start(self) -> None:
        """Listen where Asterisk shall send audio to, if it shall.

        Raises:
            ConfigError: If that is not possible there.
        """
        for name, server in self._servers.items():
            self._at[name] = self._staff.open(server.listen, setting=f"asterisk.servers.{name}.listen")
        self.tick(time.monotonic())

    def begin(self, leg: Leg) -> None:
        """Listen to a customer's leg whose channel has just been made, if its trunk's calls are listened to."""
        if leg.trunk not in self._trunks or leg.hung_up or leg.server not in self._at:
            return
        token = uuid.UUID(bytes=secrets.token_bytes(16), version=4)
        self._staff.send(Await(leg_id=leg.leg_id, trunk=leg.trunk, token=token.bytes))
        self._wire.send(leg.server, actions.listen(leg.channel, self._at[leg.server], str(token)))

    def follow(self, leg: Leg, told: Sequence[SwitchEvent]) -> None:
        """Take in what became of a leg."""
        if leg.trunk in self._trunks and any(isinstance(event, LegAnswered) for event in told):
            self._staff.send(Picked(leg_id=leg.leg_id))

    def ended(self, leg: Leg) -> None:
        """Listen no more to a leg."""
        if leg.trunk in self._trunks:
            self._staff.send(Forget(leg_id=leg.leg_id))

    def tick(self, now: float) -> None:
        """Tell what was made out, if it is time to look."""
        if not self._at or now < self._due_at:
            return
        self._due_at = now + _EVERY_S
        for made in self._staff.tick(now):
            if self._legs.find(made.leg_id) is not None:
                heard = made.heard
                self._tell(AnnouncementHeard(at=now, leg_id=made.leg_id, means=heard.means, said=heard.said))

    def close(self) -> None:
        """Listen to nobody any more."""
        self._staff.close()


def _ears(words: NetworkWords) -> Ears | None:
    if not words.listens:
        return None
    from telephony.audio.ear import ears  # numpy, which takes a tenth of a second, only where it is needed

    return ears(words)
