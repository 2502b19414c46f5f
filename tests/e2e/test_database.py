"""Databases that cannot be used, and one that an older version made."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("dialer")
SOURCE = Path(__file__).parents[2]
NEXT_SCHEMA = '''"""What the next version adds."""
import sqlalchemy as sa
from alembic import op
revision = "9998"
down_revision = "{before}"
def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
'''


def refused(said, *words):
    assert said.code == 1, said
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err


def content(path):
    """Everything a database holds."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture
def filled(dialer):
    """A database with leads and a campaign."""
    dialer.write("people.csv", "phone\n2125550100\n2125550101\n")
    assert dialer("leads", "import", "people.csv", "--list", "people", "--region", "US").code == 0
    assert dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main").code == 0
    return dialer.directory / "dialer.db"


@pytest.fixture
def next_version(tmp_path_factory):
    """Commands of a version with one more migration than this one."""
    copy = tmp_path_factory.mktemp("next")
    for package in ("dialer", "telephony", "cli"):
        shutil.copytree(SOURCE / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    schema = copy / "dialer" / "storage" / "schema.py"
    text = schema.read_text(encoding="utf-8")
    (known,) = re.findall(r"^REVISIONS = \((.*)\)$", text, flags=re.MULTILINE)
    schema.write_text(text.replace(f"({known})", f'({known.rstrip(",")}, "9998")'), encoding="utf-8")
    newest = re.findall(r'"(\w+)"', known)[-1]
    migration = copy / "dialer" / "storage" / "migrations" / "versions" / "v9998.py"
    migration.write_text(NEXT_SCHEMA.format(before=newest), encoding="utf-8")

    def run(directory, *words):
        return subprocess.run(
            [sys.executable, "-P", "-m", "cli", "--database", "dialer.db", *words],
            cwd=directory,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


def test_an_upgrade_keeps_the_old_database_and_loses_nothing(dialer, filled, next_version):
    before = content(filled)
    said = next_version(dialer.directory, "leads", "lists")
    assert said.returncode == 1
    assert "dialer db upgrade" in said.stderr
    assert content(filled) == before
    assert next_version(dialer.directory, "db", "upgrade").returncode == 0
    (backup,) = dialer.directory.glob("dialer.db.*.bak")
    assert content(backup) == before
    assert next_version(dialer.directory, "campaign", "show", "spring").returncode == 0
    assert set(before) - set(content(filled)) == {
        line for line in before if "alembic_version" in line and "INSERT" in line
    }
    refused(dialer("leads", "lists"), "newer version")


def test_a_directory_is_no_database(dialer):
    refused(dialer("--database", str(dialer.directory), "leads", "lists"), str(dialer.directory), "directory")


def test_a_locked_database_is_waited_for_and_then_named(dialer, filled):
    before = content(filled)
    dialer.write("more.csv", "phone\n2125550102\n")
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused(
            dialer("leads", "import", "more.csv", "--list", "people", "--region", "US"),
            "locked",
            "end that program",
        )
        other.execute("ROLLBACK")
    assert content(filled) == before


def test_an_import_that_fills_the_disk_goes_on_when_there_is_space_again(dialer, filled):
    before = content(filled)
    areas = (212, 312, 303, 415, 202, 214, 505, 206, 203, 314, 602, 213, 216, 402, 801, 310)
    rows = [f"{area}55501{line:02},{'note ' * 200}" for area in areas for line in range(100)]
    dialer.write("more.csv", "\n".join(["phone,notes", *rows, ""]))
    words = ("leads", "import", "more.csv", "--list", "more", "--region", "US", "--json")
    # A file may grow to 1 MB: SQLite meets that as it meets a full disk, and root meets it too.
    full = subprocess.run(
        ["bash", "-c", 'ulimit -f 1024; exec "$@"', "bash", COMMAND, *words],
        cwd=dialer.directory,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert full.returncode == 1, full
    assert "dialer.db" in json.loads(full.stderr)["error"]
    assert set(before) <= set(content(filled))
    answer = dialer(*words).json
    assert (answer["rows"], answer["imported"], answer["duplicates"]) == (1600, 1600, 0)
