"""What tables and indexes are made with, and the one collection that holds them all."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Index, MetaData, Table
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def table(name: str, *items: SchemaItem, without_rowid: bool = False) -> Table:
    """Make a table; `without_rowid`: SQLite keeps its rows in the order of their key."""
    return Table(name, metadata, *items, sqlite_with_rowid=not without_rowid)


def partial_index(
    name: str, *columns: Column[Any], where: ColumnElement[bool], unique: bool = False
) -> Index:
    """Make an index of the rows that a condition holds for."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
