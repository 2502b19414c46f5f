"""Backups of an SQLite file: sound, whole, never over another; put back without losing what was there."""

import sqlite3
from contextlib import closing

import pytest

from dialer.errors import ConfigError, SchemaTooOldError, StorageError
from dialer.live import lease as leases
from dialer.live.clock import Clock
from dialer.storage import backups, do_not_call, schema
from dialer.storage.database import open_database
from tests.stores import make_store, number


@pytest.fixture
def path(tmp_path):
    return tmp_path / "dialer.db"


@pytest.fixture
def store(path):
    made = make_store(f"sqlite:///{path}")
    yield made
    made.database.close()


@pytest.fixture
def copy(tmp_path):
    return tmp_path / "backup.db"


def phones(path):
    with closing(sqlite3.connect(path)) as connection:
        return [phone for (phone,) in connection.execute("SELECT phone FROM lead ORDER BY id")]


def forbid(store, *numbers):
    with store.database.write() as connection:
        do_not_call.add(connection, store.workspace_id, list(numbers), who="test", reason="", at=0.0)


def forbidden(path):
    with closing(sqlite3.connect(path)) as connection:
        return [found for (found,) in connection.execute("SELECT number FROM do_not_call ORDER BY number")]


def files(directory):
    return sorted(one.name for one in directory.iterdir())


def test_a_backup_put_back_is_the_database_of_then(store, path, copy):
    store.add_leads(3)
    assert backups.back_up(path, copy) == copy.stat().st_size
    with store.database.write() as connection:
        connection.execute(schema.hopper.delete())
        connection.execute(schema.lead.delete())
    store.database.close()
    done = backups.restore(copy, path)
    assert phones(path) == [number(index) for index in range(3)]
    assert phones(done.kept) == []
    assert phones(copy) == [number(index) for index in range(3)]


def test_a_backup_holds_what_is_still_in_the_log_and_is_one_file(store, path, copy):
    store.add_leads(1)
    assert path.with_name("dialer.db-wal").stat().st_size > 0
    backups.back_up(path, copy)
    assert phones(copy) == [number(0)]
    assert [name for name in files(path.parent) if "backup" in name] == ["backup.db"]


def test_a_backup_can_be_read_by_its_owner_alone(store, path, copy):
    backups.back_up(path, copy)
    assert copy.stat().st_mode & 0o077 == 0


def test_a_file_that_is_there_is_never_overwritten(store, path, copy):
    copy.write_text("precious")
    with pytest.raises(ConfigError, match="not overwritten"):
        backups.back_up(path, copy)
    assert copy.read_text() == "precious"


def test_a_directory_that_is_not_there_is_named(store, path, tmp_path):
    with pytest.raises(ConfigError, match="nowhere"):
        backups.back_up(path, tmp_path / "nowhere" / "backup.db")


def test_a_damaged_database_gives_no_backup(store, path, copy):
    store.add_leads(500)
    store.database.close()
    with path.open("r+b") as file:
        for page in range(4, path.stat().st_size // 4096 - 1):
            file.seek(page * 4096 + 100)
            file.write(b"\xff" * 2000)
    with pytest.raises(StorageError, match=r"damaged|malformed"):
        backups.back_up(path, copy)
    assert files(path.parent) == ["dialer.db"]


def test_nobody_runs_a_copy(store, path, copy):
    held = leases.take(store.database, store.workspace_id, clock=Clock(), on_lost=lambda: None)
    backups.back_up(path, copy)
    twin = open_database(f"sqlite:///{copy}")
    assert leases.holder(twin, store.workspace_id, clock=Clock()) is None
    twin.close()
    held.release()


def test_a_backup_is_put_where_nothing_was(store, path, copy, tmp_path):
    store.add_leads(2)
    backups.back_up(path, copy)
    done = backups.restore(copy, tmp_path / "other.db")
    assert (done.kept, done.carried_over) == (None, 0)
    assert len(phones(tmp_path / "other.db")) == 2


def test_numbers_forbidden_since_the_backup_stay_forbidden(store, path, copy):
    forbid(store, number(1))
    backups.back_up(path, copy)
    forbid(store, number(2), number(3))
    store.database.close()
    assert backups.restore(copy, path).carried_over == 2
    assert forbidden(path) == [number(1), number(2), number(3)]


def test_a_database_that_somebody_has_open_is_not_replaced(store, path, copy):
    backups.back_up(path, copy)
    with store.database.read() as connection:
        connection.execute(schema.lead.select())
        with pytest.raises(StorageError, match="in use"):
            backups.restore(copy, path)
    assert [name for name in files(path.parent) if "replaced" in name or name.startswith(".")] == []


def test_a_backup_replaces_what_is_no_database_any_more(store, path, copy):
    backups.back_up(path, copy)
    store.database.close()
    path.write_bytes(b"\xff" * 10_000)
    path.with_name("dialer.db-wal").write_bytes(b"old log")
    done = backups.restore(copy, path)
    assert done.carried_over is None
    assert done.kept.read_bytes() == b"\xff" * 10_000
    assert done.kept.with_name(f"{done.kept.name}-wal").read_bytes() == b"old log"
    assert phones(path) == []


def test_a_database_keeps_its_rights(store, path, copy):
    backups.back_up(path, copy)
    store.database.close()
    path.chmod(0o640)
    backups.restore(copy, path)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", SchemaTooOldError, "db upgrade"),
        ("UPDATE alembic_version SET version_num = '9999'", StorageError, "newer version"),
        ("DROP TABLE alembic_version", StorageError, "not made by this program"),
    ],
)
def test_a_backup_of_another_schema_is_refused(store, path, copy, change, error, words):
    store.add_leads(1)
    backups.back_up(path, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(change)
        connection.commit()
    store.database.close()
    with pytest.raises(error, match=words):
        backups.restore(copy, path)
    assert len(phones(path)) == 1


@pytest.mark.parametrize("content", [b"no database", b""], ids=["other", "empty"])
def test_what_is_no_backup_is_refused(store, path, copy, content):
    copy.write_bytes(content)
    store.database.close()
    with pytest.raises(StorageError, match=r"backup\.db"):
        backups.restore(copy, path)
    assert files(path.parent) == ["backup.db", "dialer.db"]


def test_a_backup_that_is_not_there_is_named(store, path, copy):
    with pytest.raises(ConfigError, match=r"backup\.db: no such file"):
        backups.restore(copy, path)
