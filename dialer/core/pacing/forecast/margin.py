"""Agents who will be free less the answers that will need one: how likely one answer more is to find nobody."""

import math
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from dialer.core.pacing.forecast.counts import Count, cumulants_of
from dialer.core.pacing.forecast.durations import Floats

Complexes = NDArray[np.complex128]

FEW: Final = 16
"""Up to so many agents and calls the risk is exact: what comes to less than a hundredth of an agent matters to small teams.
Source: measured; with 5 agents it gains 0.1 points of utilisation, with 20 nothing. With 1 it needs `decide.scarce` beside it: together
they take days above the limit from 8 % to 1 %, alone it leaves 14 %."""
_POINTS: Final = 48
"""Of the generating function; more than twice `FEW`, so that the counts that matter do not overlap."""
_ROOTS: Final = np.exp(-2j * np.pi * np.arange(_POINTS // 2 + 1) / _POINTS)
_FREED, _NEEDED = _ROOTS - 1, _ROOTS.conj() - 1
_FREE: Final = [_ROOTS**free for free in range(FEW + 1)]


class Margin(Protocol):
    """Agents less answers."""

    def risk(self) -> float:
        """Return the chance that an answer more than those that are counted finds nobody, the mean over horizons."""
        ...

    def call(self, chances: Floats, share: float) -> None:
        """Count a call more: the chances by horizon that it needs an agent, and the share of that which counts here."""
        ...


def margin(free: float, supply: Count, demand: Count) -> Margin:
    """Return the margin of agents who are free, and become so, over answers."""
    if free == int(free) and supply.chances is not None and demand.chances is not None:
        events = sum(map(len, supply.chances)) + sum(map(len, demand.chances))
        if free + events <= FEW:
            return _Exact(int(free), supply, demand)
    return _Normal(free, supply.cumulants, demand.cumulants)


class _Normal:
    """Of many: about normal.

    Source: corrected for its skewness and for being a whole number (Volkova, A refinement of the central limit theorem for sums of
    independent random indicators, 1996).
    """

    def __init__(self, free: float, supply: Floats, demand: Floats) -> None:
        self._free = free
        self._cumulants = supply + _AGAINST * demand
        self._one: tuple[Floats, Floats] | None = None
        """The chances of the last call that was counted, and what it takes off: the next one is mostly like it."""

    def risk(self) -> float:
        mean, variance, third = self._cumulants.tolist()
        chances = 0.0
        for index, one in enumerate(mean):
            chances += _at_most_none(self._free + one, variance[index], third[index])
        return chances / len(mean)

    def call(self, chances: Floats, share: float) -> None:
        if self._one is None or self._one[0] is not chances:
            self._one = chances, _AGAINST * cumulants_of(chances[None, :])
        self._cumulants = self._cumulants + share * self._one[1]


_AGAINST: Final = np.array([[-1.0], [1.0], [-1.0]])
"""Of the cumulants of a count that is taken off."""


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


class _Exact:
    """Of few: by the generating function of the margin, the product of those of its events, on roots of unity.

    Source: Fernández and Williams, Closed-form expression for the Poisson-binomial probability density function, 2010.
    """

    def __init__(self, free: int, supply: Count, demand: Count) -> None:
        found = _FREE[free]
        for count, step in ((supply, _FREED), (demand, _NEEDED)):
            for chances in count.chances or ():
                found = found * np.multiply.reduce(1 + chances[:, :, None] * step, axis=0)
        self._transform = found

    def risk(self) -> float:
        left = (self._transform @ _SOMEBODY).real
        somebody = float(left.sum()) / float(left.size)
        return min(1.0, max(0.0, 1.0 - somebody))

    def call(self, chances: Floats, share: float) -> None:
        self._transform = self._transform * (1 + share * chances[:, None] * _NEEDED)


def _sum_of(counts: range) -> Complexes:
    """Return what makes of a generating function on the roots the chance of any of some counts: the inverse transform of real chances."""
    waves: Complexes = (
        np.exp(2j * np.pi * np.outer(np.arange(len(_ROOTS)), counts) / _POINTS).sum(axis=1) / _POINTS
    )
    waves[1:-1] *= 2
    return waves


_SOMEBODY: Final = _sum_of(range(1, FEW + 1))
