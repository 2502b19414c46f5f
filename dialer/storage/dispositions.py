"""Writing what agents say came of their talks: on the attempt, on its lead, on the do-not-call list."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, update

from dialer.core.records import AttemptDisposed
from dialer.storage import do_not_call, fates
from dialer.storage.schema import agent, attempt, lead

_DISPOSE = (
    update(attempt)
    .where(attempt.c.id == bindparam("attempt"))
    .values(
        disposition=bindparam("new_disposition"),
        disposed_at=bindparam("new_disposed_at"),
        retry_at=bindparam("new_retry_at"),
    )
)


def write(connection: Connection, workspace_id: int, batch: Sequence[AttemptDisposed]) -> None:
    """Write choices in order; a number that is to be blocked is on the list when this returns."""
    rows = [
        {
            "attempt": record.attempt_id,
            "new_disposition": record.disposition,
            "new_disposed_at": record.at,
            "new_retry_at": record.retry_at,
        }
        for record in batch
    ]
    connection.execute(_DISPOSE, rows)
    for record in batch:
        if record.block:
            _block(connection, workspace_id, record)
    fates.dispose(connection, [record for record in batch if record.ended])


def _block(connection: Connection, workspace_id: int, record: AttemptDisposed) -> None:
    number = connection.execute(select(lead.c.phone).where(lead.c.id == record.lead_id)).scalar_one()
    name = connection.execute(select(agent.c.name).where(agent.c.id == record.agent_id)).scalar_one()
    reason = f"disposition {record.disposition}"
    do_not_call.add(connection, workspace_id, [number], who=f"agent {name}", reason=reason, at=record.at)
