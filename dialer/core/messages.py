"""The recordings that people on a call hear. Each adapter has a sound of every one."""

from enum import StrEnum

import msgspec


class Message(StrEnum):
    """A recording by name; what `PlayMessage` plays."""

    SAFE_HARBOUR = "safe-harbour"
    """Who called and a number, to a person for whom nobody is free; configurations may name their own file."""
    HOLD = "hold"
    """To a customer on hold: the agent's lost phone is called again, or somebody else is spoken with; configurations may
    name their own file."""
    RECORDING = "recording"
    """To customer and agent: the talk is recorded from now on; configurations may name their own file."""
    TONE_DONE = "tone-done"
    """One high tone: the agent's key was taken."""
    TONE_REFUSED = "tone-refused"
    """Two low ones: it was not."""


class MessageVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What a configured recording was when the run began."""

    sha256: str
    length_s: float
