"""Which channel is whose leg: the id that Asterisk is told for a leg's channel, and back. Pure."""

from dialer.core.ids import LegId

_END = "."
"""No leg's id has it. Asterisk takes a channel's id for the beginning of one, and refuses to make `run-1` while `run-12`
lives; `run-1.` begins no other. Source: measured with 22.10."""


def channel_id(leg_id: LegId) -> str:
    """Return the id of the channel that is made for a leg."""
    return f"{leg_id}{_END}"


def leg_id(uniqueid: str) -> LegId:
    """Return the leg that a channel was made for; a channel that came by itself was made for none, and keeps its id."""
    return LegId(uniqueid.removesuffix(_END))
