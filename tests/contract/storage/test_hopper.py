"""What a claim hands out, in which order, and what it says of the rest."""

from sqlalchemy import update

from dialer.core.ids import CampaignId
from dialer.core.records import AttemptEnded
from dialer.core.states import Outcome
from dialer.storage import fates, hopper, schema
from dialer.storage.fence import Fence
from dialer.storage.hopper import Hopper
from tests.stores import ZONES, number


def hopper_of(store):
    return Hopper(Fence(store.workspace_id, "test", 1))


def claim(store, found, count, *, closed=(), at=1.0):
    with store.database.write() as connection:
        return found.claim(connection, CampaignId(store.campaign_id), count=count, closed=closed, at=at)


def set_rows(store, lead_ids, **values):
    change = update(schema.hopper).where(schema.hopper.c.lead_id.in_(lead_ids)).values(**values)
    with store.database.write() as connection:
        connection.execute(change)


def test_a_claim_tells_the_zones_and_that_leads_are_left(store):
    store.add_leads(6)
    claimed = claim(store, hopper_of(store), 4)
    assert len(claimed.leads) == 4
    assert claimed.remaining
    assert sorted(claimed.zone_groups.values()) == sorted((zone,) for zone in ZONES)


def test_the_better_priority_comes_first_in_every_zone_group(store):
    leads = store.add_leads(6)
    set_rows(store, leads[:3], priority=1)
    found = hopper_of(store)
    assert {lead.lead_id for lead in claim(store, found, 3).leads} == set(leads[3:])
    assert {lead.lead_id for lead in claim(store, found, 3).leads} == set(leads[:3])


def test_a_closed_zone_group_gives_nothing_but_counts_as_remaining(store):
    leads = store.add_leads(3)
    found = hopper_of(store)
    first = claim(store, found, 3)
    group = first.leads[0].zone_group
    with store.database.write() as connection:
        hopper.give_back(connection, CampaignId(store.campaign_id), leads)
    again = claim(store, found, 3, closed=(group,))
    assert {lead.zone_group for lead in again.leads} == set(first.zone_groups) - {group}
    assert again.remaining
    assert again.next_due_at is None


def test_a_claim_that_takes_the_last_known_lead_still_tells_of_those_that_came_back(store):
    leads = store.add_leads(4)
    found = hopper_of(store)
    # The first zone group has leads 1 and 4; both are out, and its slot with them.
    claim(store, found, 2, closed=range(2, len(ZONES) + 1))
    with store.database.write() as connection:
        hopper.give_back(connection, CampaignId(store.campaign_id), leads[:1])
    assert claim(store, found, 2).remaining


def test_leads_that_are_not_due_are_told_by_when_they_will_be(store):
    leads = store.add_leads(6)
    set_rows(store, leads, due_at=500.0)
    set_rows(store, leads[:1], due_at=400.0)
    claimed = claim(store, hopper_of(store), 3)
    assert (claimed.leads, claimed.next_due_at, claimed.remaining) == ((), 400.0, True)


def test_an_empty_hopper_has_nothing_remaining(store):
    store.add_leads(2)
    found = hopper_of(store)
    claim(store, found, 2)
    last = claim(store, found, 2)
    assert (last.leads, last.next_due_at, last.remaining) == ((), None, False)


def test_a_lead_comes_with_its_tries_and_the_do_not_call_list(store):
    (lead,) = store.add_leads(1)
    end = AttemptEnded(
        at=2.0,
        attempt_id="a",
        call_id=None,
        campaign_id=store.campaign_id,
        lead_id=lead,
        outcome=Outcome.NO_ANSWER,
        retry_at=3.0,
    )
    with store.database.write() as connection:
        fates.settle(connection, [end])
    store.forbid(number(0))
    (found,) = claim(store, hopper_of(store), 1, at=4.0).leads
    assert (found.attempts, found.tries, found.do_not_call) == (1, {Outcome.NO_ANSWER: 1}, True)


def test_leads_that_another_process_added_are_found_when_the_known_ones_run_out(store):
    store.add_leads(2)
    found = hopper_of(store)
    claim(store, found, 2)
    set_rows(store, [lead for (lead,) in store.rows(schema.hopper, "lead_id")], state=0)
    assert len(claim(store, found, 2).leads) == 2


def test_a_rolled_back_claim_is_forgotten(store):
    store.add_leads(2)
    found = hopper_of(store)
    with store.database.write() as connection:
        found.claim(connection, CampaignId(store.campaign_id), count=2, closed=(), at=1.0)
        connection.rollback()
    found.forget()
    assert len(claim(store, found, 2).leads) == 2


def test_filling_again_adds_only_what_is_new(store):
    store.add_leads(3)
    assert hopper.fill(store.database, CampaignId(store.campaign_id), store.list_id, at=0.0) == 0
    assert len(store.rows(schema.hopper, "lead_id")) == 3


def test_a_list_longer_than_one_chunk_is_filled_whole(store):
    count = hopper.FILL_CHUNK * 2 + 1
    store.add_leads(count)
    assert len(store.rows(schema.hopper, "lead_id")) == count
