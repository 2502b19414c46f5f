"""The kinds of columns that tables are made of, and the rules that each keeps.

Every table has a `workspace_id`; instants are seconds since the epoch, UTC, named `*_at`; durations end in `_s`;
what is structured but never searched is JSON text. A column is filled unless it is called optional.
"""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, Text

# SQLite counts rows up by itself only in a column that is declared INTEGER.
BIG_ID = BigInteger().with_variant(Integer, "sqlite")


def counted_id() -> Column[int]:
    """A key that the database counts up."""
    return Column("id", BIG_ID, primary_key=True)


def text_id() -> Column[str]:
    """A key that the engine made."""
    return Column("id", Text, primary_key=True)


def workspace_id(*, checked: bool = True, primary_key: bool = False) -> Column[int]:
    """Whose row it is.

    Args:
        checked: False for tables written by the thousand a second: their rows hang on rows that are checked.
        primary_key: Whether it is part of the key.
    """
    keys = (ForeignKey("workspace.id"),) if checked else ()
    return Column("workspace_id", Integer, *keys, primary_key=primary_key, nullable=False)


def reference(name: str, target: str | None = None, *, optional: bool = False) -> Column[int]:
    """Another table's row, as `<name>_id`; the table is called like it, or `target`."""
    return Column(f"{name}_id", BIG_ID, ForeignKey(f"{target or name}.id"), nullable=optional)


def text(name: str, default: str | None = "") -> Column[str]:
    """Text; with the default None each row must say it."""
    return Column(name, Text, nullable=False, server_default=default)


def optional_text(name: str) -> Column[str]:
    """Text, or NULL."""
    return Column(name, Text)


def count(name: str) -> Column[int]:
    """A whole number that begins at 0."""
    return Column(name, BIG_ID, nullable=False, server_default="0")


def seconds(name: str) -> Column[float]:
    """An instant or a duration."""
    return Column(name, Double, nullable=False)


def optional_seconds(name: str) -> Column[float]:
    """An instant or a duration, or NULL."""
    return Column(name, Double)
