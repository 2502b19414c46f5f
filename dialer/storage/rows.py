"""From a row of a query to a record of ours, and rows that others may have added meanwhile."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, RowMapping, Table, select
from sqlalchemy.dialects.postgresql import Insert, insert

from dialer.errors import ConfigError

T = TypeVar("T")


def record(row: RowMapping, kind: type[T]) -> T:
    """Return a row as a struct whose fields are named as its columns; texts become enum members."""
    # SQLAlchemy's names are a subclass of str, which msgspec does not take for one.
    return msgspec.convert({str(name): value for name, value in row.items()}, kind)


def new_rows(table: Table) -> Insert:
    """Return an insert that leaves out what is there already; SQLite says it in the same words."""
    return insert(table).on_conflict_do_nothing()


def ensure(
    connection: Connection, table: Table, key: Mapping[str, Any], more: Mapping[str, Any] | None = None
) -> int:
    """Return the id of the row with a unique key, made if it is not there, then with `more`."""
    query = select(table.c.id).filter_by(**key)
    found = connection.scalar(query)
    if found is None:
        add_new(connection, table, {**key, **(more or {})})
        found = connection.execute(query).scalar_one()
    return int(found)


def unknown(kind: str, name: str, *, known: Iterable[str], remedy: str) -> ConfigError:
    """Return the error about a name that nothing has: it names those that there are, else the remedy."""
    names = list(known)
    there = f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"
    return ConfigError(f"no {kind} is called {name!r}: {there if names else remedy}")


def add_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Add a row unless it is there, or another process adds it at this moment."""
    connection.execute(new_rows(table), [row])
