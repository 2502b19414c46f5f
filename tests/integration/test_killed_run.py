"""`kill -9` of a run at random moments: nothing is lost, nobody is called twice for one attempt."""

from collections import Counter, defaultdict
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import func, select

from dialer.core.states import Outcome
from dialer.storage import schema
from dialer.storage.schema import HopperState
from telephony.sip.emulator.log import invites_by_number, open_legs
from tests.floor import UNKNOWN_RETRY_S, RealFloor, real_floor, wait_until

PEOPLE = """
seed = 1
[default]
kind = "person"
ring_s = [0.3, 1.5]
talk_s = [0.5, 3.0]
patience_s = 8
"""


def survive(floor: RealFloor, kills: int, seed: int) -> None:
    """Kill the run so often, each time after a random number of outcomes and a random moment more."""
    chance = Random(seed)
    floor.start_run()
    floor.log_everybody_in()
    floor.start_campaign()
    for _ in range(kills):
        wanted = floor.ended_attempts() + chance.randint(1, 4)
        wait_until(
            lambda wanted=wanted: floor.ended_attempts() >= wanted or floor.is_complete(), 60, "some calls"
        )
        wait_until(lambda: chance.random() < 0.2, 30, "a random moment")
        floor.kill_run()
        floor.start_run()
    wait_until(floor.is_complete, 180, "the campaign's end")
    assert floor.stop_run() == 0
    check(floor)


def check(floor: RealFloor) -> None:
    """Compare what is on record with what the carrier saw."""
    attempt, call, hopper = schema.attempt.c, schema.call.c, schema.hopper.c
    seen = invites_by_number(floor.carrier_log())
    committed = Counter(row.number for row in floor.rows(select(call.number)))
    assert {number: count for number, count in seen.items() if count > committed[number]} == {}
    assert not open_legs(floor.carrier_log())
    assert floor.scalar(select(func.count()).where(attempt.outcome.is_(None))) == 0
    assert floor.scalar(select(func.count()).where(hopper.state != HopperState.DONE)) == 0
    leads = floor.scalar(select(func.count()).select_from(schema.lead))
    assert floor.scalar(select(func.count(attempt.lead_id.distinct()))) == leads
    by_lead = defaultdict(list)
    for row in floor.rows(select(schema.attempt).order_by(attempt.started_at)):
        by_lead[row.lead_id].append(row)
    for attempts in by_lead.values():
        for before, after in pairwise(attempts):
            assert before.outcome in (Outcome.UNKNOWN, Outcome.CANCELLED)
            assert (
                before.outcome == Outcome.CANCELLED or after.started_at >= before.ended_at + UNKNOWN_RETRY_S
            )


def test_a_run_killed_at_random_moments_loses_nothing_and_calls_nobody_twice(tmp_path, database_url):
    with real_floor(tmp_path, leads=16, agent_count=4, behaviour=PEOPLE, url=database_url) as floor:
        survive(floor, kills=2, seed=1)


@pytest.mark.soak
def test_a_run_killed_twenty_times_loses_nothing_and_calls_nobody_twice(tmp_path, database_url):
    with real_floor(tmp_path, leads=150, agent_count=5, behaviour=PEOPLE, url=database_url) as floor:
        survive(floor, kills=20, seed=2)
