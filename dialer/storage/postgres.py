"""What is special to PostgreSQL: how a connection is set up, what its texts cannot hold, many rows at once.

Imported only where a server's address is given: the driver is an extra.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import psycopg
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection
from sqlalchemy.engine import URL

from dialer.errors import StorageError

# All are guesses. A person waits so long for a lock as on SQLite; a run on a machine that died in the middle of
# a transaction keeps the lease's row locked for no longer than the second and third. The log of waits on busy
# sites would settle them.
_CONNECT_S: Final = 5
_LOCK_TIMEOUT_MS: Final = 5_000
_IDLE_IN_TRANSACTION_MS: Final = 10_000
_UNACKNOWLEDGED_MS: Final = 10_000

_MAKE_INCOMING: Final = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_lead (workspace_id int, list_id bigint, made_at float8,"
    " phone text, region text, kind text, zone_group smallint, attributes text) ON COMMIT DELETE ROWS"
)
_ADD_INCOMING: Final = (
    "INSERT INTO lead (workspace_id, list_id, made_at, phone, region, kind, zone_group, attributes)"
    " SELECT * FROM incoming_lead ON CONFLICT (list_id, phone) DO NOTHING"
)


class _Text(StrDumperUnknown):
    """A text whose NUL characters, which come from the network at best, are marked as unreadable."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def connect_arguments(url: URL) -> dict[str, str | int]:
    """Return the limits of a connection that its address does not set itself."""
    limits = {
        "lock_timeout": _LOCK_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_MS,
    }
    ours: dict[str, str | int] = {
        "application_name": "outdial",
        "connect_timeout": _CONNECT_S,
        "tcp_user_timeout": _UNACKNOWLEDGED_MS,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
    return {name: value for name, value in ours.items() if name not in url.query}


def set_up(connection: psycopg.Connection[Any], _record: Any) -> None:
    """Make a new connection take every text."""
    connection.adapters.register_dumper(str, _Text)


def add_leads(connection: Connection, rows: Iterable[Sequence[object]]) -> int:
    """Add leads whose numbers are not in their list yet; return how many there were.

    Copied to a table of its own first, because a copy knows no duplicates: twice as fast as row by row.
    """
    connection.exec_driver_sql(_MAKE_INCOMING)
    server = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        with server.cursor() as cursor, cursor.copy("COPY incoming_lead FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise StorageError(f"the leads could not be sent to the server: {error}; import again") from error
    added = connection.exec_driver_sql(_ADD_INCOMING).rowcount
    connection.exec_driver_sql("TRUNCATE incoming_lead")
    return added
