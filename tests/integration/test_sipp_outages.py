"""A carrier that fails, played by SIPp: no lead pays for it, and dialing goes on by itself when it is back."""

import time

import pytest
from sqlalchemy import func, select

from dialer.core.requests import PauseCampaign
from dialer.core.settings import DEFAULT_RETRY, RetryRule
from dialer.core.states import Outcome, TrunkState
from dialer.storage import schema
from dialer.storage.schema import HopperState
from tests.floor import RealFloor, wait_until
from tests.integration.sipp_carrier import floor_beside_sipp, free_port, sipp_carrier

FAULTS = ("503", "403", "silent")
NOT_UP = (TrunkState.OUT, TrunkState.PROBING)
PROBE_AT_MOST_S = 2.0
TRUNK = f"breaker_faults = 3\nbreaker_calls = 3\nprobe_after_s = 0.5\nprobe_at_most_s = {PROBE_AT_MOST_S}\n"

# These end in digits with which the carrier of `carrier.xml` answers, talks for a second and hangs up.
NUMBERS = [f"+1{area}55501{digits}" for area in (212, 312, 303) for digits in range(20, 80)]

SETTINGS = {
    "retry": {outcome: RetryRule(3, 0.01) for outcome in DEFAULT_RETRY},
    "faults_per_day": 1000,
    "ratio": 1.0,
    "ring_s": 15.0,
}


class Record:
    """What is on record of a floor whose carrier fails."""

    def __init__(self, floor: RealFloor) -> None:
        self._floor = floor

    def trunk(self) -> str:
        return self._floor.scalar(select(schema.trunk.c.state))

    def attempts(self, *conditions) -> int:
        return self._floor.scalar(select(func.count()).select_from(schema.attempt).where(*conditions))

    def connected(self) -> int:
        return self.attempts(schema.attempt.c.outcome == Outcome.CONNECTED)

    def quiet(self) -> bool:
        return self.attempts(schema.attempt.c.ended_at.is_(None)) == 0

    def notes(self, kind: str) -> int:
        return self._floor.scalar(select(func.count()).where(schema.journal.c.kind == kind))

    def charged(self) -> tuple[int, int]:
        """How many attempts count against leads, and how many leads are finished."""
        hopper = schema.hopper.c
        done = self._floor.scalar(select(func.count()).where(hopper.state == HopperState.DONE))
        return self._floor.scalar(select(func.sum(hopper.attempts))), done


def endure(floor: RealFloor, port: int, *, hold_s: float) -> None:
    """Let the carrier fail for so long in each way, and come back after each."""
    record = Record(floor)
    for turn, scenario in enumerate(FAULTS, start=1):
        with sipp_carrier(scenario, floor.directory, port):
            before = record.charged()
            floor.start_campaign()
            wait_until(lambda: record.trunk() in NOT_UP, 60, f"the breaker to open after {scenario}")
            started = record.attempts()
            until = time.monotonic() + hold_s
            wait_until(lambda until=until: time.monotonic() > until, hold_s + 1, "the end of the outage")
            assert record.trunk() in NOT_UP
            assert record.charged() == before
            assert record.notes("alarm") == turn
            assert record.attempts() - started <= hold_s / PROBE_AT_MOST_S + 4
        with sipp_carrier("carrier", floor.directory, port):
            served = record.connected()
            wait_until(lambda served=served: record.connected() >= served + 4, 60, "calls to go on")
            assert record.trunk() == TrunkState.UP
            assert record.notes("alarm_over") == turn
            floor.ask(PauseCampaign(campaign_id=floor.campaign_id))
            wait_until(record.quiet, 60, "the end of the calls")
        reached = record.attempts(schema.attempt.c.answered_at.is_not(None))
        assert record.charged() == (reached, reached)


def test_no_lead_pays_for_a_carrier_that_fails_and_dialing_goes_on_by_itself(tmp_path):
    port = free_port()
    with floor_beside_sipp(tmp_path, NUMBERS, port=port, trunk=TRUNK, **SETTINGS) as floor:
        endure(floor, port, hold_s=2.0)


@pytest.mark.soak
def test_no_lead_pays_for_a_carrier_that_fails_for_a_minute_in_each_way(tmp_path):
    port = free_port()
    with floor_beside_sipp(tmp_path, NUMBERS, port=port, trunk=TRUNK, **SETTINGS) as floor:
        endure(floor, port, hold_s=60.0)
