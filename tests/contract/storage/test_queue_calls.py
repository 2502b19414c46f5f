"""Calls of queues, from the dialplan's question to the end; and who is to be called back."""

import pytest

from dialer.core.queue_records import (
    CallbackAsked,
    CallbackSettled,
    CallbackStarted,
    CallDisposed,
    QueueCallAnswered,
    QueueCallEnded,
    QueueCallMoved,
    QueueCallTaken,
)
from dialer.core.records import RecordingStarted
from dialer.core.states import CallState, Outcome
from dialer.live import open_queue_calls
from dialer.storage import agents, do_not_call, queue_calls, rounds, schema
from dialer.storage.queue_calls import Caller
from dialer.storage.queue_tables import queue_call
from dialer.survivors import Survivor
from tests.stores import number


def arrive(store, call_id="q1", *, is_left=False, **facts):
    caller = Caller(
        call_id=call_id,
        queue="support",
        **{"number": number(0), "region": "US", "attributes": {"language": "fr"}} | facts,
    )
    with store.database.write() as connection:
        queue_calls.arrive(connection, store.workspace_id, caller, is_left=is_left, at=10.0)


def write(store, *records):
    with store.database.write() as connection:
        return rounds.write(connection, store.workspace_id, records)


def look_up(store, call_id="q1"):
    with store.database.read() as connection:
        return queue_calls.arrived(
            connection, store.workspace_id, call_id, arrival="1.5", server="local", at=11.0
        )


def taken(call_id="q1", leg_id="r-1"):
    return QueueCallTaken(at=11.0, call_id=call_id, leg_id=leg_id, trunk="main")


def open_calls(store, *survivors, queues=("support",)):
    with store.database.read() as connection:
        return open_queue_calls.read(
            connection, store.workspace_id, survivors, trunks=("main",), queues=queues
        )


@pytest.fixture
def anna(store):
    with store.database.write() as connection:
        agents.add(connection, store.workspace_id, name="anna", phone="sip:anna@192.0.2.1", at=0.0)
        return agents.every(connection, store.workspace_id)[0].agent_id


def test_the_run_is_told_of_a_call_but_not_of_its_number(store):
    arrive(store)
    told = look_up(store)
    assert (told.queue, told.region, told.has_number, told.attributes) == (
        "support",
        "US",
        True,
        {"language": "fr"},
    )
    assert (told.came_at, told.server) == (10.0, "local")
    assert number(0) not in repr(told)


def test_a_withheld_number_is_none(store):
    arrive(store, number=None, region="")
    assert not look_up(store).has_number


def test_a_call_is_told_of_once(store):
    arrive(store)
    write(store, taken())
    assert look_up(store) is None
    assert look_up(store, "q9") is None
    arrive(store, "q2", is_left=True)
    assert look_up(store, "q2") is None


def test_who_calls_again_is_told_with_the_agent_of_last_time(store, anna):
    arrive(store)
    answered = QueueCallAnswered(at=12.0, call_id="q1", agent_id=anna)
    write(store, taken(), answered)
    arrive(store, "q2")
    arrive(store, "q3", number=number(1))
    arrive(store, "q4", number=None)
    assert [look_up(store, call_id).served_by for call_id in ("q2", "q3", "q4")] == [anna, None, None]


def test_two_callers_of_one_number_are_two_calls(store):
    for call_id in ("q1", "q2"):
        arrive(store, call_id)
    write(store, taken("q1", "r-1"), taken("q2", "r-2"))
    assert len(store.rows(queue_call, "id")) == 2


def test_what_becomes_of_a_call_is_written(store, anna):
    arrive(store)
    write(store, taken())
    write(
        store,
        QueueCallMoved(at=12.0, call_id="q1", queue="sales"),
        QueueCallAnswered(at=15.0, call_id="q1", agent_id=anna),
        RecordingStarted(at=15.0, attempt_id=None, call_id="q1", file="q1.wav"),
        QueueCallEnded(
            at=75.0, call_id="q1", outcome=Outcome.CONNECTED, agent_id=anna, wait_s=5.0, talk_s=60.0
        ),
        CallDisposed(at=76.0, call_id="q1", agent_id=anna, disposition="sale"),
    )
    names = ("queue", "leg_id", "bridged_at", "ended_at", "outcome", "wait_s", "talk_s", "disposition")
    assert store.rows(queue_call, *names) == [("sales", "r-1", 15.0, 75.0, "connected", 5.0, 60.0, "sale")]
    assert store.rows(schema.recording, "id", "attempt_id", "queue_call_id") == [("q1.wav", None, "q1")]


@pytest.mark.parametrize("given", [number(0), None])
def test_a_number_is_blocked_that_is_known(store, anna, given):
    arrive(store, number=given)
    write(store, CallDisposed(at=76.0, call_id="q1", agent_id=anna, disposition="do_not_call", block=True))
    with store.database.read() as connection:
        listed = do_not_call.check(connection, store.workspace_id, number(0))
    assert (listed is not None) == (given is not None)


def callback(call_id="r-5", leg_id="r-6"):
    return CallbackStarted(
        at=40.0,
        call_id=call_id,
        leg_id=leg_id,
        callback_of="q1",
        queue="support",
        trunk="main",
        waiting_since=10.0,
    )


def test_who_asked_is_called_back_whatever_list_the_number_is_on(store):
    arrive(store)
    with store.database.write() as connection:
        do_not_call.add(connection, store.workspace_id, [number(0)], who="eve", reason="", at=1.0)
    write(store, taken(), CallbackAsked(at=20.0, call_id="q1"))
    written = write(store, callback())
    assert (written.addresses, written.refused) == ({"r-6": number(0)}, {})
    assert store.rows(queue_call, "inbound", "number", "waiting_since", "callback_of")[-1] == (
        False,
        number(0),
        10.0,
        "q1",
    )


def test_a_callback_is_promised_until_it_is_settled(store):
    arrive(store)
    write(store, taken(), CallbackAsked(at=20.0, call_id="q1"))
    write(store, QueueCallEnded(at=21.0, call_id="q1", outcome=Outcome.CALLBACK))
    write(store, callback(), QueueCallEnded(at=60.0, call_id="r-5", outcome=Outcome.BUSY))
    (left,) = open_calls(store).events(at=99.0)
    assert (left.call_id, left.waiting_since, left.tries) == ("q1", 10.0, 1)
    write(store, CallbackSettled(at=61.0, call_id="q1", outcome=Outcome.BUSY))
    assert list(open_calls(store).events(at=99.0)) == []


def test_a_call_that_is_still_up_goes_on(store):
    arrive(store)
    write(store, taken())
    work = open_calls(store, Survivor(leg_id="r-1", state=CallState.ANSWERED, answered_at=11.5))
    (found,) = work.events(at=99.0)
    assert (found.call_id, found.leg_id, found.state, found.waiting_since) == (
        "q1",
        "r-1",
        CallState.ANSWERED,
        10.0,
    )
    with store.database.write() as connection:
        open_queue_calls.close(connection, store.workspace_id, work, at=99.0)
    assert store.rows(queue_call, "ended_at") == [(None,)]


@pytest.mark.parametrize(
    ("is_taken", "outcome"),
    [pytest.param(True, "unknown", id="a-run-had-it"), pytest.param(False, "overflowed", id="no-run-had-it")],
)
def test_a_call_that_is_gone_is_closed(store, is_taken, outcome):
    arrive(store)
    if is_taken:
        write(store, taken())
    with store.database.write() as connection:
        open_queue_calls.close(connection, store.workspace_id, open_calls(store), at=99.0)
    assert store.rows(queue_call, "ended_at", "outcome") == [(99.0, outcome)]


def test_a_call_of_a_queue_that_is_no_more_counts_as_over(store):
    arrive(store)
    write(store, taken())
    survivor = Survivor(leg_id="r-1", state=CallState.ANSWERED)
    assert open_calls(store, survivor, queues=()).legs == []
