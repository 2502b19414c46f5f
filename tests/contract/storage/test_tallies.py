"""What a start is told of the calls that count in a campaign's window."""

from itertools import product

from sqlalchemy import insert

from dialer.core.rules.abandonment import PERIOD_S, Tally, counts_as, empty
from dialer.core.settings import AbandonWindow, CampaignSettings
from dialer.core.states import Outcome
from dialer.storage import schema, tallies

DAY_S = 86_400.0
NOON = 1_700_049_600.0
"""2023-11-15 12:00 UTC."""
MIDNIGHT = NOON - DAY_S / 2


def put(store, *facts):
    common = {"workspace_id": store.workspace_id, "campaign_id": store.campaign_id}
    common |= {"list_id": store.list_id, "lead_id": 1, "outcome": Outcome.ABANDONED}
    with store.database.write() as connection:
        for number, fact in enumerate(facts):
            connection.execute(insert(schema.attempt).values(common | {"id": str(number)} | fact))


def read(store, window=AbandonWindow.DAY, *, at=NOON, zone="UTC"):
    settings = CampaignSettings(campaign_id=store.campaign_id, trunk="main", abandon_window=window)
    with store.database.read() as connection:
        return tallies.read(connection, settings, zone=zone, at=at)


def test_every_outcome_counts_as_it_does_while_calls_go_on(store):
    store.add_leads(1)
    facts = [*product(Outcome, (None, 0.0, 2.0, 2.5))]
    put(store, *({"outcome": outcome, "wait_s": wait_s, "started_at": NOON} for outcome, wait_s in facts))
    put(store, {"id": "open", "outcome": None, "started_at": NOON})
    expected = empty(AbandonWindow.DAY, at=NOON, zone="UTC", first_at=NOON)
    for outcome, wait_s in facts:
        if (how := counts_as(outcome, wait_s, within_s=2.0)) is not None:
            expected = expected.plus(how)
    assert read(store) == expected
    assert min(expected.abandoned, expected.connected) > 2


def test_a_day_has_the_calls_since_the_workspaces_midnight(store):
    store.add_leads(1)
    put(store, *({"started_at": at} for at in (MIDNIGHT - 1, MIDNIGHT, NOON)))
    assert read(store) == Tally(abandoned=2, since_at=MIDNIGHT, until_at=MIDNIGHT + DAY_S)
    assert read(store, zone="Asia/Tokyo").abandoned == 3  # where it is 21:00


def test_thirty_days_have_the_calls_of_the_period_counted_from_the_first_one(store):
    store.add_leads(1)
    put(store, *({"started_at": NOON + days * DAY_S} for days in (0, 29, 30, 35)))
    since_at = NOON + PERIOD_S
    expected = Tally(abandoned=2, since_at=since_at, until_at=since_at + PERIOD_S)
    assert read(store, AbandonWindow.THIRTY_DAYS, at=NOON + 40 * DAY_S) == expected


def test_a_campaign_that_never_called_begins_now(store):
    assert read(store, AbandonWindow.THIRTY_DAYS) == Tally(since_at=NOON, until_at=NOON + PERIOD_S)
