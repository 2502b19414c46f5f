from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialer.core.rules.abandonment import PERIOD_S
from dialer.core.rules.machine_detection import AmdSettings, ClockStart
from dialer.reports.abandonment import abandonment, days_of, period_starts
from dialer.storage import schema
from dialer.testing import campaign

DAY_S = 86_400.0


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


def test_days_go_from_midnight_to_midnight_also_when_the_clock_changes():
    london = ZoneInfo("Europe/London")
    first_at = datetime(2023, 10, 28, 9, tzinfo=london).timestamp()
    last_at = datetime(2023, 10, 30, 0, tzinfo=london).timestamp()
    lengths = [until_at - since_at for since_at, until_at in days_of(first_at, last_at, zone="Europe/London")]
    assert lengths == [DAY_S, DAY_S + 3600, DAY_S]
    assert list(days_of(None, None, zone="UTC")) == []


def of(report, rule):
    return [row for row in report.records() if row["rule"] == rule]


def test_each_rule_has_its_own_windows_and_rates(store, put, ask):
    store.add_leads(1)
    put(
        schema.attempt,
        {"id": "1", "started_at": 0.0, "outcome": "connected", "wait_s": 0.1},
        {"id": "2", "started_at": 1.0, "outcome": "connected", "wait_s": 2.5},
        {"id": "3", "started_at": 2.0, "outcome": "hung_up_waiting", "wait_s": 0.5},
        {"id": "4", "started_at": DAY_S, "outcome": "hung_up_waiting", "wait_s": 3.0},
        {"id": "5", "started_at": 2 * DAY_S, "outcome": "busy"},
        {"id": "6", "started_at": PERIOD_S, "outcome": "abandoned", "wait_s": 2.0},
    )
    report = ask(abandonment, settings=campaign())
    first, second = of(report, "US")
    # 1 in time; late and hung up late are abandoned; who hung up at once is on neither side
    assert (first["counted_abandoned"], first["counted_answered"]) == (2, 3)
    assert (first["connected"], first["late"], first["hung_up_waiting"], first["hung_up_late"]) == (
        2,
        1,
        2,
        1,
    )
    assert (first["from_at"], first["until_at"]) == (0.0, PERIOD_S)
    assert (second["rate"], second["may"], second["remark"]) == (1.0, -1, "too few")
    days = of(report, "UK")
    assert [day["from_at"] for day in days] == [0.0, DAY_S, PERIOD_S]  # none of the day with nobody
    assert [day["rate"] for day in days] == [0.0, None, 1.0]  # who was put through late was put through


def test_days_are_the_workspaces(store, put, ask):
    store.add_leads(1)
    put(
        schema.attempt,
        *({"id": str(at), "started_at": at, "outcome": "abandoned"} for at in (0.0, DAY_S / 2)),
    )
    assert len(of(ask(abandonment, settings=campaign()), "UK")) == 1
    assert len(of(ask(abandonment, settings=campaign(), zone="Asia/Tokyo"), "UK")) == 1
    assert len(of(ask(abandonment, settings=campaign(), zone="America/Los_Angeles"), "UK")) == 2


def judged(number, outcome, disposition=None, verdict="machine"):
    return {
        "id": f"j-{number}",
        "started_at": float(number),
        "outcome": outcome,
        "wait_s": 0.1,
        "bridged_at": 1.0 if outcome == "connected" else None,
        "amd_verdict": verdict,
        "amd_cause": verdict and "MAXWORDS-4-3",
        "disposition": disposition,
    }


def test_people_who_were_taken_for_machines_count_as_abandoned_by_either_rule(store, put, ask):
    store.add_leads(1)
    put(
        schema.attempt,
        {"id": "1", "started_at": 0.0, "outcome": "connected", "wait_s": 0.1},
        *(judged(number, "machine") for number in range(2, 12)),
        *(judged(number, "connected", "machine") for number in range(12, 20)),
        *(judged(number, "connected", "sale") for number in range(20, 22)),
    )
    report = ask(abandonment, settings=campaign(amd=AmdSettings(on=True)))
    for row in (*of(report, "US"), *of(report, "UK")):
        assert (row["given_up"], row["taken_for_machines"]) == (10, pytest.approx(2.0))
        assert row["rate"] == pytest.approx(2 / (3 + 2))  # 11 connected, 8 of them machines
        high = 10 * 0.50984
        assert row["rate_high"] == pytest.approx(high / (3 + high), abs=1e-4)
    assert any("taken for machines: people" in note for note in report.notes)


def test_without_a_sample_that_agents_disposed_of_nothing_is_added_and_no_upper_end_is_known(store, put, ask):
    store.add_leads(1)
    put(schema.attempt, judged(1, "machine"), judged(2, "connected"))
    (row,) = of(ask(abandonment, settings=campaign(amd=AmdSettings(on=True))), "US")
    assert (row["taken_for_machines"], row["rate"], row["rate_high"]) == (None, 0.0, None)


def test_machines_among_the_abandoned_are_estimated_where_no_detection_listened(store, put, ask):
    store.add_leads(1)
    put(
        schema.attempt,
        *(judged(number, "connected", "machine", None) for number in range(20)),
        *(judged(number, "connected", "sale", None) for number in range(20, 100)),
        *(judged(number, "abandoned", None, None) for number in range(100, 105)),
        judged(105, "abandoned", None, "human"),
    )
    report = ask(abandonment, settings=campaign())
    (uk,) = of(report, "UK")
    assert (uk["machines_abandoned"], uk["counted_abandoned"], uk["counted_answered"]) == (1.0, 5.0, 85.0)
    (us,) = of(report, "US")
    assert (us["machines_abandoned"], us["counted_abandoned"], us["counted_answered"]) == (0.0, 6, 86)
    assert any("machines abandoned (UK)" in note for note in report.notes)


def test_a_campaign_that_never_called_has_no_rows_and_states_the_formulas(ask):
    report = ask(abandonment, settings=campaign())
    assert report.rows == ()
    us, uk, *_ = report.notes
    assert us.startswith("US: rate = (abandoned + late")
    assert "30 days" in us
    assert uk.startswith("UK: rate = (abandoned - machines")
    assert "each day" in uk


def test_few_answers_are_remarked_upon(store, put, ask):
    store.add_leads(1)
    put(schema.attempt, *({"id": str(n), "started_at": float(n), "outcome": "connected"} for n in range(33)))
    report = ask(abandonment, settings=campaign())
    assert {row["remark"] for row in report.records()} == {"too few"}
    assert any(note.startswith("too few:") for note in report.notes)
    put(schema.attempt, {"id": "34", "started_at": 34.0, "outcome": "connected"})
    report = ask(abandonment, settings=campaign())
    assert {row["remark"] for row in report.records()} == {""}


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
