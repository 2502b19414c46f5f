"""Lead lists, their leads, and how far an import has come.

Leads and the checkpoint that counts them are written in one transaction: an import that is killed has
done what its checkpoint says, no more and no less.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert, select, update

from dialer.errors import StorageError
from dialer.storage.rows import ensure
from dialer.storage.schema import import_job, lead_list, lease

LeadRow = tuple[int, int, float, str, str, str, int, str]
"""Workspace, list, instant, number (E.164), region, kind, zone group, attributes (JSON)."""

_ADD_LEADS = (
    "INSERT INTO lead (workspace_id, list_id, made_at, phone, region, kind, zone_group, attributes)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (list_id, phone) DO NOTHING"
)


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """One import of one file into one list, and its checkpoint."""

    id: int
    list_id: int
    line: int
    """The line of the file that comes next, from 1."""
    offset: int
    """Where it begins, in bytes."""
    rows: int
    imported: int
    duplicates: int
    rejected: int
    rejects_file: str
    rejects_offset: int


def ensure_list(connection: Connection, workspace_id: int, name: str, *, at: float) -> int:
    """Return the id of a list, made if it is not there."""
    return ensure(connection, lead_list, {"workspace_id": workspace_id, "name": name}, {"made_at": at})


def unfinished_import(connection: Connection, list_id: int, fingerprint: str) -> ImportJob | None:
    """Return the import of a file into a list that was begun and not ended."""
    kept = import_job.c
    query = select(*(kept[field] for field in ImportJob.__struct_fields__)).where(
        kept.list_id == list_id, kept.fingerprint == fingerprint, kept.finished_at.is_(None)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else ImportJob(**row)


def begin_import(
    connection: Connection, workspace_id: int, job: ImportJob, *, path: Path, fingerprint: str, at: float
) -> ImportJob:
    """Put a new import on record and return it with its id."""
    values = msgspec.structs.asdict(job) | {
        "workspace_id": workspace_id,
        "path": str(path),
        "fingerprint": fingerprint,
        "made_at": at,
    }
    del values["id"]
    made = connection.execute(insert(import_job).values(values).returning(import_job.c.id))
    return msgspec.structs.replace(job, id=made.scalar_one())


def advance_import(connection: Connection, job: ImportJob, *, before: ImportJob) -> None:
    """Move a checkpoint, in the transaction that writes what it counts.

    Raises:
        StorageError: If another process has moved it meanwhile.
    """
    kept = import_job.c
    moved = connection.execute(
        update(import_job)
        .where(kept.id == before.id, kept.offset == before.offset, kept.finished_at.is_(None))
        .values(msgspec.structs.asdict(job))
    )
    if moved.rowcount != 1:
        raise StorageError("another process is importing the same file into this list; wait for it")


def finish_import(connection: Connection, job_id: int, *, at: float) -> None:
    """Mark an import as done, so that the same file may be imported again."""
    connection.execute(update(import_job).where(import_job.c.id == job_id).values(finished_at=at))


def add_leads(connection: Connection, rows: Sequence[LeadRow]) -> int:
    """Add leads whose numbers are not in their list yet; return how many there were."""
    if not rows:
        return 0
    if connection.dialect.name == "postgresql":
        from dialer.storage import postgres

        return postgres.add_leads(connection, rows)
    # As the driver takes it: SQLAlchemy's own insert is half as fast.
    return connection.exec_driver_sql(_ADD_LEADS, rows).rowcount


def is_leased(connection: Connection, workspace_id: int) -> bool:
    """Return whether a run holds the workspace, so that imports have to be brief."""
    query = select(lease.c.expires_at).where(lease.c.workspace_id == workspace_id)
    expires_at = connection.scalar(query)
    return expires_at is not None and expires_at > time.time()
