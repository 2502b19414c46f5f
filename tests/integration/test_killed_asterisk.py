"""A run on Asterisk loses its Asterisk or the connection to it, or is killed itself, in mid-campaign: nothing else is lost.

No INVITE leaves beyond the calls on record, every lead is accounted for, no channel is left behind, no agent is stuck or used
twice, and what was put right says why.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from dialer.core.states import AgentState, EndCause, Outcome
from dialer.storage import schema
from dialer.storage.schema import HopperState
from telephony.sip.emulator.log import Invited, Segment, read_log
from tests.asterisk_floor import AGAIN_S, AsteriskFloor
from tests.floor import wait_until

ALL_DONE_S = 240.0
BACK_S = 5.0
"""An agent is ready so soon after the reconnection, on a machine that has nothing else to do."""
ANOMALIES = ("leg_missing: ", "no process holds this leg")
CAUSES = frozenset({EndCause.LOST, EndCause.CANCELLED})


def survive(site: AsteriskFloor, faults: list[str]) -> None:
    """Let these things happen one after the other, and compare what is on record with what really was."""
    site.begin()
    for fault in faults:
        site.suffer(fault)
    wait_until(site.floor.is_complete, ALL_DONE_S, "the campaign's end", lambda: str(site.story()))
    wait_until(lambda: site.channels() == site.open_legs(), 60, "channels without an owner to end")
    assert len(site.open_legs()) == len(site.agent_ids())
    assert site.floor.stop_run() == 0
    assert site.channels() == set()
    nothing_was_called_beyond_the_record(site)
    nothing_is_lost(site)
    nobody_was_used_twice(site)
    if "killed_asterisk" not in faults:
        no_phone_heard_two_at_a_time(site)
    what_was_put_right_says_why(site)
    sys.stdout.write(f"{figures(site)}\n")


def nothing_was_called_beyond_the_record(site: AsteriskFloor) -> None:
    """Find for each INVITE a call of its own that was on record before."""
    call, leg = schema.call.c, schema.leg.c
    rows = site.floor.rows(
        select(call.number, call.started_at, leg.ringing_at).join_from(
            schema.call, schema.leg, leg.call_id == call.id
        )
    )
    committed, invited = defaultdict(list), defaultdict(list)
    for row in sorted(rows, key=lambda row: row.started_at):
        committed[row.number].append(row)
    for event in site.floor.carrier_log():
        if isinstance(event, Invited):
            invited[event.number].append(event.at)
    for number, came in invited.items():
        assert len(came) <= len(committed[number]), number
        for position, at in enumerate(came):
            earlier = sum(row.started_at <= at for row in committed[number])
            assert earlier > position, (number, at, committed[number])
    for number, rows_of_number in committed.items():
        rang = sum(row.ringing_at is not None for row in rows_of_number)
        assert rang <= len(invited[number]), number


def nothing_is_lost(site: AsteriskFloor) -> None:
    """Look at every lead: its last attempt is its outcome, those before were lost with what was killed."""
    attempt, hopper = schema.attempt.c, schema.hopper.c
    floor = site.floor
    assert floor.scalar(select(func.count()).where(attempt.outcome.is_(None))) == 0
    assert floor.scalar(select(func.count()).where(schema.call.c.ended_at.is_(None))) == 0
    assert floor.scalar(select(func.count()).where(hopper.state != HopperState.DONE)) == 0
    leads = floor.scalar(select(func.count()).select_from(schema.lead))
    by_lead = defaultdict(list)
    for row in floor.rows(select(schema.attempt).order_by(attempt.started_at)):
        by_lead[row.lead_id].append(row)
    assert len(by_lead) == leads
    for attempts in by_lead.values():
        for before, after in pairwise(attempts):
            assert before.outcome in (Outcome.FAILED, Outcome.UNKNOWN, Outcome.CANCELLED), before
            assert before.cause in CAUSES or before.cause is None, before
            assert before.outcome == Outcome.CANCELLED or after.started_at >= before.ended_at + AGAIN_S
        assert attempts[-1].outcome in (Outcome.CONNECTED, Outcome.ABANDONED, Outcome.HUNG_UP_WAITING), (
            attempts
        )


def nobody_was_used_twice(site: AsteriskFloor) -> None:
    """Look at whom each agent talked with, on record."""
    attempt = schema.attempt.c
    talks = defaultdict(list)
    for row in site.floor.rows(select(schema.attempt).where(attempt.bridged_at.is_not(None))):
        talks[row.agent_id].append((row.bridged_at, row.bridged_at + row.talk_s, row.id))
    none_overlap(talks.values())


def no_phone_heard_two_at_a_time(site: AsteriskFloor) -> None:
    """Look at what the phones heard; a new Asterisk may be sent audio of calls that a killed one held."""
    heard = defaultdict(list)
    for event in read_log(site.floor.directory / "phones.jsonl"):
        if isinstance(event, Segment):
            heard[event.number].append((event.heard.first_at, event.heard.last_at, event.heard.pair))
    none_overlap(heard.values())


def none_overlap(found: Iterable[list[tuple[float, float, str]]]) -> None:
    for spans in found:
        for (_, ended, one), (began, _, other) in pairwise(sorted(spans)):
            assert began >= ended, (one, other)


def what_was_put_right_says_why(site: AsteriskFloor) -> None:
    """Look at what is on record as an anomaly, and that no agent was logged out by it."""
    kept, period = schema.journal.c, schema.agent_period.c
    told = {row.detail for row in site.floor.rows(select(kept.detail).where(kept.kind == "anomaly"))}
    assert {text for text in told if not text.startswith(ANOMALIES)} == set()
    out = select(period.reason).where(period.state == AgentState.LOGGED_OUT)
    assert {row.reason for row in site.floor.rows(out)} <= {"", "the run ended"}


def figures(site: AsteriskFloor) -> str:
    """Return what was seen, for people."""
    outcomes = select(schema.attempt.c.outcome, func.count()).group_by(schema.attempt.c.outcome)
    kept = schema.journal.c
    anomalies = select(kept.detail, func.count()).where(kept.kind == "anomaly").group_by(kept.detail)
    longest = defaultdict(float)
    for one in site.recoveries:
        longest[one.fault] = max(longest[one.fault], round(one.seconds, 2))
    return (
        f"ready again after {dict(longest)} s; outcomes {dict(map(tuple, site.floor.rows(outcomes)))}; "
        f"anomalies {dict(map(tuple, site.floor.rows(anomalies)))}"
    )


def test_a_campaign_outlives_a_killed_asterisk_and_a_cut_connection(tmp_path):
    with AsteriskFloor(tmp_path, leads=40, agent_count=3, seed=1) as site:
        survive(site, ["killed_asterisk", "cut_connection"] * 2)


def test_a_campaign_outlives_killed_runs(tmp_path):
    with AsteriskFloor(tmp_path, leads=30, agent_count=3, seed=3) as site:
        survive(site, ["killed_run"] * 2)


@pytest.mark.soak
@pytest.mark.parametrize("fault", ["killed_asterisk", "cut_connection", "killed_run"])
def test_ten_times(tmp_path, fault):
    with AsteriskFloor(tmp_path, leads=200, agent_count=4, seed=2) as site:
        survive(site, [fault] * 10)
        assert max(one.seconds for one in site.recoveries) <= BACK_S
