"""`dialer pacing serve`: the policy of predictive pacing for a floor that somebody else simulates or runs."""

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, TextIO, TypeVar

import click
import msgspec

from cli.options import Shared, example, shared
from dialer.core.pacing.forecast.served import ServedFloor
from dialer.errors import ConfigError

_Seconds = Annotated[float, msgspec.Meta(ge=0)]
_Agent = tuple[int, _Seconds]
_Call = tuple[int, int, _Seconds, _Seconds]
_Event = tuple[float, int, int, int, float]
_Kind = TypeVar("_Kind", bound=msgspec.Struct)


class Hello(msgspec.Struct, frozen=True):
    """The first line: what the floor is."""

    hello: int
    agents: Annotated[int, msgspec.Meta(ge=0)]
    tick: Annotated[float, msgspec.Meta(gt=0)]
    """Seconds between two questions."""
    day_start: float
    day_end: float
    trunk: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Lines; 0: no limit."""
    target: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.03
    """The share of live answers that may be abandoned."""


class Question(msgspec.Struct, frozen=True):
    """What is there at an instant, and what happened since the last one; `ServedFloor` says what the numbers mean."""

    t: float
    agents: list[_Agent]
    calls: list[_Call]
    events: list[_Event] = []


@click.group()
def pacing() -> None:
    """Ask how many calls to start."""


@pacing.command(
    epilog=example(
        "dialer pacing serve < questions.jsonl > answers.jsonl",
        """echo '{"hello":1,"agents":2,"tick":0.5,"day_start":0,"day_end":28800,"trunk":0,"target":0.03}' \\""",
        "  | dialer pacing serve",
    ),
    short_help="Decide for another simulator, line by line.",
)
@shared
def serve(_options: Shared, /) -> None:
    """Decide for another simulator: one JSON object a line on standard input, one answer a line on standard output.

    The first line says what the floor is and is answered {"ok":1}; every other one is answered {"dial":N}.
    docs/howto/judge-pacing.md has the meaning of each number. Answers are JSON with --json and without.
    """
    for answer in answers(sys.stdin):
        _say(sys.stdout, answer)


def answers(lines: Iterable[str]) -> Iterator[dict[str, int]]:
    """Yield the answer to each line.

    Raises:
        ConfigError: If a line is not what it should be; the text names its number.
    """
    numbered = enumerate(lines, 1)
    number, first = next(numbered, (1, ""))
    hello = _read(number, first, Hello)
    if hello.day_end <= hello.day_start:
        raise ConfigError(f"line {number}: day_end has to be after day_start")
    floor = ServedFloor(
        day_starts_at=hello.day_start, day_ends_at=hello.day_end, limit=hello.target, lines=hello.trunk
    )
    yield {"ok": 1}
    for number, line in numbered:
        if line.strip():
            asked = _read(number, line, Question)
            yield {"dial": floor.calls_to_start(asked.t, asked.agents, asked.calls, asked.events)}


def _read(number: int, line: str, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError as error:
        raise ConfigError(f"line {number}: {error}") from error


def _say(output: TextIO, answer: dict[str, int]) -> None:
    output.write(msgspec.json.encode(answer).decode() + "\n")
    output.flush()
