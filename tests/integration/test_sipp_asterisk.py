"""SIPp as the carrier behind a real Asterisk: what becomes of calls with mixed outcomes, and that nothing is left of them."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import case, func, select

from cli.asterisk.instance import Instance
from dialer.config import Config, SipConfig, TrunkConfig
from dialer.core.states import AgentState, EndCause, Outcome
from dialer.storage import schema
from tests.asterisk import NAME, asterisk, channels
from tests.contract.asterisk_rig import IMPATIENT
from tests.floor import RealFloor, wait_until
from tests.integration.sipp_carrier import HOST, floor_beside_sipp, free_port, sipp_carrier

RING_S = 3.0


class End(NamedTuple):
    """What is on record of an attempt."""

    outcome: Outcome
    sip_code: int | None
    cause: EndCause
    q850: int | None = None
    """What Asterisk makes of the carrier's code; not of a call that was cleared or cancelled, where it says who was first."""


TALKED = End(Outcome.CONNECTED, 200, EndCause.CLEARED)
RANG_ON = End(Outcome.NO_ANSWER, None, EndCause.CANCELLED)
SILENT = End(Outcome.FAILED, 408, EndCause.NO_REPLY, 18)  # Asterisk says so itself when its timer B is over

EXPECTED = {
    "00": TALKED,
    "01": TALKED,
    "02": End(Outcome.BUSY, 486, EndCause.BUSY, 17),
    "03": End(Outcome.NO_ANSWER, 480, EndCause.NO_ANSWER, 19),
    "04": End(Outcome.INVALID, 404, EndCause.UNALLOCATED, 1),
    "05": End(Outcome.INVALID, 410, EndCause.CHANGED, 22),
    "06": End(Outcome.INVALID, 484, EndCause.INVALID_FORMAT, 28),
    "07": End(Outcome.CONGESTION, 503, EndCause.CONGESTION, 34),
    "08": End(Outcome.DECLINED, 603, EndCause.DECLINED, 21),
    "09": RANG_ON,
    "10": RANG_ON,
    "11": TALKED,
    "12": SILENT,
    "13": SILENT,
    "14": End(Outcome.FAILED, 699, EndCause.CARRIER_FAULT, 127),
    "15": End(Outcome.CONNECTED, 200, EndCause.NO_AUDIO, 44),
    "16": TALKED,
    "80": End(Outcome.BUSY, 600, EndCause.BUSY, 17),
    "81": End(Outcome.NO_ANSWER, 408, EndCause.NO_ANSWER, 18),
    "82": End(Outcome.INVALID, 604, EndCause.UNALLOCATED, 1),
    "83": End(Outcome.FAILED, 403, EndCause.ACCOUNT_FAULT, 21),
    "84": End(Outcome.FAILED, 488, EndCause.MEDIA_REFUSED, 58),
    "85": End(Outcome.FAILED, 606, EndCause.MEDIA_REFUSED, 58),
    "86": End(Outcome.FAILED, 500, EndCause.CARRIER_FAULT, 38),
    "87": End(Outcome.UNREACHABLE, 502, EndCause.UNREACHABLE, 27),
    "88": End(Outcome.FAILED, 504, EndCause.CARRIER_FAULT, 102),
    "89": End(Outcome.FAILED, 400, EndCause.CARRIER_FAULT, 127),
    "90": End(Outcome.NO_ANSWER, 487, EndCause.NO_ANSWER, 127),
    "91": End(Outcome.DECLINED, 607, EndCause.DECLINED, 127),
    "92": End(Outcome.DECLINED, 608, EndCause.DECLINED, 127),
    "93": End(Outcome.CONGESTION, 503, EndCause.CONGESTION, 34),
}
"""By the last two digits of a number. Source: the table of outcomes measured with Asterisk 22.10: `TechCause` is the
carrier's code, `Cause` what Asterisk makes of that code alone, whatever Reason the carrier gives; 699 was measured here."""

AREAS = (201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228)
AREAS += (229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276)


def numbers(count: int) -> list[str]:
    """Return numbers of fiction, every kind of answer about equally often."""
    return [f"+1{area}55501{digits}" for area in AREAS for digits in EXPECTED][:count]


class Site(NamedTuple):
    """What runs."""

    floor: RealFloor
    asterisk: Instance


@contextmanager
def site(directory: Path, calls: int, *, agent_count: int) -> Iterator[Site]:
    """Run a floor whose calls go through Asterisk to SIPp."""
    port = free_port()
    trunk = TrunkConfig(host=HOST, port=port, server=NAME)
    config = Config(sip=SipConfig(no_audio_s=5), trunks={"carrier": trunk})
    with ExitStack() as stack:
        stack.enter_context(sipp_carrier("carrier", directory, port))
        one = stack.enter_context(asterisk(config=config, extra={"pjsip.conf": IMPATIENT}))
        # Ratio 1: nobody is answered whom no agent is free for. The breaker would take such a trunk out of use.
        floor = stack.enter_context(
            floor_beside_sipp(
                directory,
                numbers(calls),
                port=port,
                agent_count=agent_count,
                trunk=(
                    f'server = "{NAME}"\nbreaker_faults = 1000\nbreaker_calls = 1000\n'
                    f"[asterisk.servers.{NAME}]\nport = {one.ports.manager}\n"
                    f'password_file = "{one.server.password_file}"\n'
                ),
                ring_s=RING_S,
                ratio=1.0,
            )
        )
        yield Site(floor, one)


def call_all(run: Site, calls: int, *, within_s: float) -> None:
    """Call every number; compare what is on record with what the carrier did, and see that nothing is left of it."""
    floor, attempt, leg = run.floor, schema.attempt.c, schema.leg.c
    floor.start_campaign()
    wait_until(floor.is_complete, within_s, "the campaign's end", lambda: f"{results(floor)} {floor.said()}")

    found = results(floor)
    wrong = {key: count for key, count in found.items() if EXPECTED[key[0]] != key[1]}
    assert not wrong
    assert sum(found.values()) == calls
    assert floor.scalar(select(func.count(attempt.lead_id.distinct()))) == calls

    def agents_legs() -> set[str]:
        return {row.id for row in floor.rows(select(leg.id).where(leg.ended_at.is_(None)))}

    wait_until(lambda: set(floor.states()) <= {AgentState.READY, AgentState.WRAP_UP}, 60, "every agent")
    wait_until(lambda: channels(run.asterisk) == agents_legs(), 60, "no channel but agents' legs")
    assert len(agents_legs()) == len(floor.states())
    assert not (floor.directory / "carrier.errors").exists(), "SIPp met something that it did not expect"


def results(floor: RealFloor) -> Counter[tuple[str, End]]:
    """Return how often a kind of number came to which end."""
    attempt, call = schema.attempt.c, schema.call.c
    spoken = case((attempt.cause.in_((EndCause.CLEARED, EndCause.CANCELLED)), None), else_=attempt.q850)
    query = select(call.number, attempt.outcome, attempt.sip_code, attempt.cause, spoken.label("q850"))
    rows = floor.rows(query.join_from(schema.attempt, schema.call))
    return Counter((row.number[-2:], End(row.outcome, row.sip_code, row.cause, row.q850)) for row in rows)


def test_calls_with_mixed_outcomes_are_on_record_as_they_ended_and_leave_nothing_behind(tmp_path):
    with site(tmp_path, 50, agent_count=10) as run:
        call_all(run, 50, within_s=120)


@pytest.mark.soak
def test_a_thousand_calls_with_mixed_outcomes(tmp_path):
    with site(tmp_path, 1000, agent_count=16) as run:
        call_all(run, 1000, within_s=900)
        ends = Counter()
        for (_, end), count in results(run.floor).items():
            ends[end] += count
        sys.stdout.write(
            f"{[(str(end.outcome), end.sip_code, end.q850, count) for end, count in sorted(ends.items(), key=str)]}\n"
        )
