"""The roster as it is kept: shifts of agents, replaced by each import."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, delete, insert, select

from dialer.core.ids import AgentId
from dialer.core.shift import Shift
from dialer.storage import schema

_BREAKS = msgspec.json.Decoder(tuple[tuple[float, float], ...])


class KeptShift(msgspec.Struct, frozen=True, kw_only=True):
    """A shift, with what people are shown of it."""

    agent: str
    zone: str
    shift: Shift


def between(connection: Connection, workspace_id: int, from_at: float, until_at: float) -> list[KeptShift]:
    """Return the shifts of which a part lies in a span, by beginning and agent."""
    kept, agent = schema.shift.c, schema.agent.c
    statement = (
        select(kept.agent_id, agent.name, kept.begins_at, kept.ends_at, kept.breaks, kept.zone)
        .join_from(schema.shift, schema.agent, agent.id == kept.agent_id)
        .where(kept.workspace_id == workspace_id, kept.ends_at > from_at, kept.begins_at < until_at)
        .order_by(kept.begins_at, agent.name)
    )
    return [
        KeptShift(
            agent=row.name,
            zone=row.zone,
            shift=Shift(
                agent_id=AgentId(row.agent_id),
                begins_at=row.begins_at,
                ends_at=row.ends_at,
                breaks=_BREAKS.decode(row.breaks),
            ),
        )
        for row in connection.execute(statement)
    ]


def replace(connection: Connection, workspace_id: int, new: Iterable[tuple[Shift, str]]) -> int:
    """Keep shifts with their zones, instead of all that their agents had in the span of theirs; return how many went."""
    of_agent: dict[AgentId, list[tuple[Shift, str]]] = {}
    for shift, zone in new:
        of_agent.setdefault(shift.agent_id, []).append((shift, zone))
    gone = 0
    for agent_id, shifts in of_agent.items():
        first_at = min(shift.begins_at for shift, _ in shifts)
        last_at = max(shift.ends_at for shift, _ in shifts)
        gone += clear(connection, workspace_id, agent_id, from_at=first_at, until_at=last_at)
        rows = [
            {
                "workspace_id": workspace_id,
                "agent_id": agent_id,
                "begins_at": shift.begins_at,
                "ends_at": shift.ends_at,
                "breaks": msgspec.json.encode(shift.breaks).decode(),
                "zone": zone,
            }
            for shift, zone in shifts
        ]
        connection.execute(insert(schema.shift), rows)
    return gone


def clear(
    connection: Connection, workspace_id: int, agent_id: AgentId, *, from_at: float, until_at: float
) -> int:
    """Forget the shifts of an agent of which a part lies in a span; return how many went."""
    kept = schema.shift.c
    mine = (kept.workspace_id == workspace_id) & (kept.agent_id == agent_id)
    statement = delete(schema.shift).where(mine, kept.ends_at > from_at, kept.begins_at < until_at)
    return connection.execute(statement).rowcount
