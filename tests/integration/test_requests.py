"""What other processes ask a run for: taken up once, answered, or expired."""

import pytest
from sqlalchemy import text

from dialer.core.events import RequestReceived
from dialer.core.records import RequestAnswered
from dialer.core.requests import Halt, Resume
from dialer.errors import ConfigError
from dialer.live.clock import Clock
from dialer.live.definitions import Definitions
from dialer.live.requests import Poller, post_request, wait_for_answer
from dialer.storage import rounds, schema
from dialer.storage.schema import RequestState
from tests.stores import Inbox


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def poller(store, inbox):
    running = Poller(store.database, Definitions(store.workspace_id), clock=Clock(), post=inbox.post)
    yield running
    running.close()


def ask(store, asked, *, key, expires_s=60.0):
    return post_request(store.database, store.workspace_id, asked, who="eve", key=key, expires_s=expires_s)


def test_requests_are_taken_up_once_and_in_order(store, inbox, poller):
    first, second = ask(store, Halt(reason="fire"), key="1"), ask(store, Resume(), key="2")
    received = inbox.wait_for(RequestReceived, 2)
    assert [(item.request_id, item.request) for item in received] == [
        (first, Halt(reason="fire")),
        (second, Resume()),
    ]
    third = ask(store, Resume(), key="3")
    assert inbox.wait_for(RequestReceived, 3)[2].request_id == third


def test_whoever_asks_gets_the_answer(store, inbox, poller):
    asked = ask(store, Halt(), key="1")
    inbox.wait_for(RequestReceived)
    with store.database.write() as connection:
        answer = RequestAnswered(at=1.0, request_id=asked, done=True, text="halted")
        rounds.write(connection, store.workspace_id, [answer])
    answer = wait_for_answer(store.database, asked)
    assert (answer.state, answer.text) == (RequestState.DONE, "halted")


def test_asking_twice_under_one_key_asks_once(store):
    assert ask(store, Halt(), key="1") == ask(store, Halt(), key="1")
    with pytest.raises(ConfigError, match="use a new one"):
        ask(store, Resume(), key="1")


def test_what_no_run_took_up_in_time_expires_for_whoever_waits(store):
    answer = wait_for_answer(store.database, ask(store, Halt(), key="1", expires_s=0.0))
    assert answer.state is RequestState.EXPIRED
    assert "dialer run" in answer.text


def test_what_expired_before_the_run_is_never_taken_up(store, inbox, poller):
    stale = ask(store, Halt(), key="1", expires_s=-1.0)
    ask(store, Resume(), key="2")
    assert [item.request for item in inbox.wait_for(RequestReceived)] == [Resume()]
    assert wait_for_answer(store.database, stale).state is RequestState.EXPIRED


def test_what_is_not_understood_is_refused(store, inbox, poller):
    with store.database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO request (workspace_id, who, kind, body, idempotency_key, made_at, expires_at)"
                " VALUES (1, 'eve', 'Dance', '{\"request\": \"Dance\"}', 'k', 0, 9e9)"
            )
        )
    ((asked,),) = store.rows(schema.request, "id")
    answer = wait_for_answer(store.database, asked)
    assert answer.state is RequestState.REFUSED
    assert inbox.items == []
