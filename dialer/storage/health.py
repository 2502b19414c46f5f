"""Whether a database is well: its version, its size, whether it can be written and holds together."""

import msgspec
from sqlalchemy import text

from dialer.storage.database import Database

CHECKED_BYTES = 512 << 20
"""A larger file is not read through: about 1 s for each 100 MB, cold. A guess at what people wait for."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a database that opens."""

    size_bytes: int | None
    """None for a server."""
    errors: tuple[str, ...]
    """What SQLite's own check found, the first few."""
    checked: bool


def examine(database: Database) -> Health:
    """Read a database through, if it is a file and not too large, and take its write lock once.

    Raises:
        StorageError: If it cannot be written or read.
    """
    with database.write():
        pass  # the lock was had: it can be written as far as rights go
    size = None if database.path is None else database.path.stat().st_size
    if size is None or size > CHECKED_BYTES:
        return Health(size_bytes=size, errors=(), checked=False)
    with database.read() as connection:
        said = [str(line) for line in connection.scalars(text("PRAGMA quick_check(3)"))]
    return Health(size_bytes=size, errors=tuple(line for line in said if line != "ok"), checked=True)
