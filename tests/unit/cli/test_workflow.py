"""`dialer workflow`, on a floor that nobody runs."""

import pytest

from cli.main import carry_out

SUPPORT = """
name = "support"
overflow = "message"
[[step]]
name = "german"
filter = "agent.lang == task.lang"
skills = { billing = 2 }
timeout_s = 30
"""


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, database_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("DIALER_DATABASE_URL", database_url)
    (tmp_path / "support.toml").write_text(SUPPORT)
    return tmp_path


@pytest.fixture
def anna(dialer):
    given = ("--skill", "billing=3", "--attribute", "lang=de")
    dialer("agent", "add", "anna", "--phone", "sip:a@192.0.2.10", *given)


def test_a_workflow_that_is_all_right_is_said_to_be(dialer, anna):
    assert dialer("workflow", "check", "support.toml") == {"workflow": "support", "steps": 1, "doubts": []}


def test_what_nobody_has_is_doubtful(dialer):
    doubts = [
        "step 'german': no agent has the skill 'billing'",
        "step 'german': no agent has the attribute 'lang'",
    ]
    assert dialer("workflow", "check", "support.toml")["doubts"] == doubts
    assert dialer("workflow", "load", "support.toml")["doubts"] == doubts


def test_doubts_are_told_to_people_as_warnings(anna, capsys):
    assert carry_out(["workflow", "check", "remote-to-seat"]) == 0
    printed = capsys.readouterr()
    assert "is all right: 3 steps, operation, question" in printed.out
    assert carry_out(["workflow", "load", "support.toml"]) == 0
    assert carry_out(["agent", "set", "anna", "--skill", "billing=0"]) == 0
    assert carry_out(["workflow", "check", "support.toml"]) == 0
    assert "Warning: step 'german': no agent has the skill 'billing'." in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "load"])
def test_a_mistake_is_told_with_its_place_and_nothing_is_kept(dialer, somewhere, command):
    (somewhere / "support.toml").write_text(SUPPORT.replace("==", "="))
    error = dialer("workflow", command, "support.toml", code=2)["error"]
    assert (
        error
        == "support.toml: step 1 'german': filter, 1:12: '=' has no place in a condition: compare with =="
    )
    assert dialer("workflow", "list") == []


@pytest.mark.parametrize("command", ["check", "load"])
def test_a_skill_that_the_configuration_does_not_list_is_refused(dialer, anna, somewhere, command):
    (somewhere / "dialer.toml").write_text('[skills]\nsales = "Sales"\n')
    error = dialer("workflow", command, "support.toml", "--config", "dialer.toml", code=2)["error"]
    assert "the configuration has no skill 'billing': there are sales" in error


def test_loading_the_same_again_is_no_new_version(dialer, anna, somewhere):
    assert dialer("workflow", "load", "support.toml")["version"] == 1
    (somewhere / "support.toml").write_text(f"# Said in other words\n{SUPPORT}")
    again = dialer("workflow", "load", "support.toml")
    assert (again["version"], again["new"]) == (1, False)

    (somewhere / "support.toml").write_text(SUPPORT.replace("30", "40"))
    changed = dialer("workflow", "load", "support.toml")
    assert (changed["version"], changed["new"]) == (2, True)
    (listed,) = dialer("workflow", "list")
    assert (listed["workflow"], listed["version"], listed["steps"]) == ("support", 2, ["german"])
    first = dialer("workflow", "show", "support", "--version", "1")
    assert [
        dialer("workflow", "show", "support")["steps"][0]["timeout_s"],
        first["steps"][0]["timeout_s"],
    ] == [40, 30]


def test_a_workflow_that_was_not_loaded_is_not_shown(dialer, anna):
    assert "dialer workflow load" in dialer("workflow", "show", "support", code=2)["error"]
    dialer("workflow", "load", "support.toml")
    assert "there is support" in dialer("workflow", "show", "suport", code=2)["error"]
    assert "version 7" in dialer("workflow", "show", "support", "--version", "7", code=2)["error"]


def test_a_test_says_who_would_get_a_task_and_why_nobody_else(dialer, anna):
    dialer("workflow", "load", "support.toml")
    found = dialer("workflow", "test", "support", "--attribute", "lang=fr")
    assert (found["takes"], found["text"]) == (
        None,
        "nobody can take it now: after 30 s it hears the message and is ended",
    )
    ((step),) = found["steps"]
    (candidate,) = step["candidates"]
    assert candidate["why"] == "the filter does not hold: agent.lang is 'de', task.lang is 'fr'"

    found = dialer("workflow", "test", "support", "--attribute", "lang=de", "--channel", "text")
    (candidate,) = found["steps"][0]["candidates"]
    assert (candidate["suited"], candidate["why"]) == (True, "logged_out")


def test_a_file_is_tried_before_it_is_loaded(dialer, anna, somewhere):
    (somewhere / "new.toml").write_text(SUPPORT.replace("lang == task.lang", "lang == 'de'"))
    found = dialer("workflow", "test", "new", "--file", "new.toml")
    assert found["steps"][0]["candidates"][0]["suited"]
    assert dialer("workflow", "list") == []


def test_a_test_is_readable(anna, capsys):
    carry_out(["workflow", "load", "remote-to-seat"])
    carry_out(["workflow", "test", "remote-to-seat", "--attribute", "operation=refund"])
    printed = capsys.readouterr().out
    assert "Step 'operation': nobody can take it now; it waits here until somebody can" in printed
    assert "is of no kind, not seat" in printed
    assert printed.endswith("Nobody can take it now: it waits in step 'operation'.\n")
    carry_out(["workflow", "show", "remote-to-seat"])
    assert "skill from  operation" in capsys.readouterr().out
