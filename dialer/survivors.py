"""What a switch that outlives the run tells a new one: which legs it holds, and whom its own dialplan abandoned."""

from typing import Protocol, runtime_checkable

import msgspec

from dialer.core.ids import LegId
from dialer.core.states import CallState


class Survivor(msgspec.Struct, frozen=True, kw_only=True):
    """A leg of an earlier run as the switch knows it; any id that is no leg's of ours is ignored."""

    leg_id: LegId
    state: CallState
    """`dialing`, `ringing`, `answered` (up, with nobody), `talking` or `message`; `ended` for a customer who heard the
    switch's own message after nobody came, and is gone."""
    answered_at: float | None = None
    """Seconds since the epoch, if the switch knows."""
    abandoned_at: float | None = None
    """When the switch began its own message, as nobody came; None: it did not, or does not know."""
    partner: LegId | None = None
    """Whom a talking leg hears."""
    server: str = ""
    """Where it is, of a switch that has several servers."""

    @property
    def waited_s(self) -> float | None:
        """Return how long a customer waited before that message."""
        if self.answered_at is None or self.abandoned_at is None:
            return None
        return self.abandoned_at - self.answered_at


@runtime_checkable
class Outlives(Protocol):
    """A switch whose legs do not die with the run."""

    def survivors(self) -> tuple[Survivor, ...]:
        """Return what is left of earlier runs; asked once, before any leg is placed."""

    def forget_survivors(self) -> None:
        """What became of who was returned as `ended` is on record: what the switch remembers of them may go."""
