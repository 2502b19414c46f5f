"""Notes and forms from the command line."""

import pytest

from dialer.core.records import AgentChanged, AttemptStarted
from dialer.core.states import AgentState
from dialer.storage import rounds
from dialer.storage.agents import find
from tests.stores import make_store


@pytest.fixture
def url(tmp_path):
    """Return the URL of a database where anna talks and bert does not."""
    url = f"sqlite:///{tmp_path / 'dialer.db'}"
    store = make_store(url)
    (lead,) = store.add_leads(1)
    for name in ("anna", "bert"):
        store.add_agent(name)
    with store.database.write() as connection:
        anna = find(connection, store.workspace_id, "anna").agent_id
        started = AttemptStarted(
            at=1.0,
            attempt_id="x-1",
            call_id="x-2",
            leg_id="x-3",
            campaign_id=store.campaign_id,
            lead_id=lead,
            trunk="main",
        )
        talks = AgentChanged(at=2.0, agent_id=anna, state=AgentState.TALKING, attempt_id="x-1")
        rounds.write(connection, store.workspace_id, [started, talks])
    store.database.close()
    return url


def test_what_is_written_about_a_talk_is_shown_with_its_customer(dialer, url):
    dialer("agent", "note", "anna", "wants <two> months", "--database", url)
    dialer("call", "note", "x-1", "by mail", "--database", url)
    dialer("agent", "form", "anna", '{"months": 2}', "--database", url)
    dialer("call", "form", "x-1", '{"months": 3}', "--database", url)
    work = dialer("agent", "work", "anna", "--database", url)

    assert [(one["text"], one["agent"]) for one in work["notes"]] == [
        ("wants <two> months", "anna"),
        ("by mail", None),
    ]
    assert work["form"] == {"months": 3}
    assert [one["attempt"] for one in work["history"]] == ["x-1"]


def test_people_read_the_same(url, capsys, dialer):
    from cli.main import carry_out

    dialer("agent", "note", "anna", "wants two months", "--database", url)
    assert carry_out(["agent", "work", "anna", "--database", url]) == 0
    printed = capsys.readouterr().out

    assert "wants two months" in printed
    assert "x-1" in printed


def test_an_agent_without_a_talk_has_nothing_to_write_about(dialer, url):
    said = dialer("agent", "note", "bert", "x", "--database", url, code=1)

    assert "dialer call note ATTEMPT" in said["error"]
    assert dialer("agent", "work", "bert", "--database", url) is None


def test_answers_that_are_no_object_are_refused(dialer, url):
    said = dialer("agent", "form", "anna", "two months", "--database", url, code=2)

    assert "JSON object" in said["error"]
