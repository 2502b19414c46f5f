"""The stage of a demo: a directory, the emulated carrier and softphones, and `dialer run` between them."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import msgspec

from cli.asterisk.instance import Instance
from cli.demo.fixture import Fixture
from cli.options import Workplace
from cli.processes import ProcessError, emulator, end, start
from dialer.config import load
from dialer.live.clock import Clock
from dialer.live.lease import holder
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace
from telephony.sip.crew import COMPLETE

_ASTERISK = "asterisk"
_IMPATIENT = "[system](+)\ntimer_t1 = 100\ntimer_b = 6400"
"""Milliseconds: Asterisk gives up a carrier that says nothing after seconds, not half a minute. Source: RFC 3261 17.1.1.2."""

CAMPAIGN = "demo"
FIRST_CAMPAIGN = "demo-full-floor"
TRUNK = "carrier"
_TRUNK = f"[trunks.{TRUNK}]\n"
_SERVER = f'server = "{_ASTERISK}"\n'
_HOST = "127.0.0.1"
_START_S = 90.0
# A worker takes a third of a second of a core to start; a floor of 190 agents has 400.
_LINES_S = 120.0
# Talks of a demo last some seconds; the workers then say good-bye to their legs.
_STOP_S = 30.0


class Backend(StrEnum):
    """What places the calls of a demo."""

    SIP = "sip"
    ASTERISK = "asterisk"


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What a demo plays on; the paths are those of one directory."""

    directory: Path
    leads: Path
    first_leads: Path | None
    phones_port: int
    place: Workplace
    run: subprocess.Popen[bytes]
    backend: Backend

    def phone(self, index: int) -> str:
        """Return the URI of a softphone, counted from 1."""
        return f"sip:agent-{index}@{_HOST}:{self.phones_port}"

    def check(self) -> None:
        """Make sure that the run goes on.

        Raises:
            ProcessError: If it ended; the text is what it said last.
        """
        if self.run.poll() is not None:
            raise ProcessError(
                f"`dialer run` ended with exit code {self.run.returncode}: {_last_words(self)}"
            )

    def wait_for_lines(self) -> None:
        """Wait until every line can be used: a call that finds none is put off.

        Raises:
            ProcessError: If the run ends, or it takes too long.
        """
        if self.backend is Backend.ASTERISK:
            return  # which has no processes to start
        log = self.directory / "run.log"
        wait_for(lambda: COMPLETE in log.read_text("utf-8", "replace"), _LINES_S, "the lines' workers", self)

    def stop_run(self) -> None:
        """Let talks finish and the run end.

        Raises:
            ProcessError: If it does not end cleanly.
        """
        self.check()
        self.run.send_signal(signal.SIGTERM)
        try:
            code = self.run.wait(_STOP_S)
        except subprocess.TimeoutExpired as error:
            raise ProcessError(f"`dialer run` did not end within {_STOP_S:.0f} s of SIGTERM") from error
        if code != 0:
            raise ProcessError(f"`dialer run` ended with exit code {code}: {_last_words(self)}")


@contextmanager
def stage(
    directory: Path, given: Fixture, *, agents: int, lines: int, backend: Backend = Backend.SIP
) -> Iterator[Stage]:
    """Set a stage up in an empty directory, and take it down; the logs are whole only after that.

    Raises:
        ProcessError: If one of the processes does not start.
    """
    leads, behaviour = given.write(directory)
    arguments = ("--behaviour", str(behaviour))
    with (
        emulator("carrier", arguments, log=carrier_log(directory)) as carrier_port,
        emulator("phones", ("--agents", str(agents)), log=phones_log(directory)) as phones_port,
        _switch(directory, _config(carrier_port, lines), backend) as config,
    ):
        url = database_url(directory)
        database = open_database(url)
        place = Workplace(database, ensure_workspace(database, "default"))
        with (directory / "run.log").open("wb") as output:
            run = start("cli", "--database", url, "--config", str(config), "run", output=output)
        try:
            ready = Stage(
                directory=directory,
                leads=leads,
                first_leads=directory / "first.csv" if given.first_rows else None,
                phones_port=phones_port,
                place=place,
                run=run,
                backend=backend,
            )
            wait_for(lambda: _runs(ready), _START_S, "`dialer run` to take the workspace", ready)
            yield ready
        finally:
            end(run)
            database.close()


def wait_for(condition: Callable[[], bool], within_s: float, what: str, here: Stage) -> None:
    """Wait until something is so, while the run goes on.

    Raises:
        ProcessError: If the run ends, or it takes too long.
    """
    clock = Clock()
    until = clock.now() + within_s
    while not condition():
        here.check()
        if clock.now() > until:
            raise ProcessError(f"waited {within_s:.0f} s for {what}: {_last_words(here)}")
        pause()


def pause() -> None:
    """Let a moment pass."""
    time.sleep(0.2)


def _runs(here: Stage) -> bool:
    here.check()
    return holder(here.place.database, here.place.workspace_id, clock=Clock()) is not None


def _config(carrier_port: int, lines: int) -> str:
    return (
        f'{_TRUNK}host = "{_HOST}"\nport = {carrier_port}\nlines = {lines}\n'
        f"calls_per_second = {max(10, 3 * lines // 5)}\n"
        'caller_id = "+12025550199"\n'
        "[run]\nfinish_talks_s = 20\n"
    )


@contextmanager
def _switch(directory: Path, text: str, backend: Backend) -> Iterator[Path]:
    """Write the configuration; start an Asterisk of our own if one places the calls."""
    path = directory / "dialer.toml"
    path.write_text(text, encoding="utf-8")
    if backend is Backend.SIP:
        yield path
        return
    with_server = f"[asterisk.servers.{_ASTERISK}]\n{text.replace(_TRUNK, _TRUNK + _SERVER)}"
    path.write_text(with_server, encoding="utf-8")
    instance = Instance(load(path), _ASTERISK, extra={"pjsip.conf": _IMPATIENT})
    try:
        instance.start()
        server = f'port = {instance.ports.manager}\npassword_file = "{instance.server.password_file}"\n'
        head, table, rest = with_server.partition("\n")
        path.write_text(f"{head}{table}{server}{rest}", encoding="utf-8")
        yield path
    finally:
        instance.remove()


def carrier_log(directory: Path) -> Path:
    """Return where the carrier's log is."""
    return directory / "carrier.jsonl"


def phones_log(directory: Path) -> Path:
    """Return where the softphones' log is."""
    return directory / "phones.jsonl"


def database_file(directory: Path) -> Path:
    """Return where the database is."""
    return directory / "dialer.db"


def database_url(directory: Path) -> str:
    """Return the database's address."""
    return f"sqlite:///{database_file(directory)}"


def _last_words(here: Stage) -> str:
    lines = (here.directory / "run.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing"
