"""Two campaigns call the same list at once: what each number sees of it, as the carrier wrote it down."""

from collections import defaultdict
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from dialer.core.requests import PauseCampaign, StartCampaign
from dialer.core.settings import RetryRule
from dialer.core.states import CampaignState, Outcome
from dialer.live.clock import Clock
from dialer.storage import campaigns, hopper, schema
from telephony.sip.emulator.log import Ended, Invited
from tests.floor import RealFloor, real_floor, wait_until

SHORT = """
seed = 1
[default]
kind = "person"
ring_s = [0.2, 0.6]
talk_s = [0.3, 0.8]
patience_s = 8
[[rule]]
kind = "busy"
ring_s = [0.1, 0.4]
prefixes = ["+1212", "+1202", "+1203", "+1415", "+1206"]
"""

WAIT_S = 3.0
RETRIES = {Outcome.BUSY: RetryRule(3, WAIT_S / 60)}


def call_with_two_campaigns(floor: RealFloor) -> None:
    """Let two campaigns call the same list: the first, then the second, then both at once.

    So the second finds numbers that wait for a retry of the first's before it has claimed them.
    """
    with floor.database.write() as connection:
        first = campaigns.find(connection, floor.workspace_id, "test")
        second = campaigns.create(
            connection,
            floor.workspace_id,
            name="second",
            list_id=first.list_id,
            settings=first.settings,
            at=Clock().now(),
        )
    hopper.fill(floor.database, second, first.list_id, at=Clock().now())
    floor.start_run()
    floor.log_everybody_in()
    floor.start_campaign()
    wait_until(lambda: busy(floor) >= 4, 60, "the first retries")
    floor.ask(PauseCampaign(campaign_id=floor.campaign_id))
    floor.ask(StartCampaign(campaign_id=second))
    wait_until(lambda: busy(floor) >= 12, 60, "calls of the second campaign")
    floor.start_campaign()


def busy(floor: RealFloor) -> int:
    return floor.scalar(select(func.count()).where(schema.attempt.c.outcome == Outcome.BUSY))


def both_complete(floor: RealFloor) -> bool:
    states = floor.rows(select(schema.campaign.c.state))
    return {state for (state,) in states} == {CampaignState.COMPLETE}


def no_number_had_two_calls_at_once(floor: RealFloor) -> None:
    """Look at the carrier's log alone."""
    talking: dict[str, str] = {}
    for event in floor.carrier_log():
        if isinstance(event, Invited):
            assert event.number not in talking, f"{event.number} is called while it is in a call"
            talking[event.number] = event.leg
        elif isinstance(event, Ended):
            assert talking.pop(event.number) == event.leg
    assert talking == {}


def no_number_was_called_before_its_retry_time(floor: RealFloor) -> None:
    """Compare when the carrier got each call of a number with the retry time of the call before."""
    attempt, lead = schema.attempt.c, schema.lead.c
    query = (
        select(lead.phone, attempt.campaign_id, attempt.retry_at)
        .join_from(schema.attempt, schema.lead, lead.id == attempt.lead_id)
        .where(attempt.outcome != Outcome.CANCELLED)
        .order_by(attempt.started_at)
    )
    retries = defaultdict(list)
    for row in floor.rows(query):
        retries[row.phone].append(row)
    came = defaultdict(list)
    for event in floor.carrier_log():
        if isinstance(event, Invited):
            came[event.number].append(event.at)
    assert {phone: len(times) for phone, times in came.items()} == {
        phone: len(rows) for phone, rows in retries.items()
    }
    waits = [
        (again - before.retry_at, before.campaign_id != after.campaign_id)
        for phone, rows in retries.items()
        for (before, after), (_, again) in zip(pairwise(rows), pairwise(came[phone]), strict=True)
        if before.retry_at is not None
    ]
    assert min(wait for wait, _ in waits) >= 0
    assert {other for _, other in waits} == {True, False}


def test_two_campaigns_over_one_list_never_call_a_number_twice_at_once_or_too_early(tmp_path, database_url):
    with real_floor(
        tmp_path, leads=16, agent_count=4, behaviour=SHORT, url=database_url, retry=RETRIES
    ) as floor:
        call_with_two_campaigns(floor)
        wait_until(lambda: busy(floor) >= 24, 60, "calls to busy numbers")
        assert floor.stop_run() == 0
        no_number_had_two_calls_at_once(floor)
        no_number_was_called_before_its_retry_time(floor)


@pytest.mark.soak
def test_two_campaigns_complete_a_long_list_within_the_same_rules(tmp_path, database_url):
    with real_floor(
        tmp_path, leads=200, agent_count=8, behaviour=SHORT, url=database_url, retry=RETRIES
    ) as floor:
        call_with_two_campaigns(floor)
        wait_until(lambda: both_complete(floor), 600, "the end of both campaigns")
        assert floor.stop_run() == 0
        no_number_had_two_calls_at_once(floor)
        no_number_was_called_before_its_retry_time(floor)
