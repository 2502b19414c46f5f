"""How well agents kept to the roster: there when they were to be, late, and gone early."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from dialer.core.ids import AgentId
from dialer.core.presence_states import PausedBy
from dialer.core.shift import Shift, stretches
from dialer.core.states import AgentState
from dialer.reports.table import share
from dialer.storage import roster, schema

NOT_LOGGED_IN = (AgentState.LOGGED_OUT, AgentState.LOGGING_IN)

Span = tuple[float, float]
"""Beginning and end, seconds since the epoch."""


class Adherence(NamedTuple):
    """Seconds of one agent, all inside a span."""

    rostered_s: float = 0.0
    """Of shifts, without their breaks."""
    in_shift_s: float = 0.0
    """Of these, at work: logged in and in no pause of the agent's own."""
    late_s: float = 0.0
    """From the beginning of a shift to the log-in, to its end if there was none."""
    early_s: float = 0.0
    """From the last log-out in a shift to its end."""

    @property
    def adherence(self) -> float | None:
        """Return the share of the rostered time in which the agent was at work."""
        return share(self.in_shift_s, self.rostered_s)


def of_agent(
    shifts: Sequence[Shift], *, at_work: Sequence[Span], logged_in: Sequence[Span], span: Span
) -> Adherence:
    """Return how one agent kept to the roster.

    A shift counts as far as it lies in the span; late is who was not there when a shift began that begins in it, gone early
    who was not there when one ended that ends in it.

    Args:
        shifts: The agent's.
        at_work: When the agent was logged in and in no pause of its own; apart from each other.
        logged_in: When the agent was logged in; apart from each other.
        span: What the answer is about.
    """
    parts = [part for shift in shifts for each in stretches(shift) if (part := _common(each, span))]
    rostered_s = sum(ends_at - begins_at for begins_at, ends_at in parts)
    in_shift_s = sum(
        common[1] - common[0] for part in parts for each in at_work if (common := _common(part, each))
    )
    late_s = early_s = 0.0
    for shift in shifts:
        whole = (shift.begins_at, shift.ends_at)
        there = [common for each in logged_in if (common := _common(whole, each))]
        if span[0] <= shift.begins_at < span[1]:
            came_at = min((begins_at for begins_at, _ in there), default=shift.ends_at)
            late_s += min(came_at, span[1]) - shift.begins_at
        if there and span[0] < shift.ends_at <= span[1]:
            early_s += shift.ends_at - max(ends_at for _, ends_at in there)
    return Adherence(rostered_s, in_shift_s, late_s, early_s)


def _common(one: Span, other: Span) -> Span | None:
    begins_at, ends_at = max(one[0], other[0]), min(one[1], other[1])
    return (begins_at, ends_at) if begins_at < ends_at else None


def adherence(
    connection: Connection, workspace_id: int, span: Span, *, at: float
) -> dict[AgentId, Adherence]:
    """Return how each agent who is on the roster kept to it inside a span; `at` ends what still goes on."""
    kept = roster.between(connection, workspace_id, *span)
    shifts: dict[AgentId, list[Shift]] = {}
    for each in kept:
        shifts.setdefault(each.shift.agent_id, []).append(each.shift)
    if not shifts:
        return {}
    whole = (min(one.shift.begins_at for one in kept), max(one.shift.ends_at for one in kept))
    at_work: dict[AgentId, list[Span]] = {}
    logged_in: dict[AgentId, list[Span]] = {}
    for agent_id, state, paused_by, period in _periods(connection, workspace_id, whole, at):
        if state in NOT_LOGGED_IN:
            continue
        logged_in.setdefault(agent_id, []).append(period)
        if state is not AgentState.PAUSED or paused_by == PausedBy.SYSTEM:
            at_work.setdefault(agent_id, []).append(period)
    return {
        agent_id: of_agent(
            mine, at_work=at_work.get(agent_id, ()), logged_in=logged_in.get(agent_id, ()), span=span
        )
        for agent_id, mine in shifts.items()
    }


def _periods(
    connection: Connection, workspace_id: int, span: Span, at: float
) -> list[tuple[AgentId, AgentState, str, Span]]:
    kept = schema.agent_period.c
    statement = (
        select(kept.agent_id, kept.state, kept.paused_by, kept.started_at, kept.ended_at)
        .where(kept.workspace_id == workspace_id, kept.started_at < span[1])
        .where(kept.ended_at.is_(None) | (kept.ended_at > span[0]))
    )
    return [
        (AgentId(row.agent_id), AgentState(row.state), row.paused_by, (row.started_at, row.ended_at or at))
        for row in connection.execute(statement)
    ]
