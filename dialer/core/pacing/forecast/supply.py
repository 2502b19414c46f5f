"""Agents who are busy: how many of them are free in time, by horizon."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dialer.core.pacing.forecast.counts import Count, count_of, of_each, sum_of
from dialer.core.pacing.forecast.demand import NOBODY, rows
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.learned import TALK_WIDTH_S, WRAP_UP_WIDTH_S
from dialer.core.pacing.forecast.tables import Tables

RESERVE_S = 0.4
"""What is kept of the limit within which a person must have an agent: half of the time between decisions, and the bridge.
Source: measured; 1.6 of 2 s is best."""


class Busy(NamedTuple):
    """The agents who are busy with calls of one campaign, in seconds each."""

    talking: Sequence[float] = ()
    wrapping_up: Sequence[float] = ()


def freed(made: Tables, busy: Busy) -> Count:
    """Return how many agents become free of a campaign's calls, and are there for the next one."""
    found = []
    if busy.talking:
        at = rows(busy.talking, TALK_WIDTH_S)
        found.append(of_each(made.talking.take(at, axis=0, mode="clip")))
    if busy.wrapping_up:
        at = rows(busy.wrapping_up, WRAP_UP_WIDTH_S)
        found.append(of_each(made.wrapping_up.take(at, axis=0, mode="clip")))
    return sum_of(found, none=NOBODY)


def freed_at_mean(handle_s: Sequence[float], seconds: Floats) -> Count:
    """Return the same of work of which only its mean duration is known, as if it were exponential.

    Args:
        handle_s: The mean of the work of each agent.
        seconds: The horizons.
    """
    if not handle_s:
        return NOBODY
    rates = np.array([1 / max(1.0, one) for one in handle_s])
    return count_of(1 - np.exp(-rates[:, None] * seconds))


def in_time_s(limit_s: float, lag_s: float) -> float:
    """Return how much later than an answer's verdict an agent may become free.

    Args:
        limit_s: What the rule allows.
        lag_s: What of it is over at the verdict.
    """
    return max(0.0, limit_s - lag_s - RESERVE_S)
