"""Who is to be there when: what of the roster the engine knows, and what it means for supply.

Only agents who are on the roster are bound by it, and only as supply: an agent who is ready is given what waits at any hour.
"""

from bisect import bisect_right
from collections.abc import Sequence

from dialer.core.commands import FetchShifts
from dialer.core.events import ShiftsLoaded
from dialer.core.requests import TakeUpRoster
from dialer.core.shift import stretches
from dialer.core.step import Step
from dialer.core.workspace import Agent

KNOWN_S = 86_400.0
"""So far back and ahead the engine knows the roster."""
RELOAD_S = 3600.0
"""The roster is read again after this, for the shifts that came into reach."""
ROSTER_TIMER = "roster"

Stretch = tuple[float, float]
"""Beginning and end of a part of a shift without a break."""


def loaded(step: Step, event: ShiftsLoaded) -> None:
    """Know the roster as it is now."""
    workspace = step.workspace
    workspace.roster = {}
    for shift in sorted(event.shifts, key=lambda one: one.begins_at):
        workspace.roster.setdefault(shift.agent_id, []).extend(stretches(shift))
    workspace.roster_read_at = step.at
    workspace.pacing_due = True
    _watch(step)


def take_up(step: Step, _: TakeUpRoster) -> str:
    """Read the roster again, because it changed."""
    _fetch(step)
    return "the roster is taken up"


def is_due(step: Step) -> None:
    """Somebody's time begins, so that there may be more supply; or the roster is to be read again."""
    step.workspace.pacing_due = True
    if step.at >= step.workspace.roster_read_at + RELOAD_S:
        _fetch(step)
    else:
        _watch(step)


def _fetch(step: Step) -> None:
    step.emit(FetchShifts(from_at=step.at - KNOWN_S, until_at=step.at + KNOWN_S))


def _watch(step: Step) -> None:
    """Be called when the next agent's time begins, or when it is time to read again."""
    workspace = step.workspace
    due_at = workspace.roster_read_at + RELOAD_S
    for known in workspace.roster.values():
        index = bisect_right(known, step.at, key=_begins)
        if index < len(known):
            due_at = min(due_at, known[index][0])
    step.start_timer(ROSTER_TIMER, due_at)


def _begins(stretch: Stretch) -> float:
    return stretch[0]


# --- what it means -----------------------------------------------------------------------------------


def on_shift(known: Sequence[Stretch], *, at: float) -> bool:
    """Return whether somebody with this roster is on shift and in no break."""
    index = bisect_right(known, at, key=_begins)
    return index > 0 and at < known[index - 1][1]


def leaves_at(known: Sequence[Stretch], *, at: float) -> float:
    """Return when somebody who is there at `at` is to leave, for a break or for good; earlier than `at`: is late to leave.

    Outside of the roster one is late to leave in the first half of a gap, and early for what follows in the second. Who is early
    leaves at the end of that.
    """
    index = bisect_right(known, at, key=_begins)
    before = known[index - 1][1] if index > 0 else at - KNOWN_S
    if at < before:
        return before
    begins_at, ends_at = known[index] if index < len(known) else (before + 2 * KNOWN_S, before + 2 * KNOWN_S)
    return before if at - before < begins_at - at else ends_at


def leaves_soon(step: Step, agent: Agent, horizon_s: float) -> bool:
    """Return whether an agent who is free or soon will be is gone within a horizon: before a call that starts now would be over."""
    if agent.pause_next is not None or agent.log_out_next:
        return True
    known = step.workspace.roster.get(agent.agent_id)
    return known is not None and leaves_at(known, at=step.at) < step.at + horizon_s
