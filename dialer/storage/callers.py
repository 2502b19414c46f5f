"""Who somebody is who calls us, or whom a dialplan asks about: the lead of a number, and its last attempt.

Read through the unique index of (list, number), as a workspace has few lists and leads by the million.
"""

from typing import Any

import msgspec
from sqlalchemy import Connection, case, select

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


def last_called(
    connection: Connection, workspace_id: int, number: str, *, caller_id: str = ""
) -> KnownLead | None:
    """Return the lead of a number that was called last, None if no list has the number.

    Args:
        connection: For reading.
        workspace_id: Whose lists.
        number: E.164.
        caller_id: Attempts that showed this number come before all others; empty: it is no matter which.
    """
    leads = select(schema.lead.c.id, schema.lead.c.attributes).where(
        schema.lead.c.list_id.in_(
            select(schema.lead_list.c.id).where(schema.lead_list.c.workspace_id == workspace_id)
        ),
        schema.lead.c.phone == number,
    )
    attributes = {row.id: row.attributes for row in connection.execute(leads.order_by(schema.lead.c.id))}
    if not attributes:
        return None
    found = _last_attempt(connection, list(attributes), caller_id)
    if found is None:
        lead_id = next(reversed(attributes))
        return KnownLead(lead_id=LeadId(lead_id), attributes=attributes[lead_id])
    return msgspec.convert({**found, "attributes": attributes[found["lead_id"]]}, KnownLead)


def _last_attempt(connection: Connection, lead_ids: list[int], caller_id: str) -> dict[str, Any] | None:
    kept = schema.attempt.c
    shown = case((schema.call.c.caller_id == caller_id, 1), else_=0)
    found = (
        select(
            kept.lead_id,
            kept.id.label("attempt_id"),
            kept.campaign_id,
            schema.campaign.c.name.label("campaign"),
            kept.outcome,
            kept.started_at,
        )
        .join_from(schema.attempt, schema.campaign, schema.campaign.c.id == kept.campaign_id)
        .join(schema.call, schema.call.c.attempt_id == kept.id, isouter=True)
        .where(kept.lead_id.in_(lead_ids))
        .order_by(*([shown.desc()] if caller_id else []), kept.started_at.desc())
        .limit(1)
    )
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else {str(name): value for name, value in row.items()}


def number_of_leg(connection: Connection, workspace_id: int, leg_id: str) -> str | None:
    """Return the number that a leg of ours was dialed to, None if it is no customer's."""
    number: str | None = connection.scalar(
        select(schema.call.c.number)
        .join_from(schema.leg, schema.call, schema.call.c.id == schema.leg.c.call_id)
        .where(schema.leg.c.id == leg_id, schema.leg.c.workspace_id == workspace_id)
    )
    return number
