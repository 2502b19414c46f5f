"""The log that replays: a header with a snapshot of the engine, then each round's events and commands.

One JSON value a line. No personal data: the engine knows leads, agents and campaigns by id only.
"""

from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

from dialer.core.commands import AnyCommand
from dialer.core.events import AnyEvent
from dialer.core.workspace import Workspace
from dialer.errors import ConfigError

FORMAT = 1


class LogHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a file: what was running, and what the engine knew when the file began."""

    format: int = FORMAT
    version: str
    code_sha256: str
    """Hash over the engine's own source, by which a replay says whether it runs the same code."""
    snapshot: msgspec.Raw


class LoggedRound(msgspec.Struct, frozen=True):
    """Every further line."""

    events: list[AnyEvent]
    commands: list[AnyCommand]


def code_sha256() -> str:
    """Return a hash over the source of `dialer.core`."""
    digest = sha256()
    core = Path(__file__).parent / "core"
    for path in sorted(core.rglob("*.py")):
        digest.update(path.relative_to(core).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def header(workspace: Workspace) -> bytes:
    """Return the first line of a file that begins now."""
    return msgspec.json.encode(
        LogHeader(
            version=version("outdial"), code_sha256=code_sha256(), snapshot=msgspec.Raw(workspace.to_json())
        )
    )


def read(path: Path) -> tuple[LogHeader, Iterator[LoggedRound]]:
    """Return a log's header and its rounds, read as they are asked for.

    A last line that a kill cut short is left out.

    Raises:
        ConfigError: If it is no such log.
    """
    try:
        with path.open("rb") as lines:
            head = msgspec.json.decode(lines.readline(), type=LogHeader)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{path}: not a log of `dialer run`: {error}") from error
    if head.format != FORMAT:
        raise ConfigError(f"{path}: log format {head.format}; this version reads {FORMAT}")
    decoder = msgspec.json.Decoder(LoggedRound)

    def rounds() -> Iterator[LoggedRound]:
        with path.open("rb") as lines:
            lines.readline()
            for line in lines:
                if line.endswith(b"\n"):
                    yield decoder.decode(line)

    return head, rounds()
