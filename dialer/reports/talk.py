"""The call that an agent is busy with, and what can be said of it; or the lead that it is shown before one."""

from typing import Any

from sqlalchemy import Connection, select

from dialer.core.states import AgentState
from dialer.storage import agents, campaigns, previews, schema


def talk_of(connection: Connection, workspace_id: int, row: agents.AgentRow) -> dict[str, Any]:
    """Return the facts of an agent's attempt, or of the lead that it is shown, each None if there is neither."""
    if row.state is not AgentState.PREVIEWING:
        return _attempt(connection, workspace_id, row.attempt_id)
    facts = _attempt(connection, workspace_id, None)
    shown = previews.shown_to(connection, workspace_id, row.agent_id)
    if shown is not None:
        campaign, lead = schema.campaign.c, schema.lead.c
        facts["campaign"] = connection.scalar(select(campaign.name).where(campaign.id == shown[0]))
        facts["number"] = connection.scalar(select(lead.phone).where(lead.id == shown[1]))
    return facts


def _attempt(connection: Connection, workspace_id: int, attempt_id: str | None) -> dict[str, Any]:
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
