"""`dialer roster`, on a floor that nobody runs."""

from datetime import UTC, datetime, timedelta

import pytest

ROSTER = (
    "agent,begins,ends,zone,breaks\n"
    "anna,2027-03-01 09:00,17:00,Europe/Berlin,12:00-12:30\n"
    "ben,2027-03-01 22:00,06:00,,\n"
)


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, database_url, dialer):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    (tmp_path / "march.csv").write_text(ROSTER)
    for name in ("anna", "ben"):
        dialer("agent", "add", name, "--phone", f"sip:{name}@127.0.0.1:5070")
    return tmp_path


def test_what_was_imported_is_shown_by_the_clock_it_was_written_by(dialer):
    assert dialer("roster", "import", "march.csv") == {"shifts": 2, "agents": 2, "replaced": 0}
    anna, ben = dialer("roster", "show", "--day", "2027-03-01")
    assert anna == {
        "agent": "anna",
        "begins": "2027-03-01 09:00+01:00",
        "ends": "2027-03-01 17:00+01:00",
        "breaks": "12:00-12:30",
        "zone": "Europe/Berlin",
        "on_shift_now": False,
    }
    assert (ben["begins"], ben["zone"]) == ("2027-03-01 22:00+00:00", "UTC")
    assert [row["agent"] for row in dialer("roster", "show", "--day", "2027-03-02")] == ["ben"]
    assert dialer("roster", "show", "--day", "2027-03-03") == []


def test_a_second_import_replaces_the_first(dialer):
    dialer("roster", "import", "march.csv")
    assert dialer("roster", "import", "march.csv") == {"shifts": 2, "agents": 2, "replaced": 2}


def test_one_bad_line_keeps_the_whole_file_out(dialer, somewhere):
    (somewhere / "march.csv").write_text(
        ROSTER + "eve,2027-03-01 09:00,17:00,,\nben,2027-03-01 23:00,05:00,,\n"
    )
    told = dialer("roster", "import", "march.csv", code=2)["error"]
    assert "line 4: no agent is called 'eve'" in told
    assert "line 5: it overlaps line 3" in told
    assert dialer("roster", "show", "--day", "2027-03-01") == []


def test_of_many_bad_lines_the_first_are_told_and_the_rest_counted(dialer, somewhere):
    (somewhere / "march.csv").write_text("agent,begins,ends\n" + "eve,2027-03-01 09:00,17:00\n" * 30)
    assert "and 10 more" in dialer("roster", "import", "march.csv", code=2)["error"]


def test_an_agent_who_is_ill_is_taken_off_a_day(dialer):
    dialer("roster", "import", "march.csv")
    assert dialer("roster", "clear", "anna", "--day", "2027-03-01") == {"agent": "anna", "forgotten": 1}
    assert [row["agent"] for row in dialer("roster", "show", "--day", "2027-03-01")] == ["ben"]


def test_today_is_by_the_zone_of_the_run_and_shows_who_is_on_shift(dialer, somewhere):
    (somewhere / "dialer.toml").write_text('[run]\nzone = "Pacific/Auckland"\n')
    begins = datetime.now(UTC) - timedelta(hours=1)
    line = f"anna,{begins.isoformat()},{(begins + timedelta(hours=2)).isoformat()}"
    (somewhere / "now.csv").write_text(f"agent,begins,ends\n{line}\n")
    dialer("--config", "dialer.toml", "roster", "import", "now.csv")
    (anna,) = dialer("--config", "dialer.toml", "roster", "show")
    assert (anna["zone"], anna["on_shift_now"]) == ("Pacific/Auckland", True)
