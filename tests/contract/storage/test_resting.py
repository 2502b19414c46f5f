"""Two campaigns over one list: neither calls a lead before the retry time that the other set."""

import pytest

from dialer.core.ids import CampaignId
from dialer.core.records import AttemptEnded, AttemptStarted
from dialer.core.settings import CampaignSettings
from dialer.core.states import Outcome
from dialer.storage import campaigns, hopper, rounds, schema
from dialer.storage.fence import Fence
from dialer.storage.hopper import Hopper
from tests.stores import number


@pytest.fixture
def autumn(store):
    """Another campaign over the same list, its hopper filled after the leads are there."""
    with store.database.write() as connection:
        return campaigns.create(
            connection,
            store.workspace_id,
            name="autumn",
            list_id=store.list_id,
            settings=CampaignSettings(campaign_id=CampaignId(0), trunk="main"),
            at=0.0,
        )


def fill(store, campaign_id):
    hopper.fill(store.database, campaign_id, store.list_id, at=0.0)


def write(store, *records):
    with store.database.write() as connection:
        return rounds.write(connection, store.workspace_id, records)


def started(campaign_id, lead_id, name, at):
    return AttemptStarted(
        at=at,
        attempt_id=f"{name}-attempt",
        call_id=f"{name}-call",
        leg_id=f"{name}-leg",
        campaign_id=campaign_id,
        lead_id=lead_id,
        trunk="main",
    )


def ended(campaign_id, lead_id, name, at, **facts):
    return AttemptEnded(
        at=at,
        attempt_id=f"{name}-attempt",
        call_id=f"{name}-call",
        campaign_id=campaign_id,
        lead_id=lead_id,
        **({"outcome": Outcome.BUSY} | facts),
    )


def due(store):
    return {row[:2]: row[2] for row in store.rows(schema.hopper, "campaign_id", "lead_id", "due_at")}


def test_the_other_campaign_waits_for_the_retry_time_too(store, autumn):
    lead, untouched = store.add_leads(2)
    fill(store, autumn)
    spring = store.campaign_id
    write(store, started(spring, lead, "a", 1.0), ended(spring, lead, "a", 2.0, retry_at=50.0))
    assert due(store) == {
        (spring, lead): 50.0,
        (autumn, lead): 50.0,
        (spring, untouched): 0.0,
        (autumn, untouched): 0.0,
    }


def test_what_the_other_campaign_has_claimed_already_is_refused_and_waits(store, autumn):
    (lead,) = store.add_leads(1)
    fill(store, autumn)
    spring = store.campaign_id
    with store.database.write() as connection:
        found = Hopper(Fence(store.workspace_id, "test", 1))
        found.claim(connection, autumn, count=1, closed=(), at=1.0)
    write(store, started(spring, lead, "a", 1.0), ended(spring, lead, "a", 2.0, retry_at=500.0))
    written = write(store, started(autumn, lead, "b", 3.0))
    assert (written.addresses, written.refused) == ({}, {"b-leg": rounds.NUMBER_RESTING})
    cancelled = ended(autumn, lead, "b", 4.0, outcome=Outcome.CANCELLED, counted=False, retry_at=64.0)
    write(store, cancelled)
    assert due(store)[autumn, lead] == 500.0


def test_after_the_retry_time_either_campaign_may_call(store, autumn):
    (lead,) = store.add_leads(1)
    spring = store.campaign_id
    write(store, started(spring, lead, "a", 1.0), ended(spring, lead, "a", 2.0, retry_at=50.0))
    assert write(store, started(autumn, lead, "b", 50.0)).addresses == {"b-leg": number(0)}


@pytest.mark.parametrize(
    ("outcome", "retry_at"),
    [
        pytest.param(Outcome.CANCELLED, 50.0, id="never-left"),
        pytest.param(Outcome.CONNECTED, None, id="finished"),
    ],
)
def test_an_attempt_without_a_retry_time_keeps_no_other_campaign_waiting(store, autumn, outcome, retry_at):
    (lead,) = store.add_leads(1)
    fill(store, autumn)
    spring = store.campaign_id
    end = ended(spring, lead, "a", 2.0, outcome=outcome, retry_at=retry_at)
    write(store, started(spring, lead, "a", 1.0), end)
    assert due(store)[autumn, lead] == 0.0
    assert write(store, started(autumn, lead, "b", 3.0)).refused == {}
