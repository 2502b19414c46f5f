"""Figures of simulated days with their 95 % confidence intervals: how far chance alone may have moved them.

Days are independent of each other, calls within a day are not: so the day is what is counted, never the call. A mean
of days (`mean_of_days`) has Student's interval; a rate, one sum over another (`ratio_of_sums`), that of a ratio
estimate; a share of days (`share_of_days`) the exact binomial one, as Student's says nothing where none or all of the
days are meant. Modes that met the same people are compared day by day, which takes most of the chance away
(`paired_difference`, `paired_difference_of_ratios`).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

import msgspec

_HALVINGS = 200
"""Of an interval of length 1: more than a float has places."""


class Estimate(msgspec.Struct, frozen=True):
    """A figure and the interval that holds the true one with 95 %; None: too few days to say."""

    mean: float | None
    low: float | None = None
    high: float | None = None

    @property
    def differs(self) -> bool:
        """Whether a difference is more than chance: its interval does not hold 0."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


class DaysOver(msgspec.Struct, frozen=True, kw_only=True):
    """The share of days that were over a limit."""

    mean: float | None
    low: float | None
    high: float | None
    at_least: float | None
    """One-sided: the true share is at least this, with 95 %."""
    days: int


def mean_of_days(values: Sequence[float]) -> Estimate:
    """Return the mean of one figure a day, with Student's interval.

    Source:
        "Student", "The Probable Error of a Mean", Biometrika 6 (1908) 1-25.
    """
    count = len(values)
    if count == 0:
        return Estimate(None)
    mean = sum(values) / count
    return _around(mean, _standard_error(values), count)


def ratio_of_sums(parts: Sequence[float], wholes: Sequence[float]) -> Estimate:
    """Return the sum of the parts over the sum of the wholes, of which each day has one, with its interval.

    A quiet day weighs less than a busy one, as it does in a rule's window. If there is no part on any day, the spread
    of the days says nothing; then the upper end is that of as many independent trials as there are wholes.

    Source:
        W. G. Cochran, "Sampling Techniques", 3rd ed. 1977, ch. 6: the ratio estimate and its linearised variance.
    """
    whole = sum(wholes)
    if not whole:
        return Estimate(None)
    ratio = sum(parts) / whole
    if ratio == 0:
        return Estimate(0.0, 0.0, 1 - 0.025 ** (1 / whole) if len(wholes) > 1 else None)
    found = _around(ratio, _standard_error(_residuals(parts, wholes)), len(wholes))
    return found if found.low is None else Estimate(ratio, max(0.0, found.low), found.high)


def share_of_days(found: int, days: int) -> DaysOver:
    """Return the share of days that something was found on, with the exact interval.

    Source:
        C. J. Clopper and E. S. Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the
        Binomial", Biometrika 26 (1934) 404-413. It never promises too much, which a limit asks for.
    """
    if days == 0:
        return DaysOver(mean=None, low=None, high=None, at_least=None, days=0)

    def low(error: float) -> float:
        return _beta_quantile(error, found, days - found + 1) if found else 0.0

    high = _beta_quantile(0.975, found + 1, days - found) if found < days else 1.0
    return DaysOver(mean=found / days, low=low(0.025), high=high, at_least=low(0.05), days=days)


def paired_difference(values: Sequence[float], against: Sequence[float]) -> Estimate:
    """Return the mean of the days' differences, `values` less `against`, with Student's interval.

    Args:
        values: One figure a day.
        against: Those of the same days, in the same order.
    """
    return mean_of_days([value - other for value, other in zip(values, against, strict=True)])


class Sums(msgspec.Struct, frozen=True):
    """What a rate is made of: a part and a whole of each day."""

    parts: Sequence[float]
    wholes: Sequence[float]


def paired_difference_of_ratios(values: Sums, against: Sums) -> Estimate:
    """Return the difference of two rates of the same days in the same order, with its interval.

    Source:
        Cochran as above, 6.11: the days' residuals of the two ratios are taken from each other before they are squared.
    """
    if not sum(values.wholes) or not sum(against.wholes):
        return Estimate(None)
    difference = sum(values.parts) / sum(values.wholes) - sum(against.parts) / sum(against.wholes)
    ours, theirs = _residuals(values.parts, values.wholes), _residuals(against.parts, against.wholes)
    residuals = [one - other for one, other in zip(ours, theirs, strict=True)]
    return _around(difference, _standard_error(residuals), len(residuals))


def prediction_of_one(values: Sequence[float]) -> Estimate:
    """Return the mean of days, and the interval in which one more day lies with 95 %.

    Source:
        G. J. Hahn and W. Q. Meeker, "Statistical Intervals", 1991, 4.7: of a normal distribution, as days roughly are.
    """
    estimate = mean_of_days(values)
    if estimate.mean is None or len(values) < 2:
        return estimate
    spread = _standard_error(values) * sqrt(len(values) + 1)
    return _around(estimate.mean, spread, len(values))


@lru_cache
def student_quantile(degrees: int) -> float:
    """Return the 0.975 quantile of Student's distribution: two-sided, 95 %.

    Args:
        degrees: Of freedom, >= 1.

    Source:
        t² / (n + t²) is of the beta distribution with the parameters 1/2 and n/2: Abramowitz and Stegun 26.7.1.
    """
    share = _beta_quantile(0.95, 0.5, degrees / 2)
    return sqrt(degrees * share / (1 - share))


def _around(middle: float, standard_error: float, days: int) -> Estimate:
    if days < 2:
        return Estimate(middle)
    reach = student_quantile(days - 1) * standard_error
    return Estimate(middle, middle - reach, middle + reach)


def _standard_error(values: Sequence[float]) -> float:
    """Return that of the values' mean; 0 of less than two."""
    count = len(values)
    if count < 2:
        return 0.0
    mean = sum(values) / count
    return sqrt(sum((value - mean) ** 2 for value in values) / (count - 1) / count)


def _residuals(parts: Sequence[float], wholes: Sequence[float]) -> list[float]:
    """Return how far each day is from the common ratio, in units of the ratio."""
    ratio, mean_whole = sum(parts) / sum(wholes), sum(wholes) / len(wholes)
    return [(part - ratio * whole) / mean_whole for part, whole in zip(parts, wholes, strict=True)]


def _beta_quantile(share: float, a: float, b: float) -> float:
    return _bisect(lambda x: beta_share(x, a, b) < share)


def _bisect(is_low: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if is_low(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_share(x: float, a: float, b: float) -> float:
    """Return the beta distribution's share up to x, the regularised incomplete beta function.

    Args:
        x: In [0, 1].
        a: First parameter, > 0.
        b: Second parameter, > 0.

    Source:
        NIST Digital Library of Mathematical Functions, 8.17.22: a continued fraction, here by the method of Lentz.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # it converges fast on the other side only
        return 1 - beta_share(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front / _continued_fraction(x, a, b)


def _continued_fraction(x: float, a: float, b: float) -> float:
    fraction = c = 1.0
    d = 0.0
    for number in range(1, 10_000):
        m = number // 2
        if number % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + term * d)
        c = 1 + term / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return fraction
