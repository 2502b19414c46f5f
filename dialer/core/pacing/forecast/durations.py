"""How long things take, as learned from those that are over: decayed counts beside a small prior."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Durations(msgspec.Struct, kw_only=True):
    """A histogram of seconds. Bin `i` holds what took `[i, i + 1) * width_s`; what took longer is in the last."""

    width_s: float
    counts: list[float]
    memory: float
    """After so many observations more, one counts by 1/e."""
    seen: int = 0
    """Observations since the counts were last decayed."""

    def add(self, seconds: float) -> None:
        """Learn from one that is over."""
        last = len(self.counts) - 1
        self.counts[min(last, max(0, int(seconds / self.width_s)))] += 1.0
        self.seen += 1

    def settle(self) -> Floats:
        """Let old observations fade, and return the share of each bin."""
        if self.seen:
            keep = math.exp(-self.seen / self.memory)
            self.counts = [count * keep for count in self.counts] if keep < 1 else self.counts
            self.seen = 0
        counts = np.array(self.counts)
        return counts / counts.sum()


def blend(parts: Sequence[tuple[float, float, float]], *, width_s: float, until_s: float) -> list[float]:
    """Return bins of a mixture of lognormal distributions.

    Args:
        parts: Of each its weight in observations, its mean in seconds and its coefficient of variation.
        width_s: Of a bin.
        until_s: Where the last bin begins to hold all that is longer.
    """
    edges = [index * width_s for index in range(1, round(until_s / width_s))]
    below = [0.0] + [
        sum(weight * _lognormal_below(edge, mean, cv) for weight, mean, cv in parts) for edge in edges
    ]
    total = sum(weight for weight, _, _ in parts)
    return [after - before for before, after in zip(below, [*below[1:], total], strict=True)]


def _lognormal_below(seconds: float, mean: float, variation: float) -> float:
    sigma = math.sqrt(math.log(1 + variation * variation))
    z = (math.log(seconds) - math.log(mean) + sigma * sigma / 2) / sigma
    return 0.5 * math.erfc(-z / math.sqrt(2))
