"""Scores of leads, from a column of their list."""

import pytest

from dialer.storage.scores import MOST, score_of


@pytest.mark.parametrize(
    ("value", "score"),
    [
        ("0.7", 0.7),
        (" -1.5 ", -1.5),
        (2, 2.0),
        ("900", MOST),
        ("-1e300", -MOST),
        ("", 0.0),
        (None, 0.0),
        ("hot lead", 0.0),
        ("nan", 0.0),
        ("inf", 0.0),
        (["1"], 0.0),
    ],
)
def test_a_score_is_a_number_within_bounds_or_none(value, score):
    assert score_of(value) == score
