"""Whether a figure of theory lies where stretches of a run, long enough to be independent, say that it must be."""

from dataclasses import dataclass

import pytest

from dialer.simulation.statistics import mean_of_days

WIDER = 1.35
"""What makes an interval of 95 % one of 99 %, as some twenty figures are looked at. Source: Student's distribution, 29 degrees of
freedom; with more it is less."""


@dataclass(frozen=True)
class Effort:
    """How much is simulated, and how much a rate may be wrong and not be noticed."""

    batches: int
    calls: int
    """In each."""
    wrong_by: float
    """A formula whose rate is so much too high or too low must be found wrong, as a fraction."""


SHORT = Effort(batches=30, calls=150, wrong_by=0.1)
FULL = Effort(batches=60, calls=1_000, wrong_by=0.05)


def cases(cheapest, *others, short=SHORT):
    """Return the cases of a theory, each with its effort as the last value: the cheapest in short, and in the long run all at length.

    Args:
        cheapest: The values of the case whose rate the least calls tell from a wrong one.
        others: Those of others.
        short: How much is simulated in short.
    """
    return [
        _case(cheapest, short, name="short"),
        *(_case(values, FULL, name="full", marks=pytest.mark.soak) for values in (cheapest, *others)),
    ]


def _case(values, effort, *, name, marks=()):
    return pytest.param(*values, effort, id="-".join([*map(str, values), name]), marks=marks)


@dataclass(frozen=True)
class Interval:
    """Where the true mean is."""

    mean: float
    half_width: float

    def __contains__(self, figure):
        return abs(figure - self.mean) <= self.half_width


def interval(figures):
    """Return the interval of the mean of independent figures. Source: Law, "Simulation Modeling and Analysis", 4th ed., 9.5.3."""
    found = mean_of_days(figures)
    return Interval(found.mean, WIDER * (found.high - found.low) / 2)


def finds(formula, figures, *, wrong_by=None):
    """Assert that a formula of a rate's factor holds for independent figures, and that it would not for a wrong rate.

    Args:
        formula: Takes what the true rate is multiplied by.
        figures: One of each stretch.
        wrong_by: None: the figures are too few to tell rates apart by.
    """
    found = interval(figures)
    assert formula(1.0) in found
    for factor in () if wrong_by is None else (1 - wrong_by, 1 + wrong_by):
        assert formula(factor) not in found
