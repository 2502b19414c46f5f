"""Leads that several campaigns share: until one's retry time no other calls them.

An attempt that was cancelled never left, so nobody rests because of it.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, exists, func, select, update

from dialer.core.ids import LegId
from dialer.core.records import AttemptEnded, AttemptStarted
from dialer.core.states import Outcome
from dialer.storage.hopper import READY
from dialer.storage.schema import attempt, campaign, hopper

_OTHERS = exists().where(campaign.c.list_id == attempt.c.list_id, campaign.c.id != attempt.c.campaign_id)
_RESTS = (
    attempt.c.lead_id.in_(bindparam("leads", expanding=True)),
    attempt.c.retry_at > bindparam("now"),
    attempt.c.outcome != Outcome.CANCELLED,
)
_UNTIL = (
    select(attempt.c.lead_id, attempt.c.list_id, func.max(attempt.c.retry_at))
    .where(*_RESTS, _OTHERS)
    .group_by(attempt.c.lead_id, attempt.c.list_id)
)
_RESTING = select(attempt.c.lead_id, attempt.c.campaign_id, attempt.c.retry_at).where(*_RESTS)
_POSTPONE = (
    update(hopper)
    .where(
        hopper.c.campaign_id.in_(select(campaign.c.id).where(campaign.c.list_id == bindparam("list"))),
        hopper.c.lead_id == bindparam("lead"),
        READY,
        hopper.c.due_at < bindparam("until"),
    )
    .values(due_at=bindparam("until"))
)


def postpone(connection: Connection, ended: Sequence[AttemptEnded]) -> None:
    """Let every campaign wait for these leads' retry times; after the hopper has settled them."""
    leads = [record.lead_id for record in ended]
    now = min(record.at for record in ended)
    rows = [
        {"lead": lead_id, "list": list_id, "until": until}
        for lead_id, list_id, until in connection.execute(_UNTIL, {"leads": leads, "now": now})
    ]
    if rows:
        connection.execute(_POSTPONE, rows)


def resting(connection: Connection, started: Sequence[AttemptStarted]) -> set[LegId]:
    """Return the legs of attempts that come before the retry time that another campaign set."""
    leads = [record.lead_id for record in started]
    now = min(record.at for record in started)
    rests = connection.execute(_RESTING, {"leads": leads, "now": now}).all()
    return {
        record.leg_id
        for record in started
        for lead_id, campaign_id, until in rests
        if lead_id == record.lead_id and campaign_id != record.campaign_id and until > record.at
    }
