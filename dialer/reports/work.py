"""What an agent has to know of the customer: who it is, what was tried and written before, and who handed the customer over."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from dialer.core.ids import AgentId
from dialer.storage import notes, schema


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt at the lead."""

    attempt: str
    started_at: float
    campaign: str
    outcome: str | None
    disposition: str | None
    agent: str | None
    """Who spoke with the lead last."""
    talk_s: float | None


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    """How the customer comes, or came, from another agent."""

    at: float
    way: str
    agent: str
    """Who hands over."""
    outcome: str | None
    """None: that agent still has the customer."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The record of the talk that an agent is in, wraps up, or is about to be given."""

    attempt: str
    campaign: str
    number: str
    attributes: Mapping[str, Any]
    form: Mapping[str, Any]
    """The newest answers in this attempt."""
    handed_over: HandedOver | None
    history: tuple[Past, ...]
    """The lead's attempts, oldest first, this one last."""
    notes: tuple[notes.Note, ...]
    """About the lead, oldest first."""


def work_of(connection: Connection, workspace_id: int, agent_id: AgentId) -> Work | None:
    """Return the record of an agent's present talk; None if there is none."""
    attempt_id = notes.attempt_of(connection, agent_id)
    if attempt_id is None:
        return None
    kept, lead = schema.attempt.c, schema.lead.c
    found = connection.execute(
        select(kept.lead_id, lead.phone, lead.attributes, schema.campaign.c.name)
        .select_from(
            schema.attempt.join(schema.lead, lead.id == kept.lead_id).join(
                schema.campaign, schema.campaign.c.id == kept.campaign_id
            )
        )
        .where(kept.id == attempt_id, kept.workspace_id == workspace_id)
    ).one_or_none()
    if found is None:
        return None
    written = notes.about(connection, attempt_id, found.lead_id)
    answers = (one for one in reversed(written) if one.kind is notes.NoteKind.FORM)
    form = next((one.text for one in answers if one.attempt_id == attempt_id), "{}")
    return Work(
        attempt=attempt_id,
        campaign=found.name,
        number=found.phone,
        attributes=msgspec.json.decode(found.attributes, type=dict[str, Any]),
        form=msgspec.json.decode(form, type=dict[str, Any]),
        handed_over=_handed_over(connection, agent_id, attempt_id),
        history=tuple(_history(connection, found.lead_id)),
        notes=tuple(one for one in written if one.kind is notes.NoteKind.NOTE),
    )


def _handed_over(connection: Connection, agent_id: AgentId, attempt_id: str) -> HandedOver | None:
    kept, agent = schema.handover.c, schema.agent
    statement = (
        select(kept.at, kept.way, kept.outcome, agent.c.name.label("agent"))
        .join_from(schema.handover, agent, agent.c.id == kept.agent_id)
        .where(kept.to_agent_id == agent_id, kept.attempt_id == attempt_id)
        .order_by(kept.at.desc())
        .limit(1)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else HandedOver(**row)


def _history(connection: Connection, lead_id: int) -> list[Past]:
    kept, agent, campaign = schema.attempt.c, schema.agent, schema.campaign
    statement = (
        select(
            kept.id.label("attempt"),
            kept.started_at,
            campaign.c.name.label("campaign"),
            kept.outcome,
            kept.disposition,
            agent.c.name.label("agent"),
            kept.talk_s,
        )
        .select_from(
            schema.attempt.join(campaign, campaign.c.id == kept.campaign_id).outerjoin(
                agent, agent.c.id == kept.agent_id
            )
        )
        .where(kept.lead_id == lead_id)
        .order_by(kept.started_at)
    )
    return [Past(**row) for row in connection.execute(statement).mappings()]
