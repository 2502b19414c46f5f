"""Old notes go, a batch at a time; what is open, young or another workspace's stays."""

import pytest
from sqlalchemy import insert, select

from dialer.core.allocation.capacity import Channel
from dialer.core.queue_records import CallbackAsked, QueueCallEnded, QueueCallTaken
from dialer.core.records import (
    AgentChanged,
    AttemptEnded,
    AttemptStarted,
    JournalEntry,
    TaskAdded,
    TaskEnded,
)
from dialer.core.states import AgentState, Outcome
from dialer.core.task_states import TaskMove
from dialer.storage import pruning, queue_calls, rounds, schema
from dialer.storage.queue_calls import Caller
from dialer.storage.queue_tables import queue_call, task
from dialer.storage.workspaces import ensure_workspace
from tests.stores import number

DAY = 86_400.0


def note(store, *days, workspace_id=None):
    """Keep a journal entry for each day."""
    entries = [JournalEntry(at=day * DAY, kind="note", detail=f"day {day}") for day in days]
    with store.database.write() as connection:
        rounds.write(connection, workspace_id or store.workspace_id, entries)


def details(store):
    return [detail for (detail,) in store.rows(schema.journal, "detail")]


def prune(store, *, before, kind=pruning.OldNotes):
    return pruning.prune(store.database, kind(store.workspace_id, before=before * DAY), pause_s=0.0)


def test_what_is_older_goes_and_what_is_younger_stays(store):
    note(store, 1, 2, 3, 4)
    assert prune(store, before=3) == 2
    assert details(store) == ["day 3", "day 4"]


def test_nothing_goes_twice(store):
    note(store, 1, 2)
    prune(store, before=3)
    assert prune(store, before=3) == 0


@pytest.mark.parametrize("count", [1, pruning.BATCH - 1, pruning.BATCH, pruning.BATCH + 1, 2 * pruning.BATCH])
def test_as_many_batches_as_it_takes(store, count):
    note(store, *[1] * count, 5)
    assert prune(store, before=3) == count
    assert details(store) == ["day 5"]


def test_another_workspaces_notes_stay_and_do_not_hide_ours(store):
    other = ensure_workspace(store.database, "other")
    note(store, *[1] * (pruning.BATCH + 1), workspace_id=other)
    note(store, 1, 2)
    assert prune(store, before=3) == 2
    assert len(details(store)) == pruning.BATCH + 1


def test_an_agents_present_state_is_never_forgotten(store):
    agent_id = store.add_agent("anna")
    changes = [
        AgentChanged(at=day * DAY, agent_id=agent_id, state=state)
        for day, state in enumerate((AgentState.READY, AgentState.TALKING, AgentState.PAUSED))
    ]
    with store.database.write() as connection:
        rounds.write(connection, store.workspace_id, changes)
    assert prune(store, before=10) == 2
    assert store.rows(schema.agent_period, "state", "ended_at") == [("paused", None)]


def test_requests_go_when_they_are_answered(store):
    rows = [
        {
            "workspace_id": store.workspace_id, "who": "test", "kind": "x", "body": "{}", "idempotency_key": state,
            "state": state, "made_at": DAY, "expires_at": 2 * DAY,
        }
        for state in schema.RequestState
    ]  # fmt: skip
    with store.database.write() as connection:
        connection.execute(insert(schema.request), rows)
    prune(store, before=3)
    assert store.rows(schema.request, "state") == [("pending",)]


def attempt(store, lead_id, *, day, ends):
    name = f"x-{lead_id}"
    started = AttemptStarted(
        at=day * DAY,
        attempt_id=name,
        call_id=f"{name}-call",
        leg_id=f"{name}-leg",
        campaign_id=store.campaign_id,
        lead_id=lead_id,
        trunk="main",
        caller_id="",
    )
    ended = AttemptEnded(
        at=day * DAY + 10,
        attempt_id=name,
        call_id=f"{name}-call",
        campaign_id=store.campaign_id,
        lead_id=lead_id,
        outcome=Outcome.BUSY,
        retry_at=None,
    )
    journal = JournalEntry(at=day * DAY, kind="note", attempt_id=name)
    message = {
        "workspace_id": store.workspace_id,
        "leg_id": f"{name}-leg",
        "at": day * DAY,
        "direction": "sent",
    }
    with store.database.write() as connection:
        rounds.write(connection, store.workspace_id, [started, journal, *([ended] if ends else [])])
        connection.execute(insert(schema.sip_message), [message | {"text": "INVITE"}])


def test_attempts_stay_when_only_notes_go(store):
    (lead_id,) = store.add_leads(1)
    attempt(store, lead_id, day=1, ends=True)
    prune(store, before=10)
    assert store.rows(schema.attempt, "id") == [(f"x-{lead_id}",)]
    assert store.rows(schema.journal, "id") == []


def test_attempts_go_with_all_that_hangs_on_them_when_asked_for(store):
    first, second, third = store.add_leads(3)
    attempt(store, first, day=1, ends=True)
    attempt(store, second, day=1, ends=False)
    attempt(store, third, day=5, ends=True)
    assert prune(store, before=3, kind=pruning.OldAttempts) == 1
    left = [f"x-{second}", f"x-{third}"]
    assert [row[0] for row in store.rows(schema.attempt, "id")] == left
    assert [row[0] for row in store.rows(schema.call, "attempt_id")] == left
    assert [row[0] for row in store.rows(schema.leg, "call_id")] == [f"{name}-call" for name in left]
    assert [row[0] for row in store.rows(schema.journal, "attempt_id")] == left
    assert [row[0] for row in store.rows(schema.sip_message, "leg_id")] == [f"{name}-leg" for name in left]
    with store.database.read() as connection:
        assert len(connection.scalars(select(schema.hopper.c.lead_id)).all()) == 3


def test_calls_of_queues_and_text_go_with_what_hangs_on_them_but_not_who_is_to_be_called_back(store):
    calls = {
        name: Caller(call_id=name, queue="support", number=number(0)) for name in ("old", "open", "promised")
    }
    with store.database.write() as connection:
        for caller in calls.values():
            queue_calls.arrive(connection, store.workspace_id, caller, is_left=False, at=DAY)
    records = [
        *(QueueCallTaken(at=DAY, call_id=name, leg_id=f"{name}-leg", trunk="main") for name in calls),
        CallbackAsked(at=DAY, call_id="promised"),
        *(QueueCallEnded(at=DAY, call_id=name, outcome=Outcome.CONNECTED) for name in ("old", "promised")),
        *(text_added(name, at=DAY) for name in ("a-1", "a-2")),
        TaskEnded(at=DAY, task_id="a-1", by=TaskMove.END, agent_id=None, result="", worked_since=None),
    ]
    with store.database.write() as connection:
        rounds.write(connection, store.workspace_id, records)
    assert prune(store, before=3, kind=pruning.OldQueueWork) == 2
    assert {one for (one,) in store.rows(queue_call, "id")} == {"open", "promised"}
    assert {one for (one,) in store.rows(schema.leg, "id")} == {"open-leg", "promised-leg"}
    assert store.rows(task, "id") == [("a-2",)]


def text_added(task_id, *, at):
    return TaskAdded(
        at=at, task_id=task_id, number=1, channel=Channel.TEXT, weight=1, queue="chat", attributes={}, ranked_at=at
    )  # fmt: skip
