import pytest

from dialer.reports.abandonment import PERIOD_S, Tally, abandonment, abandonment_rate, period_starts
from dialer.storage import schema


@pytest.mark.parametrize(
    ("tally", "rate"),
    [
        pytest.param(Tally(), None, id="nobody answered"),
        pytest.param(Tally(connected=97, abandoned=3), 0.03, id="at the limit"),
        pytest.param(Tally(connected=10, connected_late=1), 0.1, id="an agent who came too late"),
        pytest.param(Tally(connected=9, hung_up_waiting=1, hung_up_late=1), 0.1, id="waited in vain"),
        pytest.param(Tally(connected=9, hung_up_waiting=5), 0.0, id="hung up at once"),
        pytest.param(Tally(abandoned=2), 1.0, id="all abandoned"),
    ],
)
def test_the_rate_follows_the_rule(tally, rate):
    assert abandonment_rate(tally) == rate


@pytest.mark.parametrize(
    ("first_at", "last_at", "starts"),
    [
        pytest.param(None, None, [], id="no attempt"),
        pytest.param(5.0, 5.0, [5.0], id="one attempt"),
        pytest.param(5.0, 5.0 + PERIOD_S - 1, [5.0], id="shorter than thirty days"),
        pytest.param(5.0, 5.0 + PERIOD_S, [5.0, 5.0 + PERIOD_S], id="a day into the next thirty"),
    ],
)
def test_a_period_is_thirty_days_from_the_first_attempt(first_at, last_at, starts):
    assert period_starts(first_at, last_at) == starts


def test_each_period_has_its_own_rate(store, put, ask):
    store.add_leads(1)
    put(
        schema.attempt,
        {"id": "1", "started_at": 0.0, "outcome": "connected", "wait_s": 0.1},
        {"id": "2", "started_at": 1.0, "outcome": "connected", "wait_s": 2.5},
        {"id": "3", "started_at": 2.0, "outcome": "hung_up_waiting", "wait_s": 0.5},
        {"id": "4", "started_at": 3.0, "outcome": "busy"},
        {"id": "5", "started_at": PERIOD_S, "outcome": "abandoned", "wait_s": 2.0},
    )
    first, second = ask(abandonment, connect_within_s=2.0).records()
    assert (first["live_answered"], first["connected_late"], first["hung_up_waiting"]) == (3, 1, 1)
    assert first["abandonment_rate"] == 0.5
    assert second["abandonment_rate"] == 1.0


def test_the_report_states_formula_and_window(ask):
    formula, window = ask(abandonment, connect_within_s=2.0).notes
    assert "rate = (abandoned" in formula
    assert "30 days" in window
