"""What every record has."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="command", tag=True):
    """A fact, at its time in seconds since the epoch."""

    at: float
