"""How long things take, as learned from those that are over: decayed counts beside a small prior."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Durations(msgspec.Struct, kw_only=True):
    """A histogram of seconds. Bin `i` holds what took `[i, i + 1) * width_s`, the last one what took longer, too."""

    width_s: float
    counts: list[float]
    memory: float = 4000.0
    """After so many observations more, one weighs 1/e. A guess: about a day of 20 agents."""
    fresh: list[int] = []
    """Bins of what was observed since `settle`: tables are made of settled counts alone, so that they can be made again."""

    def add(self, seconds: float) -> None:
        """Learn from one that is over."""
        self.fresh.append(min(len(self.counts) - 1, max(0, int(seconds / self.width_s))))

    def settle(self) -> None:
        """Let what was counted fade, and count what was observed since."""
        if not self.fresh:
            return
        keep = math.exp(-len(self.fresh) / self.memory)
        self.counts = [count * keep for count in self.counts]
        for index in self.fresh:
            self.counts[index] += 1.0
        self.fresh = []

    def shares(self) -> Floats:
        """Return the share of each bin, of what is settled."""
        counts = np.array(self.counts, dtype=np.float64)
        shares: Floats = counts / counts.sum()
        return shares


class Share(msgspec.Struct, kw_only=True):
    """How often something is so, of what may be."""

    of: float
    """Decayed count."""
    so: float
    memory: float = 4000.0
    fresh_of: int = 0
    fresh_so: int = 0

    def add(self, *, so: bool) -> None:
        """Learn from one."""
        self.fresh_of += 1
        self.fresh_so += so

    def settle(self) -> None:
        """Let what was counted fade, and count what was observed since."""
        keep = math.exp(-self.fresh_of / self.memory)
        self.of, self.so = self.of * keep + self.fresh_of, self.so * keep + self.fresh_so
        self.fresh_of = self.fresh_so = 0

    @property
    def share(self) -> float:
        """Return the share, of what is settled."""
        return self.so / self.of


def blend(parts: Sequence[tuple[float, float, float]], *, width_s: float, until_s: float) -> list[float]:
    """Return bins of a mixture of lognormal distributions.

    Args:
        parts: Of each its weight in observations, its mean in seconds and its coefficient of variation.
        width_s: Of a bin.
        until_s: The end of the last bin, which holds all that is longer.
    """
    edges = [index * width_s for index in range(1, round(until_s / width_s))]
    below = [
        0.0,
        *(sum(weight * _lognormal_below(edge, mean, cv) for weight, mean, cv in parts) for edge in edges),
    ]
    total = sum(weight for weight, _, _ in parts)
    return [after - before for before, after in zip(below, [*below[1:], total], strict=True)]


def _lognormal_below(seconds: float, mean: float, variation: float) -> float:
    sigma = math.sqrt(math.log(1 + variation * variation))
    z = (math.log(seconds) - math.log(mean) + sigma * sigma / 2) / sigma
    return 0.5 * math.erfc(-z / math.sqrt(2))
