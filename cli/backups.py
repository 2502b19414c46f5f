"""What `dialer db backup` and `dialer db restore` do for each kind of database."""

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url, select

from cli.options import Shared
from dialer.errors import ConfigError, LeaseHeldError, StorageError
from dialer.live.clock import Clock
from dialer.live.lease import holder
from dialer.storage import backups
from dialer.storage.database import file_of, open_database
from dialer.storage.schema import workspace


def make_backup(options: Shared, file: Path) -> int:
    """Back a database up; return the size in bytes.

    Raises:
        ConfigError: If there is something in the way, or a tool is missing.
        StorageError: If it cannot be done.
    """
    with closing(open_database(options.database, create=False)) as database:
        path = database.path
    return _dump(options.database, file) if path is None else backups.back_up(path, file)


def put_back(options: Shared, file: Path) -> backups.Restored:
    """Put a backup in the place of a database.

    Raises:
        ConfigError: If there is no such file, or the database is a server's.
        LeaseHeldError: If a run goes on.
        StorageError: If the backup cannot be used, or the database is in use.
    """
    path = file_of(options.database)
    if path is None:
        shown = make_url(options.database).set(drivername="postgresql").render_as_string()
        raise ConfigError(
            "a server's database is put back by its own tool: end the run, then "
            f"pg_restore --clean --if-exists --single-transaction --dbname={shown} {file}"
        )
    if path.exists():
        _refuse_beside_run(options.database)
    return backups.restore(file, path)


def _refuse_beside_run(url: str) -> None:
    try:
        database = open_database(url)
    except StorageError:
        return  # damaged or of another version: that is why a backup is put back
    with closing(database):
        with database.read() as connection:
            ids = connection.scalars(select(workspace.c.id)).all()
        for workspace_id in ids:
            found = holder(database, workspace_id, clock=Clock())
            if found is not None:
                raise LeaseHeldError(
                    f"process {found.pid} on {found.host} runs this database: end that run first"
                )


def _dump(url: str, file: Path) -> int:
    """Have pg_dump copy a server's database, whose password it gets by the environment."""
    program = shutil.which("pg_dump")
    if program is None:
        raise ConfigError("pg_dump is not here: apt-get install postgresql-client")
    if file.exists():
        raise ConfigError(f"{file} is already there, and is not overwritten: name another file")
    parsed = make_url(url)
    shown = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(parsed.password)} if parsed.password else {})
    part = file.with_name(f".{file.name}.part")
    words = [program, "--format=custom", "--no-owner", f"--file={part}", f"--dbname={shown}"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        part.unlink(missing_ok=True)
        raise StorageError(f"pg_dump failed: {' '.join(done.stderr.split())}")
    part.rename(file)
    return file.stat().st_size
