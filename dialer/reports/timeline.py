"""One attempt from its start to its end: what was decided, what the network said, every SIP message."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, RowMapping, select

from dialer.core.ids import CampaignId
from dialer.errors import ConfigError
from dialer.storage import schema
from dialer.storage.queue_tables import queue_call


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of an attempt."""

    at: float
    what: str
    leg_id: str | None = None
    detail: str = ""
    """The whole text of a SIP message; else a few words."""


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt and its moments, in order."""

    attempt_id: str
    campaign: str
    """Or the queue."""
    number: str
    outcome: str | None
    disposition: str | None
    amd_verdict: str | None = None
    """Who picked up, as answering machine detection says, and why, and how long after the answer."""
    amd_cause: str | None = None
    amd_s: float | None = None
    cause: str | None = None
    sip_code: int | None = None
    q850: int | None = None
    attributes: str | None = None
    """Of a queue's call, as JSON."""
    agent: str | None
    recordings: tuple[str, ...]
    """Names of the files, in order."""
    steps: tuple[Step, ...]


def timeline(connection: Connection, workspace_id: int, attempt_id: str) -> Timeline:
    """Return the time line of an attempt.

    Raises:
        ConfigError: If there is no such attempt.
    """
    if (of_queue := queue_timeline(connection, workspace_id, attempt_id)) is not None:
        return of_queue
    attempt = _attempt(connection, workspace_id, attempt_id)
    calls = connection.scalars(select(schema.call.c.id).where(schema.call.c.attempt_id == attempt_id)).all()
    legs = connection.execute(select(schema.leg).where(schema.leg.c.call_id.in_(calls))).mappings().all()
    steps = [Step(at=attempt["started_at"], what="attempt started")]
    for leg in legs:
        steps += _leg_steps(leg)
    steps += _journal(connection, attempt_id) + _messages(connection, [leg["id"] for leg in legs])
    if attempt["ended_at"] is not None:
        steps.append(Step(at=attempt["ended_at"], what="attempt ended", detail=attempt["outcome"] or ""))
    return Timeline(
        attempt_id=attempt_id,
        **{
            name: attempt[name]
            for name in (
                "campaign",
                "number",
                "outcome",
                "disposition",
                "amd_verdict",
                "amd_cause",
                "amd_s",
                "cause",
                "sip_code",
                "q850",
                "agent",
            )
        },
        recordings=tuple(_recordings(connection, workspace_id, attempt_id)),
        steps=tuple(sorted(steps, key=lambda step: step.at)),
    )


def queue_timeline(connection: Connection, workspace_id: int, call_id: str) -> Timeline | None:
    """Return the time line of a queue's call, None if it is none."""
    kept = queue_call.c
    row = (
        connection.execute(
            select(queue_call, schema.agent.c.name.label("agent"))
            .select_from(queue_call.outerjoin(schema.agent, schema.agent.c.id == kept.agent_id))
            .where(kept.id == call_id, kept.workspace_id == workspace_id)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    legs = connection.execute(select(schema.leg).where(schema.leg.c.id == row["leg_id"])).mappings().all()
    steps = [Step(at=row["started_at"], what="came" if row["inbound"] else "called back")]
    for leg in legs:
        steps += _leg_steps(leg)
    journal = schema.journal.c
    notes = select(schema.journal).where(journal.leg_id == row["leg_id"]).order_by(journal.id)
    steps += [
        Step(at=note.at, what=note.kind, leg_id=note.leg_id, detail=note.detail)
        for note in connection.execute(notes)
    ]
    steps += _messages(connection, [leg["id"] for leg in legs])
    if row["ended_at"] is not None:
        steps.append(Step(at=row["ended_at"], what="ended", detail=row["outcome"] or ""))
    files = select(schema.recording.c.id).where(schema.recording.c.queue_call_id == call_id)
    return Timeline(
        attempt_id=call_id,
        campaign=row["queue"],
        number=row["number"] or "withheld",
        outcome=row["outcome"],
        disposition=row["disposition"],
        agent=row["agent"],
        attributes=row["attributes"],
        recordings=tuple(connection.scalars(files.order_by(schema.recording.c.started_at))),
        steps=tuple(sorted(steps, key=lambda step: step.at)),
    )


def lines(found: Sequence[Step]) -> list[tuple[str, str, str, str]]:
    """Return moments for people: seconds since the first, what, leg, the first line of the detail."""
    return [
        (
            f"{step.at - found[0].at:+.3f} s",
            step.what,
            step.leg_id or "",
            step.detail.partition("\n")[0].strip(),
        )
        for step in found
    ]


class AttemptLine(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt in one line."""

    attempt: str
    started_at: float
    number: str
    outcome: str | None
    disposition: str | None
    agent: str | None
    ring_s: float | None
    wait_s: float | None
    talk_s: float | None


def latest(
    connection: Connection, campaign_id: CampaignId, *, outcome: str | None, limit: int
) -> list[AttemptLine]:
    """Return the last attempts of a campaign, the latest first; only of one outcome if asked."""
    attempt, lead, agent = schema.attempt, schema.lead, schema.agent
    joined = attempt.join(lead, lead.c.id == attempt.c.lead_id).outerjoin(
        agent, agent.c.id == attempt.c.agent_id
    )
    kept = attempt.c
    statement = (
        select(
            kept.id.label("attempt"),
            kept.started_at,
            lead.c.phone.label("number"),
            kept.outcome,
            kept.disposition,
            agent.c.name.label("agent"),
            kept.ring_s,
            kept.wait_s,
            kept.talk_s,
        )
        .select_from(joined)
        .where(kept.campaign_id == campaign_id)
        .order_by(kept.started_at.desc())
        .limit(limit)
    )
    if outcome is not None:
        statement = statement.where(kept.outcome == outcome)
    return [AttemptLine(**row) for row in connection.execute(statement).mappings()]


def _recordings(connection: Connection, workspace_id: int, attempt_id: str) -> Sequence[str]:
    kept = schema.recording.c
    query = select(kept.id).where(kept.workspace_id == workspace_id, kept.attempt_id == attempt_id)
    return connection.scalars(query.order_by(kept.started_at)).all()


def _leg_steps(leg: RowMapping) -> list[Step]:
    moments = [
        Step(at=leg[f"{name}_at"], what=f"leg {name}", leg_id=leg["id"])
        for name in ("dialing", "ringing", "answered")
        if leg[f"{name}_at"] is not None
    ]
    if leg["ended_at"] is not None:
        codes = [f"{word} {leg[word]}" for word in ("sip_code", "q850") if leg[word] is not None]
        detail = " ".join([leg["cause"] or "", *codes, leg["text"]]).strip()
        moments.append(Step(at=leg["ended_at"], what="leg ended", leg_id=leg["id"], detail=detail))
    return moments


def _attempt(connection: Connection, workspace_id: int, attempt_id: str) -> RowMapping:
    attempt, campaign, lead, agent = schema.attempt, schema.campaign, schema.lead, schema.agent
    joined = (
        attempt.join(campaign, campaign.c.id == attempt.c.campaign_id)
        .join(lead, lead.c.id == attempt.c.lead_id)
        .outerjoin(agent, agent.c.id == attempt.c.agent_id)
    )
    statement = (
        select(
            attempt,
            campaign.c.name.label("campaign"),
            lead.c.phone.label("number"),
            agent.c.name.label("agent"),
        )
        .select_from(joined)
        .where(attempt.c.id == attempt_id, attempt.c.workspace_id == workspace_id)
    )
    found = connection.execute(statement).mappings().one_or_none()
    if found is None:
        raise ConfigError(
            f"no attempt is called {attempt_id!r}: `dialer call list` names those that there are"
        )
    return found


def _journal(connection: Connection, attempt_id: str) -> list[Step]:
    kept = schema.journal.c
    statement = select(kept.at, kept.kind, kept.leg_id, kept.detail).where(kept.attempt_id == attempt_id)
    return [
        Step(at=row.at, what=row.kind, leg_id=row.leg_id, detail=row.detail)
        for row in connection.execute(statement)
    ]


def _messages(connection: Connection, leg_ids: list[str]) -> list[Step]:
    kept = schema.sip_message.c
    statement = select(kept.at, kept.direction, kept.leg_id, kept.text).where(kept.leg_id.in_(leg_ids))
    return [
        Step(at=row.at, what=f"SIP {row.direction}", leg_id=row.leg_id, detail=row.text)
        for row in connection.execute(statement)
    ]
