"""Answers to come against agents to be free: how likely one call more is to find nobody."""

import math
from typing import NamedTuple, Self

from dialer.core.pacing.forecast.durations import Floats


class Sum(NamedTuple):
    """The first three cumulants, by horizon, of a count of independent events."""

    mean: Floats
    variance: Floats
    third: Floats

    @classmethod
    def of(cls, chances: Floats) -> Self:
        """Return those of events with some chances, one event a row and one horizon a column."""
        unlikely = 1 - chances
        each = chances * unlikely
        return cls(chances.sum(axis=0), each.sum(axis=0), (each * (unlikely - chances)).sum(axis=0))

    def plus(self, other: Self, share: float = 1.0) -> Self:
        """Return the sum with a share of another one."""
        return type(self)(
            self.mean + share * other.mean,
            self.variance + share * other.variance,
            self.third + share * other.third,
        )


def risk(free: float, supply: Sum, demand: Sum) -> float:
    """Return the chance that an answer more than those of `demand` finds nobody, the mean over horizons.

    Source: a sum of independent events is about normal; corrected for its skewness and for being a whole number
    (Volkova, A refinement of the central limit theorem for sums of independent random indicators, 1996).
    """
    mean = (free + supply.mean - demand.mean).tolist()
    variance = (supply.variance + demand.variance).tolist()
    third = (supply.third - demand.third).tolist()
    return sum(map(_at_most_none, mean, variance, third)) / len(mean)


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
