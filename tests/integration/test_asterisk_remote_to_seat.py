"""A customer with a matter that only a seat agent may see to, from the first call on, through a run and a real Asterisk."""

import time
from itertools import permutations

import pytest
from sqlalchemy import select

from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.requests import ArrangeTalk, CallThirdParty, LogIn, MakeReady, PauseAgent
from dialer.core.settings import RecordingMode
from dialer.core.states import AgentState
from dialer.core.transfer_states import Arrangement, Way
from dialer.live.clock import Clock
from dialer.reports.work import work_of
from dialer.storage import agents, notes, schema
from telephony.sip.emulator.log import Ended, Segment, read_log
from tests.asterisk_floor import AsteriskFloor
from tests.floor import wait_until
from tests.integration.test_recording import samples_of

PATIENT = """
seed = 1
[default]
kind = "person"
ring_s = 0.2
talk_s = 600
patience_s = 600
"""
MORTGAGE = WorkflowStep(name="mortgages", skills={"mortgages": 2}, kind=AgentKind.SEAT)
PROFILES = (
    Profile(kind=AgentKind.REMOTE),
    Profile(kind=AgentKind.REMOTE, skills={"mortgages": 9}),
    Profile(kind=AgentKind.SEAT, skills={"mortgages": 1}),
    Profile(kind=AgentKind.SEAT, skills={"mortgages": 2}),
)
AROUND_S = 0.4
"""Of a moment; a busy machine makes gaps."""


class Site:
    """A floor whose first agent, who is remote, talks with the only customer; the others have come since."""

    def __init__(self, site):
        self.site, self.floor = site, site.floor
        self.agents = site.agent_ids()
        with self.floor.database.write() as connection:
            for agent_id, profile in zip(self.agents, PROFILES, strict=True):
                agents.change(connection, agent_id, profile)
        self.floor.start_run()
        self.log_in(self.agents[0])
        self.floor.start_campaign()
        self.await_talk(self.agents[0])
        for agent_id in self.agents[1:]:
            self.log_in(agent_id)

    def row(self, agent_id):
        (found,) = self.floor.rows(select(schema.agent).where(schema.agent.c.id == agent_id))
        return found

    def state(self, agent_id, state):
        wait_until(
            lambda: self.row(agent_id).state == state,
            90,
            f"{agent_id} {state}",
            lambda: f"{self.site.story()}",
        )

    def log_in(self, agent_id):
        self.floor.ask(LogIn(agent_id=agent_id, ready=True))
        self.state(agent_id, AgentState.READY)

    def await_talk(self, agent_id):
        self.state(agent_id, AgentState.TALKING)

    def journal(self, kind, detail):
        """Wait for a step that is told of; return when it was."""
        kept = schema.journal.c
        query = select(kept.at).where(kept.kind == kind, kept.detail == detail)
        wait_until(lambda: self.floor.scalar(query) is not None, 90, detail, lambda: f"{self.site.story()}")
        return self.floor.scalar(query)

    def work(self, agent_id):
        with self.floor.database.read() as connection:
            return work_of(connection, self.floor.workspace_id, agent_id)

    def note(self, agent_id, text):
        writing = notes.Writing(
            at=Clock().now(),
            attempt_id=self.row(agent_id).attempt_id,
            kind=notes.NoteKind.NOTE,
            text=text,
            who="test",
            agent_id=agent_id,
        )
        with self.floor.database.write() as connection:
            notes.add(connection, self.floor.workspace_id, writing)


def moment():
    """Let audio flow for a while; return a time in its midst."""
    time.sleep(1.5)
    at = time.time()
    time.sleep(0.7)
    return at


def who_heard(directory, at):
    """Return who heard whom about a moment, by the ends of the calls; the customer is whoever is no agent."""
    told = [
        (event, name)
        for file, name in (("carrier.jsonl", "customer"), ("phones.jsonl", ""))
        for event in read_log(directory / file)
    ]
    spoke = {event.sent_pair: name or event.number for event, name in told if isinstance(event, Ended)}
    return {
        (name or event.number, spoke[event.heard.pair])
        for event, name in told
        if isinstance(event, Segment) and event.heard.pair in spoke
        if event.heard.first_at <= at + AROUND_S and event.heard.last_at >= at - AROUND_S
    }


@pytest.fixture
def site(tmp_path):
    with AsteriskFloor(
        tmp_path, leads=1, agent_count=4, seed=4, people=PATIENT, record=RecordingMode.ON
    ) as one:
        yield Site(one)


def both(one, other):
    return set(permutations((one, other)))


def nobody_on_site(site, remote, seat):
    """Have the customer wait for a seat agent who pauses, in vain, though a remote one with the skill is free."""
    site.floor.ask(PauseAgent(agent_id=seat, reason="lunch"))
    site.floor.ask(CallThirdParty(agent_id=remote, way=Way.BLIND, wanted=MORTGAGE, within_s=2.0))
    site.journal("transfer", "blind: nobody was free in time")
    site.await_talk(remote)
    assert site.floor.rows(select(schema.handover)) == []
    site.floor.ask(MakeReady(agent_id=seat))


def test_t2_to_t5_a_remote_agents_customer_goes_with_the_record_to_a_free_seat_agent_who_has_the_skill(
    site, tmp_path
):
    remote, *_, seat = site.agents
    began = time.time()
    nobody_on_site(site, remote, seat)
    moments = [moment()]
    site.note(remote, "wants a longer term")
    site.floor.ask(CallThirdParty(agent_id=remote, way=Way.CONSULT, wanted=MORTGAGE))
    consulting_at = site.journal("transfer", "consult: consulting")
    moments.append(moment())
    work = site.work(seat)
    site.floor.ask(ArrangeTalk(agent_id=remote, arrangement=Arrangement.COMPLETE))
    site.state(seat, AgentState.TALKING)
    moments.append(moment())
    taken = site.work(seat)
    lasted_s = time.time() - began
    assert site.floor.stop_run() == 0

    assert [note.text for note in work.notes] == ["wants a longer term"]
    assert work.handed_over.at <= consulting_at
    assert (taken.handed_over.outcome, taken.attempt) == ("taken", work.attempt)
    (handover,) = site.floor.rows(select(schema.handover))
    assert (handover.agent_id, handover.to_agent_id) == (remote, seat)
    assert [who_heard(tmp_path, at) for at in moments] == [
        both("customer", "agent-1"),
        both("agent-4", "agent-1"),
        both("customer", "agent-4"),
    ]
    (recording,) = site.floor.rows(select(schema.recording))
    assert recording.failed == ""
    samples = samples_of(site.site.asterisk.home / "spool" / "monitor" / recording.id)
    assert len(samples) > 0.8 * lasted_s * 8_000
