import pytest

from dialer.core.rules.dispositions import DEFAULT_DISPOSITIONS
from dialer.reports.detection import (
    TakenForMachines,
    VerdictCount,
    detection,
    machines_of,
    tabulate,
    taken_for_machines,
)
from dialer.storage import schema


def attempt(number, verdict, *, outcome="connected", cause="MAXWORDS-4-3", disposition=None):
    return {
        "id": f"a-{number}",
        "started_at": float(number),
        "outcome": outcome,
        "bridged_at": float(number) if outcome == "connected" else None,
        "amd_verdict": verdict,
        "amd_cause": cause,
        "amd_s": 2.0,
        "disposition": disposition,
    }


def test_verdicts_stand_beside_what_agents_said(store, put, ask):
    store.add_leads(1)
    put(
        schema.attempt,
        attempt(1, "human", cause="HUMAN-800-800", disposition="sale"),
        attempt(2, "human", cause="HUMAN-800-800", disposition="machine"),
        attempt(3, "human", cause="HUMAN-800-800", outcome="abandoned"),
        attempt(4, "machine", outcome="machine"),
        attempt(5, "machine", outcome="message_left"),
        attempt(6, "machine", disposition="machine"),
        attempt(7, "machine", disposition="not_interested"),
        attempt(8, "machine"),
        attempt(9, "machine", cause="INITIALSILENCE-2500-2500", disposition="sale"),
        attempt(10, "unsure", cause="TOOLONG-5000", disposition="silence"),
        attempt(11, "machine", outcome="abandoned", disposition="sale"),
        {"id": "a-12", "started_at": 12.0, "outcome": "connected", "disposition": "sale"},
    )
    report = ask(detection, dispositions=DEFAULT_DISPOSITIONS)
    rows = {row["verdict"]: row for row in report.records()}
    assert list(rows) == ["human", "machine", "machine (silence)", "unsure"]
    counted = {
        name: tuple(row[key] for key in ("calls", "given_up", "person", "machine"))
        for name, row in rows.items()
    }
    assert counted == {
        "human": (3, 0, 1, 1),
        "machine": (6, 2, 1, 1),
        "machine (silence)": (1, 0, 1, 0),
        "unsure": (1, 0, 0, 0),
    }
    assert (rows["machine"]["people_share"], rows["unsure"]["people_share"]) == (0.5, None)
    assert rows["machine"]["average_verdict_s"] == 2.0
    assert "about 1.0 were people's, at most 1.8" in report.notes[-1]


def test_a_campaign_without_detection_has_an_empty_report(ask):
    report = ask(detection, dispositions=DEFAULT_DISPOSITIONS)
    assert report.rows == ()
    assert "No call was given up" in report.notes[-1]


@pytest.mark.parametrize(
    ("machines", "estimate"),
    [
        pytest.param(None, TakenForMachines(0.0, 0.0), id="no detection"),
        pytest.param({"given_up": 0, "person": 3}, TakenForMachines(0.0, 0.0), id="nobody given up"),
        pytest.param({"given_up": 50}, TakenForMachines(None, None), id="nobody asked"),
        pytest.param({"given_up": 100, "person": 0, "machine": 20}, (0.0, 16.11), id="none of twenty"),
        pytest.param({"given_up": 100, "person": 1, "machine": 28}, (3.448, 17.18), id="one of many"),
    ],
)
def test_the_sampled_ones_estimate_who_was_taken_for_a_machine(machines, estimate):
    counted = None if machines is None else VerdictCount(verdict="machine", calls=200, **machines)
    found = taken_for_machines(counted)
    if isinstance(estimate, TakenForMachines):
        assert found == estimate
    else:
        assert (found.likely, found.at_most) == pytest.approx(estimate, abs=0.01)


def test_a_sample_that_nobody_disposed_of_is_said_to_tell_nothing():
    counted = [VerdictCount(verdict="machine", calls=5, given_up=4)]
    assert machines_of(counted) == counted[0]
    assert "nobody can say" in tabulate(counted, campaign="spring").notes[-1]
