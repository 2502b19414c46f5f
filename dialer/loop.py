"""The one loop: events into the engine, commands out to a world.

A live campaign, a simulated one and a replayed one differ only in the `World` given to `run`.
"""

from collections.abc import Sequence
from typing import Protocol

from dialer.core.commands import AnyCommand, OriginateCommand, SwitchCommand
from dialer.core.events import AnyEvent, RoundEnded


class Engine(Protocol):
    """What decides."""

    def handle(self, event: AnyEvent) -> list[AnyCommand]:
        """Return what shall be done about an event."""


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
        """Call `address`: an E.164 number through a trunk, or an agent's SIP URI."""

    def execute(self, command: SwitchCommand) -> None:
        """Bridge, hang up or play."""


def run(engine: Engine, world: World) -> None:
    """Drive the engine until the world is over."""
    while (events := world.next_round()) is not None:
        commands: list[AnyCommand] = []
        for event in events:
            commands += engine.handle(event)
        commands += engine.handle(world.end_round())
        world.execute(commands)
