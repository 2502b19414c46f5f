"""The demo, which checks itself; here that it does, and what it prints."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("sip")


def test_the_demo_calls_every_lead_and_both_sides_hear_each_other(dialer):
    said = dialer("demo", "--json", "--keep", within_s=170)
    assert said.code == 0, said
    shown = said.json
    assert shown["problems"] == []
    assert shown["leads"] == shown["attempts"] == sum(shown["outcomes"].values()) == 56
    assert shown["two_way_audio"] == shown["connected"] > 0
    assert shown["too_short_to_hear"] == 0
    assert shown["anomalies"] == 0
    assert shown["peak_talking"] <= 5
    assert {"busy": 4, "declined": 2, "invalid": 3, "congestion": 2, "no_answer": 2}.items() <= shown[
        "outcomes"
    ].items()
    database = shown["database"]
    reported = dialer("--database", database, "report", "outcomes", "--campaign", "demo", "--json").json
    assert {row["outcome"]: row["attempts"] for row in reported["rows"]} == shown["outcomes"]
    (log,) = Path(database).parent.glob("dialer-logs/*.jsonl")
    assert dialer("replay", str(log), "--json").json["difference"] is None
    (attempt,) = dialer(
        "--database", database, "call", "list", "--campaign", "demo", "--limit", "1", "--json"
    ).json
    story = dialer("--database", database, "call", "show", attempt["attempt"], "--json").json
    assert any(step["detail"].startswith("INVITE") for step in story["steps"])


def test_a_demo_of_a_few_seconds_ends_in_time_and_leaves_nothing(dialer, tmp_path, monkeypatch):
    said = dialer("demo", "--seconds", "3", "--agents", "2", "--json", within_s=120)
    assert said.code == 0, said
    assert said.json["database"] is None
    assert 0 < said.json["attempts"] < said.json["leads"]
