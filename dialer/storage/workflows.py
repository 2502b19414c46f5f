"""Workflows as they are kept: every version, so that tasks finish in the one they began in."""

import msgspec
from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from dialer.core.allocation.workflow import Workflow
from dialer.storage import queue_tables, schema
from dialer.storage.rows import unknown


class WorkflowRow(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a workflow."""

    workflow: Workflow
    made_at: float

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.workflow.name


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a workflow that was to be kept."""

    workflow: Workflow
    is_new: bool
    """Whether it is another version than the newest; the same once more is none."""


def keep(connection: Connection, workspace_id: int, workflow: Workflow, *, at: float) -> Kept:
    """Keep a workflow as the newest version, unless it says what that one says."""
    newest = _newest(connection, workspace_id, workflow.name)
    version = 1 if newest is None else newest.workflow.version + 1
    if (
        newest is not None
        and msgspec.structs.replace(workflow, version=newest.workflow.version) == newest.workflow
    ):
        return Kept(workflow=newest.workflow, is_new=False)
    kept = msgspec.structs.replace(workflow, version=version)
    connection.execute(
        insert(schema.workflow).values(
            workspace_id=workspace_id,
            name=kept.name,
            version=version,
            text=msgspec.json.encode(kept).decode(),
            made_at=at,
        )
    )
    return Kept(workflow=kept, is_new=True)


def newest(connection: Connection, workspace_id: int) -> list[WorkflowRow]:
    """Return the newest version of each workflow, by name."""
    kept = schema.workflow.c
    last = (
        select(kept.name, func.max(kept.version).label("version"))
        .where(kept.workspace_id == workspace_id)
        .group_by(kept.name)
        .subquery()
    )
    query = _workflows(workspace_id).join(last, (last.c.name == kept.name) & (last.c.version == kept.version))
    return [_row(row) for row in connection.execute(query.order_by(kept.name)).mappings()]


def in_use(connection: Connection, workspace_id: int) -> list[WorkflowRow]:
    """Return the newest version of each workflow, and those that tasks are in which are not over."""
    found = newest(connection, workspace_id)
    kept = queue_tables.task.c
    open_tasks = (
        select(kept.workflow, kept.version)
        .where(kept.workspace_id == workspace_id, kept.ended_at.is_(None))
        .distinct()
        .subquery()
    )
    old, known = schema.workflow.c, {(row.name, row.workflow.version) for row in found}
    query = _workflows(workspace_id).join(
        open_tasks, (open_tasks.c.workflow == old.name) & (open_tasks.c.version == old.version)
    )
    older = [_row(row) for row in connection.execute(query.order_by(old.name, old.version)).mappings()]
    return found + [row for row in older if (row.name, row.workflow.version) not in known]


def find(connection: Connection, workspace_id: int, name: str, version: int | None = None) -> WorkflowRow:
    """Return a version of a workflow, the newest if none is named.

    Raises:
        ConfigError: If there is none; the text names those that there are.
    """
    if version is None:
        row = _newest(connection, workspace_id, name)
    else:
        kept = schema.workflow.c
        query = _workflows(workspace_id).where(kept.name == name, kept.version == version)
        found = connection.execute(query).mappings().one_or_none()
        row = None if found is None else _row(found)
    if row is not None:
        return row
    known = [each.name for each in newest(connection, workspace_id)]
    called = name if version is None or name not in known else f"{name}, version {version}"
    raise unknown("workflow", called, known=known, remedy="load one with `dialer workflow load FILE`")


def _newest(connection: Connection, workspace_id: int, name: str) -> WorkflowRow | None:
    kept = schema.workflow.c
    query = _workflows(workspace_id).where(kept.name == name).order_by(kept.version.desc()).limit(1)
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else _row(found)


def _workflows(workspace_id: int) -> Select[tuple[str, float]]:
    kept = schema.workflow.c
    return select(kept.text, kept.made_at).where(kept.workspace_id == workspace_id)


def _row(kept: RowMapping) -> WorkflowRow:
    return WorkflowRow(workflow=msgspec.json.decode(kept["text"], type=Workflow), made_at=kept["made_at"])
