"""Opening a database: where it is, which schema version it has, and what to say when it cannot be used.

SQLite is set up for one writer thread and many readers: a write-ahead log, every commit on disk before it
is acknowledged. PostgreSQL gives readers one snapshot too; writers there lock rows, not the database. Every
failure leaves here as a `StorageError` whose text names cause and remedy.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError

from dialer.errors import ConfigError, SchemaTooOldError, StorageError
from dialer.storage.schema import REVISIONS

if TYPE_CHECKING:
    from dialer.storage.postgres import Listener

DEFAULT_URL: Final = "sqlite:///dialer.db"

# A guess: far beyond what a chunk of an import holds the lock (80-130 ms for 50,000 rows), and short
# enough for a person to wait for. The log of waits on busy sites would settle it.
LOCK_WAIT_S: Final = 5.0

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",  # KiB; the hopper of a million leads stays in memory
)

# Any number will do that other programs on the same server do not lock.
_MIGRATION_LOCK: Final = 0x0D1A1E12

_REMEDIES: Final = (
    ("unable to open", "check that its directory exists and that you may write there"),
    ("readonly", "it cannot be written: check the permissions of the file and of its directory"),
    ("not a database", "it is no SQLite database: name another file with --database"),
    ("locked", "another program holds it locked: end that program, or wait, and try again"),
    ("lock timeout", "another program holds it locked: end that program, or wait, and try again"),
    ("full", "the disk is full: free some space and try again"),
    ("No space left", "the disk is full: free some space and try again"),
    ("disk I/O", "the disk is full or broken: free some space, then check it"),
    (
        "authentication",
        "the server does not let this user in: check user and password (PGPASSWORD, ~/.pgpass)",
    ),
    ("permission denied", "this user lacks the right: make it the owner of the database"),
    ("does not exist", "make the database and its user first: docs/howto/postgresql.md"),
    ("the database system is", "the server starts or stops: wait, and try again"),
    ("connection", "the server cannot be reached: check address, port and user"),
)


class Database:
    """An open database with the schema that this code knows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._write_engine = engine.execution_options(dialer_write=True)
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._read_engine = engine if self.is_sqlite else engine.execution_options(**snapshot)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file of our own rather than a server."""
        return self._engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file; None for a server."""
        return _file(self._engine.url)

    @property
    def folder(self) -> Path | None:
        """Where the file is; None for a server or a database in memory."""
        return None if self.path is None else self.path.parent

    @property
    def url(self) -> str:
        """The address, without a password."""
        return self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that holds SQLite's one write lock from its start; commits at the end.

        On PostgreSQL others write meanwhile, and each statement sees what they have committed.

        Raises:
            StorageError: If the database cannot be written, or the connection was lost, perhaps after the
                commit. `IntegrityError` and `DataError` pass.
        """
        with _explained(self._engine.url), self._write_engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction for reading; what it sees does not change until its end.

        Raises:
            StorageError: If the database cannot be read.
        """
        with _explained(self._engine.url), self._read_engine.connect() as connection:
            yield connection

    def notify(self, connection: Connection, channel: str) -> None:
        """Let whoever listens know when the transaction commits; SQLite has no means for it."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})

    def listen(self, channel: str) -> "Listener | None":
        """Return what hears of `notify` in other processes; None on SQLite."""
        if self.is_sqlite:
            return None
        from dialer.storage import postgres

        return postgres.Listener(self._engine, channel)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def open_database(
    url: str = DEFAULT_URL, *, create: bool = True, lock_wait_s: float = LOCK_WAIT_S
) -> Database:
    """Open a database, and make it on first use.

    Args:
        url: SQLAlchemy's form, such as `sqlite:///dialer.db` or `postgresql://dialer@db.example/dialer`.
        create: Whether an SQLite file that is not there is made.
        lock_wait_s: How long to wait for what another program holds locked.

    Raises:
        ConfigError: If the address is not understood.
        SchemaTooOldError: If an older version made it.
        StorageError: If it cannot be read or written, a newer version made it, or it is not ours.
    """
    parsed = _parse(url)
    path = _file(parsed)
    if path is not None and not create and not path.exists():
        raise StorageError(f"{path}: no such database; name the right one with --database")
    engine = _engine(parsed, lock_wait_s)
    try:
        with _explained(parsed):
            _check(engine, parsed)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine)


def upgrade(url: str = DEFAULT_URL) -> Path | None:
    """Bring a database to the present schema; an SQLite file is copied beside itself first.

    Returns:
        The copy, or None if there was nothing to do or the database is not a file.

    Raises:
        ConfigError: If the address is not understood.
        StorageError: If it cannot be read or written, a newer version made it, or it is not ours.
    """
    parsed = _parse(url)
    path = _file(parsed)
    if path is not None and not path.exists():
        raise StorageError(f"{path}: no such database; name the right one with --database")
    engine = _engine(parsed, LOCK_WAIT_S)
    try:
        with _explained(parsed):
            version = _version(engine, parsed)
            if version == REVISIONS[-1]:
                return None
            backup = _back_up(path) if path is not None and version is not None else None
            _migrate(engine)
            return backup
    finally:
        engine.dispose()


def file_of(url: str) -> Path | None:
    """Return the file that an address means; None for a server.

    Raises:
        ConfigError: If the address is not understood.
    """
    return _file(_parse(url))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"{url!r} is no database address; one is {DEFAULT_URL}") from error
    if parsed.drivername == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ConfigError(f"{url}: a database in memory cannot be shared: name a file, as in {DEFAULT_URL}")
    return parsed


def _file(url: URL) -> Path | None:
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _engine(url: URL, lock_wait_s: float) -> Engine:
    try:
        engine = _server(url, lock_wait_s) if url.get_backend_name() == "postgresql" else create_engine(url)
    except (NoSuchModuleError, ImportError) as error:
        raise ConfigError(
            f"{url.render_as_string()}: no driver for it is installed; for PostgreSQL: "
            "pip install 'outdial[postgres]'"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", partial(_set_up_sqlite, lock_wait_s))
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _server(url: URL, lock_wait_s: float) -> Engine:
    from dialer.storage import postgres

    arguments = postgres.connect_arguments(url, lock_wait_s=lock_wait_s)
    engine = create_engine(url, pool_pre_ping=True, connect_args=arguments)
    event.listen(engine, "connect", postgres.set_up)
    return engine


def _set_up_sqlite(lock_wait_s: float, connection: sqlite3.Connection, _record: Any) -> None:
    # The driver begins no transactions by itself; `_begin_sqlite` does, and says which kind.
    connection.isolation_level = None
    for pragma in (f"PRAGMA busy_timeout={lock_wait_s * 1000:.0f}", *_PRAGMAS):
        connection.execute(pragma).close()


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer may find its snapshot stale and cannot wait: writers say so at once.
    writes = connection.get_execution_options().get("dialer_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check(engine: Engine, url: URL) -> None:
    version = _version(engine, url)
    if version is None:
        _migrate(engine)
    elif version != REVISIONS[-1]:
        raise SchemaTooOldError(
            f"{_name(url)}: made by an older version (schema {version}, this one needs {REVISIONS[-1]}); "
            "run `dialer db upgrade`, which keeps a copy"
        )


def _version(engine: Engine, url: URL) -> str | None:
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StorageError(f"{_name(url)}: holds tables of another program; name another with --database")
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version is not None and version not in REVISIONS:
        raise StorageError(
            f"{_name(url)}: made by a newer version (schema {version}, this one knows {REVISIONS[-1]}); "
            "install that version"
        )
    return None if version is None else str(version)


def _migrate(engine: Engine) -> None:
    # Alembic takes a tenth of a second to import, and most commands never need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.execution_options(dialer_write=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            # Whoever comes second finds it done, and waits as long as that takes.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _back_up(path: Path) -> Path:
    stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%SZ")
    backup = path.with_name(f"{path.name}.{stamp}.bak")
    source, target = sqlite3.connect(path), sqlite3.connect(backup)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    return backup


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError):
        raise  # about what was to be written, not about the database
    except DBAPIError as error:
        cause = " ".join(str(error.orig).split())
        remedy = next((words for mark, words in _REMEDIES if mark in cause), "see the cause above")
        raise StorageError(f"{_name(url)}: {cause}; {remedy}") from error


def _name(url: URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()
