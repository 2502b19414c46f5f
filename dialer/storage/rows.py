"""From a row of a query to a record of ours."""

from typing import TypeVar

import msgspec
from sqlalchemy import RowMapping

T = TypeVar("T")


def record(row: RowMapping, kind: type[T]) -> T:
    """Return a row as a struct whose fields are named as its columns; texts become enum members."""
    # SQLAlchemy's names are a subclass of str, which msgspec does not take for one.
    return msgspec.convert({str(name): value for name, value in row.items()}, kind)
