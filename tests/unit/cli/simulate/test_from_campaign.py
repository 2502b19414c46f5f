"""`dialer simulate --from-campaign`: a campaign's own history, and what each mode would have reached."""

import pytest

from cli.main import carry_out
from cli.options import Shared
from cli.simulate.asking import Wish, ask
from dialer.simulation.scenario import PeopleSettings, Scenario
from dialer.storage.tables import metadata
from tests.past_days import history_of, keep

PAST = Scenario(name="past", agents=6, hours=3.0, warm_up_min=5, people=PeopleSettings(answer_share=0.4))


@pytest.fixture
def recorded(store, database_url, tmp_path, monkeypatch):
    """A database with three hours of a campaign on record."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    keep(store, history_of(PAST))
    return store


def everything(store):
    return {
        table.name: store.rows(table, *(column.name for column in table.columns))
        for table in metadata.sorted_tables
    }


def test_the_campaigns_own_mode_is_tried_before_the_others(recorded, database_url):
    wish = Wish(scenario=None, campaign="spring", mode=None, compare=None)
    options = Shared(database=database_url, config=None, json=False)
    modes = ask(options, wish, seeds=range(1, 2), calls=None, plot=None).mode_names
    assert modes[:2] == ["progressive", "ratio:2"]
    assert "predictive" in modes
    assert "preview" not in modes


def test_a_history_is_simulated_and_nothing_is_written(recorded, dialer):
    before = everything(recorded)
    answer = dialer(
        "simulate", "--from-campaign", "spring", "--seeds", "1", "--jobs", "1", "--mode", "ratio:2"
    )
    assert everything(recorded) == before
    assert answer["scenario"] == "spring"
    estimated = answer["estimated"]
    assert estimated["scenario"]["people"]["answer_share"] == pytest.approx(0.4, abs=0.06)
    assert estimated["scenario"]["agents"] == 6
    assert estimated["recorded"]["attempts"] > 500


def test_people_see_what_was_estimated(recorded, capsys):
    words = ["--from-campaign", "spring", "--mode", "ratio:2", "--seeds", "1", "--jobs", "1"]
    assert carry_out(["simulate", *words]) == 0
    printed = capsys.readouterr().out
    assert "estimated from its history" in printed
    assert "attempts in 1 day" in printed
    assert "utilisation %" in printed


def test_the_lines_are_those_of_the_configuration(recorded, dialer, tmp_path):
    (tmp_path / "dialer.toml").write_text('[trunks.main]\nhost = "127.0.0.1"\nlines = 7\n')
    words = ("simulate", "--from-campaign", "spring", "--seeds", "1", "--jobs", "1", "--mode", "progressive")
    answer = dialer(*words, "--config", "dialer.toml")
    assert answer["estimated"]["scenario"]["lines"] == 7


def test_too_short_a_history_is_refused(store, database_url, dialer):
    error = dialer("simulate", "--from-campaign", "spring", "--database", database_url, code=2)["error"]
    assert "at least 500 attempts and 100 people are needed" in error
