"""The demo, which checks itself; here that it does, and what it prints."""

from pathlib import Path

import pytest


def check(dialer, *options, leads, agents):
    """Run a demo and judge it from outside: its own figures, its reports, its log, a call's story."""
    said = dialer("demo", "--json", "--keep", *options, within_s=170)
    assert said.code == 0, said
    shown = said.json
    assert shown["problems"] == []
    assert shown["leads"] == shown["attempts"] == sum(shown["outcomes"].values()) == leads
    assert shown["two_way_audio"] == shown["connected"] > 0
    assert shown["too_short_to_hear"] == 0
    assert shown["anomalies"] == 0
    assert shown["peak_talking"] <= agents
    database = shown["database"]
    reported = dialer("--database", database, "report", "outcomes", "--campaign", "demo", "--json").json
    assert {row["outcome"]: row["attempts"] for row in reported["rows"]} == shown["outcomes"]
    (log,) = Path(database).parent.glob("dialer-logs/*.jsonl")
    assert dialer("replay", str(log), "--json").json["difference"] is None
    latest = ("--database", database, "call", "list", "--campaign", "demo", "--limit", "1", "--json")
    (attempt,) = dialer(*latest).json
    story = dialer("--database", database, "call", "show", attempt["attempt"], "--json").json
    assert any(step["detail"].startswith("INVITE") for step in story["steps"])
    return shown


def test_a_small_demo_calls_every_lead_and_both_sides_hear_each_other(dialer):
    check(dialer, "--leads", "12", "--agents", "4", leads=12, agents=4)


@pytest.mark.soak
def test_the_demo_calls_every_lead_and_both_sides_hear_each_other(dialer):
    shown = check(dialer, leads=56, agents=5)
    known = {"busy": 4, "declined": 2, "invalid": 3, "congestion": 2}
    assert known.items() <= shown["outcomes"].items()


@pytest.mark.soak
def test_a_demo_of_a_few_seconds_ends_in_time_and_leaves_nothing(dialer, tmp_path, monkeypatch):
    said = dialer("demo", "--seconds", "3", "--agents", "2", "--json", within_s=120)
    assert said.code == 0, said
    assert said.json["database"] is None
    assert 0 < said.json["attempts"] < said.json["leads"]


@pytest.mark.soak
def test_twenty_talks_and_sixty_lines_are_held_for_a_minute(dialer):
    said = dialer("demo", "--json", "--agents", "20", "--mode", "ratio", "--ratio", "3", within_s=280)
    assert said.code == 0, said
    shown = said.json
    assert (shown["problems"], shown["anomalies"]) == ([], 0)
    assert shown["peak_lines"] >= 60
    assert shown["peak_talking"] == 20
    assert shown["held_s"] >= 60
    assert shown["answer_to_bridge_ms"]["p99"] <= 100
    assert shown["two_way_audio"] == shown["connected"] > 100
    assert shown["abandonment_rate"] <= 0.03
