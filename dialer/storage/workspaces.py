"""Workspaces by name: everything else refers to them by id."""

from sqlalchemy import Connection, select, update

from dialer.storage.database import Database
from dialer.storage.rows import add_new
from dialer.storage.schema import workspace


def ensure_workspace(database: Database, name: str) -> int:
    """Return the id of a workspace, made if it is not there."""
    query = select(workspace.c.id).where(workspace.c.name == name)
    with database.read() as connection:
        found = connection.scalar(query)
    if found is not None:
        return int(found)
    with database.write() as connection:
        # Another process may have been faster.
        add_new(connection, workspace, {"name": name})
        found = connection.execute(query).scalar_one()
    return int(found)


def mark_halted(connection: Connection, workspace_id: int, reason: str | None, *, at: float) -> None:
    """Keep every run of a workspace from placing calls, for a reason; None takes that back."""
    halted = reason is not None
    connection.execute(
        update(workspace)
        .where(workspace.c.id == workspace_id)
        .values(halted_at=at if halted else None, halt_reason=reason or "")
    )
