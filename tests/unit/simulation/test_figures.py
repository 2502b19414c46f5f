"""What days come to, and by how much modes differ on them."""

import pytest

from dialer.simulation.day_result import DayResult, Tally
from dialer.simulation.figures import abandonment, difference, figures


def day(seed, *, busy=0.8, waits=10, abandoned=2, connected=98, worst=0.05, **more):
    return DayResult(
        seed=seed,
        agents_s=36_000.0,
        handled_s=36_000.0 * busy,
        waiting_s=36_000.0 * (1 - busy),
        wait_total_s=20.0 * waits,
        waits=waits,
        attempts=500,
        connected=connected,
        abandoned=abandoned,
        worst_30min=worst,
        **more,
    )


def test_the_figures_are_those_of_all_days():
    found = figures("ratio:2", [day(1, busy=0.7), day(2, busy=0.9, worst=0.07)])
    assert found.mode == "ratio:2"
    assert found.utilisation.mean == pytest.approx(0.8)
    assert found.wait_s.mean == pytest.approx(20.0)
    assert found.abandonment_rate.mean == pytest.approx(0.02)
    assert found.connected_per_hour.mean == pytest.approx(9.8)
    assert (found.worst_30min.mean, found.worst_30min.highest) == (pytest.approx(0.06), 0.07)


def test_one_more_day_may_lie_further_away_than_the_mean():
    found = figures("ratio:2", [day(seed, busy=0.7 + seed / 100) for seed in range(10)])
    one_more = found.one_more_day.utilisation
    assert one_more.mean == pytest.approx(found.utilisation.mean)
    assert one_more.low < found.utilisation.low < found.utilisation.high < one_more.high


def test_a_day_at_the_limit_is_not_over_it():
    share = abandonment([Tally(connected=97, abandoned=3), Tally(connected=96, abandoned=4)]).days_over_limit
    assert (share.mean, share.days) == (0.5, 2)


def test_campaigns_have_figures_of_their_own_once_there_are_two():
    one, two = Tally(connected=90, abandoned=10), Tally(connected=100)
    assert figures("ratio:2", [day(1, campaigns={"one": one})]).campaigns == {}
    found = figures("ratio:2", [day(1, campaigns={"one": one, "two": two})]).campaigns
    assert found["one"].abandonment_rate.mean == pytest.approx(0.1)
    assert found["two"].abandonment_rate.mean == 0.0


def test_modes_are_compared_on_the_days_that_both_have():
    ours = [day(1, busy=0.9), day(2, busy=0.8), day(3, busy=0.1)]
    theirs = [day(2, busy=0.7), day(1, busy=0.8)]
    found = difference("ratio:2", ours, "progressive", theirs)
    assert (found.mode, found.against) == ("ratio:2", "progressive")
    assert found.utilisation.mean == pytest.approx(0.1)
    assert found.abandonment_rate.mean == pytest.approx(0.0)


def test_a_day_without_agents_or_calls_has_no_rates():
    found = figures("progressive", [DayResult(seed=1)])
    assert found.utilisation.mean == 0.0
    assert found.wait_s.mean is None
    assert found.abandonment_rate.mean is None
