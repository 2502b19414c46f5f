"""Leads that were refused for want of consent, back in their hoppers once that is no reason any more."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, bindparam, select, update

from dialer.core.ids import CampaignId
from dialer.core.rules.agentless import NO_CONSENT
from dialer.storage.database import Database
from dialer.storage.hopper import FILL_CHUNK
from dialer.storage.schema import HopperState, campaign, hopper, lead, lead_list

_SOME = 500
"""Numbers of one statement: SQLite takes at most 999 parameters in builds of before 2020."""

_REFUSED = and_(hopper.c.state == HopperState.DONE, hopper.c.reason == NO_CONSENT)
_WAKE = (
    update(hopper)
    .where(_REFUSED)
    .values(state=HopperState.READY, due_at=bindparam("now"), reason="", instance=None, claimed_at=None)
)
_OF_NUMBERS = _WAKE.where(
    hopper.c.campaign_id.in_(select(campaign.c.id).where(campaign.c.workspace_id == bindparam("workspace"))),
    hopper.c.lead_id.in_(
        select(lead.c.id).where(
            lead.c.list_id.in_(
                select(lead_list.c.id).where(lead_list.c.workspace_id == bindparam("workspace"))
            ),
            lead.c.phone.in_(bindparam("numbers", expanding=True)),
        )
    ),
)
_OF_LEADS = _WAKE.where(
    hopper.c.campaign_id == bindparam("campaign"), hopper.c.lead_id.in_(bindparam("leads", expanding=True))
)
_NEXT = (
    select(hopper.c.lead_id).where(hopper.c.campaign_id == bindparam("campaign"), _REFUSED).limit(FILL_CHUNK)
)


def wake_numbers(connection: Connection, workspace_id: int, numbers: Sequence[str], *, at: float) -> int:
    """Let the leads of numbers be called again, now that consents are on record; return how many there were."""
    woken = 0
    for start in range(0, len(numbers), _SOME):
        some = {"workspace": workspace_id, "numbers": numbers[start : start + _SOME], "now": at}
        woken += connection.execute(_OF_NUMBERS, some).rowcount
    return woken


def wake_campaign(database: Database, campaign_id: CampaignId, *, at: float) -> None:
    """Let all such leads of a campaign be called again, as its settings changed; in small commits beside a run."""
    leads: Sequence[int] = [0]
    while leads:
        with database.write() as connection:
            leads = connection.scalars(_NEXT, {"campaign": campaign_id}).all()
            if leads:
                connection.execute(_OF_LEADS, {"campaign": campaign_id, "leads": leads, "now": at})
