"""Instants as people write them."""

import click
import pytest

from cli.instants import instant

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
AT = 1_804_104_000.0
"""2027-03-03 15:00 in New York."""


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        pytest.param("2027-03-03T15:00", (NEW_YORK,), id="the-leads-clock"),
        pytest.param("2027-03-03 15:00", (NEW_YORK, "America/Toronto"), id="zones-with-one-clock"),
        pytest.param("2027-03-03T15:00-05:00", (), id="offset"),
        pytest.param("2027-03-03T20:00Z", (CHICAGO,), id="utc"),
        pytest.param("2027-03-03T15:00 America/New_York", (CHICAGO,), id="zone"),
    ],
)
def test_a_time_is_read_by_its_offset_its_zone_or_the_leads_clock(text, zones):
    assert instant(text, zones) == AT


@pytest.mark.parametrize(
    ("text", "zones", "why"),
    [
        pytest.param("tomorrow", (NEW_YORK,), "is no time", id="words"),
        pytest.param("2027-03-03T15:00", (NEW_YORK, CHICAGO), "several times", id="two-clocks"),
        pytest.param("2027-03-03T15:00", (), "not known", id="no-zone"),
        pytest.param("2027-03-03T15:00", ("Etc/Unknown",), "several times", id="unknown-zone"),
    ],
)
def test_what_is_not_one_instant_is_refused_with_the_remedy(text, zones, why):
    with pytest.raises(click.BadParameter, match=why) as refused:
        instant(text, zones)
    assert "America/New_York" in str(refused.value)
