"""Writing which files there are of talks."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, update

from dialer.core.records import RecordingEnded, RecordingStarted
from dialer.storage.schema import recording

_END = (
    update(recording)
    .where(recording.c.id == bindparam("file"))
    .values(ended_at=bindparam("new_ended_at"), failed=bindparam("new_failed"))
)


def start(connection: Connection, workspace_id: int, batch: Sequence[RecordingStarted]) -> None:
    """Write recordings that begin."""
    rows = [
        {
            "id": one.file,
            "workspace_id": workspace_id,
            "attempt_id": one.attempt_id,
            "queue_call_id": one.call_id if one.attempt_id is None else None,
            "started_at": one.at,
            "failed": "",
        }
        for one in batch
    ]
    connection.execute(insert(recording), rows)


def end(connection: Connection, batch: Sequence[RecordingEnded]) -> None:
    """Write that recordings are over, or failed."""
    rows = [{"file": one.file, "new_ended_at": one.at, "new_failed": one.failed} for one in batch]
    connection.execute(_END, rows)
