"""When an agent is to be there: a shift, and the breaks in it."""

import msgspec

from dialer.core.ids import AgentId


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's shift; instants in seconds since the epoch, breaks in order and inside it."""

    agent_id: AgentId
    begins_at: float
    ends_at: float
    breaks: tuple[tuple[float, float], ...] = ()


def stretches(shift: Shift) -> list[tuple[float, float]]:
    """Return the parts of a shift between its breaks, as beginning and end."""
    found, begins_at = [], shift.begins_at
    for break_at, goes_on_at in (*shift.breaks, (shift.ends_at, shift.ends_at)):
        if break_at > begins_at:
            found.append((begins_at, break_at))
        begins_at = goes_on_at
    return found
