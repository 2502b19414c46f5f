"""A run over the dialer's own SIP with a supervisor and a third party in its talk: who is left, and what is on record."""

import pytest
from sqlalchemy import func, select

from dialer.core.guest_states import Supervision
from dialer.core.requests import ArrangeTalk, CallThirdParty, LogIn, SuperviseAgent
from dialer.core.states import AgentState, Outcome
from dialer.core.transfer_states import Arrangement, Way
from dialer.live.clock import Clock
from dialer.storage import guests, schema
from telephony.sip.emulator.log import open_legs
from tests.floor import real_floor, wait_until

PATIENT = """
seed = 1
[default]
kind = "person"
ring_s = 0.2
talk_s = 600
patience_s = 600
"""
EXPERT = "+12125550177"


class Talk:
    """A run whose one agent talks with its one customer."""

    def __init__(self, floor):
        self.floor = floor
        floor.config.write_text(floor.config.read_text().replace("[run]", "[run]\nfinish_talks_s = 0"))
        floor.start_run()
        self.agent_id, self.boss = (row.id for row in floor.rows(select(schema.agent.c.id)))
        floor.ask(LogIn(agent_id=self.agent_id, ready=True))
        wait_until(lambda: AgentState.READY in floor.states(), 60, "the agent's phone", floor.said)
        floor.start_campaign()
        wait_until(lambda: AgentState.TALKING in floor.states(), 60, "a talk", floor.said)

    def guest(self, address):
        with self.floor.database.write() as connection:
            return guests.add(connection, self.floor.workspace_id, address, who="test", at=Clock().now())

    def consult(self):
        guest_id = self.guest(EXPERT)
        self.floor.ask(CallThirdParty(agent_id=self.agent_id, way=Way.CONSULT, guest_id=guest_id, dials=True))
        self.await_entry("transfer", "consult: consulting")
        return guest_id

    def supervise(self):
        phone = self.floor.scalar(select(schema.agent.c.phone).where(schema.agent.c.id == self.boss))
        guest_id = self.guest(phone)
        self.floor.ask(SuperviseAgent(agent_id=self.agent_id, mode=Supervision.WHISPER, guest_id=guest_id))
        self.await_entry("supervised", "whisper")
        return guest_id

    def await_entry(self, kind, detail):
        kept = schema.journal.c
        query = select(func.count()).where(kept.kind == kind, kept.detail == detail)
        wait_until(lambda: self.floor.scalar(query) > 0, 60, detail, self.floor.said)

    def row(self, guest_id):
        (row,) = self.floor.rows(select(schema.guest).where(schema.guest.c.id == guest_id))
        return row


@pytest.fixture
def talk(tmp_path):
    with real_floor(tmp_path, leads=1, agent_count=2, behaviour=PATIENT) as floor:
        yield Talk(floor)


def test_a_consult_over_sip_that_is_completed_frees_the_agent_and_is_on_record_to_its_end(talk):
    floor, boss, expert = talk.floor, talk.supervise(), talk.consult()
    floor.ask(ArrangeTalk(agent_id=talk.agent_id, arrangement=Arrangement.COMPLETE))
    talk.await_entry("transfer", "consult: handed_over")
    wait_until(lambda: AgentState.TALKING not in floor.states(), 60, "the agent", floor.said)
    left = open_legs(floor.carrier_log())
    assert floor.stop_run() == 0

    (attempt,) = floor.rows(select(schema.attempt))
    assert (len(left), attempt.outcome, attempt.agent_id) == (2, Outcome.CONNECTED, talk.agent_id)
    for row in (talk.row(boss), talk.row(expert)):
        assert (row.outcome, row.called_at <= row.joined_at <= row.ended_at) == (Outcome.CONNECTED, True)
    assert not open_legs(floor.carrier_log())


def test_a_run_that_is_killed_in_a_consult_over_sip_leaves_nobody_on_the_line(talk):
    expert = talk.consult()
    talk.floor.kill_run()
    wait_until(lambda: not open_legs(talk.floor.carrier_log()), 30, "the end of every leg")
    talk.floor.start_run()

    wait_until(lambda: talk.row(expert).ended_at is not None, 60, "the third party's end", talk.floor.said)
    assert talk.row(expert).outcome == Outcome.UNKNOWN
    assert talk.floor.stop_run() == 0
