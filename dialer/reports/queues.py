"""How callers of queues are served: now, and since a moment."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, case, func, select

from dialer.core.settings import QueueSettings
from dialer.core.states import AgentState, Outcome
from dialer.core.work.waits import expected_wait_s
from dialer.reports.table import Column, Report, Unit, share
from dialer.storage import schema
from dialer.storage.queue_tables import queue_call

LAST_TALKS = 20
"""So many talks tell the mean handle time; without one it is the queue's `handle_s`. As the engine weighs them, about."""

_ABSENT = (AgentState.LOGGED_OUT, AgentState.LOGGING_IN, AgentState.PAUSED)
_KEPT = queue_call.c

_FORMULA = (
    "service_level = answered within the queue's service_level_s of the arrival / offered; whoever hung up, was called back "
    "or was left to the dialplan counts as not answered. No rule defines it; target_share is the configuration's."
)

_NOTE = (
    "mean_wait_s is of those who were answered, max_wait_s of all whose wait is over; hung_up did so waiting, abandoned "
    "heard the message. Who is called back is counted by the call that asked for it."
)


class Served(msgspec.Struct, frozen=True):
    """What became of the calls that came."""

    offered: int
    answered: int
    in_time: int
    """Of those that were answered."""
    hung_up: int
    abandoned: int
    """Heard the message, as nobody came in time."""
    called_back: int
    overflowed: int
    mean_wait_s: float | None
    """Of those that were answered."""
    max_wait_s: float | None
    """Of all that are over."""

    @property
    def service_level(self) -> float | None:
        """Return the share that was answered in time; None: nobody called."""
        return share(self.in_time, self.offered)


class QueueNow(msgspec.Struct, frozen=True, kw_only=True):
    """One queue at this moment, and its day so far."""

    queue: str
    waiting: int
    longest_wait_s: float | None
    to_call_back: int
    talking: int
    agents: int
    """Who could be given its calls, busy or not."""
    ready: int
    expected_wait_s: float | None
    """Of somebody who calls now."""
    offered: int
    answered: int
    service_level: float | None


def now(
    connection: Connection, workspace_id: int, queues: Sequence[QueueSettings], *, at: float, since: float
) -> list[QueueNow]:
    """Return every queue, its day counted from `since`."""
    states = _agents(connection, workspace_id)
    agents = sum(count for state, count in states.items() if state not in _ABSENT)
    ready = states.get(AgentState.READY, 0)
    return [
        _now(connection, workspace_id, queue, at=at, since=since, agents=(agents, ready)) for queue in queues
    ]


def _now(
    connection: Connection,
    workspace_id: int,
    queue: QueueSettings,
    *,
    at: float,
    since: float,
    agents: tuple[int, int],
) -> QueueNow:
    ours = (_KEPT.workspace_id == workspace_id, _KEPT.queue == queue.name)
    waits = _KEPT.bridged_at.is_(None) & _KEPT.inbound
    waiting, earliest, talking = connection.execute(
        select(
            _count(waits), func.min(case((waits, _KEPT.waiting_since))), _count(_KEPT.bridged_at.is_not(None))
        ).where(*ours, _KEPT.ended_at.is_(None), _KEPT.taken_at.is_not(None))
    ).one()
    to_call_back = connection.scalar(
        select(func.count()).where(*ours, _KEPT.callback_asked_at.is_not(None), _KEPT.callback_fate.is_(None))
    )
    there, ready = agents
    ahead = waiting + (to_call_back or 0)
    handle_s = _handle_s(connection, workspace_id, queue)
    served = _served(connection, workspace_id, queue, since=since, until=at)
    return QueueNow(
        queue=queue.name,
        waiting=waiting,
        longest_wait_s=None if earliest is None else at - earliest,
        to_call_back=to_call_back or 0,
        talking=talking,
        agents=there,
        ready=ready,
        expected_wait_s=0.0
        if ready and not ahead
        else expected_wait_s(ahead + 1, handle_s=handle_s, agents=there),
        offered=served.offered,
        answered=served.answered,
        service_level=served.service_level,
    )


def _agents(connection: Connection, workspace_id: int) -> dict[str, int]:
    kept = schema.agent.c
    query = (
        select(kept.state, func.count().label("agents"))
        .where(kept.workspace_id == workspace_id)
        .group_by(kept.state)
    )
    return {row.state: row.agents for row in connection.execute(query)}


def _handle_s(connection: Connection, workspace_id: int, queue: QueueSettings) -> float:
    last = (
        select(_KEPT.talk_s)
        .where(_KEPT.workspace_id == workspace_id, _KEPT.queue == queue.name, _KEPT.talk_s.is_not(None))
        .order_by(_KEPT.started_at.desc())
        .limit(LAST_TALKS)
        .subquery()
    )
    mean = connection.scalar(select(func.avg(last.c.talk_s)))
    return queue.handle_s if mean is None else mean + queue.wrap_up_s


def report(
    connection: Connection, workspace_id: int, queues: Sequence[QueueSettings], *, since: float, until: float
) -> Report:
    """Return how the callers of each queue were served who came between two moments."""
    rows = []
    for queue in queues:
        served = _served(connection, workspace_id, queue, since=since, until=until)
        facts = [getattr(served, name) for name in served.__struct_fields__]
        rows.append((queue.name, *facts, served.service_level, queue.service_level_share))
    return Report(
        name="queues",
        campaign="",
        columns=(
            Column("queue"),
            *(
                Column(name, Unit.SECONDS if name.endswith("_s") else Unit.COUNT)
                for name in Served.__struct_fields__
            ),
            Column("service_level", Unit.SHARE),
            Column("target_share", Unit.SHARE),
        ),
        rows=tuple(rows),
        notes=(
            _FORMULA,
            _NOTE,
        ),
    )


def _served(
    connection: Connection, workspace_id: int, queue: QueueSettings, *, since: float, until: float
) -> Served:
    answered = _KEPT.bridged_at.is_not(None)
    wait_s = _KEPT.bridged_at - _KEPT.waiting_since
    found = connection.execute(
        select(
            func.count(),
            _count(answered),
            _count(answered & (wait_s <= queue.service_level_s)),
            _count(_KEPT.outcome == Outcome.HUNG_UP_WAITING),
            _count(_KEPT.outcome == Outcome.ABANDONED),
            _count(_KEPT.outcome == Outcome.CALLBACK),
            _count(_KEPT.outcome == Outcome.OVERFLOWED),
            func.avg(case((answered, wait_s))),
            func.max(_KEPT.wait_s),
        ).where(
            _KEPT.workspace_id == workspace_id,
            _KEPT.queue == queue.name,
            _KEPT.inbound,
            _KEPT.started_at >= since,
            _KEPT.started_at < until,
        )
    ).one()
    return Served(*found)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
