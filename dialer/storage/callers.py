"""Who somebody is who calls us, or whom a dialplan asks about: the lead of a number, and its last attempt.

Read through the unique index of (list, number), as a workspace has few lists and leads by the million.
"""

import msgspec
from sqlalchemy import Connection, bindparam, case, select

from dialer.core.ids import AttemptId, CampaignId, LeadId
from dialer.core.states import Outcome
from dialer.storage import schema


class KnownLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead of a number, with its newest attempt if there was one."""

    lead_id: LeadId
    attributes: str
    """JSON of what was imported beside the number."""
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None
    campaign: str | None = None
    outcome: Outcome | None = None
    started_at: float | None = None


_LEADS = (
    select(schema.lead.c.id, schema.lead.c.attributes)
    .where(
        schema.lead.c.list_id.in_(
            select(schema.lead_list.c.id).where(schema.lead_list.c.workspace_id == bindparam("workspace"))
        ),
        schema.lead.c.phone == bindparam("number"),
    )
    .order_by(schema.lead.c.id)
)

_KEPT = schema.attempt.c

_LAST_ATTEMPT = (
    select(
        _KEPT.lead_id,
        _KEPT.id.label("attempt_id"),
        _KEPT.campaign_id,
        schema.campaign.c.name.label("campaign"),
        _KEPT.outcome,
        _KEPT.started_at,
    )
    .join_from(schema.attempt, schema.campaign, schema.campaign.c.id == _KEPT.campaign_id)
    .join(schema.call, schema.call.c.attempt_id == _KEPT.id, isouter=True)
    .where(_KEPT.lead_id.in_(bindparam("leads", expanding=True)))
    .order_by(
        case((schema.call.c.caller_id == bindparam("caller_id"), 1), else_=0).desc(), _KEPT.started_at.desc()
    )
    .limit(1)
)

_NUMBER_OF_LEG = (
    select(schema.call.c.number)
    .join_from(schema.leg, schema.call, schema.call.c.id == schema.leg.c.call_id)
    .where(schema.leg.c.id == bindparam("leg"), schema.leg.c.workspace_id == bindparam("workspace"))
)


def last_called(
    connection: Connection, workspace_id: int, number: str, *, caller_id: str | None = None
) -> KnownLead | None:
    """Return the lead of a number that was called last, None if no list has the number.

    Args:
        connection: For reading.
        workspace_id: Whose lists.
        number: E.164.
        caller_id: Attempts that showed this number come before all others; None: it is no matter which.
    """
    leads = connection.execute(_LEADS, {"workspace": workspace_id, "number": number})
    attributes = {row.id: row.attributes for row in leads}
    if not attributes:
        return None
    asked = {"leads": list(attributes), "caller_id": caller_id}
    found = connection.execute(_LAST_ATTEMPT, asked).mappings().one_or_none()
    if found is None:
        lead_id = next(reversed(attributes))
        return KnownLead(lead_id=LeadId(lead_id), attributes=attributes[lead_id])
    facts = {str(name): value for name, value in found.items()}
    return msgspec.convert({**facts, "attributes": attributes[found["lead_id"]]}, KnownLead)


def number_of_leg(connection: Connection, workspace_id: int, leg_id: str) -> str | None:
    """Return the number that a leg of ours was dialed to, None if it is no customer's."""
    number: str | None = connection.scalar(_NUMBER_OF_LEG, {"leg": leg_id, "workspace": workspace_id})
    return number
