import pytest

from dialer.core.rules.machine_detection import AmdSettings, ClockStart
from dialer.reports.abandonment import PERIOD_S, Tally, abandonment, abandonment_rate, period_starts
from dialer.storage import schema
from dialer.testing import campaign


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
    first, second = ask(abandonment, settings=campaign()).records()
    assert (first["live_answered"], first["connected_late"], first["hung_up_waiting"]) == (3, 1, 1)
    assert first["abandonment_rate"] == 0.5
    assert second["abandonment_rate"] == 1.0


def test_the_report_states_formula_and_window(ask):
    formula, window = ask(abandonment, settings=campaign()).notes
    assert "rate = (abandoned" in formula
    assert "30 days" in window


def judged(number, outcome, disposition=None):
    return {
        "id": f"j-{number}",
        "started_at": float(number),
        "outcome": outcome,
        "wait_s": 0.1,
        "bridged_at": 1.0 if outcome == "connected" else None,
        "amd_verdict": "machine",
        "amd_cause": "MAXWORDS-4-3",
        "disposition": disposition,
    }


def test_people_who_were_taken_for_machines_count_as_abandoned(store, put, ask):
    store.add_leads(1)
    put(
        schema.attempt,
        {"id": "1", "started_at": 0.0, "outcome": "connected", "wait_s": 0.1},
        *(judged(number, "machine") for number in range(2, 12)),
        *(judged(number, "connected", "machine") for number in range(12, 20)),
        *(judged(number, "connected", "sale") for number in range(20, 22)),
    )
    report = ask(abandonment, settings=campaign(amd=AmdSettings(on=True)))
    (row,) = report.records()
    assert (row["given_up"], row["taken_for_machines"]) == (10, pytest.approx(2.0))
    assert row["abandonment_rate"] == pytest.approx(2 / (11 + 2))
    high = 10 * 0.50984
    assert row["abandonment_rate_high"] == pytest.approx(high / (11 + high), abs=1e-4)
    assert any("taken for machines: people" in note for note in report.notes)


def test_without_a_sample_that_agents_disposed_of_nothing_is_added_and_no_upper_end_is_known(store, put, ask):
    store.add_leads(1)
    put(schema.attempt, judged(1, "machine"), judged(2, "connected"))
    (row,) = ask(abandonment, settings=campaign(amd=AmdSettings(on=True))).records()
    assert (row["taken_for_machines"], row["abandonment_rate"], row["abandonment_rate_high"]) == (
        None,
        0.0,
        None,
    )


@pytest.mark.parametrize(
    ("amd", "words"),
    [
        (AmdSettings(), "after the answer"),
        (AmdSettings(on=True, clock=ClockStart.ANSWER), "after the answer"),
        (AmdSettings(on=True, clock=ClockStart.GREETING_START), "after the greeting's start"),
        (AmdSettings(on=True), "after the greeting's end"),
    ],
)
def test_the_formula_names_when_the_clock_starts(ask, amd, words):
    assert words in ask(abandonment, settings=campaign(amd=amd)).notes[0]
