"""The one loop: events into the engine, commands out to a world, both into a log.

A live campaign, a simulated one and a replayed one differ only in the `World` given to `run`.
"""

from collections.abc import Sequence
from typing import Protocol

from dialer.core.commands import AnyCommand, OriginateCommand, SwitchCommand
from dialer.core.engine import Engine
from dialer.core.events import AnyEvent, RoundEnded


class World(Protocol):
    """Where events come from and commands go to."""

    def next_round(self) -> Sequence[AnyEvent] | None:
        """Return the next events in order, waiting for them if need be; None when the run is over."""

    def end_round(self) -> RoundEnded:
        """Return the event that closes the round just handled."""

    def execute(self, commands: Sequence[AnyCommand]) -> None:
        """Carry out one round's commands; never waits."""


class Telephony(Protocol):
    """A switch. Methods return nothing and never wait; what comes of them are later events.

    Every leg that was placed ends in exactly one `LegEnded`, or was refused by one `OriginateRefused`.
    """

    def place(self, command: OriginateCommand, address: str) -> None:
        """Call `address`: an E.164 number through a trunk, or an agent's SIP URI.

        For an agent who calls in, `dialer.core.addresses.CALLS_IN` and the name: the leg waits for that phone's call.
        """

    def execute(self, command: SwitchCommand) -> None:
        """Bridge, record, hang up, play, or take a call that arrived."""


class Log(Protocol):
    """Where rounds are kept for replay; best effort, never waits."""

    def add(self, engine: Engine, events: Sequence[AnyEvent], commands: Sequence[AnyCommand]) -> None:
        """Keep one round: its events, the closing `RoundEnded` last, and the commands they led to."""


def run(engine: Engine, world: World, log: Log | None = None) -> None:
    """Drive the engine until the world is over."""
    while (events := world.next_round()) is not None:
        handled = [*events]
        commands: list[AnyCommand] = []
        for event in handled:
            commands += engine.handle(event)
        handled.append(ended := world.end_round())
        commands += engine.handle(ended)
        world.execute(commands)
        if log is not None:
            log.add(engine, handled, commands)
