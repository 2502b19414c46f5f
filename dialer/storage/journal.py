"""The story of one attempt, for people: its row, calls, legs, journal and SIP messages."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, Connection, Select, Table, select

from dialer.core.ids import AttemptId
from dialer.storage.schema import agent, attempt, call, campaign, journal, lead, leg, sip_message

R = TypeVar("R", bound=msgspec.Struct)


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt with the names of what it refers to."""

    id: str
    campaign: str
    lead_id: int
    phone: str
    agent: str | None
    started_at: float
    ended_at: float | None
    outcome: str | None
    cause: str | None
    sip_code: int | None
    q850: int | None
    ringing_at: float | None
    answered_at: float | None
    bridged_at: float | None
    ring_s: float | None
    wait_s: float | None
    talk_s: float | None
    retry_at: float | None


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call of an attempt."""

    id: str
    trunk: str
    caller_id: str
    number: str
    started_at: float
    ended_at: float | None


class LegRow(msgspec.Struct, frozen=True, kw_only=True):
    """One leg of a call."""

    id: str
    call_id: str
    started_at: float
    dialing_at: float | None
    ringing_at: float | None
    answered_at: float | None
    ended_at: float | None
    cause: str | None
    sip_code: int | None
    q850: int | None
    text: str


class JournalRow(msgspec.Struct, frozen=True, kw_only=True):
    """One step that was noted."""

    at: float
    kind: str
    leg_id: str | None
    agent_id: int | None
    detail: str


class SipRow(msgspec.Struct, frozen=True, kw_only=True):
    """One SIP message."""

    at: float
    leg_id: str
    direction: str
    text: str


class AttemptStory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on record about one attempt, each part in order of time."""

    attempt: AttemptRow
    calls: tuple[CallRow, ...]
    legs: tuple[LegRow, ...]
    journal: tuple[JournalRow, ...]
    sip_messages: tuple[SipRow, ...]


def story(connection: Connection, workspace_id: int, attempt_id: AttemptId) -> AttemptStory | None:
    """Return what is on record about an attempt, None if there is no such attempt."""
    names = (campaign.c.name.label("campaign"), lead.c.phone, agent.c.name.label("agent"))
    whole = attempt.join(campaign, campaign.c.id == attempt.c.campaign_id)
    whole = whole.join(lead, lead.c.id == attempt.c.lead_id)
    query = (
        select(*_columns(attempt, AttemptRow), *names)
        .select_from(whole.outerjoin(agent, agent.c.id == attempt.c.agent_id))
        .where(attempt.c.id == attempt_id, attempt.c.workspace_id == workspace_id)
    )
    found = _rows(connection, query, AttemptRow)
    if not found:
        return None
    calls = select(*_columns(call, CallRow)).where(call.c.attempt_id == attempt_id)
    legs = select(*_columns(leg, LegRow)).where(
        leg.c.call_id.in_(select(call.c.id).where(call.c.attempt_id == attempt_id))
    )
    steps = select(*_columns(journal, JournalRow)).where(journal.c.attempt_id == attempt_id)
    kept_legs = _rows(connection, legs.order_by(leg.c.started_at, leg.c.id), LegRow)
    messages = select(*_columns(sip_message, SipRow)).where(
        sip_message.c.leg_id.in_([kept.id for kept in kept_legs])
    )
    return AttemptStory(
        attempt=found[0],
        calls=_rows(connection, calls.order_by(call.c.started_at, call.c.id), CallRow),
        legs=kept_legs,
        journal=_rows(connection, steps.order_by(journal.c.at, journal.c.id), JournalRow),
        sip_messages=_rows(connection, messages.order_by(sip_message.c.at, sip_message.c.id), SipRow),
    )


def _columns(table: Table, form: type[msgspec.Struct]) -> list[Column[Any]]:
    return [table.c[name] for name in form.__struct_fields__ if name in table.c]


def _rows(connection: Connection, query: Select[Any], form: type[R]) -> tuple[R, ...]:
    return tuple(form(**row) for row in connection.execute(query).mappings())
