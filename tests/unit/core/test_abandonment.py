"""When an answered call counts as abandoned, and over which window."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialer.core.rules.abandonment import PERIOD_S, Count, Tally, counts_as, empty
from dialer.core.settings import AbandonWindow
from dialer.core.states import Outcome


@pytest.mark.parametrize(
    ("outcome", "wait_s", "count"),
    [
        pytest.param(Outcome.CONNECTED, 0.3, Count.CONNECTED, id="an agent at once"),
        pytest.param(Outcome.CONNECTED, 2.0, Count.CONNECTED, id="an agent at the limit"),
        pytest.param(
            Outcome.CONNECTED, 5.0, Count.ABANDONED, id="an agent after 5 s: abandoned by the rule alone"
        ),
        pytest.param(Outcome.CONNECTED, None, Count.CONNECTED, id="an agent after a wait that nobody knows"),
        pytest.param(
            Outcome.HUNG_UP_WAITING, 1.0, None, id="gone after 1 s: in truth abandoned, not by the rule"
        ),
        pytest.param(Outcome.HUNG_UP_WAITING, 2.5, Count.ABANDONED, id="gone after the limit"),
        pytest.param(Outcome.ABANDONED, 2.0, Count.ABANDONED, id="a message instead of an agent"),
        pytest.param(Outcome.ABANDONED, None, Count.ABANDONED, id="cut off by us"),
        pytest.param(Outcome.MACHINE, None, None, id="a machine, as detection says"),
        pytest.param(Outcome.NO_ANSWER, None, None, id="nobody picked up"),
        pytest.param(Outcome.UNKNOWN, 9.0, None, id="nobody knows"),
    ],
)
def test_a_call_counts_by_what_became_of_it_and_its_wait(outcome, wait_s, count):
    assert counts_as(outcome, wait_s, within_s=2.0) is count


def test_the_rate_is_of_all_who_answered_and_none_of_nobody():
    tally = Tally()
    assert tally.rate is None
    for count in (Count.CONNECTED, Count.ABANDONED, Count.CONNECTED, Count.CONNECTED):
        tally = tally.plus(count)
    assert (tally.abandoned, tally.connected, tally.rate) == (1, 3, 0.25)


def instant(*when):
    return datetime(*when, tzinfo=ZoneInfo("America/New_York")).timestamp()


@pytest.mark.parametrize(
    ("at", "since_at", "until_at"),
    [
        pytest.param(instant(2023, 11, 15, 12), instant(2023, 11, 15), instant(2023, 11, 16), id="noon"),
        pytest.param(instant(2023, 11, 15), instant(2023, 11, 15), instant(2023, 11, 16), id="midnight"),
        pytest.param(instant(2023, 11, 5, 12), instant(2023, 11, 5), instant(2023, 11, 6), id="25 hours"),
    ],
)
def test_a_day_goes_from_midnight_to_midnight_by_the_workspaces_clock(at, since_at, until_at):
    tally = empty(AbandonWindow.DAY, at=at, zone="America/New_York", first_at=0.0)
    assert tally == Tally(since_at=since_at, until_at=until_at)


@pytest.mark.parametrize(
    ("after_s", "periods"),
    [
        pytest.param(0.0, 0, id="the first call"),
        pytest.param(PERIOD_S - 1, 0, id="the last second"),
        pytest.param(PERIOD_S, 1, id="the next period"),
        pytest.param(3.5 * PERIOD_S, 3, id="months later"),
        pytest.param(-5.0, 0, id="a clock that was set back"),
    ],
)
def test_thirty_days_are_counted_from_the_first_call(after_s, periods):
    tally = empty(AbandonWindow.THIRTY_DAYS, at=1000.0 + after_s, zone="UTC", first_at=1000.0)
    assert tally.since_at == 1000.0 + periods * PERIOD_S
    assert tally.until_at == tally.since_at + PERIOD_S
