"""Counts of independent events, by horizon: how many agents become free, how many answers come.

Any count is known by its *cumulants*: an array of mean, variance and third central moment (rows) by horizon (columns). Those of sums
are sums. Small ones are known by the chances of their events, too.
"""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from dialer.core.pacing.forecast.durations import Floats


class Count(NamedTuple):
    """A count of independent events."""

    cumulants: Floats
    chances: tuple[Floats, ...] | None
    """Arrays of chances, one event a row and one horizon a column; None: they are not known one by one."""

    @property
    def expected(self) -> float:
        """Return its mean, the mean over horizons."""
        return float(self.cumulants[0].mean())

    def plus(self, other: "Count") -> "Count":
        """Return the sum with another count."""
        one, more = self.chances, other.chances
        chances = None if one is None or more is None else one + more
        return Count(self.cumulants + other.cumulants, chances)

    def part(self, share: float) -> "Count":
        """Return a share of it, as if a draw decided of each event whether it belongs."""
        if share == 1.0:
            return self
        chances = None if self.chances is None else tuple(share * one for one in self.chances)
        return Count(share * self.cumulants, chances)


def sum_of(counts: Sequence[Count], *, none: Count) -> Count:
    """Return the sum of counts; of no count, `none`."""
    return reduce(Count.plus, counts) if counts else none


def count_of(chances: Floats) -> Count:
    """Return the count of events whose chances have one event a row and one horizon a column."""
    return Count(cumulants_of(chances), (chances,))


def certain(count: int, horizons: int) -> Count:
    """Return a count that is known."""
    cumulants = np.zeros((3, horizons))
    cumulants[0] = count
    return Count(cumulants, (np.ones((count, horizons)),) if count else ())


def poisson(expected: Floats) -> Count:
    """Return a Poisson count, all of whose cumulants are its mean by horizon."""
    return Count(np.stack((expected, expected, expected)), None)


def cumulants_of(chances: Floats) -> Floats:
    """Return the cumulants of a count of events."""
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


def of_each(each: Floats) -> Count:
    """Return the count of events of which each has its cumulants."""
    return Count(total(each), (each[:, 0],))


def total(each: Floats) -> Floats:
    """Return the cumulants of a sum, of those of each."""
    found: Floats = np.add.reduce(each, axis=0)  # `sum` does no more, in twice the time
    return found
