"""SIPp as the carrier: a carrier that is not ours, with the answers that carriers give."""

import pytest
from sqlalchemy import func, select

from dialer.core.states import EndCause, Outcome
from dialer.storage import schema
from tests.floor import wait_until
from tests.integration.sipp_carrier import floor_beside_sipp, free_port, sipp_carrier

RING_S = 3.0

# What becomes of an attempt: its outcome, SIP code and end cause, by the last two digits of its number.
EXPECTED = {
    "00": (Outcome.CONNECTED, 200, EndCause.CLEARED),
    "01": (Outcome.CONNECTED, 200, EndCause.CLEARED),
    "02": (Outcome.BUSY, 486, EndCause.BUSY),
    "03": (Outcome.NO_ANSWER, 480, EndCause.NO_ANSWER),
    "04": (Outcome.INVALID, 404, EndCause.UNALLOCATED),
    "05": (Outcome.INVALID, 410, EndCause.CHANGED),
    "06": (Outcome.INVALID, 484, EndCause.INVALID_FORMAT),
    "07": (Outcome.FAILED, 503, EndCause.CARRIER_FAULT),
    "08": (Outcome.DECLINED, 603, EndCause.DECLINED),
    "09": (Outcome.NO_ANSWER, None, EndCause.CANCELLED),
    "10": (Outcome.NO_ANSWER, None, EndCause.CANCELLED),
    "11": (Outcome.CONNECTED, 200, EndCause.CLEARED),
    "12": (Outcome.FAILED, None, EndCause.NO_REPLY),
    "13": (Outcome.FAILED, None, EndCause.NO_REPLY),
    "14": (Outcome.FAILED, 699, EndCause.CARRIER_FAULT),
    "15": (Outcome.CONNECTED, 200, EndCause.NO_AUDIO),
    "16": (Outcome.CONNECTED, 200, EndCause.CLEARED),
}


@pytest.fixture
def floor(tmp_path):
    port = free_port()
    numbers = [f"+121255501{digits}" for digits in EXPECTED]
    with (
        sipp_carrier("carrier", tmp_path, port),
        floor_beside_sipp(tmp_path, numbers, port=port, ring_s=RING_S, ratio=2.0) as one,
    ):
        yield one


def test_what_a_foreign_carrier_answers_is_on_record_with_its_code_and_cause(floor):
    attempt, call = schema.attempt.c, schema.call.c
    floor.start_campaign()
    tried = select(func.count(attempt.lead_id.distinct())).where(attempt.ended_at.is_not(None))
    wait_until(lambda: floor.scalar(tried) == len(EXPECTED), 60, "an attempt of every number")

    query = select(call.number, attempt.outcome, attempt.sip_code, attempt.cause).order_by(attempt.started_at)
    rows = floor.rows(query.join_from(schema.attempt, schema.call))
    found = {row.number[-2:]: (row.outcome, row.sip_code, row.cause) for row in reversed(rows)}
    assert found == EXPECTED
    assert not (floor.directory / "carrier.errors").exists(), "SIPp met something that it did not expect"
