"""What commands leave in the database and print, on a floor that nobody runs."""

import os

import pytest
from sqlalchemy import update

from dialer.live import lease
from dialer.live.clock import Clock
from dialer.storage import schema
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace

PEOPLE = "name,phone\nAda,(212) 555-0100\nBen,212-555-0101\nBen again,+12125550101\nCleo,no number\n"


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    (tmp_path / "people.csv").write_text(PEOPLE)
    return tmp_path


@pytest.fixture
def spring(dialer):
    dialer("leads", "import", "people.csv", "--list", "people", "--region", "us")
    dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main")


def test_an_import_counts_every_row(dialer, somewhere):
    answer = dialer("leads", "import", "people.csv", "--list", "people", "--region", "US")
    rejects = str(somewhere / "people.rejects.csv")
    counts = {"rows": 4, "imported": 2, "duplicates": 1, "rejected": 1, "consents": 0}
    assert answer == counts | {"rejects_file": rejects}


def test_a_list_shows_its_leads(dialer, spring):
    (people,) = dialer("leads", "lists")
    assert (people["list"], people["leads"]) == ("people", 2)
    ada, ben = dialer("leads", "show", "people")
    assert (ada["phone"], ada["zones"], ada["attributes"]) == (
        "+12125550100",
        "America/New_York",
        {"name": "Ada"},
    )
    assert ben["phone"] == "+12125550101"


def test_a_list_shows_as_many_leads_as_asked_for(dialer, spring):
    assert len(dialer("leads", "show", "people", "--limit", "1")) == 1


def test_a_new_campaign_is_stopped_and_holds_every_lead(dialer, spring):
    shown = dialer("campaign", "show", "spring")
    assert (shown["state"], shown["leads"], shown["open"], shown["attempts"]) == ("stopped", 2, 2, 0)


def test_a_campaign_has_one_name(dialer, spring):
    answer = dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main", code=2)
    assert "choose another name" in answer["error"]


def test_a_campaign_whose_list_is_not_there_is_not_made(dialer):
    dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main", code=2)
    assert dialer("campaign", "list") == []


def test_a_campaign_whose_trunk_is_not_configured_is_not_made(dialer, spring, somewhere):
    (somewhere / "dialer.toml").write_text('[trunks.main]\nhost = "192.0.2.1"\n')
    answer = dialer(
        "campaign",
        "create",
        "summer",
        "--list",
        "people",
        "--trunk",
        "mian",
        "--config",
        "dialer.toml",
        code=2,
    )
    assert "'mian' (it has: main)" in answer["error"]


def test_leads_that_come_later_are_called_too(dialer, spring, somewhere):
    (somewhere / "more.csv").write_text("phone\n212-555-0102\n")
    dialer("leads", "import", "more.csv", "--list", "people", "--region", "US")
    dialer("campaign", "start", "spring")
    assert dialer("campaign", "show", "spring")["leads"] == 3


@pytest.mark.parametrize("command", ["start", "pause", "stop"])
def test_what_is_asked_of_a_campaign_waits_for_a_run(dialer, spring, command):
    answer = dialer("campaign", command, "spring")
    assert answer["done"] is False
    assert "dialer run" in answer["text"]


@pytest.mark.parametrize(
    "command",
    [
        ("login", "anna"),
        ("logout", "anna"),
        ("ready", "anna"),
        ("pause", "anna", "lunch"),
        ("dispose", "anna", "sale"),
        ("wrap-up-end", "anna"),
    ],
)
def test_what_is_asked_of_an_agent_needs_a_run(dialer, command):
    dialer("agent", "add", "anna", "--phone", "sip:anna@192.0.2.10")
    assert "start `dialer run`" in dialer("agent", *command, code=1)["error"]


OWN = """
[[disposition]]
code = "gold"
digit = "1"
flags = ["person", "success"]

[[disposition]]
code = "later"
fate = "callback"
minutes = 30
"""


def test_a_new_campaign_has_the_default_dispositions(dialer, spring):
    found = dialer("campaign", "dispositions", "spring")
    assert [row["code"] for row in found if row["fate"] == "block"] == ["do_not_call"]
    assert dialer("campaign", "show", "spring")["dispositions"]["sale"] == "Sale"


def test_a_campaign_takes_its_own_dispositions(dialer, spring, somewhere):
    (somewhere / "own.toml").write_text(OWN)
    gold, later = dialer("campaign", "dispositions", "spring", "--file", "own.toml", "--default", "gold")
    assert (gold["flags"], gold["minutes"], gold["default"]) == ("person, success", None, True)
    assert (later["fate"], later["minutes"], later["default"]) == ("callback", 30.0, False)
    assert dialer("campaign", "show", "spring")["default_disposition"] == "gold"
    dialer("campaign", "dispositions", "spring", "--default", "")
    assert dialer("campaign", "show", "spring")["default_disposition"] == ""


def test_a_campaign_says_what_ends_a_wrap_up(dialer, spring):
    shown = dialer("campaign", "wrap-up", "spring")
    assert shown == {
        "campaign": "spring",
        "wrap_up": "optional",
        "wrap_up_s": 10.0,
        "wrap_up_more_s": 0.0,
        "dispose_ends_wrap_up": False,
    }
    changed = ("--mode", "timed", "--seconds", "20", "--more-seconds", "60")
    dialer("campaign", "wrap-up", "spring", *changed)
    shown = dialer("campaign", "show", "spring")
    assert (shown["wrap_up"], shown["wrap_up_s"]) == ("timed", 20.0)
    told = dialer("campaign", "wrap-up", "spring", "--disposition-ends", code=2)["error"]
    assert "not ended by a disposition before its time" in told


def test_a_campaign_can_be_made_with_its_own_dispositions(dialer, spring, somewhere):
    (somewhere / "own.toml").write_text(OWN)
    made = (
        "campaign",
        "create",
        "summer",
        "--list",
        "people",
        "--trunk",
        "main",
        "--dispositions",
        "own.toml",
    )
    assert "none of: gold, later" in dialer(*made, "--default-disposition", "sale", code=2)["error"]
    dialer(*made, "--default-disposition", "later", "--wrap-up", "disposed")
    shown = dialer("campaign", "show", "summer")
    assert (list(shown["dispositions"]), shown["wrap_up"]) == (["gold", "later"], "disposed")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("[[disposition]]\n", "missing required field `code`", id="no-code"),
        pytest.param("[[disposition]]\ncode = 'a'\nfate = 'burn'\n", "burn", id="no-such-fate"),
        pytest.param("code = ", "not TOML", id="no-toml"),
        pytest.param("[[disposition]]\ncode = 'a'\ndigit = '#'\n", "0 to 9", id="no-digit"),
    ],
)
def test_a_file_that_nobody_could_choose_from_changes_nothing(dialer, spring, somewhere, content, why):
    (somewhere / "own.toml").write_text(content)
    error = dialer("campaign", "dispositions", "spring", "--file", "own.toml", code=2)["error"]
    assert "own.toml" in error
    assert why in error
    assert len(dialer("campaign", "dispositions", "spring")) > 2


def test_a_default_that_is_not_there_is_refused(dialer, spring):
    assert "none of: sale" in dialer("campaign", "dispositions", "spring", "--default", "x", code=2)["error"]


def test_an_agent_is_shown_with_what_is_to_come_and_without_a_call(dialer):
    dialer("agent", "add", "anna", "--phone", "sip:anna@192.0.2.10")
    anna = dialer("agent", "show", "anna")
    assert (anna["agent"], anna["state"], anna["to_come"], anna["attempt"]) == (
        "anna",
        "logged_out",
        "",
        None,
    )


def test_an_agent_is_added_logged_out(dialer):
    dialer("agent", "add", "anna", "--phone", "sip:anna@192.0.2.10")
    (anna,) = dialer("agent", "list")
    assert (anna["agent"], anna["phone"], anna["state"]) == ("anna", "sip:anna@192.0.2.10", "logged_out")


def test_a_number_on_the_list_is_found_however_it_is_written(dialer):
    assert dialer("dnc", "check", "212-555-0100")["listed"] is False
    assert dialer("dnc", "add", "212-555-0100", "(212) 555 0100", "--reason", "asked") == {
        "given": 2,
        "added": 1,
    }
    found = dialer("dnc", "check", "+1 212 555 0100")
    assert (found["number"], found["listed"], found["reason"]) == ("+12125550100", True, "asked")


def test_a_file_of_numbers_is_taken_whole_or_not_at_all(dialer, somewhere):
    (somewhere / "optouts.txt").write_text("212-555-0100\n\n212-555-01\n")
    assert "number 3" in dialer("dnc", "import", "optouts.txt", code=2)["error"]
    assert dialer("dnc", "check", "2125550100")["listed"] is False
    (somewhere / "optouts.txt").write_text("﻿212-555-0100\n\n212-555-0101\n")
    assert dialer("dnc", "import", "optouts.txt") == {"given": 2, "added": 2}


def test_a_halt_and_its_end_need_no_run(dialer):
    assert dialer("halt", "--reason", "wrong list")["done"] is True
    assert dialer("resume")["done"] is True


@pytest.mark.parametrize("report", ["outcomes", "agents", "abandonment", "amd"])
def test_a_campaign_without_attempts_has_empty_reports(dialer, spring, report):
    answer = dialer("report", report, "--campaign", "spring")
    assert (answer["report"], answer["campaign"], answer["rows"]) == (report, "spring", [])


def test_a_database_that_is_new_needs_no_upgrade(dialer):
    dialer("leads", "lists")
    assert dialer("db", "upgrade") == {"backup": None}


def running(**changes):
    """Keep the campaign as one that a run started, which then ended."""
    database = open_database(os.environ["DIALER_DATABASE_URL"])
    with database.write() as connection:
        connection.execute(update(schema.campaign).values(state="running", **changes))
    database.close()


def test_a_campaign_that_nothing_runs_says_so(dialer, spring):
    running(reason="waiting for a retry")
    assert dialer("campaign", "show", "spring")["reason"] == "nothing runs the workspace"
    (shown,) = dialer("campaign", "list")
    assert shown["reason"] == "nothing runs the workspace"


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        pytest.param("waiting for a retry", "ready", "waiting for a retry", id="what-the-run-said"),
        pytest.param("", "talking", "every agent is busy", id="all-talk"),
        pytest.param("", "ready", "", id="one-is-free"),
    ],
)
def test_a_campaign_says_why_it_does_not_dial(dialer, spring, said, state, reason):
    dialer("agent", "add", "anna", "--phone", "sip:anna@192.0.2.10")
    running(reason=said)
    database = open_database(os.environ["DIALER_DATABASE_URL"])
    with database.write() as connection:
        connection.execute(update(schema.agent).values(state=state))
    held = lease.take(database, ensure_workspace(database, "default"), clock=Clock(), on_lost=lambda: None)
    try:
        assert dialer("campaign", "show", "spring")["reason"] == reason
    finally:
        held.release()
        database.close()


def test_an_agent_who_calls_in_needs_a_password(dialer, somewhere):
    (somewhere / "dialer.toml").write_text('[sip]\nagents_port = 5058\nagent_secrets = "phones.toml"\n')
    secrets = somewhere / "phones.toml"
    secrets.write_text('anna = "between us"\n')
    secrets.chmod(0o600)
    with_file = ("--config", "dialer.toml", "agent")
    dialer(*with_file, "add", "anna", "--calls-in")
    (anna,) = dialer(*with_file, "list")

    assert (anna["phone"], anna["state"]) == ("calls-in:anna", "logged_out")
    refused = dialer(*with_file, "add", "berta", "--calls-in", code=2)
    assert "'berta' has no password in phones.toml" in refused["error"]


def test_an_agent_at_a_host_that_is_not_allowed_is_not_added(dialer, somewhere):
    (somewhere / "dialer.toml").write_text('[sip]\nallowed_phone_hosts = ["192.0.2.0/24"]\n')
    with_file = ("--config", "dialer.toml", "agent", "add")
    dialer(*with_file, "anna", "--phone", "sip:anna@192.0.2.10")
    refused = dialer(*with_file, "berta", "--phone", "sip:berta@192.0.3.10", code=2)
    assert "sip.allowed_phone_hosts" in refused["error"]
