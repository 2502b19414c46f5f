"""Updates of one row each, whose new values are bound: `new_<name>` for a column `<name>`."""

from typing import Any

from sqlalchemy import Table, Update, bindparam, update

from dialer.core.record import Record


def change(table: Table, key: str, *names: str) -> Update:
    """Return an update of one row by its id, which is bound as `key`."""
    return (
        update(table)
        .where(table.c.id == bindparam(key))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


def new(record: Record, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what to bind for columns that a record's fields are named after."""
    return {f"new_{name}": getattr(record, name) for name in names}
