"""Workspaces by name: everything else refers to them by id."""

from sqlalchemy import insert, select

from dialer.storage.database import Database
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
        found = connection.scalar(query)
        if found is None:
            made = insert(workspace).values(name=name).returning(workspace.c.id)
            found = connection.execute(made).scalar_one()
    return int(found)
