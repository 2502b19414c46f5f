"""What commands do about machine detection, on a floor that nobody runs."""

import pytest
from sqlalchemy import update

from cli.assembly import run_dialer
from dialer.config import load
from dialer.errors import ConfigError
from dialer.storage import schema
from dialer.storage.database import open_database

CONFIG = """
[trunks.main]
host = "192.0.2.1"
group = "all"
[trunks.other]
host = "192.0.2.2"
group = "all"
"""


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    (tmp_path / "people.csv").write_text("phone\n212-555-0100\n")
    (tmp_path / "dialer.toml").write_text(CONFIG)


@pytest.fixture
def create(dialer):
    dialer("leads", "import", "people.csv", "--list", "people", "--region", "US")
    return lambda *more, **code: dialer(
        "campaign", "create", "spring", "--list", "people", "--trunk", "main", *more, **code
    )


def test_a_campaign_has_none_until_it_is_turned_on(dialer, create):
    create()
    assert dialer("campaign", "amd", "spring")["on"] is False
    changed = dialer("campaign", "amd", "spring", "--on", "--sample-share", "0.1", "--max-words", "2")
    assert (changed["on"], changed["sample_share"], changed["max_words"]) == (True, 0.1, 2)
    again = dialer("campaign", "amd", "spring", "--machine", "message", "--message", "call-back")
    assert (again["on"], again["machine"], again["max_words"]) == (True, "message", 2)
    assert dialer("campaign", "show", "spring")["amd"] is True
    assert dialer("campaign", "amd", "spring", "--off")["on"] is False


def test_a_campaign_can_be_made_with_it(dialer, create):
    create("--amd")
    assert dialer("campaign", "amd", "spring")["on"] is True


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--machine", "message"), "no message to leave"),
        (("--sample-share", "2"), "sample_share"),
        (("--total-analysis-ms", "700"), "total_analysis_ms"),
    ],
)
def test_what_could_not_work_changes_nothing(dialer, create, options, why):
    create()
    before = dialer("campaign", "amd", "spring")
    assert why in dialer("campaign", "amd", "spring", *options, code=2)["error"]
    assert dialer("campaign", "amd", "spring") == before


@pytest.mark.parametrize("route", ["main", "all"])
def test_a_trunk_that_the_dialer_serves_itself_has_none(dialer, create, route):
    refused = create("--amd", "--trunk", route, "--config", "dialer.toml", code=2)
    assert "trunk main has none" in refused["error"]
    create("--trunk", route)
    refused = dialer("campaign", "amd", "spring", "--on", "--config", "dialer.toml", code=2)
    assert "use a trunk of an Asterisk" in refused["error"]
    assert dialer("campaign", "amd", "spring")["on"] is False


def test_a_run_refuses_a_started_campaign_that_listens_over_such_a_trunk(
    dialer, create, database_url, tmp_path
):
    create("--amd")
    dialer("campaign", "start", "spring")
    database = open_database(database_url)
    with database.write() as connection:
        connection.execute(update(schema.campaign).values(state="running"))
    database.close()
    with pytest.raises(ConfigError, match="trunk main has none"):
        run_dialer(load(tmp_path / "dialer.toml"), database_url)
