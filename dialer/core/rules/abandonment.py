"""When an answered call counts as abandoned, and over which window.

Source:
    16 CFR 310.4(b)(4)(i): at most 3 % of calls answered by a person, over a campaign shorter than 30 days
    or each successive 30 days of a longer one. 310.4(b)(1)(iv): abandoned is a call that no
    representative takes within two seconds of the person's completed greeting.
"""

from enum import StrEnum

import msgspec

from dialer.core.rules.compliance import last_midnight, next_midnight
from dialer.core.settings import AbandonWindow
from dialer.core.states import Outcome

PERIOD_S = 30 * 86_400.0
"""Source: 16 CFR 310.4(b)(4)(i)."""


class Count(StrEnum):
    """On which side of the rate an answered call stands."""

    CONNECTED = "connected"
    ABANDONED = "abandoned"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How the answered calls of a window went so far; a call is of the window that it was dialed in."""

    abandoned: int = 0
    """Those that nobody was joined with within the limit, however they ended."""
    connected: int = 0
    """Those that an agent had within the limit."""
    since_at: float = 0.0
    until_at: float = 0.0
    """When the window ends."""

    @property
    def rate(self) -> float | None:
        """Return the share of answered calls that are abandoned, None if there were none."""
        answered = self.abandoned + self.connected
        return self.abandoned / answered if answered else None

    def plus(self, count: Count) -> "Tally":
        """Return the tally with one call more."""
        return msgspec.structs.replace(self, **{count: getattr(self, count) + 1})


def counts_as(outcome: Outcome, wait_s: float | None, *, within_s: float) -> Count | None:
    """Return how a call counts; None: on neither side, as nobody answered or they hung up within the limit.

    Args:
        outcome: What became of it.
        wait_s: From the start of the clock to the bridge, the message or the hang-up; None: nobody waited.
        within_s: The limit.

    Source:
        16 CFR 310.4(b)(1)(iv), (b)(4). That who hangs up within the limit counts on neither side is a reading of it: nobody
        failed to connect them in time.
    """
    late = wait_s is not None and wait_s > within_s
    match outcome:
        case Outcome.ABANDONED:
            return Count.ABANDONED
        case Outcome.CONNECTED:
            return Count.ABANDONED if late else Count.CONNECTED
        case Outcome.HUNG_UP_WAITING if late:
            return Count.ABANDONED
    return None


def budget_left(tally: Tally, limit: float) -> float:
    """Return how many more calls may be abandoned at once before the rate is above the limit; below 0: it is already.

    Source:
        `(abandoned + x) / (answered + x) = limit`, for each call that is abandoned was answered, too.
    """
    answered = tally.abandoned + tally.connected
    return (limit * answered - tally.abandoned) / (1 - limit)


def empty(window: AbandonWindow, *, at: float, zone: str, first_at: float) -> Tally:
    """Return the tally of the window around an instant, before any of its calls is counted.

    Args:
        window: Which windows there are.
        at: The instant.
        zone: By whose midnight days begin.
        first_at: When the campaign began to call, or one of its earlier windows of 30 days did.
    """
    if window is AbandonWindow.DAY:
        return Tally(since_at=last_midnight(zone, at=at), until_at=next_midnight(zone, at=at))
    since_at = first_at + PERIOD_S * max(0, (at - first_at) // PERIOD_S)
    return Tally(since_at=since_at, until_at=since_at + PERIOD_S)
