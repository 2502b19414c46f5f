"""The call that an agent is busy with, and what can be said of it."""

from typing import Any

from sqlalchemy import Connection, select

from dialer.storage import campaigns, schema


def talk_of(connection: Connection, workspace_id: int, attempt_id: str | None) -> dict[str, Any]:
    """Return the facts of an agent's attempt, each None if the agent is busy with none."""
    kept = schema.attempt.c
    statement = (
        select(kept.id, kept.campaign_id, kept.disposition, schema.lead.c.phone)
        .join_from(schema.attempt, schema.lead, schema.lead.c.id == kept.lead_id)
        .where(kept.id == attempt_id)
    )
    row = None if attempt_id is None else connection.execute(statement).one_or_none()
    facts = dict.fromkeys(("attempt", "campaign", "number", "disposition", "dispositions"))
    if row is None:
        return facts
    (campaign,) = (
        each for each in campaigns.every(connection, workspace_id) if each.campaign_id == row.campaign_id
    )
    return {
        "attempt": row.id,
        "campaign": campaign.name,
        "number": row.phone,
        "disposition": row.disposition,
        "dispositions": {each.code: each.label for each in campaign.settings.dispositions},
    }
