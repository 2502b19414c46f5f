"""From a row of a query to a record of ours, and rows that others may have added meanwhile."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, RowMapping, Table
from sqlalchemy.dialects.postgresql import Insert, insert

T = TypeVar("T")


def record(row: RowMapping, kind: type[T]) -> T:
    """Return a row as a struct whose fields are named as its columns; texts become enum members."""
    # SQLAlchemy's names are a subclass of str, which msgspec does not take for one.
    return msgspec.convert({str(name): value for name, value in row.items()}, kind)


def new_rows(table: Table) -> Insert:
    """Return an insert that leaves out what is there already; SQLite says it in the same words."""
    return insert(table).on_conflict_do_nothing()


def add_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Add a row unless it is there, or another process adds it at this moment."""
    connection.execute(new_rows(table), [row])
