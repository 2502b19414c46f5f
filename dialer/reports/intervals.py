"""How far a share that was counted in a sample may be from the true one."""

from math import sqrt

Z_95 = 1.959964
"""Of the two-sided 95 % interval: the 0.975 quantile of the standard normal distribution."""


def wilson(found: int, trials: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a share, None if nothing was tried.

    It holds its level for small samples and shares near 0 and 1, where the usual one does not, and never leaves [0, 1].

    Args:
        found: How many of the trials had what is asked for, >= 0.
        trials: How many there were, >= found.

    Source:
        E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927) 209-212;
        recommended by Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16
        (2001) 101-133.
    """
    if trials == 0:
        return None
    share, z2 = found / trials, Z_95 * Z_95
    middle = share + z2 / (2 * trials)
    reach = Z_95 * sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    scale = 1 + z2 / trials
    # At the ends the formula is 0 or 1 but for rounding.
    low = 0.0 if found == 0 else max(0.0, (middle - reach) / scale)
    high = 1.0 if found == trials else min(1.0, (middle + reach) / scale)
    return low, high
