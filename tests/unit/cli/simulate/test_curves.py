"""Days in points of ten minutes."""

import numpy as np
import pytest

from cli.simulate.curves import BAND_DAYS, Band, Curves
from dialer.simulation.day_result import Minute


def minute(number, *, utilisation=0.5, agents=4, in_flight=8, abandoned=0, connected=1):
    return Minute(
        at=60.0 * (number + 1),
        utilisation=utilisation,
        agents=agents,
        in_flight=in_flight,
        abandoned=abandoned,
        connected=connected,
    )


def test_a_point_is_ten_minutes():
    curves = Curves([[minute(number) for number in range(25)]])
    assert curves.hours == pytest.approx([0.2, 0.4])  # the rest is spread over the points
    assert curves.agents.tolist() == [[4.0, 4.0]]


def test_a_short_day_has_one_point():
    assert Curves([[minute(0), minute(1)]]).hours.tolist() == pytest.approx([2 / 60])


def test_minutes_with_more_agents_weigh_more():
    day = [minute(0, utilisation=1.0, agents=3), minute(1, utilisation=0.0, agents=1)]
    assert Curves([day]).utilisation.tolist() == [[0.75]]


def test_nobody_there_is_no_utilisation():
    assert np.isnan(Curves([[minute(0, agents=0)]]).utilisation).all()


def test_abandonment_is_that_of_the_day_so_far_once_it_says_something():
    day = [minute(number, abandoned=1 if number < 10 else 0, connected=1) for number in range(30)]
    first, *others = Curves([day]).abandonment[0].tolist()
    assert first == pytest.approx(0.5)
    assert others == pytest.approx([10 / 30, 10 / 40])
    assert np.isnan(Curves([day[:9]]).abandonment).all()


def test_a_band_leaves_out_what_not_every_day_knows():
    values = np.array([[np.nan, 1.0, 3.0], [2.0, 3.0, 5.0]])
    band = Band(np.array([1.0, 2.0, 3.0]), values)
    assert band.hours.tolist() == [2.0, 3.0]
    assert band.mean.tolist() == [2.0, 4.0]
    assert band.edges is None


def test_enough_days_have_edges():
    values = np.arange(BAND_DAYS, dtype=float).reshape(-1, 1)
    low, high = Band(np.array([1.0]), values).edges
    assert low[0] < values.mean() < high[0]
