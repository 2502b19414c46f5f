"""What threads of a run do when the database's server dies and comes back, without a switch."""

from contextlib import suppress

import pytest

from dialer.core.commands import FetchLeads
from dialer.core.events import LeadsLoaded, RequestReceived
from dialer.core.records import JournalEntry
from dialer.core.requests import Halt
from dialer.errors import StorageError
from dialer.live.clock import Clock
from dialer.live.definitions import Definitions
from dialer.live.requests import CHANNEL, Poller, post_request
from dialer.live.rounds import NotRecorded, Recorded, WrittenRound
from dialer.live.writer import Writer
from dialer.storage import schema
from tests.postgres import Server
from tests.stores import Inbox, make_store, wait_until


@pytest.fixture(scope="module")
def server():
    made = Server(durable=True)
    yield made
    made.remove()


@pytest.fixture
def store(server):
    made = make_store(server.new_database())
    yield made
    made.database.close()


@pytest.fixture
def inbox():
    return Inbox()


def note(kind):
    return JournalEntry(at=1.0, kind=kind)


@pytest.mark.parametrize("how", ["kill", "stop_at_once"])
def test_rounds_wait_for_the_server_and_are_written_in_order(server, store, inbox, how):
    store.add_leads(3)
    lease = store.lease()
    writer = Writer(store.database, lease, clock=Clock(), post=inbox.post)
    writer.submit(WrittenRound(1, 1.0, (note("before"),), ()))
    inbox.wait_for(Recorded)
    getattr(server, how)()
    fetch = FetchLeads(campaign_id=store.campaign_id, count=2)
    writer.submit(WrittenRound(2, 2.0, (note("meanwhile"),), (fetch,)))
    inbox.wait_for(NotRecorded)
    writer.submit(WrittenRound(3, 3.0, (note("later"),), ()))
    server.start()
    (loaded,) = inbox.wait_for(LeadsLoaded)
    assert len(loaded.leads) == 2
    assert writer.close()
    lease.release()
    assert store.rows(schema.journal, "kind") == [("before",), ("meanwhile",), ("later",)]


def test_rounds_are_written_once_each_however_often_the_server_dies(server, store, inbox):
    lease = store.lease()
    writer = Writer(store.database, lease, clock=Clock(), post=inbox.post)
    for round_ in range(1, 2_001):
        writer.submit(WrittenRound(round_, float(round_), (note(str(round_)),), ()))
        if round_ % 500 == 0:
            inbox.wait_for(Recorded, len(inbox.of(Recorded)) + 1)
            server.kill()
            server.start()
    assert writer.close(timeout_s=60.0)
    lease.release()
    assert store.rows(schema.journal, "kind") == [(str(round_),) for round_ in range(1, 2_001)]


def test_requests_are_taken_up_again_after_the_server_was_away(server, store, inbox):
    poller = Poller(store.database, Definitions(store.workspace_id), clock=Clock(), post=inbox.post)
    ask(store, "1")
    inbox.wait_for(RequestReceived)
    server.kill()
    server.start()
    ask(store, "2")
    inbox.wait_for(RequestReceived, 2)
    poller.close()


def test_a_lease_outlives_the_server(server, store):
    lost = []
    lease = store.lease(on_lost=lambda: lost.append(True), ttl_s=0.3)
    server.kill()
    server.start()
    before = store.rows(schema.lease, "renewed_at")
    wait_until(lambda: store.rows(schema.lease, "renewed_at") != before)
    assert lost == []
    lease.release()


def ask(store, key):
    def asked():
        with suppress(StorageError):
            post_request(
                store.database, store.workspace_id, Halt(reason=key), who="eve", key=key, expires_s=60.0
            )
            return True
        return False

    wait_until(asked)


def test_a_request_is_heard_of_not_looked_for(store):
    notices = store.database.listen(CHANNEL)
    notices.wait(600.0)  # connects
    for key in "123":
        ask(store, key)
        notices.wait(600.0)
    notices.close()
