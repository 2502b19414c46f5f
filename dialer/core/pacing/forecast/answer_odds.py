"""Whether the next call will be answered by a person: log-odds that follow what calls came to, in the order they were dialed.

In the order of dialing, because a call that is answered is over long before one that nobody answers: taken as they end, each
burst of calls would look like a rise and then a fall of the odds, and a large floor would swing with it.
"""

import math

import msgspec

DRIFT = 5e-5
"""By which the variance of the log-odds grows each second."""
JUMP = 0.03
"""By which it grows more with each call while calls surprise in the same direction."""
SURPRISE = 0.35
"""Averaged normalised innovation, beyond which that is so."""
SURPRISE_WEIGHT = 0.02
_UNKNOWN = 1.0
"""Variance before anything is known: from one call in thirty to two in three, with 95 %. Source: measured; where half answer, not the one
in five of before, 4.7 % were abandoned in the first five minutes with 0.25, and 3.3 % with this."""
_ENOUGH = 30
"""Calls that tell enough to call ahead. Before, twenty agents who were all free had calls started for one answer in five; where half
answered, as many people as agents found nobody within the first minute. Source: measured."""
_STALE_S = 3600.0
"""After so long without a call another hour, and perhaps another list, has other odds. A guess: longer than lunch, shorter than a night."""


class AnswerOdds(msgspec.Struct, kw_only=True):
    """A scalar Kalman filter on `x = logit p`, linearised at the estimate. Source: Kalman (1960); the constants are measured."""

    x: float = -1.4
    """One call in five, before anything is known. A guess."""
    variance: float = _UNKNOWN
    surprise: float = 0.0
    at: float = 0.0
    """When the last call that counted was dialed."""
    calls: int = 0
    """That counted since they were last unknown."""

    def known(self, at: float) -> bool:
        """Return whether enough calls have told, lately, to call ahead of agents."""
        return self.calls >= _ENOUGH and at <= self.at + _STALE_S

    def share(self, score: float = 0.0) -> float:
        """Return the chance of a call whose lead's log-odds are `score` above the others'."""
        return 1 / (1 + math.exp(-self.x - score))

    def learn(self, *, answered: bool, dialed_at: float, score: float = 0.0) -> None:
        """Learn what the next call in the order of dialing came to."""
        if dialed_at > self.at + _STALE_S:
            self.calls, self.variance = 0, max(self.variance, _UNKNOWN)
        self.calls += 1
        p = self.share(score)
        self.variance += DRIFT * max(0.0, min(600.0, dialed_at - self.at))
        self.at = dialed_at
        information = p * (1 - p)
        innovation = (1.0 if answered else 0.0) - p
        self.variance = 1 / (1 / self.variance + information)
        self.x += self.variance * innovation
        self.surprise += SURPRISE_WEIGHT * (innovation / math.sqrt(information) - self.surprise)
        if abs(self.surprise) > SURPRISE:
            self.variance += JUMP
