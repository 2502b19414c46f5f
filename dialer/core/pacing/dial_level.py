"""An adaptive dial level, as widespread dialers have it: here to be compared with in simulations, not to be called by.

So many calls are kept in progress as agents times the level. Every 15 s the level grows by the share of agents who wait, or shrinks
by the share of customers who do; on a day whose abandonment rate is above the limit it is 1, until the rate is below again.

Source:
    What VICIdial documents of its adaptive dial methods with a hard limit: the level is set anew each 15 s, by agents
    waiting less calls waiting, never below 1 and at most at a maximum, and it falls to 1 while the day's drop rate is above its
    limit. Written anew from that; what the documents leave open is a reading, and said where it stands.
"""

import math

import msgspec

ADJUST_EVERY_S = 15.0
"""Source: PREDICTIVE.txt of VICIdial."""
LEAST, MOST = 1.0, 3.0
"""Source: never below 1.0, likewise; the most is what is set by default."""
_ROUNDING = 1e-9


class DialLevel(msgspec.Struct, kw_only=True):
    """Calls in progress for each agent, and what was seen since that was decided."""

    level: float = LEAST
    adjusted_at: float = 0.0
    waiting: float = 0.0
    """Agents who waited, less customers who did, summed up over all looks since."""
    agents: float = 0.0
    """Those there, likewise."""

    def look(self, *, agents: float, agents_waiting: float, calls_waiting: int) -> None:
        """Remember what there is; the mean of all looks decides. That it is a mean is a reading."""
        self.agents += agents
        self.waiting += agents_waiting - calls_waiting

    def adjust(self, *, at: float, over_limit: bool) -> None:
        """Set the level anew if it is time."""
        if at < self.adjusted_at + ADJUST_EVERY_S:
            return
        share = self.waiting / self.agents if self.agents else 0.0
        self.level = LEAST if over_limit else min(MOST, max(LEAST, self.level * (1 + share)))
        self.adjusted_at, self.waiting, self.agents = at, 0.0, 0.0

    def calls(self, *, agents: float, in_progress: int) -> int:
        """Return how many calls to start, for agents who are free or on a call and all calls that are not over."""
        return max(0, math.floor(self.level * agents + _ROUNDING) - in_progress)
