"""Care for the database from the command line."""

import json

import pytest

from cli.main import carry_out
from dialer.core.records import JournalEntry
from dialer.storage import rounds
from tests.stores import make_store


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DIALER_DATABASE_URL", "DIALER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    made = make_store(f"sqlite:///{tmp_path}/dialer.db")
    with made.database.write() as connection:
        rounds.write(connection, made.workspace_id, [JournalEntry(at=1000.0, kind="note")])
    yield made
    made.database.close()


def test_notes_from_before_a_day_are_deleted(capsys):
    assert carry_out(["db", "prune", "--before", "2024-01-31", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"notes": 1, "attempts": 0}


@pytest.mark.parametrize("day", ["2999-01-01", "31.1.2024"])
def test_a_day_to_come_or_none_at_all_deletes_nothing(day, capsys):
    assert carry_out(["db", "prune", "--before", day, "--attempts"]) == 2
    assert capsys.readouterr().err.startswith("Error: ")
