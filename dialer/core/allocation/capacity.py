"""How much work an agent can carry at a time: one live task at most, and text up to one of two limits.

Source of the rules: requirements C1 to C5.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Channel(StrEnum):
    """How a customer and an agent are in touch."""

    VOICE = "voice"
    VIDEO = "video"
    TEXT = "text"


LIVE = frozenset({Channel.VOICE, Channel.VIDEO})
"""Channels of which an agent serves one task at a time, whole."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much text an agent may carry: so much beside a live task, and so much without one.

    The defaults are a guess: one text session can be kept up beside a call, and four at once without; handle times by volume
    would settle it.
    """

    first: int = 1
    second: int = 4

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.second:
            raise ValueError(
                f"the first limit is {self.first}, the second {self.second}: 0 <= first <= second must hold"
            )


class Load(NamedTuple):
    """What an agent carries."""

    is_live: bool
    volume: int
    """The sum of the weights of the text sessions."""


class Demand(NamedTuple):
    """What a task asks of an agent's capacity."""

    channel: Channel
    weight: int
    """Of a text session, at least 1; of a live task 0."""


class Refusal(StrEnum):
    """Why an agent cannot carry a task now."""

    LIVE = "in a voice or video task"
    VOLUME_FOR_LIVE = "carries more text than the first limit, which a call allows beside it"
    VOLUME_BESIDE_LIVE = "the text would exceed the first limit, which holds beside a call"
    VOLUME = "the text would exceed the second limit"


def refusal(demand: Demand, load: Load, limits: Limits) -> Refusal | None:
    """Return why a task cannot be carried beside what is carried; None if it can."""
    if demand.channel in LIVE:
        if load.is_live:
            return Refusal.LIVE
        return Refusal.VOLUME_FOR_LIVE if load.volume > limits.first else None
    if load.is_live:
        return Refusal.VOLUME_BESIDE_LIVE if load.volume + demand.weight > limits.first else None
    return Refusal.VOLUME if load.volume + demand.weight > limits.second else None


def fits_later(demand: Demand, load: Load, limits: Limits) -> bool:
    """Return whether a task that cannot be carried now could be, once enough text sessions have ended."""
    if load.is_live or refusal(demand, load, limits) is None:
        return False
    return demand.channel in LIVE or demand.weight <= limits.second
