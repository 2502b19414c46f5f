"""Writing calls of queues."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from dialer.core.records import CallDisposed
from dialer.storage import do_not_call
from dialer.storage.changes import change
from dialer.storage.queue_tables import queue_call
from dialer.storage.schema import agent

_DISPOSE = change(queue_call, "call", "disposition", "disposed_at")


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
