"""The writer on a real file: groups, failures, claims, poison, death."""

import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import update

from dialer.core.commands import FetchLeads, FetchShifts, ReturnLeads
from dialer.core.events import LeadsLoaded, ShiftsLoaded
from dialer.core.records import AgentChanged, AgentLegStarted, AttemptStarted, JournalEntry
from dialer.core.shift import Shift
from dialer.core.states import AgentState
from dialer.errors import StorageError
from dialer.live.clock import Clock
from dialer.live.rounds import NotRecorded, Recorded, WrittenRound
from dialer.live.writer import NOT_RECORDED, Writer
from dialer.storage import roster, schema
from tests.stores import Inbox, number


class Gate:
    """Holds commits back until it is opened, or lets some of them fail."""

    def __init__(self, *, fail: int = 0) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        self.fail = fail

    def __call__(self) -> None:
        self.reached.set()
        assert self.open.wait(20)
        if self.fail:
            self.fail -= 1
            raise StorageError("the disk is full")


@pytest.fixture
def lost():
    return threading.Event()


@pytest.fixture
def lease(store, lost):
    held = store.lease(on_lost=lost.set)
    yield held
    held.release()


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def start_writer(store, lease, inbox):
    writers = []

    def start(before_commit=None):
        clock = Clock()
        writers.append(
            Writer(store.database, lease, clock=clock, post=inbox.post, before_commit=before_commit)
        )
        return writers[-1]

    yield start
    for writer in writers:
        writer.close(timeout_s=0.0)


def note(kind="note", **facts):
    return JournalEntry(at=1.0, kind=kind, **facts)


def attempt(store, lead_id, name):
    return AttemptStarted(
        at=1.0,
        attempt_id=f"{name}-attempt",
        call_id=f"{name}-call",
        leg_id=f"{name}-leg",
        campaign_id=store.campaign_id,
        lead_id=lead_id,
        trunk="main",
    )


def test_rounds_that_wait_are_committed_together_and_in_order(store, inbox, start_writer):
    gate = Gate()
    writer = start_writer(gate)
    writer.submit(WrittenRound(1, 5.0, (note("a"),), ()))
    assert gate.reached.wait(20)
    for round_, kind in ((2, "b"), (3, "c")):
        writer.submit(WrittenRound(round_, 6.0, (note(kind),), ()))
    assert (writer.waiting, writer.oldest_unrecorded_at) == (3, 5.0)
    gate.open.set()
    assert [item.round for item in inbox.wait_for(Recorded, 2)] == [1, 3]
    assert store.rows(schema.journal, "kind") == [("a",), ("b",), ("c",)]
    assert (writer.waiting, writer.oldest_unrecorded_at) == (0, None)


def test_closing_writes_what_waits(store, start_writer):
    writer = start_writer()
    writer.submit(WrittenRound(1, 5.0, (note(),), ()))
    writer.note_sip("a-leg", at=1.0, direction="out", text="INVITE")
    assert writer.close()
    assert store.rows(schema.journal, "kind") == [("note",)]
    assert store.rows(schema.sip_message, "leg_id", "text") == [("a-leg", "INVITE")]


def test_sip_messages_are_kept_without_a_round(store, inbox, start_writer):
    writer = start_writer()
    writer.note_sip("a-leg", at=1.0, direction="in", text="SIP/2.0 200 OK")
    writer.submit(WrittenRound(1, 5.0, (note(),), ()))
    inbox.wait_for(Recorded)
    assert writer.close()
    assert len(store.rows(schema.sip_message, "id")) == 1


def test_a_failed_commit_is_told_once_and_tried_again_in_order(store, inbox, start_writer):
    gate = Gate(fail=3)
    writer = start_writer(gate)
    writer.submit(WrittenRound(1, 5.0, (note("a"),), ()))
    assert gate.reached.wait(20)
    gate.open.set()
    inbox.wait_for(NotRecorded)
    writer.submit(WrittenRound(2, 6.0, (note("b"),), ()))
    inbox.wait_for(Recorded)
    assert writer.close()
    told = [round_ for item in inbox.of(NotRecorded) for round_ in item.rounds]
    assert told in ([1], [1, 2])
    assert inbox.of(Recorded)[-1].round == 2
    assert store.rows(schema.journal, "kind") == [("a",), ("b",)]


def test_closing_a_writer_that_cannot_write_says_that_something_is_missing(inbox, start_writer):
    gate = Gate(fail=10**9)
    gate.open.set()
    writer = start_writer(gate)
    writer.submit(WrittenRound(1, 5.0, (note(),), ()))
    inbox.wait_for(NotRecorded)
    assert not writer.close(timeout_s=0.0)


def test_claims_follow_the_records_and_are_posted_once_committed(store, inbox, start_writer):
    leads = store.add_leads(5)
    writer = start_writer()
    writer.submit(WrittenRound(1, 5.0, (note(),), (FetchLeads(campaign_id=store.campaign_id, count=3),)))
    (loaded,) = inbox.wait_for(LeadsLoaded)
    assert isinstance(inbox.items[0], Recorded)
    claimed = tuple(lead.lead_id for lead in loaded.leads)
    assert set(claimed) <= set(leads)
    back = ReturnLeads(campaign_id=store.campaign_id, lead_ids=claimed)
    writer.submit(WrittenRound(2, 6.0, (), (back, FetchLeads(campaign_id=store.campaign_id, count=9))))
    assert len(inbox.wait_for(LeadsLoaded, 2)[1].leads) == 5


def test_leads_come_with_the_score_that_their_list_gives(store, inbox, start_writer):
    first, *_ = store.add_leads(3)
    with store.database.write() as connection:
        connection.execute(
            update(schema.lead).where(schema.lead.c.id == first).values(attributes='{"likely": "1.25"}')
        )
    fetch = FetchLeads(campaign_id=store.campaign_id, count=9, score_attribute="likely")
    start_writer().submit(WrittenRound(1, 5.0, (), (fetch,)))
    (loaded,) = inbox.wait_for(LeadsLoaded)
    assert sorted((lead.lead_id == first, lead.score) for lead in loaded.leads) == [
        (False, 0.0),
        (False, 0.0),
        (True, 1.25),
    ]


def test_the_roster_of_a_span_is_posted_when_it_is_asked_for(store, inbox, start_writer):
    ada = store.add_agent("ada")
    shifts = [Shift(agent_id=ada, begins_at=at, ends_at=at + 10.0) for at in (0.0, 20.0, 40.0)]
    with store.database.write() as connection:
        roster.replace(connection, store.workspace_id, ((shift, "UTC") for shift in shifts))
    writer = start_writer()
    writer.submit(WrittenRound(1, 5.0, (), (FetchShifts(from_at=5.0, until_at=25.0),)))
    (loaded,) = inbox.wait_for(ShiftsLoaded)
    assert loaded.shifts == tuple(shifts[:2])


def test_one_record_that_is_refused_costs_no_other(store, inbox, start_writer):
    (lead,) = store.add_leads(1)
    nobody = AgentChanged(at=1.0, agent_id=999, state=AgentState.READY)
    nobodys_leg = AgentLegStarted(at=1.0, leg_id="x-leg", agent_id=999)
    no_lead = attempt(store, 999, "y")
    batch = (note("before"), nobody, nobodys_leg, no_lead, attempt(store, lead, "z"), note("after"))
    start_writer().submit(WrittenRound(1, 5.0, batch, ()))
    (recorded,) = inbox.wait_for(Recorded)
    assert recorded.addresses == {"z-leg": number(0)}
    assert recorded.refused == {"x-leg": NOT_RECORDED, "y-leg": NOT_RECORDED}
    kinds = [kind for (kind,) in store.rows(schema.journal, "kind")]
    assert kinds == ["before", "anomaly", "anomaly", "anomaly", "after"]


def test_a_run_that_lost_its_lease_writes_nothing_more(store, lost, start_writer):
    writer = start_writer()
    store.steal_lease()
    writer.submit(WrittenRound(1, 5.0, (note(),), ()))
    assert lost.wait(20)
    assert not writer.close()
    assert store.rows(schema.journal, "kind") == []


def test_a_writer_that_dies_of_a_bug_says_so(store, lease, inbox):
    died = threading.Event()
    writer = Writer(
        store.database,
        lease,
        clock=Clock(),
        post=inbox.post,
        before_commit=lambda: None.bug,
        died=lambda name, error: died.set(),
    )
    writer.submit(WrittenRound(1, 5.0, (note(),), ()))
    assert died.wait(20)
    assert not writer.close()


def test_a_killed_writer_has_lost_no_round_that_it_called_recorded(store):
    leads = store.add_leads(1500)
    url = store.database.url
    store.database.close()
    command = [
        sys.executable,
        str(Path(__file__).with_name("writing_run.py")),
        url,
        ",".join(str(lead) for lead in leads),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        try:
            told = [int(run.stdout.readline()) for _ in range(20)]
        finally:
            run.kill()
        told += [int(line) for line in run.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        assert run.wait(20) == -signal.SIGKILL
    kept = {name for (name,) in store.rows(schema.attempt, "id")}
    assert {f"a{round_}" for round_ in range(1, max(told) + 1)} <= kept
    assert {attempt_id for (attempt_id,) in store.rows(schema.call, "attempt_id")} == kept
    assert {attempt_id for (attempt_id,) in store.rows(schema.journal, "attempt_id")} == kept


class LosingDatabase:
    """A database whose connection is lost right after its next commits, before anybody is told of them."""

    def __init__(self, database):
        self.read = database.read
        self.lose = 0
        self._database = database

    @contextmanager
    def write(self):
        with self._database.write() as connection:
            yield connection
        if self.lose:
            self.lose -= 1
            raise StorageError("the connection was lost")


@pytest.mark.parametrize("losses", [1, 3])
def test_a_commit_of_unknown_fate_is_not_written_twice(store, lease, inbox, losses):
    lead, *_ = leads = store.add_leads(3)
    losing = LosingDatabase(store.database)
    writer = Writer(losing, lease, clock=Clock(), post=inbox.post)
    losing.lose = losses
    fetch = FetchLeads(campaign_id=store.campaign_id, count=2)
    writer.submit(WrittenRound(1, 5.0, (note("a"), attempt(store, lead, "x")), (fetch,)))
    inbox.wait_for(NotRecorded)
    writer.submit(WrittenRound(2, 6.0, (note("b"), attempt(store, leads[1], "y")), ()))
    assert writer.close()
    assert store.rows(schema.journal, "kind") == [("a",), ("b",)]
    assert store.rows(schema.attempt, "id") == [("x-attempt",), ("y-attempt",)]
    addresses = {leg: to for item in inbox.of(Recorded) for leg, to in item.addresses.items()}
    assert addresses == {"x-leg": number(0), "y-leg": number(1)}
    assert [len(item.leads) for item in inbox.of(LeadsLoaded)] == [2]
    assert [kept for kept in inbox.of(Recorded) if kept.refused] == []
