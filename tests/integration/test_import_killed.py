"""An import killed for real, at whatever it is doing, and run again."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

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


def start(folder):
    arguments = (sys.executable, "-c", SCRIPT, f"sqlite:///{folder / 'dialer.db'}", str(folder / "leads.csv"))
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def rows_done(database: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return 0
    try:
        return connection.execute("SELECT coalesce(max(rows), 0) FROM import_job").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize("kill_after", [1, 20_000, 60_000])
def test_a_killed_import_run_again_loses_and_doubles_nothing(tmp_path, kill_after):
    path = tmp_path / "leads.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("phone,name\n")
        for row in range(ROWS):
            number = "12" if row % 1_000 == 999 else f"+4930{2_000_000 + row - (row % 500 == 1)}"
            file.write(f"{number},name {row}\n")
    with start(tmp_path) as killed:
        deadline = time.monotonic() + 60
        while rows_done(tmp_path / "dialer.db") < kill_after and killed.poll() is None:
            assert time.monotonic() < deadline
        killed.kill()
    with start(tmp_path) as again:
        report, _ = again.communicate(timeout=60)
    duplicates, rejected = ROWS // 500, ROWS // 1_000
    assert report.split() == list(map(str, (ROWS, ROWS - duplicates - rejected, duplicates, rejected)))
    connection = sqlite3.connect(tmp_path / "dialer.db")
    stored = connection.execute("SELECT count(*), count(DISTINCT phone) FROM lead").fetchone()
    connection.close()
    assert stored == (ROWS - duplicates - rejected,) * 2
    assert len((tmp_path / "leads.rejects.csv").read_text().splitlines()) == 1 + rejected
