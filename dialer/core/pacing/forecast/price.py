"""What an abandoned call costs: the risk that a call may carry, moved by what calls come to so that the day ends within its limit."""

import math

import msgspec

from dialer.core.pacing.forecast.evidence import Abandoned

LOWEST, HIGHEST = -6.5, -0.05
_FAST, _SLOW = 0.05, 0.02
"""How far an answer moves the logarithm, at most and at least. Source: measured; up to 0.2 cost 0.2 points of utilisation at 5 agents."""
_FIRST = 0.25
"""How far the first of a day moves it."""
_REMEMBERED_S = 1800.0
"""For how long answers count in their rate. Source: measured; against 600 s it gains 0.16 points of utilisation on realistic days with 20
agents, and 0.05 with 5."""


class Price(msgspec.Struct, kw_only=True):
    """The logarithm of the risk that a call may carry, and how many answers there are to learn from."""

    log_risk: float = math.log(0.027)
    """Of the first day. Source: 0.025 to 0.035 is what 3 % comes to with 5 to 20 agents; from 0.1 a small team spent half a day's
    budget in its first two hours (0.3 points of utilisation at 5 agents), from 0.04 a third (0.2 points more)."""
    answers: int = 0
    """Of this day."""
    abandoned: int = 0
    people: float = 0.0
    """Expected of those abandoned."""
    variance: float = 0.0
    """Of how many people they are."""
    rate: float = 0.0
    """Answers a second, averaged over about half an hour."""
    rated_at: float = 0.0
    rated_since: float = 0.0
    """When watching began."""
    counted: float = 0.0
    day_ends_at: float = 0.0
    """Of the day that is counted."""

    def learn(self, *, abandoned: bool, target: float, at: float, person: float = 1.0) -> None:
        """Move the price by an answer, up if somebody was abandoned: in the long run the share of those is the target.

        Args:
            abandoned: Whether the call was.
            target: The share that may be.
            at: Now.
            person: The chance that a call that was abandoned was answered by a person.
        """
        self.answers += 1
        if abandoned:
            self.abandoned += 1
            self.people += person
            self.variance += person * (1 - person)
        self._fade(at)
        self.counted += 1
        ten_minutes = self.rate_at(at) * 600
        step = min(_FAST, max(_SLOW, 1 / (0.09 * ten_minutes))) if ten_minutes > 0 else _FAST
        step = max(step, _FIRST / (1 + self.answers / 15))
        self.log_risk += step * (target - abandoned)
        self.log_risk = min(HIGHEST, max(LOWEST, self.log_risk))

    def _fade(self, at: float) -> None:
        self.counted *= math.exp(-max(0.0, at - self.rated_at) / _REMEMBERED_S)
        self.rated_at = at

    def rate_at(self, at: float) -> float:
        """Return how many answers a second there are."""
        counted = self.counted * math.exp(-max(0.0, at - self.rated_at) / _REMEMBERED_S)
        watched = _REMEMBERED_S * (1 - math.exp(-max(1.0, at - self.rated_since) / _REMEMBERED_S))
        return counted / watched

    def look(self, at: float, *, day_ends_at: float) -> None:
        """Begin a new day if it is another one than that which is counted."""
        if day_ends_at != self.day_ends_at:
            self.begin_day(at)
            self.day_ends_at = day_ends_at

    def begin_day(self, at: float) -> None:
        """Forget how many answers there were; the price stays."""
        self.answers = self.abandoned = 0
        self.people = self.variance = 0.0
        self.counted, self.rated_at, self.rated_since = 0.0, at, at

    def abandoned_of(self, calls: int, *, human: float) -> Abandoned:
        """Return how many people a window's abandoned calls were.

        Args:
            calls: How many they are; of those of this day more is known.
            human: Share of people among the others.
        """
        before = calls - self.abandoned
        if before < 0:
            return Abandoned(calls, calls * human, calls * human * (1 - human))
        return Abandoned(calls, self.people + before * human, self.variance + before * human * (1 - human))

    def risk(self, target: float, limit: float) -> float:
        """Return the risk that the next call may carry at a target for the rest of the window."""
        return math.exp(self.log_risk) * min(1.6, max(0.0, target / limit))
