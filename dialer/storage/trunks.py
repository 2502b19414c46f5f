"""Trunks as they are kept: what the run last said of each, and the minutes of its day."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select

from dialer.core.ids import TrunkName
from dialer.core.records import TrunkChanged
from dialer.core.states import TrunkState
from dialer.storage import rows
from dialer.storage.schema import trunk

_FORGET = delete(trunk).where(
    trunk.c.workspace_id == bindparam("workspace"), trunk.c.name == bindparam("trunk")
)


class TrunkRow(msgspec.Struct, frozen=True, kw_only=True):
    """One trunk, as the run last put it on record."""

    name: TrunkName
    state: TrunkState
    reason: str
    since_at: float
    until_at: float | None
    """When the next probe is due (`out`), or the day is over (`spent`)."""
    used_day: int
    """Days since the epoch, UTC, that `used_s` belongs to."""
    used_s: float
    """Answered seconds on that day."""


def every(connection: Connection, workspace_id: int) -> list[TrunkRow]:
    """Return the trunks that a run ever used, by name."""
    columns = (column for column in trunk.c if column is not trunk.c.workspace_id)
    found = connection.execute(
        select(*columns).where(trunk.c.workspace_id == workspace_id).order_by(trunk.c.name)
    )
    return [rows.record(row, TrunkRow) for row in found.mappings()]


def keep(connection: Connection, workspace_id: int, changed: Sequence[TrunkChanged]) -> None:
    """Write what there is to say of trunks; the last word about each counts."""
    last = {record.trunk: record for record in changed}
    connection.execute(_FORGET, [{"workspace": workspace_id, "trunk": name} for name in last])
    connection.execute(
        insert(trunk),
        [
            {
                "workspace_id": workspace_id,
                "name": name,
                "state": record.state,
                "reason": record.reason,
                "since_at": record.since_at,
                "until_at": record.until,
                "used_day": record.used_day,
                "used_s": record.used_s,
            }
            for name, record in last.items()
        ],
    )


def forget_others(connection: Connection, workspace_id: int, names: Collection[TrunkName]) -> None:
    """Forget trunks that are not named."""
    connection.execute(delete(trunk).where(trunk.c.workspace_id == workspace_id, trunk.c.name.not_in(names)))
