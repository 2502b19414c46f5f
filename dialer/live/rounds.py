"""What the engine's thread and the writer's thread say to each other about rounds."""

import msgspec

from dialer.core.commands import StorageCommand
from dialer.core.ids import HandoverId, LegId
from dialer.core.record import Record


class WrittenRound(msgspec.Struct, frozen=True):
    """A round's records, and what it asks of storage after them; `at` is the round's end."""

    round: int
    at: float
    records: tuple[Record, ...]
    commands: tuple[StorageCommand, ...]


class Recorded(msgspec.Struct, frozen=True):
    """Every round up to `round` is in the database.

    `addresses` are what the legs that began in these rounds shall call; a leg in `refused` shall not be
    called, for the reason given (`do_not_call`, `number_in_use`, `number_resting`).
    """

    round: int
    addresses: dict[LegId, str]
    refused: dict[LegId, str]
    undelivered: frozenset[HandoverId] = frozenset()
    """Handovers whose record the database refused."""


class NotRecorded(msgspec.Struct, frozen=True):
    """A commit failed; its records are tried again in order, but what waited for it shall not leave."""

    rounds: tuple[int, ...]
