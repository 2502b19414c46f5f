"""What all events have in common."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """Something that happened at `at`, seconds since the epoch, UTC."""

    at: float
