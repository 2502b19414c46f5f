"""Copies of an SQLite database: made while it is used, checked before they count, put back without losing anything.

A file appears under its name only when it is whole and on disk. A copy is run by nobody: it has no lease. Numbers that
were put on the do-not-call list after a copy was made stay on it when the copy is put back.
"""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from dialer.errors import ConfigError, SchemaTooOldError, StorageError
from dialer.storage.fence import RELEASED
from dialer.storage.schema import REVISIONS

# Somebody who only looks holds the file for a moment; a run, or `dialer top`, holds it until it ends.
_LOCK_WAIT_S: Final = 3.0

_FREE_LEASES: Final = "UPDATE lease SET instance = ?, expires_at = 0"
_CARRY_OVER: Final = """
    INSERT OR IGNORE INTO copy.do_not_call (workspace_id, number, added_at, who, reason)
    SELECT theirs.id, ours.number, ours.added_at, ours.who, ours.reason
    FROM main.do_not_call AS ours
    JOIN main.workspace AS own ON own.id = ours.workspace_id
    JOIN copy.workspace AS theirs ON theirs.name = own.name
"""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the database that a copy replaced."""

    kept: Path | None
    """Where it is now; None if there was none."""
    carried_over: int | None
    """Numbers of its do-not-call list that the copy lacked; None if it could not be read."""


def back_up(path: Path, target: Path) -> int:
    """Copy a database, also while a run writes to it; return the size in bytes.

    Raises:
        ConfigError: If there is something in the way at `target`.
        StorageError: If it cannot be copied, or the copy is not sound.
    """
    if target.exists():
        raise ConfigError(f"{target} is already there, and is not overwritten: name another file")
    with _new_file(target) as copy:
        _copy(path, copy)
        size = copy.stat().st_size
        try:
            target.hardlink_to(copy)  # fails where a rename would overwrite
        except FileExistsError as error:
            raise ConfigError(
                f"{target} is already there, and is not overwritten: name another file"
            ) from error
        _sync(target.parent)
    return size


def restore(source: Path, path: Path) -> Restored:
    """Put a copy in the place of a database, which is kept beside it.

    Raises:
        ConfigError: If there is no such copy.
        SchemaTooOldError: If an older version made the copy.
        StorageError: If the copy is not sound or not of this version, or the database is in use.
    """
    if not source.is_file():
        raise ConfigError(f"{source}: no such file; name one that `dialer db backup` made")
    _check_version(source)
    kept: Path | None = None
    carried_over: int | None = 0
    with _new_file(path) as copy:
        _copy(source, copy)
        if not path.exists():
            copy.replace(path)
        else:
            with _alone(path) as connection:
                carried_over = None if connection is None else _carry_over(connection, copy)
                _make_like(path, copy)
                _sync(copy)
                kept = _keep(path)
                copy.replace(path)
        _sync(path.parent)
    return Restored(kept=kept, carried_over=carried_over)


def _copy(path: Path, copy: Path) -> None:
    """Copy a database and see that the copy is sound; it ends as one file, without a log beside it."""
    with (
        _explained(path),
        closing(sqlite3.connect(path)) as source,
        closing(sqlite3.connect(copy, isolation_level=None)) as target,
    ):
        source.backup(target)  # in one step, so it is the state of one moment
        target.execute(_FREE_LEASES, (RELEASED,))
        target.execute("PRAGMA journal_mode=DELETE")
        (said,) = target.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise StorageError(f"{path}: damaged ({said}): restore a backup from before")
    _sync(copy)


def _check_version(source: Path) -> None:
    with _explained(source), closing(sqlite3.connect(source)) as connection:
        try:
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except (sqlite3.OperationalError, TypeError) as error:
            raise StorageError(f"{source}: not made by this program") from error
    if version not in REVISIONS:
        raise StorageError(
            f"{source}: made by a newer version (schema {version}, this one knows {REVISIONS[-1]}); install that one"
        )
    if version != REVISIONS[-1]:
        raise SchemaTooOldError(
            f"{source}: made by an older version (schema {version}, this one needs {REVISIONS[-1]}); "
            f"run `dialer db upgrade --database {source}` first"
        )


@contextmanager
def _alone(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Hold a database that nobody else has open; None if it is no database any more."""
    with closing(sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None)) as connection:
        try:
            # It writes what stands in the log into the file and removes the log, which takes the file to itself.
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchone()
            connection.execute("BEGIN EXCLUSIVE").close()
            connection.execute("COMMIT").close()
        except sqlite3.OperationalError as error:
            raise StorageError(
                f"{path}: in use ({error}): end `dialer run`, `dialer top` and every other command first"
            ) from error
        except sqlite3.DatabaseError:
            yield None
            return
        yield connection


def _carry_over(connection: sqlite3.Connection, copy: Path) -> int | None:
    try:
        connection.execute("ATTACH DATABASE ? AS copy", (str(copy),))
        with closing(connection.execute(_CARRY_OVER)) as written:
            added = written.rowcount
        connection.execute("DETACH DATABASE copy")
    except sqlite3.Error:
        return None
    return added


def _make_like(path: Path, copy: Path) -> None:
    """Give a copy the rights and the owner of the database, which may be another than who puts it back."""
    old, new = path.stat(), copy.stat()
    copy.chmod(old.st_mode & 0o777)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(copy, old.st_uid, old.st_gid)


def _keep(path: Path) -> Path:
    """Give the old database a second name, which is its only one once the first is taken."""
    stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    kept = path.with_name(f"{path.name}.{stamp}.replaced")
    kept.hardlink_to(path)
    # A log that stays would be taken for that of the new file. There is one only if the old file is damaged.
    for suffix in ("-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(kept.with_name(kept.name + suffix))
    return kept


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """Give an empty file beside `target` that only we can read; it is gone afterwards, unless it was renamed."""
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise ConfigError(
            f"{target.parent}: {error.strerror}: name a directory that is there and can be written"
        ) from error
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(name + suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Have the kernel write a file or directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        remedy = (
            "free some space"
            if "full" in str(error)
            else "name one that can be read, such as `dialer db backup` makes"
        )
        raise StorageError(f"{path}: {error}: {remedy}") from error
