"""What may yet be abandoned of a window, and what share of the answers to come that is."""

import math
from typing import NamedTuple

from dialer.core.pacing.forecast.evidence import Abandoned


class Window(NamedTuple):
    """A window of the rule: what it has come to, and what is expected of its rest."""

    limit: float
    """The share of live answers that may be abandoned."""
    abandoned: Abandoned
    """So far."""
    connected: float
    """So far, people or not."""
    to_come: float
    """Answers that are expected in its rest."""
    human: float
    """Share of people among those connected; the rule counts no machines."""


class Budget(NamedTuple):
    """What is left of a window."""

    target: float
    """The share of the answers to come that may be abandoned."""
    whole: float
    """How many calls may be in the whole window."""


_KEPT = 0.3
"""Calls that are kept to the end. Source: measured with 5 agents, 48 days each; 0.3 ended 2 of them above the limit, 0.5 one, for 0.17 points
of utilisation."""
_SURE = 0.93
"""Of the answers that the rate promises, those that are counted on."""


def budget(window: Window) -> Budget:
    """Return what is left of a window.

    Source: measured; costs 0.4 points of utilisation and takes days above the limit from a third to a twentieth.
    """
    limit, to_come, counted = window.limit, _SURE * window.to_come, window.abandoned.counted()
    total = counted + window.human * (window.connected + to_come)
    margin = _KEPT + 0.7 * math.sqrt(limit * min(to_come, 60))
    if limit * total < 12:
        margin = min(margin, _KEPT + 0.08 * limit * total)
    even = limit * window.human
    target = even + (limit * total - counted - margin - even * to_come) / max(to_come, 0.15 * total, 1.0)
    return Budget(target=min(1.6 * limit, max(0.0, target)), whole=limit * total)
