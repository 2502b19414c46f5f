"""Chances that calls in progress come to need an agent, by horizon."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from dialer.core.pacing.forecast.counts import Count, certain, count_of, sum_of
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.learned import DELAY_WIDTH_S, RING_WIDTH_S, Learned
from dialer.core.pacing.forecast.tables import HORIZONS, Tables

NOBODY: Final = certain(0, HORIZONS)


class InProgress(msgspec.Struct):
    """The calls of a campaign that may come to need an agent, or do."""

    rung_s: list[float] = []
    """Of each call that nobody has answered yet, the time since it was dialed."""
    rung_scores: list[float] = []
    """Of each by how much its lead's log-odds exceed the others'."""
    rang_s: list[float] = []
    """Of each call that detection listens to, the time from dialing to the answer."""
    heard_s: list[float] = []
    """The time since that answer."""
    heard_scores: list[float] = []
    waiting: int = 0
    """People for whom nobody is free."""

    @property
    def calls(self) -> int:
        """Return how many calls there are."""
        return len(self.rung_s) + len(self.rang_s) + self.waiting

    def rings(self, seconds: float, score: float = 0.0) -> None:
        """Count a call that nobody has answered yet."""
        self.rung_s.append(seconds)
        self.rung_scores.append(score)

    def is_heard(self, rang_s: float, seconds: float, score: float = 0.0) -> None:
        """Count a call that detection listens to."""
        self.rang_s.append(rang_s)
        self.heard_s.append(seconds)
        self.heard_scores.append(score)


def demand(learned: Learned, made: Tables, calls: InProgress) -> Count:
    """Return how many agents calls in progress will need."""
    found = []
    if calls.waiting:
        found.append(certain(calls.waiting, HORIZONS))
    if calls.rung_s:
        found.append(count_of(_ringing(learned, made, calls)))
    if calls.rang_s:
        found.append(count_of(_detecting(learned, made, calls)))
    return sum_of(found, none=NOBODY)


def rows(seconds: Sequence[float], width_s: float) -> NDArray[np.intp]:
    """Return which rows of a table durations are looked up in; what is beyond the last one is to be taken from that."""
    return (np.array(seconds) * (1 / width_s)).astype(np.intp)


def _ringing(learned: Learned, made: Tables, calls: InProgress) -> Floats:
    """Return by Bayes' rule the chance that a person, who has not picked up for so long, will."""
    at = rows(calls.rung_s, RING_WIDTH_S)
    share = _shares(learned, calls.rung_scores)
    person = share * made.ringing_person.take(at, mode="clip")
    nobody = (1 - share) * made.ringing_nobody.take(at, mode="clip")
    found: Floats = made.ringing.take(at, axis=0, mode="clip") * (share / (person + nobody))[:, None]
    return found


def _detecting(learned: Learned, made: Tables, calls: InProgress) -> Floats:
    """Return the same by the time that it rang, which tells people from machines, and how long detection has listened."""
    rang, since = rows(calls.rang_s, RING_WIDTH_S), rows(calls.heard_s, DELAY_WIDTH_S)
    share = _shares(learned, calls.heard_scores)
    person = share * made.person_at.take(rang, mode="clip") * made.detecting_person.take(since, mode="clip")
    machine = (
        (1 - share)
        * made.machine_at.take(rang, mode="clip")
        * made.detecting_machine.take(since, mode="clip")
    )
    heard = made.detecting.take(since, axis=0, mode="clip")
    found: Floats = heard * (person / (person + machine))[:, None]
    return found


def _shares(learned: Learned, scores: Sequence[float]) -> Floats | float:
    """Return the chance of each call that a person answers; that of all, if they are alike."""
    if not any(scores):
        return learned.odds.share()
    shares: Floats = 1.0 / (1.0 + np.exp(-learned.odds.x - np.array(scores)))
    return shares
