"""How many calls to start: the smallest number with which one answer more would find nobody too likely."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dialer.core.pacing.forecast.budget import Budget, budget
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.learned import Learned
from dialer.core.pacing.forecast.price import Price
from dialer.core.pacing.forecast.race import Sum, risk
from dialer.core.pacing.forecast.tables import HORIZONS, Tables, tables

REFRESH_S = 60.0
"""How often the tables are made anew."""


class View(NamedTuple):
    """What is there at an instant. Durations in seconds."""

    at: float
    free: int
    talking: Sequence[float]
    """How long each agent who talks has."""
    wrapping_up: Sequence[float]
    ringing: Sequence[float]
    """Since each call that nobody has answered yet was dialed."""
    detecting: Sequence[tuple[float, float]]
    """Of each call under detection, how long it rang and since when it is answered."""
    waiting: int
    """People for whom nobody is free."""
    left_s: float
    """Until the window of the budget ends, calling hours only."""


class Decision(NamedTuple):
    """How many calls, and why."""

    calls: int
    free: int
    soon_free: float
    """Agents expected to become free in time, at the median horizon."""
    expected: float
    """Answers expected of calls in progress by then."""
    risk: float
    """That an answer more would find nobody, with those calls."""
    price: float
    """The risk that is allowed."""
    target: float
    left: float
    """Calls that may be abandoned yet."""


class Policy:
    """Decides for one campaign, alone on its agents."""

    def __init__(self, learned: Learned | None = None, *, limit: float = 0.03) -> None:
        self.learned = learned or Learned()
        self.price = Price()
        self.limit = limit
        self.connected = self.abandoned = 0
        self._made_at = -math.inf
        self._tables: Tables | None = None

    def tables_at(self, at: float) -> Tables:
        if self._tables is None or at >= self._made_at + REFRESH_S:
            self._tables, self._made_at = tables(self.learned), at
        return self._tables

    def budget_at(self, view: View) -> Budget:
        return budget(
            limit=self.limit,
            abandoned=self.abandoned,
            connected=self.connected,
            to_come=view.left_s * self.price.rate_at(view.at),
            human=self.learned.human_share,
        )

    def decide(self, view: View) -> Decision:
        made = self.tables_at(view.at)
        p = self.learned.odds.share()
        left = self.budget_at(view)
        allowed = self.price.risk(left.target, self.limit)
        supply = Sum.of(_looked_up(made.talking, view.talking, 1.0)) + Sum.of(
            _looked_up(made.wrapping_up, view.wrapping_up, 1.0)
        )
        demand = self._demand(made, p, view)
        one = Sum.of(p * made.new[None, :])
        in_progress = len(view.ringing) + len(view.detecting) + view.waiting
        found = first = risk(view.free, supply, demand)
        calls = 0
        if self._may_exceed(view, in_progress):
            while found <= allowed:
                calls += 1
                demand += one
                found = risk(view.free, supply, demand)
        middle = HORIZONS // 2
        return Decision(
            calls=max(calls, view.free - in_progress),
            free=view.free,
            soon_free=float(supply.mean[middle]),
            expected=float(demand.mean[middle]),
            risk=first,
            price=allowed,
            target=left.target,
            left=left.left,
        )

    def _may_exceed(self, view: View, in_progress: int) -> bool:
        """Return whether the day is sure to have answers enough to bear one more call abandoned."""
        k, rate = self.price.answers, self.price.rate_at(view.at)
        expected = rate * view.left_s
        low = max(0.0, expected * (0.95 - 1.3 / math.sqrt(k + 4)) - 1.3 * math.sqrt(expected))
        spare = self.limit * (self.abandoned + self.connected + low) - self.abandoned
        return spare >= 1 + min(3.0, self.learned.odds.share() * max(0, in_progress - view.free) / 2)

    def _demand(self, made: Tables, p: float, view: View) -> Sum:
        parts = [np.ones((view.waiting, HORIZONS))]
        if view.ringing:
            parts.append(_ringing(made, p, self.learned.machine_share, np.array(view.ringing)))
        if view.detecting:
            parts.append(_detecting(made, p, self.learned.machine_share, np.array(view.detecting)))
        return Sum.of(np.concatenate(parts))


def _looked_up(table: Floats, seconds: Sequence[float], width_s: float) -> Floats:
    return table[_bins(np.array(seconds, dtype=float), width_s, len(table))]


def _bins(seconds: Floats, width_s: float, count: int) -> np.ndarray:
    return np.clip((seconds / width_s).astype(np.intp), 0, count - 1)


def _ringing(made: Tables, p: float, machines: float, rung_s: Floats) -> Floats:
    at = _bins(rung_s, 0.5, len(made.ringing))
    nobody = machines * made.ringing_machine[at] + (1 - machines) * made.ringing_other[at]
    there = p * made.ringing_person[at] + (1 - p) * nobody
    return p * made.ringing[at] / there[:, None]


def _detecting(made: Tables, p: float, machines: float, calls: Floats) -> Floats:
    rang = _bins(calls[:, 0], 0.5, len(made.person_at))
    since = _bins(calls[:, 1], 0.1, len(made.detecting))
    person = p * made.person_at[rang] * made.detecting_person[since]
    machine = (1 - p) * machines * made.machine_at[rang] * made.detecting_machine[since]
    return (person / (person + machine))[:, None] * made.detecting[since]
