"""pyst2's AGI, its methods kept, its way to Asterisk replaced: fit for threads and for text that means harm.

What is wrong with the one that ships (pyst2 0.5.1), each with a test here:

- it sets a signal handler, which only the main thread may, and writes every line to stderr;
- it escapes nothing: a line feed in a value begins another command, a quote or a space another argument;
- Asterisk cuts a long line in two and takes the second piece for a command of its own;
- the end of the connection and the line `HANGUP` raise `ValueError`, a 511 an unknown error;
- a syntax error without usage is waited for for ever, and names in the database get quotes of their own.

Source: `parse_args` and `run_agi` of Asterisk's res_agi.c.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from asterisk.agi import (
    AGI,
    AGIAppError,
    AGIDBError,
    AGIHangup,
    AGIInvalidCommand,
    AGIResultHangup,
    AGISIGPIPEHangup,
    AGIUnknownError,
    AGIUsageError,
)

MAX_COMMAND: Final = 2_047
"""Bytes of a command with its line feed. Source: `AGI_BUF_LEN` of res_agi.c, 2,048 with a NUL at the end."""

_MAX_HEAD: Final = 200
"""Lines that introduce a call; Asterisk sends some 25 and one for each argument."""

_REPLY = re.compile(r"(\d{3})([ -]?)(.*)", re.ASCII | re.DOTALL)
_FACT = re.compile(r"(\w+)=(\S*)(?:\s+\((.*)\))?", re.DOTALL)
_FORBIDDEN = re.compile(r"[\r\n\0]")
_BARE = re.compile(r"[!#-\[\]-~]+", re.ASCII)
"""What needs no quotes: visible ASCII but for quote and backslash."""


_PLAIN = re.compile(r"\w+=[\w .@+-]*")
"""What the application MSet takes for one variable, whatever the value is about."""

_MAX_TOGETHER: Final = MAX_COMMAND - 100


class File(Protocol):
    """Where lines come from and go to."""

    def readline(self) -> str:
        """Return the next line with its line feed; empty at the end."""

    def write(self, text: str) -> object:
        """Send text."""

    def flush(self) -> None:
        """See to it that what was written leaves."""


class _Quoted(str):
    """An argument that is ready for the wire."""

    __slots__ = ()


def quote(value: object) -> str:
    """Return an argument as Asterisk reads it back unchanged.

    Raises:
        AGIUsageError: If it holds what no argument can: a line break or NUL.
    """
    text = str(value)
    if _FORBIDDEN.search(text):
        raise AGIUsageError("an argument holds a line break or NUL, which cannot be sent: leave it out")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return _Quoted(f'"{escaped}"')


class Channel(AGI):
    """One call that Asterisk asks about; `env` is what it says of it.

    Every command raises `AGIHangup` once the call or the connection is gone, `TimeoutError` once the deadline has passed
    and `AGIUsageError` for what cannot be sent, of which then nothing was sent.

    Args:
        file: Lines to and from Asterisk.
    """

    def __init__(self, file: File) -> None:
        # Not the inherited one: it wants the main thread, and stderr.
        self.env: dict[str, str] = {}
        self._file = file
        self._get_agi_env()

    @property
    def arguments(self) -> list[str]:
        """Return what the dialplan handed over after the address."""
        found: list[str] = []
        while (text := self.env.get(f"agi_arg_{len(found) + 1}")) is not None:
            found.append(text)
        return found

    def execute(self, command: str, *args: object) -> dict[str, tuple[str, str]]:
        """Send a command and return its result."""
        try:
            self.send_command(command, *args)
            return self.get_result()
        except TimeoutError:
            raise
        except OSError as error:
            raise AGISIGPIPEHangup(f"the connection is gone: {error}") from error

    def send_command(self, command: str, *args: object) -> None:
        """Send a command; every argument arrives as one, whatever it holds."""
        words = [arg if isinstance(arg, _Quoted) else _word(arg) for arg in args]
        while words and not words[-1]:  # optional arguments that were left out
            words.pop()
        line = " ".join([command.strip(), *(word or quote("") for word in words)])
        if _FORBIDDEN.search(line):
            raise AGIUsageError("a command holds a line break or NUL: leave it out")
        if len(line.encode("utf-8", "replace")) >= MAX_COMMAND:
            raise AGIUsageError(f"a command is longer than {MAX_COMMAND} bytes: Asterisk would cut it in two")
        self._file.write(f"{line}\n")
        self._file.flush()

    def get_result(self, _stdin: object = None) -> dict[str, tuple[str, str]]:
        """Read what Asterisk says to a command."""
        line = self._line()
        while line.startswith("1"):  # something is under way, the result follows
            line = self._line()
        found = _REPLY.fullmatch(line)
        if found is None:
            raise AGIUnknownError(None, f"no reply: {line[:80]!r}")
        code, goes_on, said = found.groups()
        if code == "200":
            return _result(said)
        if code == "511":
            raise AGIHangup(f"the call is over: {said}")
        if code == "510":
            raise AGIInvalidCommand(said)
        if code == "520":
            raise AGIUsageError("\n".join([line, *self._usage()]) if goes_on == "-" else line)
        raise AGIUnknownError(int(code), f"unknown reply: {said[:80]!r}")

    def set_variables(self, values: Mapping[str, str]) -> None:
        """Set variables, as many at once as a command holds: each command waits for Asterisk to have carried it out."""
        together = ""
        for name, value in values.items():
            if not _PLAIN.fullmatch(f"{name}={value}"):
                self.set_variable(name, value)
                continue
            more = f"{together},{name}={value}" if together else f"{name}={value}"
            if together and len(more.encode()) > _MAX_TOGETHER:
                self.appexec("MSet", together)
                more = f"{name}={value}"
            together = more
        if together:
            self.appexec("MSet", together)

    def database_get(self, family: str, key: str) -> str:
        """Return an entry of Asterisk's database.

        Raises:
            AGIDBError: If it is not there.
        """
        found, value = self.execute("DATABASE GET", quote(family), quote(key))["result"]
        if found != "1":
            raise AGIDBError("there is no such entry in Asterisk's database")
        return value

    def test_hangup(self) -> None:
        """Do nothing: a hang-up is read where it is told."""

    def _quote(self, string: object) -> str:
        return quote(string)

    def _get_agi_env(self) -> None:
        for _ in range(_MAX_HEAD):
            if not (line := self._line()):
                return
            key, _, value = line.partition(":")
            # What Asterisk says itself comes before what a caller may have chosen: the first counts.
            self.env.setdefault(key.strip(), value.strip())
        raise AGIUsageError(f"more than {_MAX_HEAD} lines before the first command")

    def _usage(self) -> list[str]:
        lines: list[str] = []
        while not lines or not lines[-1].startswith("520"):
            lines.append(self._line())
        return lines

    def _line(self) -> str:
        line = self._file.readline()
        if not line:
            raise AGISIGPIPEHangup("Asterisk closed the connection")
        if line.rstrip("\r\n") == "HANGUP":
            raise AGIHangup("the call was hung up")
        return line.rstrip("\r\n")


def _word(arg: object) -> str:
    text = str(arg)
    return text if not text or _BARE.fullmatch(text) else quote(text)


def _result(said: str) -> dict[str, tuple[str, str]]:
    result: dict[str, tuple[str, str]] = {"result": ("", "")}
    facts: list[tuple[Any, ...]] = _FACT.findall(said)
    for key, value, data in facts:
        result[key] = (value, data)
        if data == "hangup":
            raise AGIResultHangup("the call was hung up")
        if key == "result" and value == "-1":
            raise AGIAppError("the command failed, or the call was hung up")
    return result
