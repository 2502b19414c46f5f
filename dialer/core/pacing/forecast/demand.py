"""Chances that calls in progress come to need an agent, by horizon."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.learned import DELAY_WIDTH_S, RING_WIDTH_S, Learned
from dialer.core.pacing.forecast.race import Sum
from dialer.core.pacing.forecast.tables import HORIZONS, Tables


class Ringing(NamedTuple):
    """A call that nobody has answered yet."""

    rung_s: float
    """Since it was dialed."""
    score: float
    """By how much its lead's log-odds exceed the others'."""


class Detecting(NamedTuple):
    """A call that detection listens to."""

    rang_s: float
    """From dialing to the answer."""
    since_s: float
    """The answer."""
    score: float


class InProgress(NamedTuple):
    """The calls of a campaign that may come to need an agent, or do."""

    ringing: Sequence[Ringing] = ()
    detecting: Sequence[Detecting] = ()
    waiting: int = 0
    """People for whom nobody is free."""

    @property
    def calls(self) -> int:
        """Return how many calls there are."""
        return len(self.ringing) + len(self.detecting) + self.waiting


def demand(learned: Learned, made: Tables, calls: InProgress) -> Sum:
    """Return how many agents calls in progress will need."""
    parts = [np.ones((calls.waiting, HORIZONS))]
    if calls.ringing:
        parts.append(_ringing(learned, made, np.array(calls.ringing)))
    if calls.detecting:
        parts.append(_detecting(learned, made, np.array(calls.detecting)))
    return Sum.of(np.concatenate(parts))


def bins(seconds: Floats, width_s: float, count: int) -> NDArray[np.intp]:
    """Return the rows of a table that durations are looked up in."""
    return np.clip((seconds / width_s).astype(np.intp), 0, count - 1)


def _ringing(learned: Learned, made: Tables, calls: Floats) -> Floats:
    """Return by Bayes' rule the chance that a person, who has not picked up for so long, will."""
    at = bins(calls[:, 0], RING_WIDTH_S, len(made.ringing))
    person = _shares(learned, calls[:, 1])
    machines = learned.machine_share
    nobody = machines * made.ringing_machine[at] + (1 - machines) * made.ringing_other[at]
    there = person * made.ringing_person[at] + (1 - person) * nobody
    return (person / there)[:, None] * made.ringing[at]


def _detecting(learned: Learned, made: Tables, calls: Floats) -> Floats:
    """Return the same by the time that it rang, which tells people from machines, and how long detection has listened."""
    rang = bins(calls[:, 0], RING_WIDTH_S, len(made.person_at))
    since = bins(calls[:, 1], DELAY_WIDTH_S, len(made.detecting))
    share = _shares(learned, calls[:, 2])
    person = share * made.person_at[rang] * made.detecting_person[since]
    machine = (1 - share) * learned.machine_share * made.machine_at[rang] * made.detecting_machine[since]
    return (person / (person + machine))[:, None] * made.detecting[since]


def _shares(learned: Learned, scores: Floats) -> Floats:
    return np.divide(1.0, 1.0 + np.exp(-learned.odds.x - scores))
