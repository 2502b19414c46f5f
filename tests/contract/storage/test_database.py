"""What a transaction sees, and what is said when a database cannot be used."""

import threading
from contextlib import closing

import pytest
from sqlalchemy import select, text

from dialer.core.records import JournalEntry
from dialer.core.settings import RecordingMode, WrapUp
from dialer.errors import ConfigError, StorageError
from dialer.storage import campaigns, rounds, schema
from dialer.storage.database import open_database, upgrade
from tests.stores import make_old_database, make_store


def test_a_reader_sees_one_moment_until_it_ends(store):
    count = text("SELECT count(*) FROM workspace")
    with store.database.read() as connection:
        before = connection.scalar(count)
        with store.database.write() as other:
            other.execute(text("INSERT INTO workspace (name) VALUES ('new')"))
        assert connection.scalar(count) == before
    with store.database.read() as connection:
        assert connection.scalar(count) == before + 1


def test_a_database_opened_again_is_the_same(store):
    again = open_database(store.database.url)
    with again.read() as connection:
        assert connection.scalar(text("SELECT name FROM campaign")) == "spring"
    again.close()


def test_a_failed_transaction_leaves_nothing(store):
    def write_half():
        with store.database.write() as connection:
            connection.execute(text("INSERT INTO workspace (name) VALUES ('half')"))
            connection.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(StorageError):
        write_half()
    assert [name for (name,) in store.rows(schema.workspace, "name")] == ["default"]


def test_text_from_the_network_never_keeps_a_round_from_its_row(store):
    with store.database.write() as connection:
        entry = JournalEntry(at=1.0, kind="anomaly", detail="garbage \0 from a switch")
        rounds.write(connection, store.workspace_id, [entry])
    ((detail,),) = store.rows(schema.journal, "detail")
    assert detail.replace("\0", "?").replace("\N{REPLACEMENT CHARACTER}", "?") == "garbage ? from a switch"


def test_processes_that_open_an_empty_database_at_once_make_one_schema(postgres):
    url, failures = postgres.new_database(empty=True), []

    def make():
        try:
            open_database(url).close()
        except StorageError as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    make_store(url).database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request, tmp_path):
    """The address of a database of the first version, of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/old.db"
    else:
        url = request.getfixturevalue("postgres").new_database(empty=True)
    make_old_database(url)
    return url


def test_an_upgrade_keeps_what_the_first_version_wrote(old_url):
    upgrade(old_url)
    with closing(open_database(old_url)) as database, database.read() as connection:
        assert connection.execute(text("SELECT name, state, to_come FROM agent")).all() == [
            ("anna", "ready", "")
        ]
        (campaign,) = campaigns.every(connection, 1)
        assert campaign.settings.record is RecordingMode.ON
        assert campaign.settings.wrap_up is WrapUp.DISPOSED
        for table in schema.workspace.metadata.sorted_tables:
            connection.execute(select(table)).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            lambda url: url.replace("test_", "no_"), "make the database and its user", id="no-database"
        ),
        pytest.param(lambda url: url.replace("dialer@", "nobody@"), "make the database", id="no-user"),
        pytest.param(lambda url: url + "-gone", "check address, port and user", id="no-server"),
    ],
)
def test_a_server_that_cannot_be_used_is_explained(postgres, change, words):
    with pytest.raises(StorageError, match=words):
        open_database(change(postgres.new_database()))


def test_a_user_without_rights_is_told_what_is_missing(postgres):
    url = postgres.new_database(empty=True)
    database = open_database(url)
    with database.write() as connection:
        connection.execute(text("DROP ROLE IF EXISTS guest"))
        connection.execute(text("CREATE ROLE guest LOGIN"))
    database.close()
    guest = url.replace("dialer@", "guest@")
    with pytest.raises(StorageError, match="make it the owner"):
        open_database(guest)


def test_a_password_is_never_shown():
    with pytest.raises(StorageError) as caught:
        open_database("postgresql://dialer:secret@127.0.0.1:1/dialer")
    assert "secret" not in str(caught.value)


def test_a_missing_driver_is_named_with_the_remedy():
    with pytest.raises(ConfigError, match="no driver for it is installed"):
        open_database("postgresql+pg8000://dialer@127.0.0.1/dialer")
