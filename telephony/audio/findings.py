"""The words of what is heard, as processes hand them on; numpy is not needed to know them."""

from enum import StrEnum

import msgspec

from dialer.core.states import EndCause


class Sit(StrEnum):
    """What a special information tone says."""

    INTERCEPT = "intercept"
    VACANT = "vacant"
    REORDER = "reorder"
    NO_CIRCUIT = "no_circuit"
    PLAIN = "plain"
    """An announcement follows, no more."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """A recording's fingerprint: four bytes a frame, and a bit for whether it is loud."""

    name: str
    means: EndCause
    words: bytes
    loud: bytes


class Ears(msgspec.Struct, frozen=True, kw_only=True):
    """What all legs of a trunk are listened for."""

    sit: dict[Sit, EndCause]
    """Empty: tones are not listened for."""
    announcements: tuple[Announcement, ...] = ()


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was made out, what it means, and how it is told."""

    means: EndCause
    said: str
