"""What an agent has to know of the customer: who it is, what was tried and written before, and who handed the customer over."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from dialer.core.ids import AgentId
from dialer.core.preview_states import PreviewOutcome
from dialer.storage import notes, previews, schema


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


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """That an agent who was shown the lead did not want it called."""

    at: float
    agent: str
    reason: str


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    """How the customer comes, or came, from another agent."""

    at: float
    way: str
    agent: str
    """Who hands over."""
    outcome: str | None
    """None: that agent still has the customer."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The record of the talk that an agent is in, wraps up, or is about to be given, or of a lead that it is shown."""

    attempt: str | None
    """None: the lead is not called yet."""
    campaign: str
    number: str
    attributes: Mapping[str, Any]
    form: Mapping[str, Any]
    """The newest answers in this attempt."""
    handed_over: HandedOver | None
    history: tuple[Past, ...]
    """The lead's attempts, oldest first, this one last."""
    skips: tuple[Skipped, ...]
    """Oldest first."""
    notes: tuple[notes.Note, ...]
    """About the lead, oldest first."""


def work_of(connection: Connection, workspace_id: int, agent_id: AgentId) -> Work | None:
    """Return the record of an agent's present talk, or of the lead that it is shown; None if there is neither."""
    attempt_id = notes.attempt_of(connection, agent_id)
    about = (
        previews.shown_to(connection, workspace_id, agent_id)
        if attempt_id is None
        else _lead_of(connection, attempt_id)
    )
    if about is None:
        return None
    lead, campaign = schema.lead.c, schema.campaign.c
    found = connection.execute(
        select(lead.id.label("lead_id"), lead.phone, lead.attributes, campaign.name)
        .join_from(schema.lead, schema.campaign, campaign.id == about[0])
        .where(lead.id == about[1], campaign.workspace_id == workspace_id)
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
        handed_over=_handed_over(connection, agent_id, attempt_id) if attempt_id else None,
        history=tuple(_history(connection, found.lead_id)),
        skips=tuple(_skips(connection, found.lead_id)),
        notes=tuple(one for one in written if one.kind is notes.NoteKind.NOTE),
    )


def _lead_of(connection: Connection, attempt_id: str) -> tuple[int, int] | None:
    """Return the campaign and the lead of an attempt."""
    kept = schema.attempt.c
    query = select(kept.campaign_id, kept.lead_id).where(kept.id == attempt_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.campaign_id, row.lead_id)


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


def _skips(connection: Connection, lead_id: int) -> list[Skipped]:
    kept, agent = schema.preview.c, schema.agent
    statement = (
        select(kept.ended_at.label("at"), agent.c.name.label("agent"), kept.reason)
        .join_from(schema.preview, agent, agent.c.id == kept.agent_id)
        .where(kept.lead_id == lead_id, kept.outcome == PreviewOutcome.SKIPPED)
        .order_by(kept.at)
    )
    return [Skipped(**row) for row in connection.execute(statement).mappings()]


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
