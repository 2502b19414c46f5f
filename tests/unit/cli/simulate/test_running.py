"""Days are simulated on any number of processes, and their files written."""

import csv

import pytest
from msgspec.structs import asdict

from cli.simulate.running import draw_days, run


def test_processes_come_to_the_same_figures_as_one(experiment):
    alone, together = (run(experiment("progressive", "ratio:2"), jobs=jobs) for jobs in (1, 2))
    assert list(alone.days) == ["progressive", "ratio:2"]
    for mode, days in alone.days.items():
        assert [asdict(day.result) for day in days] == [asdict(day.result) for day in together.days[mode]]
        assert [day.minutes for day in days] == [day.minutes for day in together.days[mode]]
        assert [day.order.seed for day in days] == [1, 2, 3]


def test_the_attempts_add_up_to_the_figures(experiment, tmp_path):
    file = tmp_path / "calls.csv"
    done = run(experiment("ratio:3", seeds=2, calls=file), jobs=1)
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    for day in done.days["ratio:3"]:
        people = [row for row in rows if row["seed"] == str(day.order.seed) and row["is_person"] == "1"]
        counted = [row for row in people if float(row["bridged_at"] or row["ended_at"] or 0) > 0]
        found = [row["outcome"] for row in counted]
        assert found.count("connected") == day.result.connected
        assert found.count("abandoned") == day.result.abandoned


def test_modes_meet_the_same_people(experiment, tmp_path):
    file = tmp_path / "calls.csv"
    run(experiment("progressive", "ratio:3", seeds=1, calls=file), jobs=1)
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    rang = {
        mode: {row["lead"]: row["is_person"] for row in rows if row["mode"] == mode}
        for mode in ("progressive", "ratio:3")
    }
    shared = rang["progressive"].keys() & rang["ratio:3"].keys()
    assert len(shared) > 30
    assert all(rang["progressive"][lead] == rang["ratio:3"][lead] for lead in shared)


@pytest.mark.parametrize(
    ("name", "begins"),
    [pytest.param("days.png", b"\x89PNG", id="png"), pytest.param("days.svg", b"<?xml", id="svg")],
)
def test_a_picture_is_drawn(experiment, tmp_path, name, begins):
    asked = experiment("progressive", "ratio:2", seeds=1, plot=tmp_path / name)
    draw_days(asked, run(asked, jobs=1))
    assert (tmp_path / name).read_bytes().startswith(begins)
