"""When an answered call counts as abandoned, and over which window."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialer.core.rules.abandonment import (
    PERIOD_S,
    Answers,
    Count,
    Ratio,
    Tally,
    abandoned_machines,
    counts_as,
    empty,
    united_kingdom,
    united_states,
)
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


DAY = Answers(
    connected=400,
    connected_late=4,
    machines=40,
    machines_late=1,
    abandoned=10,
    hung_up_waiting=8,
    hung_up_late=2,
    unheard_connected=400,
    unheard_machines=40,
    unheard_abandoned=10,
)


@pytest.mark.parametrize(
    ("answers", "taken", "ratio"),
    [
        pytest.param(Answers(), 0.0, Ratio(0, 0), id="nobody answered"),
        pytest.param(Answers(connected=97, abandoned=3), 0.0, Ratio(3, 100), id="at the limit"),
        pytest.param(Answers(connected=10, connected_late=1), 0.0, Ratio(1, 10), id="an agent too late"),
        pytest.param(
            Answers(connected=9, hung_up_waiting=1, hung_up_late=1), 0.0, Ratio(1, 10), id="waited in vain"
        ),
        pytest.param(Answers(connected=9, hung_up_waiting=5), 0.0, Ratio(0, 9), id="hung up at once"),
        pytest.param(Answers(abandoned=2), 0.0, Ratio(2, 2), id="all abandoned"),
        pytest.param(Answers(connected=90, machines=10), 0.0, Ratio(0, 80), id="machines are nobody"),
        pytest.param(Answers(connected=95), 5.0, Ratio(5, 100), id="taken for machines"),
        # 10 + (4 - 1) late people + 2 hung up late + 3; in time are 400 - 4 - (40 - 1)
        pytest.param(DAY, 3.0, Ratio(18, 375), id="all at once"),
    ],
)
def test_the_united_states_count_whoever_waited_too_long(answers, taken, ratio):
    assert united_states(answers, taken_for_machines=taken) == ratio


@pytest.mark.parametrize(
    ("answers", "taken", "ratio"),
    [
        pytest.param(Answers(), 0.0, Ratio(0, 0), id="nobody answered"),
        pytest.param(Answers(connected=97, abandoned=3), 0.0, Ratio(3, 100), id="at the limit"),
        pytest.param(Answers(connected=10, connected_late=1), 0.0, Ratio(0, 10), id="put through too late"),
        pytest.param(
            Answers(connected=9, hung_up_waiting=1, hung_up_late=1),
            0.0,
            Ratio(0, 9),
            id="ended by the called",
        ),
        pytest.param(
            Answers(connected=100, machines=20, abandoned=6, unheard_connected=100, unheard_machines=20),
            0.0,
            Ratio(6, 86),
            id="detection had listened to the abandoned",
        ),
        pytest.param(Answers(connected=95), 5.0, Ratio(5, 100), id="taken for machines"),
        # of 10 abandoned 40 of 400 were machines: 9 people; 3 taken for machines; 360 people put through
        pytest.param(DAY, 3.0, Ratio(12, 372), id="all at once"),
    ],
)
def test_the_united_kingdom_counts_what_its_originator_ended(answers, taken, ratio):
    assert united_kingdom(answers, taken_for_machines=taken) == ratio


def test_where_nobody_was_put_through_no_machines_are_taken_off():
    assert abandoned_machines(Answers(abandoned=5, unheard_abandoned=5)) == 0.0


@pytest.mark.parametrize(
    ("ratio", "left"),
    [
        pytest.param(Ratio(0, 0), 0, id="none of nobody"),
        pytest.param(Ratio(0, 97), 3, id="3 of 100"),
        pytest.param(Ratio(0, 96.9), 2, id="not quite"),
        pytest.param(Ratio(3, 100), 0, id="at the limit"),
        pytest.param(Ratio(1, 100), 2, id="3 of 102"),
        pytest.param(Ratio(4, 100), -2, id="too many"),
    ],
)
def test_what_may_yet_be_abandoned_counts_among_the_answered(ratio, left):
    assert ratio.left() == left


@pytest.mark.parametrize(
    ("answered", "is_coarse"), [(0, False), (1, True), (33, True), (33.4, False), (100, False)]
)
def test_a_rate_says_nothing_where_one_call_is_more_than_the_limit(answered, is_coarse):
    assert Ratio(0, answered).is_coarse() is is_coarse


def test_one_second_and_gone_is_abandoned_in_truth_and_five_seconds_by_the_rule():
    """Source: Genesys, compliance and true abandonment: 1 s, then hung up; 5 s, then an agent."""
    gone, served = Answers(hung_up_waiting=1), Answers(connected=1, connected_late=1)
    assert (gone.hung_up_waiting, united_states(gone)) == (1, Ratio(0, 0))
    assert (served.hung_up_waiting, united_states(served)) == (0, Ratio(1, 1))
