"""How callers of queues were served."""

import pytest

from dialer.core.queue_records import (
    CallbackAsked,
    QueueCallAnswered,
    QueueCallEnded,
    QueueCallTaken,
)
from dialer.core.records import AgentChanged, JournalEntry, RecordingStarted
from dialer.core.settings import QueueSettings
from dialer.core.states import AgentState, Outcome
from dialer.reports import queues as asked
from dialer.reports.timeline import timeline
from dialer.storage import agents, queue_calls, rounds
from dialer.storage.queue_calls import Caller
from tests.stores import make_store, number

SUPPORT = QueueSettings(name="support", trunk="main", handle_s=100.0, wrap_up_s=10.0, service_level_s=20.0)
NOON = 43_200.0


@pytest.fixture
def store(tmp_path):
    made = make_store(f"sqlite:///{tmp_path}/dialer.db")
    with made.database.write() as connection:
        for name in ("anna", "ben"):
            agents.add(connection, made.workspace_id, name=name, phone=f"sip:{name}@192.0.2.1", at=0.0)
    yield made
    made.database.close()


def write(store, *records):
    with store.database.write() as connection:
        rounds.write(connection, store.workspace_id, records)


def came(store, call_id, at, *, queue="support"):
    caller = Caller(call_id=call_id, queue=queue, number=number(0), attributes={"language": "fr"})
    with store.database.write() as connection:
        queue_calls.arrive(connection, store.workspace_id, caller, is_left=False, at=at)
    write(store, QueueCallTaken(at=at, call_id=call_id, leg_id=f"leg-{call_id}", trunk="main"))


def answered(store, call_id, at, wait_s, *, talk_s=None):
    came(store, call_id, at)
    write(store, QueueCallAnswered(at=at + wait_s, call_id=call_id, agent_id=1))
    if talk_s is not None:
        ended(store, call_id, at + wait_s + talk_s, Outcome.CONNECTED, wait_s=wait_s, talk_s=talk_s)


def ended(store, call_id, at, outcome, *, wait_s, talk_s=None):
    write(
        store,
        QueueCallEnded(
            at=at,
            call_id=call_id,
            outcome=outcome,
            agent_id=1 if talk_s else None,
            wait_s=wait_s,
            talk_s=talk_s,
        ),
    )


def report(store, *, since=0.0, until=2 * NOON):
    with store.database.read() as connection:
        found = asked.report(connection, store.workspace_id, [SUPPORT], since=since, until=until)
    (row,) = found.records()
    return row


def now(store, at=NOON):
    with store.database.read() as connection:
        (found,) = asked.now(connection, store.workspace_id, [SUPPORT], at=at, since=0.0)
    return found


def test_calls_are_counted_by_what_became_of_them(store):
    answered(store, "q1", NOON, 5.0, talk_s=60.0)
    answered(store, "q2", NOON, 25.0, talk_s=60.0)
    for call_id, outcome, wait_s in (
        ("q3", Outcome.HUNG_UP_WAITING, 8.0),
        ("q4", Outcome.ABANDONED, 300.0),
        ("q5", Outcome.CALLBACK, 30.0),
        ("q6", Outcome.OVERFLOWED, 0.0),
    ):
        came(store, call_id, NOON)
        ended(store, call_id, NOON + wait_s, outcome, wait_s=wait_s)
    came(store, "elsewhere", NOON, queue="sales")
    row = report(store)
    assert (row["offered"], row["answered"], row["in_time"]) == (6, 2, 1)
    assert [row[name] for name in ("hung_up", "abandoned", "called_back", "overflowed")] == [1, 1, 1, 1]
    assert (row["mean_wait_s"], row["max_wait_s"]) == (15.0, 300.0)
    assert row["service_level"] == pytest.approx(1 / 6)


def test_only_the_time_that_is_asked_for_counts(store):
    answered(store, "q1", NOON, 5.0, talk_s=60.0)
    assert report(store, since=NOON + 1)["offered"] == 0
    assert report(store, until=NOON)["service_level"] is None


def test_who_waits_is_shown_with_the_wait_to_expect(store):
    write(
        store,
        AgentChanged(at=1.0, agent_id=1, state=AgentState.TALKING),
        AgentChanged(at=1.0, agent_id=2, state=AgentState.WRAP_UP),
    )
    answered(store, "q1", NOON - 500, 5.0, talk_s=90.0)
    answered(store, "q2", NOON - 60, 5.0)
    came(store, "q3", NOON - 40)
    came(store, "q4", NOON - 10)
    found = now(store)
    assert (found.waiting, found.longest_wait_s, found.talking) == (2, 40.0, 1)
    assert (found.agents, found.ready, found.expected_wait_s) == (2, 0, 3 * 100.0 / 2)
    assert (found.offered, found.answered, found.service_level) == (4, 2, 0.5)


def test_nobody_has_to_wait_where_somebody_is_ready(store):
    write(store, AgentChanged(at=1.0, agent_id=1, state=AgentState.READY))
    assert now(store).expected_wait_s == 0.0


def test_where_nobody_is_there_no_wait_can_be_told(store):
    assert now(store).expected_wait_s is None


def test_who_is_to_be_called_back_is_in_the_line(store):
    write(store, AgentChanged(at=1.0, agent_id=1, state=AgentState.TALKING))
    came(store, "q1", NOON - 40)
    write(store, CallbackAsked(at=NOON - 20, call_id="q1"))
    ended(store, "q1", NOON - 15, Outcome.CALLBACK, wait_s=20.0)
    found = now(store)
    assert (found.waiting, found.to_call_back, found.expected_wait_s) == (0, 1, 200.0)


def test_a_call_has_a_time_line(store):
    answered(store, "q1", NOON, 5.0, talk_s=60.0)
    write(
        store,
        JournalEntry(at=NOON + 5, kind="bridged", leg_id="leg-q1", agent_id=1),
        RecordingStarted(at=NOON + 5, attempt_id=None, call_id="q1", file="q1.wav"),
    )
    with store.database.read() as connection:
        found = timeline(connection, store.workspace_id, "q1")
    assert (found.attempt_id, found.campaign, found.number, found.agent) == (
        "q1",
        "support",
        number(0),
        "anna",
    )
    assert (found.attributes, found.recordings) == ('{"language": "fr"}', ("q1.wav",))
    assert [step.what for step in found.steps if step.what in ("came", "bridged", "ended")] == [
        "came",
        "bridged",
        "ended",
    ]
