"""A run with third parties in its talks, and one that is killed in a consult: who is left, and what is on record."""

from contextlib import contextmanager

from sqlalchemy import func, select

from dialer.core.requests import ArrangeTalk, CallThirdParty
from dialer.core.states import AgentState, Outcome
from dialer.core.transfer_states import Arrangement, Way
from dialer.live.clock import Clock
from dialer.storage import guests, schema
from tests.asterisk_floor import AsteriskFloor
from tests.floor import wait_until

PATIENT = """
seed = 1
[default]
kind = "person"
ring_s = 0.2
talk_s = 600
patience_s = 600
"""


@contextmanager
def talk(directory):
    """Yield a floor with one customer, who talks, and that one's agent."""
    with AsteriskFloor(directory, leads=1, agent_count=2, seed=4, people=PATIENT) as site:
        site.begin()
        period = schema.agent_period.c
        talking = select(period.agent_id).where(period.state == AgentState.TALKING, period.ended_at.is_(None))
        wait_until(lambda: site.floor.scalar(talking) is not None, 60, "a talk", site.floor.said)
        yield site, site.floor.scalar(talking)


def call_third(site, agent_id, way):
    """Have a phone called to the talk; return its row's id."""
    floor = site.floor
    phone = floor.rows(select(schema.agent.c.phone).where(schema.agent.c.id != agent_id))[0].phone
    with floor.database.write() as connection:
        guest_id = guests.add(connection, floor.workspace_id, phone, who="test", at=Clock().now())
    floor.ask(CallThirdParty(agent_id=agent_id, way=way, guest_id=guest_id))
    return guest_id


def told(site, *kinds):
    kept = schema.journal.c
    query = select(func.count()).where(kept.kind.in_(kinds))
    return site.floor.scalar(query)


def step(site, detail):
    """Wait until the journal tells of a step of a transfer."""
    kept = schema.journal.c
    query = select(func.count()).where(kept.kind == "transfer", kept.detail == detail)
    wait_until(lambda: site.floor.scalar(query) == 1, 60, detail, lambda: f"{site.story()}")


def guest(site):
    (row,) = site.floor.rows(select(schema.guest))
    return row


def test_a_consult_that_is_completed_frees_the_agent_and_is_on_record_to_its_end(tmp_path):
    with talk(tmp_path) as (site, agent_id):
        call_third(site, agent_id, Way.CONSULT)
        step(site, "consult: consulting")
        site.floor.ask(ArrangeTalk(agent_id=agent_id, arrangement=Arrangement.COMPLETE))
        step(site, "consult: handed_over")
        wait_until(lambda: AgentState.TALKING not in site.floor.states(), 60, "the agent", site.floor.said)
        legs = site.open_legs()
        assert (len(legs), legs <= site.channels()) == (4, True)
        assert site.floor.stop_run() == 0

        (attempt,) = site.floor.rows(select(schema.attempt))
        assert (attempt.outcome, attempt.agent_id) == (Outcome.CONNECTED, agent_id)
        row = guest(site)
        assert (row.outcome, row.attempt_id, row.kind) == (Outcome.CONNECTED, attempt.id, "third party")
        assert row.called_at <= row.joined_at <= row.ended_at
        assert site.open_legs() == set()
        wait_until(
            lambda: site.channels() == set(), 30, "the end of every channel"
        )  # tones have some of their own


def test_a_run_that_is_killed_in_a_consult_leaves_no_third_party_and_the_customer_to_somebody(tmp_path):
    with talk(tmp_path) as (site, agent_id):
        call_third(site, agent_id, Way.CONSULT)
        step(site, "consult: consulting")
        third, before = guest(site).leg_id, told(site, "bridged")
        site.floor.kill_run()
        assert third in site.channels()

        site.restart()
        wait_until(lambda: third not in site.channels(), 60, "the third party's end", site.floor.said)
        over = select(func.count()).where(schema.attempt.c.outcome.is_not(None))
        # Whoever was held for too long by then has heard the message.
        wait_until(
            lambda: told(site, "bridged") > before or site.floor.scalar(over) == 1,
            60,
            "somebody for the customer",
            lambda: f"{site.story()}",
        )
        assert guest(site).outcome == Outcome.UNKNOWN
        assert site.floor.stop_run() == 0
        assert site.open_legs() == set()
        wait_until(
            lambda: site.channels() == set(), 30, "the end of every channel"
        )  # tones have some of their own
        (attempt,) = site.floor.rows(select(schema.attempt))
        assert attempt.outcome in (Outcome.CONNECTED, Outcome.UNKNOWN)
