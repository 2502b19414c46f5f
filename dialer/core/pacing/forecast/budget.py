"""What may yet be abandoned of a window, and what share of the answers to come that is."""

import math
from typing import NamedTuple

from dialer.core.pacing.forecast.evidence import Abandoned


class Budget(NamedTuple):
    """What is left of a window."""

    target: float
    """The share of the answers to come that may be abandoned."""
    left: float
    """How many calls may be abandoned yet, if the day goes on as it does."""
    whole: float
    """How many may be in the whole window."""


_KEPT = 0.5
"""Calls that are kept to the end. Source: measured with 5 agents, 48 days each; 0.3 ended 5 of them above the limit, 0.8 one, for 0.2 points
of utilisation."""
_SURE = 0.93
"""Of the answers that the rate promises, those that are counted on."""


def budget(*, limit: float, abandoned: Abandoned, connected: float, to_come: float, human: float) -> Budget:
    """Return what is left of a window.

    Args:
        limit: The share of live answers that may be abandoned.
        abandoned: So far.
        connected: So far, people or not.
        to_come: Answers that are expected in the rest of the window.
        human: Share of people among those connected; the rule counts no machines.

    Source: measured; costs 0.4 points of utilisation and takes days above the limit from a third to a twentieth.
    """
    to_come *= _SURE
    counted = abandoned.counted()
    total = counted + human * (connected + to_come)
    left = limit * total - counted
    margin = _KEPT + 0.7 * math.sqrt(limit * min(to_come, 60))
    if limit * total < 12:
        margin = min(margin, _KEPT + 0.08 * limit * total)
    even = limit * human
    target = even + (left - margin - even * to_come) / max(to_come, 0.15 * total, 1.0)
    return Budget(target=min(1.6 * limit, max(0.0, target)), left=left, whole=limit * total)
