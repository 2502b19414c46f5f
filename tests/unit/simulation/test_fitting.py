"""Distributions are found again in what was drawn from them."""

import math
from random import Random

import pytest

from dialer.simulation.fitting import cut_lognormal, lognormal, short_and_long, uniform


def drawn(mean, variation, *, count, chance):
    sigma2 = math.log(1 + variation * variation)
    return [chance.lognormvariate(math.log(mean) - sigma2 / 2, math.sqrt(sigma2)) for _ in range(count)]


def test_a_lognormal_distribution_keeps_the_mean():
    values = drawn(25.0, 0.6, count=5000, chance=Random(1))
    fit = lognormal(values)
    assert fit.mean_s == pytest.approx(sum(values) / len(values))
    assert fit.variation == pytest.approx(0.6, abs=0.06)


def test_one_duration_again_and_again_has_no_variation():
    assert lognormal([8.0] * 40).variation == 0.0


def test_durations_of_nothing_are_taken_for_a_moment():
    assert lognormal([0.0, 0.0]).mean_s == pytest.approx(0.1)


def test_a_uniform_spread_is_found_again():
    chance = Random(2)
    assert uniform([chance.uniform(1, 3) for _ in range(5000)]) == pytest.approx((1.0, 3.0), abs=0.05)


def test_a_spread_never_begins_before_nothing():
    assert uniform([0.0, 0.0, 0.0, 4.0])[0] == 0.0


def test_what_a_limit_cut_off_is_guessed_from_the_rest():
    values = [one for one in drawn(16.0, 0.35, count=5000, chance=Random(5)) if one <= 20.0]
    fit = cut_lognormal(values, 20.0)
    assert fit.seen_share == pytest.approx(len(values) / 5000, abs=0.04)
    assert (fit.whole.mean_s, fit.whole.variation) == pytest.approx((16.0, 0.35), rel=0.08)


@pytest.mark.parametrize(
    ("values", "limit"),
    [
        pytest.param([5.0, 6.0, 30.0], 25.0, id="beyond-the-limit"),
        pytest.param([24.0, 24.5, 25.0], 25.0, id="all-just-below-it"),
        pytest.param([8.0] * 5, 25.0, id="no-spread"),
    ],
)
def test_what_was_not_cut_is_taken_as_it_is(values, limit):
    fit = cut_lognormal(values, limit)
    assert (fit.whole, fit.seen_share) == (lognormal(values), 1.0)


def test_short_talks_are_told_from_long_ones():
    chance = Random(3)
    values = drawn(25.0, 0.6, count=1800, chance=chance) + drawn(261.0, 0.8, count=2200, chance=chance)
    fit = short_and_long(values)
    assert fit.refusal_share == pytest.approx(0.45, abs=0.04)
    assert fit.refusal.mean_s == pytest.approx(25.0, rel=0.15)
    assert fit.talk.mean_s == pytest.approx(261.0, rel=0.1)


def test_two_kinds_of_talks_together_keep_the_mean():
    values = drawn(100.0, 1.0, count=500, chance=Random(4))
    fit = short_and_long(values)
    mean = fit.refusal_share * fit.refusal.mean_s + (1 - fit.refusal_share) * fit.talk.mean_s
    assert mean == pytest.approx(sum(values) / len(values))


def test_talks_that_all_last_as_long_make_two_kinds_of_the_same():
    fit = short_and_long([60.0] * 50)
    assert (fit.refusal.mean_s, fit.talk.mean_s) == pytest.approx((60.0, 60.0))
