"""What passes between the world and the writer: rounds out, their fate back."""

import msgspec

from dialer.core.commands import FetchLeads, ReturnLeads
from dialer.core.ids import LegId
from dialer.core.records import AnyRecord


class WrittenRound(msgspec.Struct, frozen=True, kw_only=True):
    """What one round wants of the database."""

    round: int
    at: float
    records: tuple[AnyRecord, ...] = ()
    commands: tuple[FetchLeads | ReturnLeads, ...] = ()
    """Carried out after the records of every round that is committed with this one."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """Every round up to `round` is on record."""

    round: int
    addresses: dict[LegId, str]
    """Where to place the calls: E.164 numbers and agents' SIP URIs."""
    refused: dict[LegId, str]
    """Calls not to place, with the reason: `do_not_call`, `number_in_use` or `not_recorded`."""


class NotRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """These rounds could not be committed yet; they are kept, but what they wanted placed is too late.

    Each round is named at most once; its `Recorded` follows when the database is back.
    """

    rounds: tuple[int, ...]
    reason: str
