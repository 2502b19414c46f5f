"""What stores keep of text sessions, and what the next run learns of it."""

import pytest

from dialer.core.allocation.capacity import Channel
from dialer.core.engine import Engine
from dialer.core.events import AgentDefined, RunStarted
from dialer.core.ids import AgentId
from dialer.core.records import TaskAdded, TaskChanged, TaskEnded
from dialer.core.task_states import TaskMove, TaskState
from dialer.errors import ConfigError
from dialer.storage import rounds, tasks

ATTRIBUTES = {
    "topic": "billing",
    "case": 4711,
    "score": 0.5,
    "vip": True,
    "odd": "O'Brien; DROP TABLE task --",
}


def added(task_id, *, at, number=1, **changes):
    """Return what is written of a session that comes."""
    facts = {"channel": Channel.TEXT, "weight": 2, "queue": "chat", "attributes": ATTRIBUTES} | changes
    return TaskAdded(at=at, task_id=task_id, number=number, ranked_at=at - 5, **facts)


def changed(task_id, state, *, at, agent_id=None, **changes):
    """Return what is written of a session that is something else now."""
    facts = {"queue": "chat", "attributes": ATTRIBUTES, "workflow": "", "version": 0, "step": 0} | changes
    return TaskChanged(at=at, task_id=task_id, state=state, since_at=at, agent_id=agent_id, **facts)


def write(store, *records):
    """Write a round."""
    with store.database.write() as connection:
        rounds.write(connection, store.workspace_id, records)


def found(store, task_id):
    """Return what is kept of a session."""
    with store.database.read() as connection:
        return tasks.find(connection, store.workspace_id, task_id)


def left_open(store):
    """Return what the next run is told."""
    with store.database.read() as connection:
        return tasks.left_open(connection, store.workspace_id, at=100.0)


def test_a_session_is_kept_as_it_came(store):
    write(store, added("a-1", at=10.0))
    row = found(store, "a-1")
    assert (row.queue, row.channel, row.weight, row.state) == ("chat", Channel.TEXT, 2, TaskState.WAITING)
    assert row.attributes == ATTRIBUTES
    assert [type(row.attributes[name]) for name in ("case", "score", "vip")] == [int, float, bool]
    assert (row.arrived_at, row.agent, row.ended_at) == (10.0, "", None)


def test_of_several_changes_in_one_batch_the_last_one_holds(store):
    anna = store.add_agent("anna")
    write(
        store,
        added("a-1", at=10.0),
        changed("a-1", TaskState.OFFERED, at=10.0, agent_id=anna),
        changed("a-1", TaskState.WAITING, at=11.0),
        changed("a-1", TaskState.WORKING, at=12.0, agent_id=anna, queue="desk", attributes={}),
    )
    row = found(store, "a-1")
    assert (row.state, row.since_at, row.agent, row.queue) == (TaskState.WORKING, 12.0, "anna", "desk")
    assert row.attributes == {}


def test_a_session_that_is_over_says_who_had_it_how_long_and_what_came_of_it(store):
    anna = store.add_agent("anna")
    write(store, added("a-1", at=10.0), changed("a-1", TaskState.WORKING, at=12.0, agent_id=anna))
    ended = {"agent_id": anna, "by": TaskMove.END, "result": "solved", "worked_since": 12.0}
    write(store, TaskEnded(at=42.0, task_id="a-1", **ended))
    row = found(store, "a-1")
    assert (row.state, row.agent, row.worked_s, row.ended_by) == (TaskState.ENDED, "anna", 30.0, "end")
    assert row.result == "solved"
    assert left_open(store) == []


def test_lists_show_what_is_open_oldest_first_and_what_is_over_newest_first(store):
    write(store, added("a-2", at=20.0), added("a-1", at=10.0), added("a-3", at=15.0, queue="desk"))
    for number in (4, 5):
        task_id = f"a-{number}"
        cancelled = {"agent_id": None, "by": TaskMove.CANCEL, "result": "left", "worked_since": None}
        write(store, added(task_id, at=number), TaskEnded(at=30.0, task_id=task_id, **cancelled))
    with store.database.read() as connection:

        def ids(**which):
            return [row.task_id for row in tasks.every(connection, store.workspace_id, **which)]

        assert ids() == ["a-1", "a-3", "a-2"]
        assert ids(queue="desk") == ["a-3"]
        assert ids(over=True) == ["a-5", "a-4"]


def test_an_agent_has_in_hand_what_it_was_offered_and_works_on(store):
    anna, bert = store.add_agent("anna"), store.add_agent("bert")
    write(
        store,
        *(added(f"a-{number}", at=number) for number in range(1, 5)),
        changed("a-1", TaskState.WORKING, at=5.0, agent_id=anna),
        changed("a-2", TaskState.OFFERED, at=5.0, agent_id=anna),
        changed("a-3", TaskState.WORKING, at=5.0, agent_id=bert),
    )
    with store.database.read() as connection:
        rows = tasks.of_agent(connection, store.workspace_id, AgentId(anna))
    assert [row.in_hand for row in rows] == ["a-1 working (chat)", "a-2 offered (chat)"]


def test_the_next_run_goes_on_with_every_session_at_its_place(store):
    anna = store.add_agent("anna")
    write(
        store,
        added("a-9", at=10.0, number=1),
        added("a-10", at=10.0, number=2),
        added("a-11", at=9.0, number=3),
        changed("a-10", TaskState.OFFERED, at=11.0, agent_id=anna),
        changed("a-11", TaskState.WORKING, at=11.0, agent_id=anna),
    )
    engine = Engine()
    engine.handle(RunStarted(at=100.0, instance="b"))
    engine.handle(AgentDefined(at=100.0, agent_id=AgentId(anna)))
    for event in left_open(store):
        engine.handle(event)
    assert engine.allocator.waiting == ["a-9", "a-10"]
    agent, known = engine.workspace.agents[AgentId(anna)], engine.workspace.tasks
    assert (agent.tasks, agent.volume) == (["a-11"], 2)
    assert (known["a-9"].arrived_at, known["a-9"].attributes) == (10.0, ATTRIBUTES)


def test_a_session_of_another_workspace_is_not_there(store):
    write(store, added("a-1", at=10.0))
    with store.database.read() as connection, pytest.raises(ConfigError, match="dialer task list"):
        tasks.find(connection, store.workspace_id + 1, "a-1")
