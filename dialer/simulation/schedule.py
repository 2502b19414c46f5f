"""Where a simulated switch lives."""

from collections.abc import Callable
from typing import Protocol

from dialer.core.switch_events import (
    AnnouncementHeard,
    BridgeFailed,
    LegAnswered,
    LegClassified,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegsBridged,
    LegsParted,
    LegSpoke,
    MessagePlayed,
)


class Schedule(Protocol):
    """Where a simulated switch lives: a clock and a list of things to come."""

    @property
    def now(self) -> float:
        """Return the virtual time."""

    def later(self, delay_s: float, action: Callable[[float], None]) -> None:
        """Have `action(at)` called after a delay."""

    def post(
        self,
        event: LegDialing
        | LegRinging
        | LegAnswered
        | LegSpoke
        | LegClassified
        | AnnouncementHeard
        | LegDigit
        | LegEnded
        | LegsBridged
        | LegsParted
        | BridgeFailed
        | MessagePlayed,
    ) -> None:
        """Hand an event of the present instant to the engine."""
