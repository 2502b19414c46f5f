"""Attempts as rows that anybody can reckon with."""

import csv

from dialer.core.states import Outcome
from dialer.simulation.attempts_file import COLUMNS, AttemptsFile, gather
from dialer.simulation.day_result import AttemptRow
from dialer.simulation.scenario import Mode

MODE = Mode.parse("ratio:2")


def test_files_of_days_become_one_with_a_header(tmp_path):
    parts = [tmp_path / "1", tmp_path / "2"]
    for seed, part in enumerate(parts, 1):
        with AttemptsFile(part, mode=MODE, seed=seed) as file:
            file.add(AttemptRow(campaign="spring", lead=seed, dialed_at=1.23456, outcome=Outcome.BUSY))
    gather(parts, tmp_path / "all.csv")
    with (tmp_path / "all.csv").open(newline="") as whole:
        rows = list(csv.DictReader(whole))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["mode"], row["seed"], row["lead"]) for row in rows] == [
        ("ratio:2", "1", "1"),
        ("ratio:2", "2", "2"),
    ]
    assert (rows[0]["dialed_at"], rows[0]["outcome"], rows[0]["is_person"]) == ("1.235", "busy", "0")
    assert rows[0]["answered_at"] == ""


def test_nothing_is_written_where_nobody_asked(tmp_path):
    with AttemptsFile(None, mode=MODE, seed=1) as file:
        file.add(AttemptRow(campaign="spring", lead=1, dialed_at=0.0))
    assert list(tmp_path.iterdir()) == []
