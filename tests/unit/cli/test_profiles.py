"""Skills, teams, attributes, kind and limits of agents on the command line."""

import pytest

from cli.profiles import scalar

PHONE = ("--phone", "sip:anna@192.0.2.10")


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    return tmp_path


@pytest.fixture
def anna(dialer):
    given = ("--skill", "sales=3", "--team", "north", "--attribute", "lang=de", "--kind", "remote")
    dialer("agent", "add", "anna", *PHONE, *given, "--first-limit", "0", "--second-limit", "2")


def profile(dialer, *names):
    shown = dialer("agent", "show", "anna")
    return tuple(shown[name] for name in names)


def test_w2_an_agent_is_added_with_skills_teams_and_attributes(dialer, anna):
    assert profile(dialer, "skills", "teams", "attributes", "kind") == (
        {"sales": 3},
        ["north"],
        {"lang": "de"},
        "remote",
    )
    assert profile(dialer, "channels") == (["voice", "video", "text"],)
    assert profile(dialer, "first_limit", "second_limit", "limits") == (0, 2, "own")
    (listed,) = dialer("agent", "list")
    assert (listed["kind"], listed["skills"], listed["teams"]) == ("remote", {"sales": 3}, ["north"])


def test_only_what_is_named_changes(dialer, anna):
    dialer("agent", "set", "anna", "--skill", "billing=1", "--kind", "seat")
    assert profile(dialer, "skills", "teams", "kind") == ({"sales": 3, "billing": 1}, ["north"], "seat")


def test_everything_can_be_taken_away(dialer, anna):
    dialer("agent", "set", "anna", "--skill", "sales=0", "--no-team", "north", "--attribute", "lang=")
    dialer("agent", "set", "anna", "--kind", "none", "--shared-limits")
    assert profile(dialer, "skills", "teams", "attributes", "kind") == ({}, [], {}, "")
    assert profile(dialer, "first_limit", "second_limit", "limits") == (1, 4, "of the workspace")


def test_one_limit_of_two_changes(dialer, anna):
    dialer("agent", "set", "anna", "--second-limit", "5", "--channel", "text")
    assert profile(dialer, "first_limit", "second_limit", "channels") == (0, 5, ["text"])


def test_the_limits_of_a_team_are_shown_with_their_team(dialer, anna, somewhere):
    (somewhere / "dialer.toml").write_text("[teams.north]\nfirst_limit = 2\nsecond_limit = 6\n")
    dialer("agent", "set", "anna", "--shared-limits")
    shown = dialer("agent", "show", "anna", "--config", "dialer.toml")
    assert (shown["first_limit"], shown["second_limit"], shown["limits"]) == (2, 6, "of team north")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--skill", "sales"), "SKILL=LEVEL"),
        (("--skill", "sales=much"), "write a number from 1 to 100"),
        (("--skill", "Sales=1"), "write small letters"),
        (("--attribute", "kind=1"), "choose another"),
        (("--first-limit", "9"), "0 <= first <= second"),
        (("--skill", "salse=1", "--config", "dialer.toml"), "did you mean 'sales'?"),
        (("--team", "emea", "--config", "dialer.toml"), "there are north"),
    ],
)
def test_what_no_agent_can_be_is_refused_and_nothing_changes(dialer, anna, somewhere, given, said):
    (somewhere / "dialer.toml").write_text('[skills]\nsales = "Sales"\n[teams.north]\n')
    assert said in dialer("agent", "set", "anna", *given, code=2)["error"]
    assert profile(dialer, "skills", "teams", "second_limit") == ({"sales": 3}, ["north"], 2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("de", "de"),
        ("41", 41),
        ("0.5", 0.5),
        ("true", True),
        ('"41"', "41"),
        ("+4420", "+4420"),
        ("[1]", "[1]"),
        ("null", "null"),
        ("NaN", "NaN"),
    ],
)
def test_an_attribute_is_a_number_only_if_it_is_written_as_one(text, value):
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)
