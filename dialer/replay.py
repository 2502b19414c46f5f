"""A recorded world: the logged events into today's engine, its commands against the logged ones."""

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import msgspec

from dialer import log
from dialer.core.commands import AnyCommand
from dialer.core.engine import Engine
from dialer.core.workspace import Workspace


class Difference(msgspec.Struct, frozen=True):
    """The first place where today's engine decides otherwise. Rounds count from 1, commands from 0."""

    round: int
    command: int
    logged: AnyCommand | None
    replayed: AnyCommand | None


class Replay(msgspec.Struct, frozen=True):
    """What a replay found."""

    rounds: int
    events: int
    commands: int
    same_code: bool
    difference: Difference | None


def replay(path: Path) -> Replay:
    """Run a log through the engine, up to the first difference.

    Raises:
        ConfigError: If the file is no log.
    """
    head, rounds = log.read(path)
    engine = Engine(Workspace.from_json(bytes(head.snapshot)))
    number = events = commands = 0
    difference = None
    for number, logged in enumerate(rounds, start=1):
        replayed = [command for event in logged.events for command in engine.handle(event)]
        events += len(logged.events)
        commands += len(logged.commands)
        difference = _first_difference(number, logged.commands, replayed)
        if difference is not None:
            break
    return Replay(
        rounds=number,
        events=events,
        commands=commands,
        same_code=head.code_sha256 == log.code_sha256(),
        difference=difference,
    )


def _first_difference(
    number: int, logged: Iterable[AnyCommand], replayed: Iterable[AnyCommand]
) -> Difference | None:
    for index, (before, now) in enumerate(zip_longest(logged, replayed)):
        if before != now:
            return Difference(number, index, before, now)
    return None
