"""What is special to PostgreSQL: how a connection is set up, texts it cannot hold, many rows at once, notices.

Imported only where a server's address is given: the driver is an extra.
"""

import logging
import os
import select
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import psycopg
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from dialer.errors import StorageError

_logger = logging.getLogger(__name__)

# All are guesses. A run on a machine that died in the middle of a transaction keeps the lease's row locked for
# no longer than the second and third. The log of waits on busy sites would settle them.
_CONNECT_S: Final = 5
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


def connect_arguments(url: URL, *, lock_wait_s: float) -> dict[str, str | int]:
    """Return the limits of a connection that its address does not set itself."""
    limits = {
        "lock_timeout": round(lock_wait_s * 1000),
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


class Listener:
    """Hears what other sessions notify, over a connection of its own that is made anew when it is lost."""

    def __init__(self, engine: Engine, channel: str) -> None:
        self._engine = engine
        self._channel = channel
        self._connection: psycopg.Connection[Any] | None = None
        self._woken, self._wake = os.pipe()

    def wait(self, timeout_s: float) -> None:
        """Wait for a notice, or so long; at once if some may have been missed. Called by one thread."""
        try:
            self._hear(timeout_s)
        except psycopg.Error as error:
            _logger.warning("notices are not heard", extra={"channel": self._channel, "cause": str(error)})
            self._hang_up()
            select.select([self._woken], [], [], timeout_s)

    def wake(self) -> None:
        """End this and every later wait; from any thread."""
        os.write(self._wake, b".")

    def close(self) -> None:
        """Let go of the connection, when nobody waits any more."""
        self._hang_up()
        os.close(self._woken)
        os.close(self._wake)

    def _hear(self, timeout_s: float) -> None:
        if self._connection is None:
            self._connection = self._connect()
            return
        server = self._connection.fileno()
        ready, _, _ = select.select([server, self._woken], [], [], timeout_s)
        if server in ready:
            for _notice in self._connection.notifies(timeout=0):
                pass

    def _connect(self) -> psycopg.Connection[Any]:
        pooled = self._engine.raw_connection()
        connection = cast("psycopg.Connection[Any]", pooled.driver_connection)
        pooled.detach()
        connection.autocommit = True
        connection.execute(f"LISTEN {self._channel}")
        return connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
