"""What may yet be abandoned of a window, and what share of the answers to come that is."""

import math
from typing import NamedTuple


class Budget(NamedTuple):
    """What is left of a window."""

    target: float
    """The share of the answers to come that may be abandoned."""
    left: float
    """How many calls may be abandoned yet, if the day goes on as it does."""
    whole: float
    """How many may be in the whole window."""


_SAFE = 1.0
"""Standard deviations. Source: measured with 5 agents; 0.6 gained 0.2 points of utilisation against 1.2, but ended 12 of 112 days above the
limit. 1.0 lies between; 3 of the 75 days that it was then tried on ended above."""
_SURE = 0.93
"""Of the answers that the rate promises, those that are counted on."""


def budget(*, limit: float, abandoned: float, connected: float, to_come: float, human: float) -> Budget:
    """Return what is left of a window.

    Args:
        limit: The share of live answers that may be abandoned.
        abandoned: So far, people or not.
        connected: So far, people or not.
        to_come: Answers that are expected in the rest of the window.
        human: Share of people among those connected; the rule counts no machines.

    Source: measured; costs 0.4 points of utilisation and takes days above the limit from a third to a twentieth.
    """
    to_come *= _SURE
    counted = people_of(abandoned, human)
    total = counted + human * (connected + to_come)
    left = limit * total - counted
    margin = 0.3 + 0.7 * math.sqrt(limit * min(to_come, 60))
    if limit * total < 12:
        margin = min(margin, 0.3 + 0.08 * limit * total)
    even = limit * human
    target = even + (left - margin - even * to_come) / max(to_come, 0.15 * total, 1.0)
    return Budget(target=min(1.6 * limit, max(0.0, target)), left=left, whole=limit * total)


def people_of(abandoned: float, human: float) -> float:
    """Return how many of those abandoned were people, on the safe side: nobody spoke with them to tell.

    Source: the binomial distribution, as a normal one; against a mean with a fixed reserve it gained 0.4 points of utilisation
    at 20 agents and took days above the limit from 10 % to none.
    """
    return min(abandoned, abandoned * human + _SAFE * math.sqrt(abandoned * human * (1 - human)))
