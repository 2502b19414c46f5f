"""Processes of our own that commands start: how they are started, waited for and ended."""

import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from dialer.errors import DialerError
from telephony.sip.priority import prefer_process

_READY_S = 90.0
# As the run and its workers: carrier and phones stand for machines of their own, and they time the first sound.
_PREFERENCE = 5
_END_S = 15.0


class _Ready(msgspec.Struct, frozen=True):
    ready: bool
    port: int


class ProcessError(DialerError):
    """A process that a command needs did not start, or ended early."""


def start(module: str, *arguments: str, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
    """Start one of our modules with this interpreter; its standard error goes where ours goes.

    Args:
        module: What `python -m` runs.
        arguments: Its command line.
        output: For its standard output and, if a file, its standard error too.
    """
    # -P: a directory called `cli` where the user stands must not be taken for ours.
    command = [sys.executable, "-P", "-m", module, *arguments]
    errors = None if output in (None, subprocess.PIPE) else subprocess.STDOUT
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)


def end(process: subprocess.Popen[bytes], *, within_s: float = _END_S) -> int:
    """End a process with SIGTERM, with SIGKILL if it takes longer, and return its exit code."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


@contextmanager
def emulator(role: str, arguments: Sequence[str], *, log: Path) -> Iterator[int]:
    """Let an emulated `carrier` or `phones` play meanwhile, and give its port.

    Raises:
        ProcessError: If it does not start; its own words are on standard error.
    """
    process = start(f"telephony.sip.emulator.{role}", "--log", str(log), *arguments, output=subprocess.PIPE)
    prefer_process(_PREFERENCE, pid=process.pid)
    try:
        yield _wait_until_ready(process, role)
    finally:
        end(process)
        if process.stdout is not None:
            process.stdout.close()


def _wait_until_ready(process: subprocess.Popen[bytes], role: str) -> int:
    line = b""
    if process.stdout is not None and select.select([process.stdout], [], [], _READY_S)[0]:
        line = process.stdout.readline()
    try:
        return msgspec.json.decode(line, type=_Ready).port
    except msgspec.DecodeError as error:
        raise ProcessError(f"the emulated {role} did not start: its reason is above") from error
