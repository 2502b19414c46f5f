"""What stores keep of notes, forms and handovers, and who can read them then."""

import msgspec
import pytest

from dialer.core.ids import AgentId
from dialer.core.records import (
    AgentChanged,
    AttemptDisposed,
    AttemptEnded,
    AttemptStarted,
    HandoverEnded,
    HandoverStarted,
)
from dialer.core.states import AgentState, Outcome
from dialer.core.transfer_states import HandoverOutcome, Way
from dialer.errors import ConfigError
from dialer.reports.work import work_of
from dialer.storage import handovers, notes, pruning, rounds, schema
from dialer.storage.notes import NoteKind, Writing
from tests.stores import number


class Floor:
    """Two agents and a lead; the first agent talks with it for the second time."""

    def __init__(self, store):
        self.store = store
        self.anna, self.bert = (AgentId(store.add_agent(name)) for name in ("anna", "bert"))
        (self.lead,) = store.add_leads(1)
        self.attempt("old", at=1.0)
        ended = {"attempt_id": "old", "call_id": "old-call", "campaign_id": store.campaign_id}
        self.write(
            AttemptEnded(
                at=2.0, lead_id=self.lead, outcome=Outcome.CONNECTED, agent_id=self.bert, talk_s=9.0, **ended
            )
        )
        self.attempt("now", at=5.0)
        self.talks(self.anna)

    def attempt(self, name, *, at):
        self.write(
            AttemptStarted(
                at=at,
                attempt_id=name,
                call_id=f"{name}-call",
                leg_id=f"{name}-leg",
                campaign_id=self.store.campaign_id,
                lead_id=self.lead,
                trunk="main",
            )
        )

    def write(self, *records):
        with self.store.database.write() as connection:
            return rounds.write(connection, self.store.workspace_id, records)

    def talks(self, agent_id, state=AgentState.TALKING, attempt_id="now"):
        self.write(AgentChanged(at=6.0, agent_id=agent_id, state=state, attempt_id=attempt_id))

    def wrote(self, text, kind=NoteKind.NOTE, attempt_id="now"):
        writing = Writing(at=7.0, attempt_id=attempt_id, kind=kind, text=text, who="me", agent_id=self.anna)
        with self.store.database.write() as connection:
            notes.add(connection, self.store.workspace_id, writing)

    def hands_over(self, name="h-1", at=8.0):
        self.write(
            HandoverStarted(
                at=at,
                handover_id=name,
                way=Way.CONSULT,
                call_id="now-call",
                attempt_id="now",
                agent_id=self.anna,
                to_agent_id=self.bert,
            )
        )

    def ends(self, outcome, name="h-1"):
        self.write(HandoverEnded(at=9.0, handover_id=name, outcome=outcome))

    def work(self, agent_id):
        with self.store.database.read() as connection:
            return work_of(connection, self.store.workspace_id, agent_id)


@pytest.fixture
def floor(store):
    return Floor(store)


def test_t4_who_is_about_to_receive_a_customer_reads_all_that_is_known(floor):
    floor.wrote("wants two months")
    floor.wrote('{"contract": "A-17", "months": 1}', NoteKind.FORM)
    floor.wrote('{"contract": "A-17", "months": 2}', NoteKind.FORM)
    assert floor.work(floor.bert) is None
    floor.hands_over()
    work = floor.work(floor.bert)

    assert (work.attempt, work.campaign, work.number) == ("now", "spring", number(0))
    assert work.form == {"contract": "A-17", "months": 2}
    assert [note.text for note in work.notes] == ["wants two months"]
    assert [(past.attempt, past.outcome, past.agent) for past in work.history] == [
        ("old", "connected", "bert"),
        ("now", None, None),
    ]
    assert (work.handed_over.agent, work.handed_over.way, work.handed_over.outcome) == (
        "anna",
        "consult",
        None,
    )


def test_a_handover_keeps_by_id_what_there_was_to_read(floor):
    floor.wrote("one", attempt_id="old")
    floor.wrote("two")
    floor.hands_over()
    floor.wrote("three")
    ((kept,),) = floor.store.rows(schema.handover, "snapshot")
    snapshot = msgspec.json.decode(kept, type=handovers.Snapshot)

    assert snapshot.attempts == ("old", "now")
    assert len(snapshot.notes) == 2


@pytest.mark.parametrize(
    ("outcome", "agent", "reads"),
    [
        pytest.param(HandoverOutcome.TAKEN, "bert", True, id="taken"),
        pytest.param(HandoverOutcome.RETURNED, None, False, id="returned"),
    ],
)
def test_the_record_goes_with_the_customer(floor, outcome, agent, reads):
    floor.hands_over()
    floor.ends(outcome)
    if agent:
        floor.talks(floor.bert)
    work = floor.work(floor.bert)

    assert (work is not None) is reads
    assert work is None or work.handed_over.outcome == "taken"


def test_what_a_dead_run_was_handing_over_is_nobodys_work_any_more(floor):
    floor.hands_over()
    with floor.store.database.write() as connection:
        handovers.close_open(connection, floor.store.workspace_id, at=60.0)

    assert floor.store.rows(schema.handover, "outcome", "ended_at") == [("unknown", 60.0)]
    assert floor.work(floor.bert) is None


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        pytest.param("  ", NoteKind.NOTE, "1 to", id="empty"),
        pytest.param("x" * (notes.MAX_TEXT + 1), NoteKind.NOTE, "1 to", id="too long"),
        pytest.param("[1]", NoteKind.FORM, "one JSON object", id="a list"),
        pytest.param("{", NoteKind.FORM, "one JSON object", id="no JSON"),
    ],
)
def test_what_is_no_note_and_no_form_is_refused_with_the_reason(floor, text, kind, words):
    with pytest.raises(ConfigError, match=words):
        floor.wrote(text, kind)


def test_a_note_about_an_attempt_that_is_not_there_is_refused(floor):
    with pytest.raises(ConfigError, match="no attempt is called"):
        floor.wrote("x", attempt_id="nothing")


def test_notes_and_handovers_go_with_the_attempt_that_they_are_about(floor):
    floor.wrote("two")
    floor.hands_over()
    facts = {"attempt_id": "now", "campaign_id": floor.store.campaign_id, "lead_id": floor.lead}
    floor.write(AttemptEnded(at=9.0, call_id="now-call", outcome=Outcome.CONNECTED, **facts))
    floor.write(AttemptDisposed(at=9.0, agent_id=1, disposition="sale", ended=True, **facts))
    old = pruning.OldAttempts(floor.store.workspace_id, before=100.0)
    pruning.prune(floor.store.database, old, pause_s=0.0)

    assert floor.store.rows(schema.note, "text") == floor.store.rows(schema.handover, "id") == []
