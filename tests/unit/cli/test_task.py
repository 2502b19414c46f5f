"""`dialer task`: what is asked of a run, and what is shown."""

import pytest
from sqlalchemy import select

from dialer.core.allocation.capacity import Channel
from dialer.core.records import TaskAdded, TaskChanged
from dialer.core.task_states import TaskState
from dialer.storage import agents, rounds, schema
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace


@pytest.fixture
def place(tmp_path, dialer):
    """Return the URL of a database with an agent who works on a session, while another waits."""
    url = f"sqlite:///{tmp_path / 'dialer.db'}"
    dialer("agent", "add", "anna", "--phone", "sip:anna@192.0.2.5", "--database", url)
    database = open_database(url)
    workspace_id = ensure_workspace(database, "default")
    facts = {"queue": "chat", "attributes": {"topic": "billing"}}
    with database.write() as connection:
        anna = agents.find(connection, workspace_id, "anna").agent_id
        records = [
            *(
                TaskAdded(
                    at=at,
                    task_id=f"a-{at:.0f}",
                    number=1,
                    channel=Channel.TEXT,
                    weight=1,
                    ranked_at=at,
                    **facts,
                )
                for at in (1.0, 2.0)
            ),
            TaskChanged(
                at=3.0,
                task_id="a-1",
                state=TaskState.WORKING,
                since_at=3.0,
                agent_id=anna,
                workflow="",
                version=0,
                step=0,
                **facts,
            ),
        ]
        rounds.write(connection, workspace_id, records)
    database.close()
    return url


def test_sessions_are_listed_and_shown_with_their_data(dialer, place):
    listed = dialer("task", "list", "--database", place)
    assert [(row["task"], row["state"], row["agent"]) for row in listed] == [
        ("a-1", "working", "anna"),
        ("a-2", "waiting", ""),
    ]
    assert dialer("task", "list", "--over", "--database", place) == []
    shown = dialer("task", "show", "a-1", "--database", place)
    assert (shown["attributes"], shown["channel"], shown["weight"]) == ({"topic": "billing"}, "text", 1)


def test_an_agent_is_shown_with_what_is_in_hand(dialer, place):
    assert dialer("agent", "show", "anna", "--database", place)["tasks"] == ["a-1 working (chat)"]
    (task,) = dialer("agent", "work", "anna", "--database", place)["tasks"]
    assert (task["task"], task["attributes"]) == ("a-1", {"topic": "billing"})


def test_a_session_that_is_not_there_is_a_mistake_with_a_remedy(dialer, place):
    assert "dialer task list" in dialer("task", "show", "a-7", "--database", place, code=2)["error"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--attribute", "Topic=x"), "no name for it", id="a-name-that-no-expression-can-say"),
        pytest.param(("--attribute", "agent.x=1"), "no name for it", id="an-expression"),
        pytest.param(("--attribute", "topic"), "write it as", id="no-value"),
        pytest.param(("--weight", "0"), ">= 1", id="no-weight"),
        pytest.param(("--weight", "1000"), "<= 100", id="too-heavy"),
        pytest.param(("--attribute", f"topic={'x' * 201}"), "<= 200", id="too-long"),
        pytest.param(("--channel", "smell"), "smell", id="no-channel"),
    ],
)
def test_what_no_run_would_understand_is_not_asked(dialer, place, words, said):
    assert said in _refused(dialer, place, *words)
    database = open_database(place)
    with database.read() as connection:
        assert connection.execute(select(schema.request)).all() == []
    database.close()


def _refused(dialer, place, *words):
    # Without a run all end with code 1; what is not understood ends with 2 before that.
    return dialer("task", "add", "--queue", "chat", *words, "--database", place, code=2)["error"]


@pytest.mark.parametrize(
    "words",
    [
        ("add", "--queue", "chat"),
        ("accept", "a-1", "--agent", "anna"),
        ("decline", "a-1", "--agent", "anna", "--reason", "busy"),
        ("end", "a-1", "--agent", "anna", "--result", "solved"),
        ("cancel", "a-1"),
        ("transfer", "a-1", "--agent", "anna", "--to-queue", "desk"),
        ("set", "a-1", "--attribute", "topic="),
    ],
)
def test_without_a_run_nothing_is_done(dialer, place, words):
    assert "dialer run" in dialer("task", *words, "--database", place, code=1)["error"]
