"""One attempt from its start to its end: what was decided, what the network said, every SIP message."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select

from dialer.core.ids import AttemptId, CampaignId
from dialer.errors import ConfigError
from dialer.storage import schema
from dialer.storage.journal import AttemptStory, LegRow, story


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of an attempt."""

    at: float
    what: str
    leg_id: str | None = None
    detail: str = ""
    """The whole text of a SIP message; else a few words."""


def find_story(connection: Connection, workspace_id: int, attempt_id: str) -> AttemptStory:
    """Return what is on record about an attempt.

    Raises:
        ConfigError: If there is no such attempt.
    """
    found = story(connection, workspace_id, AttemptId(attempt_id))
    if found is None:
        raise ConfigError(
            f"no attempt is called {attempt_id!r}: `dialer call list` names those that there are"
        )
    return found


def steps(told: AttemptStory) -> tuple[Step, ...]:
    """Return an attempt's moments, in order."""
    attempt = told.attempt
    found = [Step(at=attempt.started_at, what="attempt started")]
    for leg in told.legs:
        found += _leg_steps(leg)
    found += [Step(at=row.at, what=row.kind, leg_id=row.leg_id, detail=row.detail) for row in told.journal]
    found += [
        Step(at=row.at, what=f"SIP {row.direction}", leg_id=row.leg_id, detail=row.text)
        for row in told.sip_messages
    ]
    if attempt.ended_at is not None:
        found.append(Step(at=attempt.ended_at, what="attempt ended", detail=attempt.outcome or ""))
    return tuple(sorted(found, key=lambda step: step.at))


def _leg_steps(leg: LegRow) -> list[Step]:
    moments = (("dialing", leg.dialing_at), ("ringing", leg.ringing_at), ("answered", leg.answered_at))
    found = [Step(at=at, what=f"leg {name}", leg_id=leg.id) for name, at in moments if at is not None]
    if leg.ended_at is not None:
        codes = [f"{word} {code}" for word, code in (("SIP", leg.sip_code), ("Q.850", leg.q850)) if code]
        detail = ", ".join(filter(None, [leg.cause, *codes, leg.text]))
        found.append(Step(at=leg.ended_at, what="leg ended", leg_id=leg.id, detail=detail))
    return found


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
