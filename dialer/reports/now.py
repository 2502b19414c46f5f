"""The floor at this moment: agents, open calls, campaigns, trunks, and what went wrong lately.

Read from what the run has recorded, by index only: as quick beside a million leads as beside ten.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, func, select

from dialer.core.states import AgentState, CampaignState, Outcome
from dialer.storage import schema

RECENT_S = 900.0
"""How far back results count as of now: a quarter of an hour, the usual interval of call centre reports."""

_LOOK_BACK = 5_000
"""Journal entries, the newest, among which troubles are looked for: minutes of a busy floor, hours of a quiet one."""

_TROUBLES = ("anomaly", "alarm")
_MOST_TROUBLES = 8

_STAGES = {
    "inbound": "ringing",
    "ringing": "ringing",
    "answered": "waiting",
    "reserved": "waiting",
    "bridge_failed": "waiting",
    "agent_lost": "waiting",
    "bridged": "talking",
    "held": "held",
    "message": "message",
    "hang_up": "ending",
}
STAGES = ("dialing", "ringing", "waiting", "talking", "held", "message", "ending")
"""What a call that has not ended can be doing, by the last that its attempt's journal says."""


class RunNow(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the workspace."""

    instance: str
    host: str
    pid: int
    since_at: float
    is_alive: bool
    """Whether its lease has been renewed in time."""


class AgentNow(msgspec.Struct, frozen=True, kw_only=True):
    """One agent."""

    name: str
    state: AgentState
    reason: str
    since_at: float
    campaign: str | None
    """Of the present call, or of the lead that the agent is shown."""


class CampaignNow(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign, its open calls by stage, and what came of the attempts that began lately."""

    name: str
    state: CampaignState
    reason: str
    until_at: float | None
    calls: dict[str, int]
    outcomes: dict[str, int]


class TrunkNow(msgspec.Struct, frozen=True, kw_only=True):
    """One trunk; the state is empty while no run has said anything of it."""

    name: str
    lines_used: int
    state: str
    reason: str
    since_at: float | None
    until_at: float | None


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something that should not have been."""

    at: float
    kind: str
    detail: str


class FloorNow(msgspec.Struct, frozen=True, kw_only=True):
    """The whole floor; instants are seconds since the epoch, UTC."""

    at: float
    run: RunNow | None
    halted_at: float | None
    halt_reason: str
    agents: tuple[AgentNow, ...]
    campaigns: tuple[CampaignNow, ...]
    trunks: tuple[TrunkNow, ...]
    troubles: tuple[Trouble, ...]
    """The latest first."""


class _OpenCall(msgspec.Struct, frozen=True):
    attempt_id: str
    campaign_id: int
    trunk: str
    stage: str


def floor_now(connection: Connection, workspace_id: int, *, at: float) -> FloorNow:
    """Return the floor as of the last round on record."""
    halted = connection.execute(
        select(schema.workspace.c.halted_at, schema.workspace.c.halt_reason).where(
            schema.workspace.c.id == workspace_id
        )
    ).one()
    calls = _open_calls(connection, workspace_id)
    campaigns = _campaigns(connection, workspace_id, calls, since_at=at - RECENT_S)
    return FloorNow(
        at=at,
        run=_run(connection, workspace_id, at=at),
        halted_at=halted.halted_at,
        halt_reason=halted.halt_reason,
        agents=_agents(connection, workspace_id),
        campaigns=campaigns,
        trunks=_trunks(connection, workspace_id, calls),
        troubles=_troubles(connection, workspace_id),
    )


def _run(connection: Connection, workspace_id: int, *, at: float) -> RunNow | None:
    held = schema.lease.c
    row = connection.execute(select(schema.lease).where(held.workspace_id == workspace_id)).one_or_none()
    if row is None:
        return None
    return RunNow(
        instance=row.instance,
        host=row.host,
        pid=row.pid,
        since_at=row.taken_at,
        is_alive=row.expires_at > at,
    )


def _agents(connection: Connection, workspace_id: int) -> tuple[AgentNow, ...]:
    agent, attempt, campaign = schema.agent, schema.attempt, schema.campaign
    preview = schema.preview
    is_shown = (preview.c.agent_id == agent.c.id) & preview.c.ended_at.is_(None)
    joined = (
        agent.outerjoin(attempt, attempt.c.id == agent.c.attempt_id)
        .outerjoin(preview, is_shown & (preview.c.workspace_id == workspace_id))
        .outerjoin(campaign, campaign.c.id == func.coalesce(attempt.c.campaign_id, preview.c.campaign_id))
    )
    columns = (
        agent.c.name,
        agent.c.state,
        agent.c.reason,
        agent.c.since_at,
        campaign.c.name.label("campaign"),
    )
    rows = connection.execute(
        select(*columns)
        .select_from(joined)
        .where(agent.c.workspace_id == workspace_id)
        .order_by(agent.c.name)
    )
    return tuple(
        AgentNow(
            name=row.name,
            state=AgentState(row.state),
            reason=row.reason,
            since_at=row.since_at,
            campaign=row.campaign,
        )
        for row in rows
    )


def _open_calls(connection: Connection, workspace_id: int) -> list[_OpenCall]:
    call, attempt = schema.call.c, schema.attempt.c
    rows = connection.execute(
        select(call.attempt_id, call.trunk, attempt.campaign_id)
        .join_from(schema.call, schema.attempt)
        .where(call.workspace_id == workspace_id, call.ended_at.is_(None))
    ).all()
    stages = _stages(connection, [row.attempt_id for row in rows])
    return [
        _OpenCall(row.attempt_id, row.campaign_id, row.trunk, stages.get(row.attempt_id, "dialing"))
        for row in rows
    ]


def _stages(connection: Connection, attempts: list[str]) -> dict[str, str]:
    kept = schema.journal.c
    newest = (
        select(func.max(kept.id))
        .where(kept.attempt_id.in_(attempts), kept.kind.in_(_STAGES))
        .group_by(kept.attempt_id)
    )
    rows = connection.execute(select(kept.attempt_id, kept.kind).where(kept.id.in_(newest)))
    return {row.attempt_id: _STAGES[row.kind] for row in rows}


def _campaigns(
    connection: Connection, workspace_id: int, calls: Iterable[_OpenCall], *, since_at: float
) -> tuple[CampaignNow, ...]:
    by_stage = Counter((call.campaign_id, call.stage) for call in calls)
    kept, attempt = schema.campaign.c, schema.attempt.c
    rows = connection.execute(
        select(kept.id, kept.name, kept.state, kept.reason, kept.until_at)
        .where(kept.workspace_id == workspace_id)
        .order_by(kept.name)
    ).all()
    recent = connection.execute(
        select(attempt.campaign_id, attempt.outcome, func.count().label("attempts"))
        .where(
            attempt.campaign_id.in_([row.id for row in rows]),
            attempt.started_at >= since_at,
            attempt.outcome.is_not(None),
        )
        .group_by(attempt.campaign_id, attempt.outcome)
    ).all()
    return tuple(
        CampaignNow(
            name=row.name,
            state=CampaignState(row.state),
            reason=row.reason,
            until_at=row.until_at,
            calls={stage: by_stage[row.id, stage] for stage in STAGES if by_stage[row.id, stage]},
            outcomes={
                str(outcome): found.attempts
                for outcome in Outcome
                for found in recent
                if (found.campaign_id, found.outcome) == (row.id, outcome)
            },
        )
        for row in rows
    )


def _trunks(connection: Connection, workspace_id: int, calls: Iterable[_OpenCall]) -> tuple[TrunkNow, ...]:
    lines = Counter(call.trunk for call in calls)
    kept = schema.trunk
    rows = connection.execute(select(kept).where(kept.c.workspace_id == workspace_id))
    said = {row.name: row for row in rows}
    return tuple(
        TrunkNow(
            name=name,
            lines_used=lines[name],
            state=said[name].state if name in said else "",
            reason=said[name].reason if name in said else "",
            since_at=said[name].since_at if name in said else None,
            until_at=said[name].until_at if name in said else None,
        )
        for name in sorted({*said, *lines})
    )


def _troubles(connection: Connection, workspace_id: int) -> tuple[Trouble, ...]:
    kept = schema.journal.c
    newest = connection.scalar(select(func.max(kept.id))) or 0
    rows = connection.execute(
        select(kept.at, kept.kind, kept.detail)
        .where(kept.id > newest - _LOOK_BACK, kept.workspace_id == workspace_id, kept.kind.in_(_TROUBLES))
        .order_by(kept.id.desc())
        .limit(_MOST_TROUBLES)
    )
    return tuple(Trouble(at=row.at, kind=row.kind, detail=row.detail) for row in rows)
