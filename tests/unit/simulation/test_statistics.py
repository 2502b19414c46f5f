"""Confidence intervals, against tables and against chance itself."""

from random import Random

import pytest

from dialer.simulation.statistics import (
    Estimate,
    Sums,
    beta_share,
    mean_of_days,
    paired_difference,
    paired_difference_of_ratios,
    prediction_of_one,
    ratio_of_sums,
    share_of_days,
    student_quantile,
)


@pytest.mark.parametrize(
    ("degrees", "quantile"),
    # Source: any printed table of Student's distribution, two-sided 95 %.
    [(1, 12.7062), (2, 4.3027), (4, 2.7764), (9, 2.2622), (19, 2.0930), (59, 2.0010), (199, 1.9720)],
)
def test_student_quantiles_are_those_of_the_table(degrees, quantile):
    assert student_quantile(degrees) == pytest.approx(quantile, abs=5e-5)


def test_a_mean_of_days_has_students_interval():
    estimate = mean_of_days([1.0, 2.0, 3.0])
    assert estimate.mean == 2.0
    assert estimate.low == pytest.approx(2 - 4.30265 / 3**0.5, abs=1e-4)
    assert estimate.high == pytest.approx(2 + 4.30265 / 3**0.5, abs=1e-4)


def test_one_day_has_no_interval():
    assert mean_of_days([0.7]) == Estimate(0.7, None, None)
    assert ratio_of_sums([3.0], [100.0]) == Estimate(0.03, None, None)


def test_no_day_has_no_figure():
    assert mean_of_days([]) == Estimate(None)
    assert ratio_of_sums([], []) == Estimate(None)
    assert share_of_days(0, 0).mean is None


def test_a_rate_weighs_days_by_their_calls():
    assert ratio_of_sums([0.0, 30.0], [100.0, 900.0]).mean == pytest.approx(0.03)


def test_a_rate_of_nothing_may_still_be_one_of_something():
    estimate = ratio_of_sums([0, 0], [1500, 1500])
    assert estimate.low == 0.0
    # Of independent trials: 1 - 0.025 ** (1 / 3000).
    assert estimate.high == pytest.approx(0.001229, abs=1e-6)


def test_a_share_of_days_has_the_exact_interval():
    # Source: Clopper and Pearson's chart as in any table: 1 of 20.
    share = share_of_days(1, 20)
    assert (share.mean, share.low, share.high) == pytest.approx((0.05, 0.001265, 0.248733), abs=1e-6)
    assert share.at_least == pytest.approx(0.002561, abs=1e-6)


@pytest.mark.parametrize(("found", "low", "high"), [(0, 0.0, 0.168433), (20, 0.831567, 1.0)])
def test_none_or_all_of_the_days_leave_room_for_the_others(found, low, high):
    share = share_of_days(found, 20)
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(
    ("x", "a", "b", "expected"),
    [(0.3, 1, 1, 0.3), (0.5, 7, 7, 0.5), (0.25, 2, 3, 0.26171875), (0.0, 2, 2, 0.0), (1.0, 2, 2, 1.0)],
)
def test_the_beta_share_is_what_can_be_reckoned_by_hand(x, a, b, expected):
    assert beta_share(x, a, b) == pytest.approx(expected, abs=1e-12)


def test_paired_days_tell_apart_what_alone_they_do_not():
    chance = Random(7)
    days = [chance.gauss(0.8, 0.05) for _ in range(20)]
    better = [day + 0.01 + chance.gauss(0, 0.002) for day in days]
    assert paired_difference(better, days).differs
    alone, other = mean_of_days(better), mean_of_days(days)
    assert alone.low < other.mean < alone.high


def test_a_rate_does_not_differ_from_itself():
    sums = Sums([3.0, 1.0, 2.0], [100.0, 120.0, 90.0])
    difference = paired_difference_of_ratios(sums, sums)
    assert (difference.mean, difference.low, difference.high) == (0.0, 0.0, 0.0)
    assert not difference.differs


def test_the_difference_of_rates_is_that_of_the_sums():
    better, worse = Sums([10.0, 20.0], [500.0, 500.0]), Sums([40.0, 20.0], [500.0, 1500.0])
    assert paired_difference_of_ratios(better, worse).mean == pytest.approx(0.0)


@pytest.mark.parametrize("days", [5, 20])
def test_intervals_hold_the_truth_as_often_as_they_say(days):
    chance, trials = Random(days), 400
    means = rates = 0
    for _ in range(trials):
        wholes = [chance.randint(80, 120) for _ in range(days)]
        parts = [sum(chance.random() < 0.1 for _ in range(whole)) for whole in wholes]
        mean = mean_of_days([chance.gauss(1.0, 0.3) for _ in range(days)])
        means += mean.low <= 1.0 <= mean.high
        rate = ratio_of_sums(parts, wholes)
        rates += rate.low <= 0.1 <= rate.high
    # 95 %, less what chance allows 400 trials: 4 standard errors.
    assert means / trials > 0.905
    assert rates / trials > 0.89


def test_one_more_day_lies_in_the_prediction_interval():
    chance, trials, inside = Random(3), 400, 0
    for _ in range(trials):
        *seen, one_more = (chance.gauss(0.9, 0.02) for _ in range(11))
        interval = prediction_of_one(seen)
        inside += interval.low <= one_more <= interval.high
    assert inside / trials > 0.905
