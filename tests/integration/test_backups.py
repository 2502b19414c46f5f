"""Backups beside a process that writes, and of a server."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cli.main import carry_out
from dialer.storage import schema
from dialer.storage.database import open_database
from tests.stores import make_store, wait_until


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DIALER_DATABASE_URL", "DIALER_CONFIG"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def writing(store, url):
    """A run that makes attempts as fast as they are recorded."""
    leads = ",".join(str(lead_id) for lead_id in store.add_leads(1500))
    program = str(Path(__file__).with_name("writing_run.py"))
    process = subprocess.Popen([sys.executable, program, url, leads], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def attempts(path):
    """How many attempts a file holds, which must be the first ones, each with its note."""
    with closing(sqlite3.connect(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT id FROM attempt")}
        notes = {name for (name,) in connection.execute("SELECT attempt_id FROM journal")}
    assert names == notes == {f"a{turn}" for turn in range(1, len(names) + 1)}
    return len(names)


def test_a_backup_beside_a_run_is_the_state_of_one_moment(tmp_path, capsys):
    url = f"sqlite:///{tmp_path}/dialer.db"
    store = make_store(url)
    with closing(store.database):
        with writing(store, url) as process:
            wait_until(lambda: len(store.rows(schema.attempt, "id")) > 20)
            for turn in range(3):
                assert carry_out(["db", "backup", f"copy-{turn}.db", "--database", url]) == 0
            assert carry_out(["db", "restore", "copy-0.db", "--database", url]) == 1
            assert f"process {process.pid}" in capsys.readouterr().err
        kept = [attempts(f"copy-{turn}.db") for turn in range(3)]
        assert 20 < kept[0] <= kept[1] <= kept[2]
    assert carry_out(["db", "restore", "copy-1.db", "--database", url]) == 0
    assert "is the database now; what was there is kept as" in capsys.readouterr().out
    assert attempts("dialer.db") == kept[1]


def test_a_server_is_backed_up_by_its_own_tool_and_put_back_as_the_refusal_says(postgres, capsys):
    url = postgres.new_database()
    store = make_store(url)
    store.add_leads(3)
    assert carry_out(["db", "backup", "server.dump", "--database", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == Path("server.dump").stat().st_size
    assert carry_out(["db", "backup", "server.dump", "--database", url]) == 2
    with store.database.write() as connection:
        connection.execute(schema.hopper.delete())
        connection.execute(schema.lead.delete())
    store.database.close()

    assert carry_out(["db", "restore", "server.dump", "--database", url]) == 2
    remedy = capsys.readouterr().err.splitlines()[-1]
    words = remedy[remedy.index("pg_restore") :].split()
    subprocess.run(words, check=True, capture_output=True)

    with closing(open_database(url)) as database, database.read() as connection:
        assert len(connection.execute(schema.lead.select()).all()) == 3
    postgres.recycle(url)


def test_what_a_server_refuses_is_told(postgres, capsys):
    url = postgres.new_database()
    make_store(url).database.close()
    assert carry_out(["db", "backup", "nowhere/server.dump", "--database", url]) == 1
    assert "pg_dump failed" in capsys.readouterr().err
    postgres.recycle(url)
