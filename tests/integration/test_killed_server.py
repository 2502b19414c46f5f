"""The database's server dies in mid-campaign and comes back: the run goes on, talks are not disturbed, nothing is lost."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import func, select

from dialer.core.states import AgentState, Outcome
from dialer.storage import schema
from dialer.storage.schema import HopperState
from telephony.sip.emulator.log import Ended, Invited, Sent, invites_by_number, open_legs
from tests.floor import RealFloor, real_floor, wait_until
from tests.postgres import Server

PEOPLE = """
seed = 1
[default]
kind = "person"
ring_s = [0.5, 1.5]
talk_s = [0.5, 2.0]
patience_s = 8
"""

DOWN_S = 2.0
GRACE_S = 0.5
"""How long a call that was on record when the server died may take until its INVITE arrives."""


@contextmanager
def durable_server() -> Iterator[Server]:
    server = Server(durable=True)
    try:
        yield server
    finally:
        server.remove()


def ringing(floor: RealFloor) -> int:
    """Return how many calls ring at this moment."""
    events = floor.carrier_log()
    over = {event.leg for event in events if isinstance(event, Ended)}
    answered = {event.leg for event in events if isinstance(event, Sent) and event.status == 200}
    return sum(isinstance(event, Invited) and event.leg not in over | answered for event in events)


def outage(floor: RealFloor, server: Server, chance: Random) -> tuple[float, float]:
    """Let the server die while calls ring, and come back; return when it was away."""
    wait_until(lambda: ringing(floor) >= 2, 90, "calls that ring")
    wait_until(lambda: chance.random() < 0.3, 30, "a random moment")
    since = time.time()
    chance.choice((server.kill, server.stop_at_once))()
    wait_until(lambda: time.time() > since + DOWN_S, 30, "the outage to last")
    until = time.time()
    server.start()
    return since, until


def survive(floor: RealFloor, server: Server, *, kills: int, seed: int) -> list[tuple[float, float]]:
    """Kill the server so often, each time after some more calls; return when it was away."""
    chance = Random(seed)
    floor.start_run()
    floor.log_everybody_in()
    floor.start_campaign()
    outages = []
    for _ in range(kills):
        wanted = floor.ended_attempts() + chance.randint(2, 5)
        wait_until(lambda wanted=wanted: floor.ended_attempts() >= wanted, 90, "some calls")
        outages.append(outage(floor, server, chance))
    wanted = floor.ended_attempts() + 4
    wait_until(lambda: floor.ended_attempts() >= wanted or floor.is_complete(), 90, "more calls afterwards")
    return outages


def no_call_left_while_it_could_not_be_recorded(floor: RealFloor, outages: list[tuple[float, float]]) -> None:
    """Compare the carrier's log with the outages and the rows."""
    invited = [event.at for event in floor.carrier_log() if isinstance(event, Invited)]
    for since, until in outages:
        assert [at for at in invited if since + GRACE_S < at < until] == []
    committed = Counter(row.number for row in floor.rows(select(schema.call.c.number)))
    seen = invites_by_number(floor.carrier_log())
    assert {number: count for number, count in seen.items() if count > committed[number]} == {}


def answered_people_got_an_agent_meanwhile(floor: RealFloor, outages: list[tuple[float, float]]) -> None:
    """Look for people who answered while the server was away and an agent was free."""
    attempt, lead = schema.attempt.c, schema.lead.c
    query = select(lead.phone, attempt.answered_at, attempt.bridged_at).join_from(
        schema.attempt, schema.lead, lead.id == attempt.lead_id
    )
    served = floor.rows(query.where(attempt.agents_free > 0))
    meanwhile = [
        row for row in served for since, until in outages if since < row.answered_at < until - GRACE_S
    ]
    assert meanwhile
    assert {row.phone: row.bridged_at - row.answered_at for row in meanwhile if not quick(row)} == {}


def quick(row) -> bool:
    return row.bridged_at is not None and row.bridged_at - row.answered_at < GRACE_S


def nothing_is_lost(floor: RealFloor) -> None:
    """Look at leads, attempts and agents once the run has ended."""
    attempt, period = schema.attempt.c, schema.agent_period.c
    assert not open_legs(floor.carrier_log())
    assert floor.scalar(select(func.count()).where(attempt.outcome.is_(None))) == 0
    assert floor.scalar(select(func.count()).where(schema.call.c.ended_at.is_(None))) == 0
    # Leads claimed while the run was ending are free again when the next one starts.
    leads = floor.scalar(select(func.count()).select_from(schema.lead))
    assert floor.scalar(select(func.count()).select_from(schema.hopper)) == leads
    busy = select(func.max(period.ended_at - period.started_at)).where(
        period.state.in_((AgentState.RESERVED, AgentState.WRAP_UP, AgentState.LOGGING_IN))
    )
    assert floor.scalar(busy) < 60
    by_lead: dict[int, list[object]] = {}
    for row in floor.rows(select(schema.attempt).order_by(attempt.started_at)):
        by_lead.setdefault(row.lead_id, []).append(row)
    for attempts in by_lead.values():
        for before, after in pairwise(attempts):
            assert before.outcome == Outcome.CANCELLED
            assert after.started_at >= before.retry_at


def each_lead_is_called_once(floor: RealFloor) -> None:
    """Look at a campaign that is complete."""
    hopper = schema.hopper.c
    assert floor.scalar(select(func.count()).where(hopper.state != HopperState.DONE)) == 0
    assert floor.scalar(select(func.max(hopper.attempts))) == 1
    assert set(invites_by_number(floor.carrier_log()).values()) == {1}


def test_a_run_whose_database_server_is_killed_goes_on(tmp_path):
    with (
        durable_server() as server,
        real_floor(tmp_path, leads=60, agent_count=4, behaviour=PEOPLE, url=server.new_database()) as floor,
    ):
        outages = survive(floor, server, kills=2, seed=1)
        assert floor.stop_run() == 0
        no_call_left_while_it_could_not_be_recorded(floor, outages)
        answered_people_got_an_agent_meanwhile(floor, outages)
        nothing_is_lost(floor)


@pytest.mark.soak
def test_a_run_whose_database_server_is_killed_ten_times_completes_its_campaign(tmp_path):
    with (
        durable_server() as server,
        real_floor(tmp_path, leads=200, agent_count=5, behaviour=PEOPLE, url=server.new_database()) as floor,
    ):
        outages = survive(floor, server, kills=10, seed=2)
        wait_until(floor.is_complete, 300, "the campaign's end")
        assert floor.stop_run() == 0
        no_call_left_while_it_could_not_be_recorded(floor, outages)
        answered_people_got_an_agent_meanwhile(floor, outages)
        nothing_is_lost(floor)
        each_lead_is_called_once(floor)
