"""Chances that busy agents are free in time, by horizon."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dialer.core.pacing.forecast.demand import bins
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.learned import TALK_WIDTH_S, WRAP_UP_WIDTH_S, Learned
from dialer.core.pacing.forecast.race import Sum
from dialer.core.pacing.forecast.tables import HORIZONS, Tables


class Busy(NamedTuple):
    """The agents who are busy with calls of one campaign, in seconds each."""

    talking: Sequence[float] = ()
    wrapping_up: Sequence[float] = ()


def freed(learned: Learned, made: Tables, busy: Busy) -> Sum:
    """Return how many agents become free of a campaign's calls, and are there for the next one."""
    stay = 1 - learned.leave_share
    talking = bins(np.array(busy.talking), TALK_WIDTH_S, len(made.talking))
    wrapping_up = bins(np.array(busy.wrapping_up), WRAP_UP_WIDTH_S, len(made.wrapping_up))
    return Sum.of(stay * np.concatenate((made.talking[talking], made.wrapping_up[wrapping_up])))


def freed_at_mean(handle_s: Sequence[float], seconds: Floats) -> Sum:
    """Return how many agents become free of work of which only its mean duration is known, as of an exponential one.

    Args:
        handle_s: The mean of the work of each agent.
        seconds: The horizons.
    """
    rates = np.array([1 / max(1.0, one) for one in handle_s])
    return Sum.of(1 - np.exp(-rates[:, None] * seconds)) if len(rates) else nothing()


def arrivals(rate: float, seconds: Floats) -> Sum:
    """Return how many callers come by themselves, `rate` a second: Poisson, whose cumulants are all its mean."""
    expected = rate * seconds
    return Sum(expected, expected, expected)


def nothing() -> Sum:
    """Return a sum of no events."""
    return Sum(*(np.zeros(HORIZONS) for _ in range(3)))


def in_time_s(limit_s: float, lag_s: float) -> float:
    """Return how much later than an answer's verdict an agent may become free.

    Args:
        limit_s: What the rule allows.
        lag_s: What of it is over at the verdict.
    """
    return max(0.0, limit_s - lag_s - math.fsum(RESERVE_S))


RESERVE_S = (0.3, 0.1)
"""What is kept of the limit: half of a pacing interval and the bridge. Source: measured, 1.6 of 2 s is best in simulations."""
