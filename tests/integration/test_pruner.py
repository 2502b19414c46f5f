"""A run forgets what is old while it writes what is new."""

import pytest

from dialer.core.records import JournalEntry
from dialer.live.clock import Clock
from dialer.live.pruner import Pruner
from dialer.live.rounds import Recorded, WrittenRound
from dialer.live.writer import Writer
from dialer.storage import pruning, rounds, schema
from tests.stores import Inbox, wait_until

DAY = 86_400.0


def never(name, error):
    raise AssertionError(name) from error


@pytest.fixture
def lease(store):
    held = store.lease()
    yield held
    held.release()


def note(store, *ats):
    with store.database.write() as connection:
        rounds.write(connection, store.workspace_id, [JournalEntry(at=at, kind="note") for at in ats])


def pruner(store, lease, clock, *, keep_days=90, busy=lambda: False):
    return Pruner(store.database, lease.fence, keep_days=keep_days, clock=clock, died=never, busy=busy)


def test_old_notes_go_while_rounds_are_written(store, lease):
    clock, inbox = Clock(), Inbox()
    now = clock.now()
    note(store, *[now - 100 * DAY] * (2 * pruning.BATCH + 1), now - 80 * DAY)
    writer = Writer(store.database, lease, clock=clock, post=inbox.post, died=never)
    tidy = pruner(store, lease, clock)
    try:
        for number in range(1, 21):
            writer.submit(WrittenRound(number, now, (JournalEntry(at=now, kind="note"),), ()))
        wait_until(lambda: len(store.rows(schema.journal, "id")) == 21)
    finally:
        tidy.close()
        assert writer.close()
    assert inbox.of(Recorded)[-1].round == 20


def test_whoever_keeps_everything_keeps_everything(store, lease):
    note(store, 0.0)
    pruner(store, lease, Clock(), keep_days=0).close()
    assert len(store.rows(schema.journal, "id")) == 1


def test_nothing_is_deleted_while_the_database_is_busy(store, lease):
    asked = []
    note(store, 0.0)

    def busy():
        asked.append(len(store.rows(schema.journal, "id")))
        return len(asked) < 3

    tidy = pruner(store, lease, Clock(), busy=busy)
    wait_until(lambda: store.rows(schema.journal, "id") == [])
    tidy.close()
    assert asked[:3] == [1, 1, 1]


def test_a_run_that_lost_its_lease_deletes_nothing(store, lease):
    note(store, 0.0)
    store.steal_lease()
    tidy = pruner(store, lease, Clock())
    wait_until(lambda: not tidy.is_alive)
    tidy.close()
    assert len(store.rows(schema.journal, "id")) == 1
