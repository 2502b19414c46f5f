"""Distributions that fit recorded durations: with the mean of what was recorded, as means are what agents' days hang on."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LEAST_S = 0.1
"""Shorter durations are taken for so long: a lognormal distribution has none of 0."""
_WIDEST = 5.0
"""Coefficient of variation, at most; what a scenario takes."""
_ROUNDS = 200
_SAME = 1e-6
_LEAST_SEEN = 0.5
"""With less of a distribution seen, the rest of it is anybody's guess."""


class Lognormal(msgspec.Struct, frozen=True):
    """By its mean in seconds and its coefficient of variation."""

    mean_s: float
    variation: float


class Talks(msgspec.Struct, frozen=True, kw_only=True):
    """Short talks and long ones."""

    refusal_share: float
    refusal: Lognormal
    talk: Lognormal


def lognormal(values_s: Sequence[float]) -> Lognormal:
    """Return the lognormal distribution with the mean and the variation of durations, of which there is at least one."""
    values = _positive(values_s)
    mean = float(values.mean())
    return Lognormal(mean, min(float(values.std()) / mean, _WIDEST))


class Cut(msgspec.Struct, frozen=True):
    """A lognormal distribution of which only what is below a limit was seen."""

    whole: Lognormal
    seen_share: float


def cut_lognormal(values_s: Sequence[float], limit_s: float) -> Cut:
    """Return the lognormal distribution whose part below a limit has the mean and the spread, as logarithms, of durations.

    If the durations are not below the limit, or most of the distribution would be above it, they are taken for all of it.

    Source:
        The moments of a truncated normal distribution: N. L. Johnson, S. Kotz and N. Balakrishnan, "Continuous Univariate
        Distributions", vol. 1, 2nd ed. 1994, 13.10.1.
    """
    uncut = Cut(lognormal(values_s), 1.0)
    logs, limit = np.log(_positive(values_s)), math.log(limit_s)
    seen_mean, seen_spread = float(logs.mean()), float(logs.std())
    if max(values_s) > limit_s or seen_spread < _SAME:
        return uncut
    mean, spread = seen_mean, seen_spread
    for _ in range(_ROUNDS):
        above = (limit - mean) / spread
        share = NormalDist().cdf(above)
        if share < _LEAST_SEEN:
            return uncut
        pull = NormalDist().pdf(above) / share
        before = mean, spread
        spread = seen_spread / math.sqrt(max(1 - above * pull - pull * pull, 0.1))
        mean = seen_mean + spread * pull
        if math.isclose(before[0], mean, abs_tol=_SAME) and math.isclose(before[1], spread, abs_tol=_SAME):
            break
    return Cut(_from_logs(mean, spread), share)


def _from_logs(mean: float, spread: float) -> Lognormal:
    return Lognormal(math.exp(mean + spread**2 / 2), min(math.sqrt(math.expm1(spread**2)), _WIDEST))


def uniform(values_s: Sequence[float]) -> tuple[float, float]:
    """Return from where to where durations are spread, by their mean and variance; never below 0."""
    values = np.asarray(values_s, dtype=float)
    mean, reach = float(values.mean()), math.sqrt(3) * float(values.std())
    return max(0.0, mean - reach), mean + reach


def short_and_long(values_s: Sequence[float]) -> Talks:
    """Return the two lognormal distributions that durations are most likely a mixture of; their common mean is the durations'.

    Source:
        Dempster, Laird and Rubin, "Maximum Likelihood from Incomplete Data via the EM Algorithm", JRSS B 39 (1977) 1-38.
    """
    values = _positive(values_s)
    logs = np.log(values)
    middle, spread = float(np.median(logs)), max(float(logs.std()), _SAME)
    share, means, spreads = 0.5, np.array([middle - spread, middle + spread]), np.array([spread, spread])
    for _ in range(_ROUNDS):
        before = (share, *means)
        is_short = _chance_of_short(logs, share, means, spreads)
        share = float(is_short.mean())
        for part, weights in enumerate((is_short, 1 - is_short)):
            weight = max(float(weights.sum()), _SAME)
            means[part] = (weights * logs).sum() / weight
            variance = (weights * (logs - means[part]) ** 2).sum() / weight
            spreads[part] = max(math.sqrt(variance), 0.05 * spread)
        if np.allclose(before, (share, *means), atol=_SAME):
            break
    return _talks(share, means, spreads, mean_s=float(values.mean()))


def _chance_of_short(logs: Floats, share: float, means: Floats, spreads: Floats) -> Floats:
    scores = -0.5 * ((logs[:, None] - means) / spreads) ** 2 - np.log(spreads)
    scores += np.log([max(share, _SAME), max(1 - share, _SAME)])
    short: Floats = 1 / (1 + np.exp(np.clip(scores[:, 1] - scores[:, 0], -50, 50)))
    return short


def _talks(share: float, means: Floats, spreads: Floats, *, mean_s: float) -> Talks:
    parts = [_from_logs(mean, spread) for mean, spread in zip(means.tolist(), spreads.tolist(), strict=True)]
    scale = mean_s / (share * parts[0].mean_s + (1 - share) * parts[1].mean_s)
    refusal, talk = (Lognormal(scale * part.mean_s, part.variation) for part in parts)
    return Talks(refusal_share=share, refusal=refusal, talk=talk)


def _positive(values_s: Sequence[float]) -> Floats:
    values: Floats = np.maximum(np.asarray(values_s, dtype=float), _LEAST_S)
    return values
