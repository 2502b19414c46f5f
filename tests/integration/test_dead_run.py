"""Calls ring, and the run is killed, or cut off from its Asterisk: who answers meanwhile hears the message in time.

None of them is lost: each is on record as abandoned, once, and no leg is left without an owner.
"""

import sys
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from dialer.core.states import Outcome
from dialer.live.clock import Clock
from dialer.reports.abandonment import abandonment
from dialer.storage import campaigns, schema
from telephony.sip.emulator.log import Ended, Sent
from tests.asterisk_floor import AsteriskFloor
from tests.floor import wait_until
from tests.integration.test_killed_asterisk import (
    nobody_was_used_twice,
    nothing_is_lost,
    nothing_was_called_beyond_the_record,
)

IN_TIME_S = 2.5
"""From the answer to the first sound of the message: the rule's 2 s, and what a machine may be late by."""
TALK_S = 0.3
"""So long after the first sound they hang up."""
_PEOPLE = f"""
seed = 4
[default]
kind = "person"
ring_s = {{}}
talk_s = {TALK_S}
patience_s = 20
"""


def lose(site: AsteriskFloor, fault: str, calls: int, is_over: Callable[[], object]) -> list[Ended]:
    """Have something lost while so many calls ring, until it may be over; return the calls that ended meanwhile."""
    site.begin()
    wait_until(lambda: ringing(site) == calls, 60, "calls to ring", lambda: str(site.story()))
    regain = getattr(site, fault)()
    assert not site.over(), "somebody answered too soon"
    wait_until(lambda: bool(is_over()), 120, "the time to start again")
    served = site.over()
    regain()
    wait_until(site.floor.is_complete, 120, "the campaign's end", lambda: str(site.story()))
    wait_until(lambda: site.channels() == site.open_legs(), 60, "channels without an owner to end")
    assert len(site.open_legs()) == len(site.agent_ids())
    assert site.floor.stop_run() == 0
    assert site.channels() == set()
    nothing_was_called_beyond_the_record(site)
    nothing_is_lost(site)
    nobody_was_used_twice(site)
    return served


def ringing(site: AsteriskFloor) -> int:
    """Return how many calls rang at the carrier; rows tell of it only once the call is over."""
    return sum(isinstance(event, Sent) and event.status == 180 for event in site.floor.carrier_log())


def the_ledger_is_right(site: AsteriskFloor, served: list[Ended]) -> None:
    """Compare those on record as abandoned with who heard the message and never an agent, by the carrier's own record."""
    answered = [ended for ended in site.over() if ended.answered_at is not None]
    unserved = [ended for ended in answered if ended.first_peer_audio_at is None]
    assert {ended.leg for ended in served} <= {ended.leg for ended in unserved}
    assert {ended.reason for ended in unserved} == {"talked"}, "somebody heard nothing at all"
    attempt, call = schema.attempt.c, schema.call.c
    rows = site.floor.rows(
        select(call.number, attempt.outcome, attempt.answered_at, attempt.wait_s).join_from(
            schema.call, schema.attempt, call.attempt_id == attempt.id
        )
    )
    assert Counter(row.number for row in rows if row.outcome == Outcome.ABANDONED) == Counter(
        ended.number for ended in unserved
    )
    picked_up = {ended.number: ended.answered_at for ended in unserved}
    for row in rows:
        if row.outcome == Outcome.ABANDONED:
            assert row.answered_at == pytest.approx(picked_up[row.number], abs=2), row
            assert 0 < row.wait_s < 30, row
    figures = reported(site)
    assert figures["abandoned"] == len(unserved)
    assert figures["live_answered"] == len(answered)


def reported(site: AsteriskFloor) -> dict[str, float]:
    """Return what the report says of the one period that there is, by the rule of the United States."""
    with site.floor.database.read() as connection:
        (row,) = campaigns.every(connection, site.floor.workspace_id)
        report = abandonment(connection, site.floor.campaign_id, campaign="test", settings=row.settings)
    (figures,) = (row for row in report.records() if row["rule"] == "US")
    return figures


@pytest.mark.parametrize("fault", ["kill", "cut"])
def test_whoever_answers_while_nobody_is_told_hears_the_message_and_is_on_record(tmp_path, fault):
    people = _PEOPLE.format([6.0, 9.0])
    with AsteriskFloor(tmp_path, leads=5, agent_count=2, seed=5, people=people, ratio=2.5) as site:
        served = lose(site, fault, 5, lambda: len(site.over()) >= 2)
        the_ledger_is_right(site, served)


@pytest.mark.soak
def test_twenty_who_ring_and_a_run_a_minute_later(tmp_path):
    people = _PEOPLE.format([15.0, 25.0])
    with AsteriskFloor(tmp_path, leads=20, agent_count=4, seed=6, people=people, ratio=5.0) as site:
        dead: list[float] = []

        def minute_over() -> bool:
            dead[:] = dead or [Clock().now()]
            return Clock().now() > dead[0] + 60

        served = lose(site, "kill", 20, minute_over)
        assert len(served) == 20
        the_ledger_is_right(site, served)
        late = [ended.at - TALK_S - ended.answered_at for ended in served]
        sys.stdout.write(f"the message began {min(late):.2f} to {max(late):.2f} s after the answer\n")
        assert max(late) <= IN_TIME_S
