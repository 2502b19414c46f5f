"""How pacing's decisions are shown."""

import pytest
from msgspec.structs import replace

from cli.pacing_decisions import drawn
from dialer.core.pacing.decision import PacingDecided
from dialer.core.settings import PacingMode
from dialer.live.clock import Clock
from dialer.storage import rounds
from dialer.storage.database import open_database

DECIDED = PacingDecided(
    at=1_700_000_000.0,
    campaign_id=1,
    mode=PacingMode.PREDICTIVE,
    free=2.0,
    soon_free=1.26,
    waiting_inbound=1.0,
    in_flight=9,
    expected_answers=2.25,
    price=0.081,
    budget_left=4.49,
    abandonment=0.0215,
    limit=0.03,
    placed=3,
    reason="2 for agents who are free and 1 for those who will be",
)


def test_a_decision_is_a_line_of_numbers_and_its_reason():
    line = drawn([DECIDED]).splitlines()[2]
    assert line.split()[1:] == [
        *("predictive", "2", "1.3", "1", "9", "2.2", "8.1%", "2.1%", "3.0%", "4.5", "3"),
        *DECIDED.reason.split(),
    ]


def test_what_a_mode_does_not_know_is_a_dash():
    line = drawn([replace(DECIDED, price=None, budget_left=None, abandonment=None)]).splitlines()[2]
    assert line.split()[7:12] == ["-", "-", "3.0%", "-", "3"]


def test_where_nothing_is_on_record_it_says_so():
    assert "No decision is on record" in drawn([])


@pytest.fixture
def spring(dialer, tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    (tmp_path / "people.csv").write_text("phone\n212-555-0100\n")
    dialer("leads", "import", "people.csv", "--list", "people", "--region", "US")
    dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main")
    database = open_database(database_url)
    yield lambda *records: _write(database, records)
    database.close()


def _write(database, records):
    with database.write() as connection:
        rounds.write(connection, 1, records)


def test_the_command_shows_the_last_minutes_newest_first_and_at_least_the_last_one(dialer, spring):
    now = Clock().now()
    spring(*(replace(DECIDED, at=now - ago, placed=ago) for ago in (7200, 240, 60)))
    shown = dialer("campaign", "pacing", "spring")
    assert [one["placed"] for one in shown["decisions"]] == [60, 240]
    assert shown["decisions"][0]["reason"] == DECIDED.reason
    (last,) = dialer("campaign", "pacing", "spring", "--minutes", "0.1")["decisions"]
    assert last["placed"] == 60
    assert "no campaign is called 'autumn'" in dialer("campaign", "pacing", "autumn", code=2)["error"]
