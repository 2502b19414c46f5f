import json

import click
import pytest

from cli.main import carry_out


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DIALER_DATABASE_URL", "DIALER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["frobnicate"], 2, "No such command", id="an unknown command"),
        pytest.param(["leads", "import"], 2, "Missing argument", id="a missing argument"),
        pytest.param(
            ["campaign", "show", "spring"], 2, "no campaign is called 'spring'", id="no such campaign"
        ),
        pytest.param(["leads", "show", "people"], 2, "dialer leads import", id="no such list"),
        pytest.param(["agent", "add", "anna", "--phone", "anna"], 2, "sip:user@host", id="no SIP URI"),
        pytest.param(["agent", "add", "anna"], 2, "--calls-in", id="an agent without a phone"),
        pytest.param(["agent", "add", "anna", "--calls-in"], 2, "sip.agents_port", id="nobody may call in"),
        pytest.param(["agent", "login", "anna"], 2, "dialer agent add", id="no such agent"),
        pytest.param(["call", "show", "x-1"], 2, "no attempt is called 'x-1'", id="no such attempt"),
        pytest.param(["dnc", "add", "12"], 2, "number 1, '12'", id="no phone number"),
        pytest.param(["dnc", "add", "2125550100", "--region", "XX"], 2, "unknown region", id="no region"),
        pytest.param(["run"], 2, "[trunks.NAME]", id="no trunk"),
        pytest.param(["--config", "none.toml", "leads", "lists"], 2, "no such file", id="no configuration"),
        pytest.param(["--database", "no/such/dialer.db", "leads", "lists"], 1, "no/such", id="no directory"),
        pytest.param(["--database", "nosql://x", "leads", "lists"], 2, "nosql", id="no such database"),
    ],
)
def test_a_failure_is_one_line_with_its_cause(capsys, arguments, code, words):
    assert carry_out(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Error: ")
    assert words in err
    assert err.count("\n") == 1


def test_a_failure_is_json_where_the_answer_would_be(capsys):
    assert carry_out(["campaign", "show", "spring", "--json"]) == 2
    assert "spring" in json.loads(capsys.readouterr().err)["error"]


def test_an_option_before_the_command_is_that_of_the_command(capsys, somewhere):
    assert carry_out(["--json", "--database", "here.db", "leads", "lists"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert (somewhere / "here.db").exists()


def test_an_option_after_the_command_wins(somewhere):
    assert carry_out(["--database", "here.db", "leads", "lists", "--database", "there.db"]) == 0
    assert not (somewhere / "here.db").exists()
    assert (somewhere / "there.db").exists()


def test_an_option_wins_over_the_environment(somewhere, monkeypatch):
    monkeypatch.setenv("DIALER_DATABASE_URL", f"sqlite:///{somewhere}/environment.db")
    assert carry_out(["leads", "lists", "--database", "here.db"]) == 0
    assert carry_out(["leads", "lists"]) == 0
    assert (somewhere / "environment.db").exists()


def test_without_any_of_them_the_database_is_made_in_this_directory(somewhere):
    assert carry_out(["leads", "lists"]) == 0
    assert (somewhere / "dialer.db").exists()


def test_an_unexpected_error_is_not_hidden():
    @click.command()
    def broken():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        carry_out([], command=broken)
