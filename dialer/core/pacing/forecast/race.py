"""Answers to come against agents to be free: how likely one call more is to find nobody.

Both are counts of independent events, known by their *cumulants*: an array of mean, variance and third central moment (rows) by
horizon (columns). Those of sums are sums.
"""

import math

import numpy as np

from dialer.core.pacing.forecast.durations import Floats

_AGAINST = np.array([[-1.0], [1.0], [-1.0]])
"""Of the cumulants of a count that is taken off."""


def cumulants(chances: Floats) -> Floats:
    """Return the cumulants of a count of events, whose chances have one event a row and one horizon a column."""
    return total(each_of(chances))


def each_of(chances: Floats) -> Floats:
    """Return the cumulants of each of some events: event, cumulant, horizon. Source: Bernoulli's distribution."""
    events, horizons = chances.shape
    unlikely = 1.0 - chances
    each: Floats = np.empty((events, 3, horizons))
    mean, variance, third = each[:, 0], each[:, 1], each[:, 2]
    mean[:] = chances
    np.multiply(chances, unlikely, out=variance)
    np.multiply(variance, unlikely - chances, out=third)
    return each


def total(each: Floats) -> Floats:
    """Return the cumulants of a sum, of those of each."""
    found: Floats = np.add.reduce(each, axis=0)  # `sum` does no more, in twice the time
    return found


def certain(count: float, horizons: int) -> Floats:
    """Return the cumulants of a count that is known."""
    found = np.zeros((3, horizons))
    found[0] = count
    return found


def poisson(expected: Floats) -> Floats:
    """Return the cumulants of a Poisson count, all of which are its mean."""
    return np.stack((expected, expected, expected))


def risk(free: float, supply: Floats, demand: Floats) -> float:
    """Return the chance that an answer more than those of `demand` finds nobody, the mean over horizons.

    Source: a sum of independent events is about normal; corrected for its skewness and for being a whole number
    (Volkova, A refinement of the central limit theorem for sums of independent random indicators, 1996).
    """
    mean, variance, third = (supply + _AGAINST * demand).tolist()
    chances = 0.0
    for index, one in enumerate(mean):
        chances += _at_most_none(free + one, variance[index], third[index])
    return chances / len(mean)


def _at_most_none(mean: float, variance: float, third: float) -> float:
    """Return the chance that a whole number of these cumulants is 0 or less."""
    if variance < 1e-9:
        return 1.0 if mean < 0.5 else 0.0
    deviation = math.sqrt(variance)
    z = (0.5 - mean) / deviation
    if z < -6:
        return 0.0
    normal = 0.5 * math.erfc(-z / math.sqrt(2))
    skewness = third / (variance * deviation)
    corrected = normal - skewness / 6 * (z * z - 1) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return min(1.0, max(0.0, corrected))
