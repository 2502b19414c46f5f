"""What stores keep of leads that agents are shown, and what becomes of those leads."""

import pytest

from dialer.core.ids import AgentId
from dialer.core.preview_records import PreviewEnded, PreviewStarted
from dialer.core.preview_states import PreviewOutcome
from dialer.core.records import AgentChanged
from dialer.core.states import AgentState, Outcome
from dialer.reports.now import floor_now
from dialer.reports.talk import talk_of
from dialer.reports.work import work_of
from dialer.storage import agents, hopper, previews, pruning, schema
from dialer.storage.fence import Fence
from tests.contract.storage.attempts import ended, hopper_row, started, write
from tests.stores import number


@pytest.fixture
def floor(store):
    return Floor(store)


class Floor:
    """An agent and a lead."""

    def __init__(self, store):
        self.store = store
        self.anna = AgentId(store.add_agent("anna"))
        (self.lead,) = store.add_leads(1)

    @property
    def facts(self):
        return {
            "preview_id": "p-1",
            "campaign_id": self.store.campaign_id,
            "lead_id": self.lead,
            "agent_id": self.anna,
        }

    def begins(self, at=10.0, **facts):
        return PreviewStarted(at=at, **(self.facts | facts))

    def ends(self, outcome, at=20.0, **facts):
        return PreviewEnded(at=at, outcome=outcome, **(self.facts | facts))

    def work(self):
        with self.store.database.read() as connection:
            return work_of(connection, self.store.workspace_id, self.anna)


def test_whoever_is_shown_a_lead_reads_who_it_is(store, floor):
    write(store, floor.begins(), AgentChanged(at=10.0, agent_id=floor.anna, state=AgentState.PREVIEWING))
    work = floor.work()
    assert (work.attempt, work.number) == (None, number(0))
    with store.database.read() as connection:
        row = agents.by_id(connection, store.workspace_id, floor.anna)
        talk = talk_of(connection, store.workspace_id, row)
        (shown,) = floor_now(connection, store.workspace_id, at=11.0).agents
    assert (talk["number"], talk["campaign"], talk["attempt"]) == (number(0), work.campaign, None)
    assert (shown.state, shown.campaign) == (AgentState.PREVIEWING, work.campaign)


def test_what_is_decided_is_shown_no_more(store, floor):
    write(store, floor.begins(), floor.ends(PreviewOutcome.RETURNED, reason="the agent is paused"))
    assert floor.work() is None
    kept = store.rows(schema.preview, "outcome", "reason", "ended_at")
    assert kept == [("returned", "the agent is paused", 20.0)]


def test_a_skip_counts_and_makes_the_lead_due_later(store, floor):
    write(store, floor.begins(), floor.ends(PreviewOutcome.SKIPPED, reason="wrong firm", retry_at=99.0))
    columns = ("state", "due_at", "attempts", "tries", "reason", "instance")
    assert hopper_row(store, floor.lead, *columns) == (
        schema.HopperState.READY,
        99.0,
        0,
        '{"skipped":1}',
        "skipped by an agent",
        None,
    )


def test_the_last_skip_finishes_the_lead(store, floor):
    for name, retry_at in (("p-1", 99.0), ("p-2", None)):
        begun = floor.begins(preview_id=name)
        write(store, begun, floor.ends(PreviewOutcome.SKIPPED, preview_id=name, retry_at=retry_at))
    state, reason = hopper_row(store, floor.lead, "state", "reason")
    assert (state, reason) == (schema.HopperState.DONE, "skipped by agents, 2 times")


def test_who_skipped_it_and_why_is_shown_to_the_next(store, floor):
    skip = floor.ends(PreviewOutcome.SKIPPED, reason="asked for a letter", retry_at=1.0)
    write(store, floor.begins(), skip, floor.begins(at=30.0, preview_id="p-2"))
    (told,) = floor.work().skips
    assert (told.agent, told.reason, told.at) == ("anna", "asked for a letter", 20.0)


def test_skips_so_far_come_with_the_next_claim(store, floor):
    write(store, floor.begins(), floor.ends(PreviewOutcome.SKIPPED, retry_at=1.0))
    claims = hopper.Hopper(Fence(store.workspace_id, "run", 1))
    with store.database.write() as connection:
        claim = claims.claim(connection, store.campaign_id, count=1, closed=(), at=100.0)
    assert [lead.tries for lead in claim.leads] == [{Outcome.SKIPPED: 1}]


def test_a_lead_that_is_called_keeps_its_preview_with_the_attempt(store, floor):
    called = floor.ends(PreviewOutcome.CALLED, attempt_id="a-attempt")
    write(store, floor.begins(), called, started(store, floor.lead, "a"))
    assert store.rows(schema.preview, "outcome", "attempt_id") == [("called", "a-attempt")]
    write(store, ended(store, floor.lead, "a"))
    gone = pruning.OldAttempts(store.workspace_id, before=1000.0)
    assert pruning.prune(store.database, gone, pause_s=0.0) == 1
    assert store.rows(schema.preview, "id") == []


@pytest.mark.parametrize(("before", "left"), [(15.0, 1), (25.0, 0)])
def test_old_previews_that_no_attempt_came_of_go_by_themselves(store, floor, before, left):
    write(store, floor.begins(), floor.ends(PreviewOutcome.RETURNED))
    old = pruning.OldQueueWork(store.workspace_id, before=before)
    assert pruning.prune(store.database, old, pause_s=0.0) == 1 - left
    assert len(store.rows(schema.preview, "id")) == left


def test_what_a_dead_run_left_open_is_closed(store, floor):
    write(store, floor.begins())
    with store.database.write() as connection:
        previews.close_open(connection, store.workspace_id, at=50.0)
    assert store.rows(schema.preview, "outcome", "ended_at") == [("unknown", 50.0)]
    assert floor.work() is None
