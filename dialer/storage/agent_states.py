"""Writing what agents do: their states as they are now, and the periods that they spent in each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from dialer.core.ids import AgentId
from dialer.core.records import AgentChanged
from dialer.storage.changes import change, new
from dialer.storage.schema import agent, agent_period

_FACTS = ("state", "attempt_id")
_WORDS = (
    "reason", "to_come", "until_at", "paused_by", "busy_code", "serving", "volume", "served", "served_until",
)  # fmt: skip
_CHANGE = change(agent, "agent", "since_at", *_FACTS)
_SAY = change(agent, "agent", *_WORDS)
_END_PERIOD = (
    update(agent_period)
    .where(agent_period.c.agent_id == bindparam("agent"), agent_period.c.ended_at.is_(None))
    .values(ended_at=bindparam("new_ended_at"))
)


def write(connection: Connection, workspace_id: int, batch: Sequence[AgentChanged]) -> None:
    """Write changes, given in order."""
    begun = [record for record in batch if record.begins]
    if begun:
        _write_periods(connection, workspace_id, begun)
        rows = [
            {"agent": who, "new_since_at": record.at} | new(record, _FACTS)
            for who, record in _last(begun).items()
        ]
        connection.execute(_CHANGE, rows)
    connection.execute(_SAY, [{"agent": who} | new(record, _WORDS) for who, record in _last(batch).items()])


def _write_periods(connection: Connection, workspace_id: int, begun: Sequence[AgentChanged]) -> None:
    first: dict[AgentId, AgentChanged] = {}
    newest: dict[AgentId, dict[str, Any]] = {}
    periods: list[dict[str, Any]] = []
    for record in begun:
        first.setdefault(record.agent_id, record)
        if record.agent_id in newest:
            newest[record.agent_id]["ended_at"] = record.at
        newest[record.agent_id] = {
            "workspace_id": workspace_id,
            "agent_id": record.agent_id,
            "state": record.state,
            "reason": record.reason,
            "attempt_id": record.attempt_id,
            "started_at": record.at,
            "ended_at": None,
            "paused_by": record.paused_by,
            "until_at": record.until_at,
        }
        periods.append(newest[record.agent_id])
    connection.execute(
        _END_PERIOD, [{"agent": who, "new_ended_at": record.at} for who, record in first.items()]
    )
    connection.execute(insert(agent_period), periods)


def _last(batch: Sequence[AgentChanged]) -> dict[AgentId, AgentChanged]:
    return {record.agent_id: record for record in batch}
