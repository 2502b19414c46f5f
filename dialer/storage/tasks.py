"""Text sessions as they are kept: written by the run, read by the next one and by whoever asks."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, insert, select

from dialer.core.allocation.capacity import Channel
from dialer.core.allocation.task_facts import Attributes
from dialer.core.events import TaskLeftOpen
from dialer.core.ids import AgentId, QueueName, TaskId
from dialer.core.records import TaskAdded, TaskChanged, TaskEnded
from dialer.core.task_states import TaskState
from dialer.errors import ConfigError
from dialer.storage.changes import change
from dialer.storage.queue_tables import task
from dialer.storage.schema import agent

_CHANGE = change(
    task, "task", "state", "since_at", "agent_id", "queue", "attributes", "workflow", "version", "step"
)
_END = change(task, "task", "state", "since_at", "ended_at", "agent_id", "ended_by", "result", "worked_s")


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """One text session."""

    task_id: TaskId
    queue: QueueName
    channel: Channel
    weight: int
    attributes: Attributes
    state: TaskState
    since_at: float
    arrived_at: float
    agent: str
    """Who was asked, works on it, or did at the end; empty: nobody."""
    ended_at: float | None
    ended_by: str | None
    """`end` or `cancel`."""
    worked_s: float | None
    result: str

    @property
    def in_hand(self) -> str:
        """Return the session in one line, for whoever looks at its agent."""
        return f"{self.task_id} {self.state} ({self.queue})"


def add(connection: Connection, workspace_id: int, batch: Sequence[TaskAdded]) -> None:
    """Write sessions that come."""
    rows = [
        {
            "id": one.task_id,
            "workspace_id": workspace_id,
            "number": one.number,
            "channel": one.channel,
            "weight": one.weight,
            "queue": one.queue,
            "attributes": _text(one.attributes),
            "workflow": one.workflow,
            "version": one.version,
            "step": one.step,
            "arrived_at": one.at,
            "ranked_at": one.ranked_at,
            "state": TaskState.WAITING,
            "since_at": one.at,
        }
        for one in batch
    ]
    connection.execute(insert(task), rows)


def change_all(connection: Connection, batch: Sequence[TaskChanged]) -> None:
    """Write what sessions are now, the newest last."""
    newest = {one.task_id: one for one in batch}
    rows = [
        {
            "task": one.task_id,
            "new_state": one.state,
            "new_since_at": one.since_at,
            "new_agent_id": one.agent_id,
            "new_queue": one.queue,
            "new_attributes": _text(one.attributes),
            "new_workflow": one.workflow,
            "new_version": one.version,
            "new_step": one.step,
        }
        for one in newest.values()
    ]
    connection.execute(_CHANGE, rows)


def end(connection: Connection, batch: Sequence[TaskEnded]) -> None:
    """Write what came of sessions."""
    rows = [
        {
            "task": one.task_id,
            "new_state": TaskState.ENDED,
            "new_since_at": one.at,
            "new_ended_at": one.at,
            "new_agent_id": one.agent_id,
            "new_ended_by": one.by,
            "new_result": one.result,
            "new_worked_s": None if one.worked_since is None else one.at - one.worked_since,
        }
        for one in batch
    ]
    connection.execute(_END, rows)


def left_open(connection: Connection, workspace_id: int, *, at: float) -> list[TaskLeftOpen]:
    """Return the sessions that are not over, in the order in which they came."""
    kept = task.c
    found = connection.execute(
        select(task)
        .where(kept.workspace_id == workspace_id, kept.ended_at.is_(None))
        .order_by(kept.arrived_at, kept.number, kept.id)
    )
    return [
        TaskLeftOpen(
            at=at,
            task_id=TaskId(row.id),
            channel=Channel(row.channel),
            weight=row.weight,
            queue=QueueName(row.queue),
            attributes=msgspec.json.decode(row.attributes, type=Attributes),
            arrived_at=row.arrived_at,
            ranked_at=row.ranked_at,
            workflow=row.workflow,
            version=row.version,
            step=row.step,
            agent_id=AgentId(row.agent_id) if row.state == TaskState.WORKING else None,
        )
        for row in found
    ]


def find(connection: Connection, workspace_id: int, task_id: str) -> TaskRow:
    """Return a session.

    Raises:
        ConfigError: If there is none of that id.
    """
    row = connection.execute(_tasks(workspace_id).where(task.c.id == task_id)).mappings().one_or_none()
    if row is None:
        raise ConfigError(f"there is no task {task_id!r}: `dialer task list` shows those there are")
    return _row(row)


def every(
    connection: Connection,
    workspace_id: int,
    *,
    queue: str | None = None,
    over: bool = False,
    most: int = 1000,
) -> list[TaskRow]:
    """Return the sessions that are not over, oldest first; with `over` those that are, newest first."""
    query = _tasks(workspace_id)
    if queue is not None:
        query = query.where(task.c.queue == queue)
    if over:
        query = query.where(task.c.ended_at.is_not(None)).order_by(task.c.arrived_at.desc(), task.c.id)
    else:
        query = query.where(task.c.ended_at.is_(None)).order_by(task.c.arrived_at, task.c.number, task.c.id)
    return [_row(row) for row in connection.execute(query.limit(most)).mappings()]


def of_agent(connection: Connection, workspace_id: int, agent_id: AgentId) -> list[TaskRow]:
    """Return the sessions that an agent has in hand, offered or worked on, oldest first."""
    query = _tasks(workspace_id).where(task.c.agent_id == agent_id, task.c.ended_at.is_(None))
    rows = connection.execute(query.order_by(task.c.arrived_at, task.c.number, task.c.id)).mappings()
    return [_row(row) for row in rows]


def _tasks(workspace_id: int) -> Select[Any]:
    return (
        select(task, agent.c.name.label("agent"))
        .select_from(task.outerjoin(agent, agent.c.id == task.c.agent_id))
        .where(task.c.workspace_id == workspace_id)
    )


def _row(row: Any) -> TaskRow:
    facts = {field: row[field] for field in TaskRow.__struct_fields__ if field in row}
    facts["task_id"], facts["agent"] = row["id"], row["agent"] or ""
    facts["attributes"] = msgspec.json.decode(row["attributes"])
    return msgspec.convert(facts, TaskRow)


def _text(attributes: Attributes) -> str:
    return msgspec.json.encode(attributes).decode()
