"""Opening a database: made on first use, refused with cause and remedy."""

import re
import sqlite3
from contextlib import closing

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from dialer.errors import ConfigError, SchemaTooOldError, StorageError
from dialer.storage import migrations, schema
from dialer.storage.database import open_database, upgrade
from tests.stores import make_old_database


def url_of(path):
    return f"sqlite:///{path}"


def set_version(path, version):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()


def content(path):
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "dialer.db"
    open_database(url_of(made)).close()
    return made


def statements(connection):
    """What made the tables and indexes, in SQLite's own record; parts sorted, for their order means nothing."""
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'"
    return {
        name: sorted(filter(None, (part.strip(", \t)") for part in re.split(r"\n|, (?![^(]*\))", sql))))
        for name, sql in connection.exec_driver_sql(query)
    }


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(path, tmp_path):
    migrated, plain = create_engine(url_of(path)), create_engine(url_of(tmp_path / "plain.db"))
    schema.workspace.metadata.create_all(plain)
    with migrated.connect() as one, plain.connect() as other:
        assert statements(one) == statements(other)
    migrated.dispose()
    plain.dispose()


def test_the_newest_migration_is_the_schema_that_the_code_asks_for():
    scripts = ScriptDirectory(migrations.__path__[0])
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(schema.REVISIONS)


def test_every_table_belongs_to_a_workspace():
    lacking = [
        table.name for table in schema.workspace.metadata.sorted_tables if "workspace_id" not in table.c
    ]
    assert lacking == ["workspace"]


def test_every_table_and_index_can_be_said_in_the_words_of_postgresql():
    dialect = postgresql.dialect()
    for table in schema.workspace.metadata.sorted_tables:
        CreateTable(table).compile(dialect=dialect)
        for index in table.indexes:
            CreateIndex(index).compile(dialect=dialect)


def test_commits_are_on_disk_before_they_are_acknowledged(path):
    database = open_database(url_of(path))
    with database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("nonsense", "no database address", id="not-an-address"),
        pytest.param("sqlite://", "cannot be shared", id="in-memory"),
        pytest.param("oracle+nothing://host/x", "no driver", id="no-driver"),
    ],
)
def test_an_address_that_cannot_be_used_is_the_operators(url, words):
    with pytest.raises(ConfigError, match=words):
        open_database(url)


def test_a_missing_directory_is_named_with_the_remedy(tmp_path):
    with pytest.raises(StorageError, match="check that its directory exists"):
        open_database(url_of(tmp_path / "nowhere" / "dialer.db"))


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, but long enough to be taken for one" * 10)
    before = path.read_bytes()
    with pytest.raises(StorageError, match="no SQLite database"):
        open_database(url_of(path))
    assert path.read_bytes() == before


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (id INTEGER)")
    connection.close()
    with pytest.raises(StorageError, match="another program"):
        open_database(url_of(path))


def test_a_database_that_is_not_there_is_not_made_unasked(tmp_path):
    with pytest.raises(StorageError, match="no such database"):
        open_database(url_of(tmp_path / "dialer.db"), create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_locked_database_says_so(path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    database = open_database(url_of(path), lock_wait_s=0.001)
    with pytest.raises(StorageError, match="end that program"), database.write():
        pass
    database.close()
    holder.close()


def test_an_older_schema_is_refused_with_the_name_of_the_remedy(tmp_path):
    url = url_of(tmp_path / "old.db")
    make_old_database(url)
    with pytest.raises(SchemaTooOldError, match="dialer db upgrade"):
        open_database(url)


def test_a_newer_schema_is_refused_with_another_remedy(path):
    set_version(path, "9999")
    with pytest.raises(StorageError, match="newer version") as caught:
        open_database(url_of(path))
    assert not isinstance(caught.value, SchemaTooOldError)


def test_an_upgrade_of_what_is_up_to_date_does_nothing(path):
    assert upgrade(url_of(path)) is None


def test_an_upgrade_of_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(StorageError, match="no such database"):
        upgrade(url_of(tmp_path / "dialer.db"))


def test_an_upgrade_keeps_a_copy_of_the_old_database_first(tmp_path):
    path = tmp_path / "old.db"
    make_old_database(url_of(path))
    before = content(path)
    assert content(upgrade(url_of(path))) == before
    open_database(url_of(path)).close()
