"""PostgreSQL for tests: a throwaway server of this machine's package, reached by a socket in its own directory.

Made once a test process; each test gets an empty database. Nothing is skipped when it is
missing: both databases are promised.
"""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

from dialer.storage.database import open_database
from dialer.storage.tables import metadata
from tests.stores import wait_until

_TEMPLATE = "dialer_template"
_USER = "dialer"
_START_S = 60.0


def programs() -> Path:
    """Return where the newest PostgreSQL of this machine keeps `initdb` and `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    assert found, "PostgreSQL is not installed: apt-get install postgresql"
    return found[-1].parent


class Server:
    """A server, from construction until `remove`; it can be killed and started again."""

    def __init__(self, *, durable: bool = False) -> None:
        """Make and start it.

        Args:
            durable: Whether commits reach the disk before they are acknowledged.
        """
        self.directory = Path(tempfile.mkdtemp(prefix="dialer-pg-"))
        self._data = self.directory / "data"
        self._numbers = itertools.count(1)
        self._empty: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_unprivileged())
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        initdb = (
            "initdb",
            "-D",
            str(self._data),
            "-U",
            _USER,
            "-E",
            "UTF8",
            "--locale=C",
            "-A",
            "trust",
            "-N",
        )
        subprocess.run(self._command(*initdb), check=True, stdout=subprocess.DEVNULL, cwd="/")
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.directory}'",
            "shared_buffers": "'32MB'",
            "fsync": "on" if durable else "off",
            "max_connections": "60",
        }
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.start()
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
        open_database(self.url(_TEMPLATE)).close()

    def url(self, database: str) -> str:
        """Return a database's address."""
        return f"postgresql://{_USER}@/{database}?host={self.directory}"

    def new_database(self, *, empty: bool = False) -> str:
        """Return the address of a database with the schema and no rows; `empty` leaves out the schema."""
        if self._empty and not empty:
            return self._empty.pop()
        name = f"test_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier("template0" if empty else _TEMPLATE)
        )
        self._execute(statement)
        return self.url(name)

    def recycle(self, url: str) -> None:
        """Take a database back that has the schema: emptying it takes a tenth of the time of making one."""
        tables = sql.SQL(", ").join(sql.Identifier(table.name) for table in metadata.sorted_tables)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
        self._empty.append(url)

    def start(self) -> None:
        """Start the server and wait until it serves; what was lost in a crash is recovered first."""
        wait_until(self._started, within_s=_START_S)

    def _started(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            # A killed server's children may still hold its memory for a moment: then it gives up at once.
            with (self.directory / "server.log").open("ab") as log:
                command = self._command("postgres", "-D", str(self._data))
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
                )
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Kill the server without a warning; its children notice and end."""
        self._end(signal.SIGKILL)

    def stop_at_once(self) -> None:
        """Stop the server as `pg_ctl stop -m immediate` does: no shutdown, recovery at the next start."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(_START_S)

    def remove(self) -> None:
        """End it and forget what it held."""
        if self._process is not None and self._process.poll() is None:
            self._end(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _command(self, program: str, *arguments: str) -> list[str]:
        # The server ends with whoever started it, however that ended; and it refuses to be run by root.
        command = ["setpriv", "--pdeathsig", "QUIT"]
        if os.geteuid() == 0:
            command += [f"--reuid={_unprivileged()}", f"--regid={pwd.getpwnam(_unprivileged()).pw_gid}"]
            command += ["--clear-groups"]
        return [*command, str(programs() / program), *arguments]


def _unprivileged() -> str:
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"
