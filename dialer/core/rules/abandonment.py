"""When an answered call counts as abandoned, over which window, and what share that is, by the rules of two places.

What the formulas differ in: who hung up before an agent came, whether a machine that was abandoned counts, and what a day is.

Source:
    United States: 16 CFR 310.4(b)(4)(i): at most 3 % of calls answered by a person, over a campaign shorter than 30 days
    or each successive 30 days of a longer one. 310.4(b)(1)(iv): abandoned is a call that no representative takes within
    two seconds of the person's completed greeting. 47 CFR 64.1200(a)(7) likewise.
    United Kingdom: Ofcom, "Tackling abandoned and silent calls" (2010), 4.70-4.73, whose formula its policy of 2016 keeps; by
    campaign and 24 hours.
"""

import math
from enum import StrEnum

import msgspec

from dialer.core.rules.compliance import last_midnight, next_midnight
from dialer.core.settings import AbandonWindow
from dialer.core.states import Outcome

LIMIT = 0.03
"""Of either place. Source: as above; in the United Kingdom it is no safe harbour since March 2017."""

PERIOD_S = 30 * 86_400.0
"""Source: 16 CFR 310.4(b)(4)(i)."""


_ROUNDING = 1e-9


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

    def left(self, limit: float) -> float:
        """Return how many more calls may be abandoned at once; below 0: too many were."""
        return spare(self.abandoned, self.abandoned + self.connected, limit)

    def plus(self, count: Count) -> "Tally":
        """Return the tally with one call more."""
        return msgspec.structs.replace(self, **{count: getattr(self, count) + 1})


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """How the answered calls of a window went, as they are on record."""

    connected: int = 0
    """Those that had an agent, whenever."""
    connected_late: int = 0
    """Those of them that waited longer than the limit."""
    machines: int = 0
    """Those of `connected` of which the agent said that a machine had answered."""
    machines_late: int = 0
    """Those of `connected_late` likewise."""
    abandoned: int = 0
    """Those that we ended, or left to a message, before an agent came."""
    hung_up_waiting: int = 0
    """Those whose people hung up before an agent came."""
    hung_up_late: int = 0
    """Those of them that waited longer than the limit."""
    unheard_connected: int = 0
    """Those of `connected` that no detection had listened to."""
    unheard_machines: int = 0
    """Those of `machines` likewise."""
    unheard_abandoned: int = 0
    """Those of `abandoned` likewise."""

    @property
    def answered(self) -> int:
        """Return how many calls somebody, or a machine, answered."""
        return self.connected + self.abandoned + self.hung_up_waiting


class Ratio(msgspec.Struct, frozen=True):
    """What a rule makes of them."""

    abandoned: float
    answered: float
    """The abandoned among them."""

    @property
    def rate(self) -> float | None:
        """Return the share of the abandoned, None if nobody answered."""
        return self.abandoned / self.answered if self.answered > 0 else None

    def left(self, limit: float = LIMIT) -> int:
        """Return how many more calls may be abandoned now; below 0: so many answers too few there are.

        Source:
            `(abandoned + x) / (answered + x) = limit`, for each call that is abandoned was answered, too.
        """
        return math.floor(spare(self.abandoned, self.answered, limit) + _ROUNDING)

    def is_coarse(self, limit: float = LIMIT) -> bool:
        """Return whether there are so few answers that one abandoned call alone is more than the limit allows."""
        return 0 < self.answered < 1 / limit - _ROUNDING


def united_states(answers: Answers, *, taken_for_machines: float = 0.0) -> Ratio:
    """Return what the rule of the United States counts.

    Who waited longer than the limit is abandoned, whether an agent came later or they hung up; who hung up sooner counts
    on neither side. Whom detection gave up although they were people were answered live, and nobody spoke to them. A
    machine that an agent had counts on neither side; one that was abandoned counts, as nobody knows of it.

    Args:
        answers: Of a window.
        taken_for_machines: People who were given up for machines, an estimate.
    """
    abandoned = (
        answers.abandoned
        + answers.connected_late
        - answers.machines_late
        + answers.hung_up_late
        + taken_for_machines
    )
    in_time = answers.connected - answers.connected_late - (answers.machines - answers.machines_late)
    return Ratio(abandoned, in_time + abandoned)


def united_kingdom(answers: Answers, *, taken_for_machines: float = 0.0) -> Ratio:
    """Return what Ofcom counts.

    Abandoned is what its originator ended: who hung up first counts on neither side, who was put through late is live and
    put through. Where no detection listened, machines are among the abandoned, and are taken off by estimate; where it
    did, the people whom it gave up for machines are added, by estimate.

    Args:
        answers: Of a window.
        taken_for_machines: People who were given up for machines, an estimate.
    """
    abandoned = answers.abandoned - abandoned_machines(answers) + taken_for_machines
    return Ratio(abandoned, answers.connected - answers.machines + abandoned)


def abandoned_machines(answers: Answers) -> float:
    """Return how many of the abandoned calls that no detection listened to were machines', an estimate.

    Source:
        Ofcom 2010, 4.72: by the share of machines among the calls that were put through to agents. Of those that were not
        detected first, as detection leaves fewer of them.
    """
    if not answers.unheard_connected:
        return 0.0
    return answers.unheard_abandoned * answers.unheard_machines / answers.unheard_connected


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


def spare(abandoned: float, answered: float, limit: float) -> float:
    """Return how many more calls may be abandoned at once before the rate is above the limit; below 0: it is already."""
    return (limit * answered - abandoned) / (1 - limit)


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
