"""Calls of queues in the database: who came, who served them, and who is to be called back.

A row is written before any run hears of a call, with the number that nobody else is told.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from dialer.core.ids import CallId, LegId, QueueName
from dialer.core.queue_events import CallArrived
from dialer.core.queue_records import (
    CallbackAsked,
    CallbackSettled,
    CallbackStarted,
    CallDisposed,
    QueueCallAnswered,
    QueueCallEnded,
    QueueCallMoved,
    QueueCallTaken,
    QueueRecord,
)
from dialer.core.states import Outcome
from dialer.storage import do_not_call
from dialer.storage.changes import change
from dialer.storage.queue_tables import queue_call
from dialer.storage.schema import agent, call, leg

_DISPOSE = change(queue_call, "call", "disposition", "disposed_at")
_TAKE = change(queue_call, "call", "leg_id", "trunk", "taken_at")
_MOVE = change(queue_call, "call", "queue")
_ANSWER = change(queue_call, "call", "agent_id", "bridged_at")
_END = change(queue_call, "call", "ended_at", "outcome", "agent_id", "wait_s", "talk_s")
_ASK = change(queue_call, "call", "callback_asked_at")
_SETTLE = change(queue_call, "call", "callback_fate")


_SERVED_BY = (
    select(queue_call.c.agent_id)
    .where(
        queue_call.c.workspace_id == bindparam("workspace"),
        queue_call.c.number == bindparam("number"),
        queue_call.c.agent_id.is_not(None),
    )
    .order_by(queue_call.c.started_at.desc())
    .limit(1)
)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who calls a queue."""

    call_id: CallId
    queue: QueueName
    number: str | None = None
    """E.164; None: withheld, or none that can be called."""
    region: str = ""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


def arrive(connection: Connection, workspace_id: int, caller: Caller, *, is_left: bool, at: float) -> None:
    """Write who calls; `is_left`: nobody is there who could take the call, and it is over for us."""
    row = {
        "id": caller.call_id,
        "workspace_id": workspace_id,
        "queue": caller.queue,
        "inbound": True,
        "number": caller.number,
        "region": caller.region,
        "attributes": json.dumps(caller.attributes),
        "started_at": at,
        "waiting_since": at,
    }
    if is_left:
        row |= {"ended_at": at, "outcome": Outcome.OVERFLOWED, "wait_s": 0.0}
    connection.execute(insert(queue_call), row)


def arrived(
    connection: Connection, workspace_id: int, call_id: CallId, *, arrival: str, server: str, at: float
) -> CallArrived | None:
    """Return what the engine must know of a call, None if there is no such, or it was taken."""
    kept = queue_call.c
    row = connection.execute(
        select(queue_call).where(
            kept.id == call_id,
            kept.workspace_id == workspace_id,
            kept.leg_id.is_(None),
            kept.ended_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    served_by = None
    if row.number is not None:
        served_by = connection.scalar(_SERVED_BY, {"workspace": workspace_id, "number": row.number})
    return CallArrived(
        at=at,
        arrival=arrival,
        call_id=call_id,
        queue=QueueName(row.queue),
        came_at=row.started_at,
        server=server,
        region=row.region,
        has_number=row.number is not None,
        attributes=json.loads(row.attributes),
        served_by=served_by,
    )


# --- what rounds leave -------------------------------------------------------------------------------


def take(connection: Connection, workspace_id: int, batch: Sequence[QueueCallTaken]) -> None:
    """Write that calls were taken, with their legs."""
    rows = [
        {"call": one.call_id, "new_leg_id": one.leg_id, "new_trunk": one.trunk, "new_taken_at": one.at}
        for one in batch
    ]
    connection.execute(_TAKE, rows)
    _insert_legs(connection, workspace_id, batch)


def _insert_legs(
    connection: Connection, workspace_id: int, batch: Sequence[QueueCallTaken | CallbackStarted]
) -> None:
    rows = [{"id": one.leg_id, "workspace_id": workspace_id, "started_at": one.at} for one in batch]
    connection.execute(insert(leg), rows)


def move(connection: Connection, _: int, batch: Sequence[QueueCallMoved]) -> None:
    """Write that calls wait for other queues."""
    connection.execute(_MOVE, [{"call": one.call_id, "new_queue": one.queue} for one in batch])


def answer(connection: Connection, _: int, batch: Sequence[QueueCallAnswered]) -> None:
    """Write who serves calls."""
    rows = [{"call": one.call_id, "new_agent_id": one.agent_id, "new_bridged_at": one.at} for one in batch]
    connection.execute(_ANSWER, rows)


def end(connection: Connection, _: int, batch: Sequence[QueueCallEnded]) -> None:
    """Write what became of calls."""
    rows = [
        {
            "call": one.call_id,
            "new_ended_at": one.at,
            "new_outcome": one.outcome,
            "new_agent_id": one.agent_id,
            "new_wait_s": one.wait_s,
            "new_talk_s": one.talk_s,
        }
        for one in batch
    ]
    connection.execute(_END, rows)


def dispose(connection: Connection, workspace_id: int, batch: Sequence[CallDisposed]) -> None:
    """Write what came of calls; a number that is to be blocked is on the list when this returns."""
    rows = [
        {"call": record.call_id, "new_disposition": record.disposition, "new_disposed_at": record.at}
        for record in batch
    ]
    connection.execute(_DISPOSE, rows)
    for record in batch:
        if record.block:
            _block(connection, workspace_id, record)


def _block(connection: Connection, workspace_id: int, record: CallDisposed) -> None:
    number = connection.scalar(select(queue_call.c.number).where(queue_call.c.id == record.call_id))
    name = connection.scalar(select(agent.c.name).where(agent.c.id == record.agent_id))
    if number is not None:  # else it was withheld, and nobody can call it
        reason = f"disposition {record.disposition}"
        do_not_call.add(connection, workspace_id, [number], who=f"agent {name}", reason=reason, at=record.at)


# --- callbacks ---------------------------------------------------------------------------------------


def ask_back(connection: Connection, _: int, batch: Sequence[CallbackAsked]) -> None:
    """Write who is to be called back; by asking for it they consent to the call."""
    rows = [{"call": one.call_id, "new_callback_asked_at": one.at} for one in batch]
    connection.execute(_ASK, rows)


def start_callbacks(
    connection: Connection, workspace_id: int, batch: Sequence[CallbackStarted]
) -> tuple[dict[LegId, str], list[LegId]]:
    """Write calls that begin; return the numbers, and those that must not be placed as the number is on the phone with us.

    No list is asked: who is called back has asked for it.
    """
    asked = {"calls": [one.callback_of for one in batch]}
    rows = connection.execute(
        select(queue_call).where(queue_call.c.id.in_(bindparam("calls", expanding=True))), asked
    )
    first = {row.id: row for row in rows}
    found = {one.leg_id: first[one.callback_of] for one in batch}
    in_use = set(
        connection.scalars(
            select(call.c.number).where(
                call.c.workspace_id == workspace_id,
                call.c.number.in_([row.number for row in found.values()]),
                call.c.ended_at.is_(None),
            )
        )
    )
    connection.execute(insert(queue_call), [_callback(workspace_id, one, found[one.leg_id]) for one in batch])
    _insert_legs(connection, workspace_id, batch)
    numbers = {leg_id: row.number for leg_id, row in found.items() if row.number not in in_use}
    return numbers, [leg_id for leg_id in found if leg_id not in numbers]


def _callback(workspace_id: int, one: CallbackStarted, first: Any) -> dict[str, Any]:
    return {
        "id": one.call_id,
        "workspace_id": workspace_id,
        "queue": one.queue,
        "trunk": one.trunk,
        "leg_id": one.leg_id,
        "inbound": False,
        "number": first.number,
        "region": first.region,
        "attributes": first.attributes,
        "started_at": one.at,
        "waiting_since": one.waiting_since,
        "taken_at": one.at,
        "callback_of": one.callback_of,
    }


def settle_callbacks(connection: Connection, _: int, batch: Sequence[CallbackSettled]) -> None:
    """Write that nobody will be called back any more."""
    rows = [{"call": one.call_id, "new_callback_fate": one.outcome} for one in batch]
    connection.execute(_SETTLE, rows)


WRITES: Mapping[type[QueueRecord], Callable[[Connection, int, Any], object]] = {
    QueueCallTaken: take,
    CallbackStarted: start_callbacks,
    QueueCallMoved: move,
    QueueCallAnswered: answer,
    QueueCallEnded: end,
    CallDisposed: dispose,
    CallbackAsked: ask_back,
    CallbackSettled: settle_callbacks,
}
"""In this order: a call is there before it is over."""


def write(
    connection: Connection, workspace_id: int, batch: Sequence[QueueRecord]
) -> tuple[dict[LegId, str], list[LegId]]:
    """Write records of one kind; return the numbers of calls to be placed, and the legs of those that must not be."""
    if isinstance(batch[0], CallbackStarted):
        return start_callbacks(
            connection, workspace_id, [one for one in batch if isinstance(one, CallbackStarted)]
        )
    WRITES[type(batch[0])](connection, workspace_id, batch)
    return {}, []
