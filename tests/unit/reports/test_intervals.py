import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.reports.intervals import wilson


@pytest.mark.parametrize(
    ("found", "trials", "interval"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I.
        pytest.param(81, 263, (0.2553, 0.3662), id="81 of 263"),
        pytest.param(15, 148, (0.0624, 0.1605), id="15 of 148"),
        pytest.param(0, 20, (0.0, 0.1611), id="0 of 20"),
        pytest.param(1, 29, (0.0061, 0.1718), id="1 of 29"),
    ],
)
def test_the_interval_is_the_published_one(found, trials, interval):
    assert wilson(found, trials) == pytest.approx(interval, abs=5e-5)


def test_nothing_tried_tells_nothing():
    assert wilson(0, 0) is None


@given(st.integers(1, 10_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_interval_holds_the_share_and_never_leaves_it(counted):
    found, trials = counted
    low, high = wilson(found, trials)
    assert 0 <= low <= found / trials <= high <= 1
    assert low < high
