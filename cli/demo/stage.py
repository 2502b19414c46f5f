"""The stage of a demo: a directory, the emulated carrier and softphones, and `dialer run` between them."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from cli.demo.fixture import Fixture
from cli.options import Workplace
from cli.processes import ProcessError, emulator, end, start
from dialer.live.clock import Clock
from dialer.live.lease import holder
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace
from telephony.sip.crew import COMPLETE

CAMPAIGN = "demo"
FIRST_CAMPAIGN = "demo-full-floor"
TRUNK = "carrier"
_HOST = "127.0.0.1"
_START_S = 90.0
# A worker takes a third of a second of a core to start; a floor of 190 agents has 400.
_LINES_S = 120.0
# Talks of a demo last some seconds; the workers then say good-bye to their legs.
_STOP_S = 30.0


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What a demo plays on; the paths are those of one directory."""

    directory: Path
    leads: Path
    first_leads: Path | None
    phones_port: int
    place: Workplace
    run: subprocess.Popen[bytes]

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
def stage(directory: Path, given: Fixture, *, agents: int, lines: int) -> Iterator[Stage]:
    """Set a stage up in an empty directory, and take it down; the logs are whole only after that.

    Raises:
        ProcessError: If one of the processes does not start.
    """
    leads, behaviour = given.write(directory)
    arguments = ("--behaviour", str(behaviour))
    with (
        emulator("carrier", arguments, log=carrier_log(directory)) as carrier_port,
        emulator("phones", ("--agents", str(agents)), log=phones_log(directory)) as phones_port,
    ):
        config = directory / "dialer.toml"
        config.write_text(_config(carrier_port, lines), encoding="utf-8")
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
        f'[trunks.{TRUNK}]\nhost = "{_HOST}"\nport = {carrier_port}\nlines = {lines}\n'
        f"calls_per_second = {max(10, 3 * lines // 5)}\n"
        'caller_id = "+12025550199"\n'
        "[run]\nfinish_talks_s = 20\n"
    )


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
