"""An import killed for real, at whatever it is doing, and run again."""

import sqlite3
import subprocess
import sys
import time

import psycopg
import pytest

ROWS = 150_000
SCRIPT = """
import sys
from pathlib import Path
from dialer.leads.importer import ImportOptions, import_file
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace

database = open_database(sys.argv[1])
options = ImportOptions(list_name="spring", region="US")
workspace_id = ensure_workspace(database, "default")
report = import_file(database, workspace_id, path=Path(sys.argv[2]), options=options, at=1.0)
print(report.rows, report.imported, report.duplicates, report.rejected)
"""


def start(folder, url):
    arguments = (sys.executable, "-c", SCRIPT, url, str(folder / "leads.csv"))
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def ask(url, query):
    """Return a row, or zero while the tables are not there yet."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as server:
            return server.execute(query).fetchone()
    try:
        connection = sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return (0,)
    try:
        return connection.execute(query).fetchone()
    except sqlite3.OperationalError:
        return (0,)
    finally:
        connection.close()


def rows_done(url):
    return ask(url, "SELECT coalesce(max(rows), 0) FROM import_job")[0]


@pytest.mark.parametrize(
    ("database_url", "kill_after"),
    [("sqlite", 1), ("sqlite", 60_000), ("postgresql", 20_000)],
    indirect=["database_url"],
)
def test_a_killed_import_run_again_loses_and_doubles_nothing(tmp_path, database_url, kill_after):
    path = tmp_path / "leads.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("phone,name\n")
        for row in range(ROWS):
            number = "12" if row % 1_000 == 999 else f"+4930{2_000_000 + row - (row % 500 == 1)}"
            file.write(f"{number},name {row}\n")
    with start(tmp_path, database_url) as killed:
        deadline = time.monotonic() + 60
        while rows_done(database_url) < kill_after and killed.poll() is None:
            assert time.monotonic() < deadline
        killed.kill()
    with start(tmp_path, database_url) as again:
        report, _ = again.communicate(timeout=180)
    duplicates, rejected = ROWS // 500, ROWS // 1_000
    assert report.split() == list(map(str, (ROWS, ROWS - duplicates - rejected, duplicates, rejected)))
    stored = ask(database_url, "SELECT count(*), count(DISTINCT phone) FROM lead")
    assert stored == (ROWS - duplicates - rejected,) * 2
    assert len((tmp_path / "leads.rejects.csv").read_text().splitlines()) == 1 + rejected
