"""Simulated days in points of ten minutes, and what lies between most of them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dialer.simulation.day_result import Minute

Floats = npt.NDArray[np.float64]

_MINUTES = 10
"""Of one point."""
_LEAST_PEOPLE = 20
"""A rate of fewer people says nothing yet."""
BAND_DAYS = 8
"""So many days make a band."""
_BAND = (0.05, 0.95)


class Curves:
    """What happened over several equally long days; each array has a row a day and a column a point."""

    def __init__(self, days: Sequence[Sequence[Minute]]) -> None:
        points = max(1, min(map(len, days)) // _MINUTES)
        length = min(map(len, days)) // points

        def each(name: str) -> Floats:
            values = [[getattr(minute, name) for minute in day[: points * length]] for day in days]
            return np.array(values, dtype=float).reshape(len(days), points, length)

        agents = each("agents")
        there = agents.sum(axis=2)
        busy = (each("utilisation") * agents).sum(axis=2)
        self.hours: Floats = each("at")[0, :, -1] / 3600
        """The end of each point."""
        self.agents: Floats = agents.mean(axis=2)
        self.utilisation: Floats = np.where(there > 0, busy / np.maximum(there, 1), np.nan)
        self.in_flight: Floats = each("in_flight").mean(axis=2)
        abandoned = each("abandoned").sum(axis=2).cumsum(axis=1)
        people = abandoned + each("connected").sum(axis=2).cumsum(axis=1)
        self.abandonment: Floats = np.where(
            people >= _LEAST_PEOPLE, abandoned / np.maximum(people, 1), np.nan
        )
        """Of the day so far."""


class Band:
    """The mean of days, point by point, and what 5 and 95 % of them stay below."""

    def __init__(self, hours: Floats, values: Floats) -> None:
        known = ~np.isnan(values).any(axis=0)
        values = values[:, known]
        self.hours: Floats = hours[known]
        self.mean: Floats = values.mean(axis=0)
        self.edges: tuple[Floats, Floats] | None = None
        """None: there are too few days."""
        if len(values) >= BAND_DAYS:
            low, high = np.quantile(values, _BAND, axis=0)
            self.edges = (low, high)
