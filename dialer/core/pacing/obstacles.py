"""What about the floor keeps every campaign from dialing, in words for people. Pure.

Agents who talk are none: they are what a campaign is for, and soon free. What a campaign's own leads wait for is said
where they are fetched.
"""

from collections.abc import Iterable
from enum import StrEnum

from dialer.core.states import AgentState

MAX_LAG_S = 1.0
"""Older news than this, or older rounds that are not on record, and no call is started."""
TOLD_LAG_S = 5.0
"""It is said from here on only: saying it is one more round to record, and must not make a slow database slower."""

AWAY = frozenset({AgentState.LOGGED_OUT, AgentState.LOGGING_IN})


class Obstacle(StrEnum):
    """Why nothing is dialed; it stands as the reason of each running campaign."""

    HALTED = "all originating is halted"
    LATE = "the database is late"
    NO_AGENT = "no agent is logged in"
    ALL_PAUSED = "every agent is paused"
    ALL_LEAVE = "every agent has a break or the end of the shift before a call would be over"


OF_AGENTS = frozenset({Obstacle.NO_AGENT, Obstacle.ALL_PAUSED, Obstacle.ALL_LEAVE})
"""What is none to campaigns whose calls are for no agent."""


def obstacle(agents: Iterable[AgentState], *, halted: bool, lag_s: float) -> Obstacle | None:
    """Return what keeps calls from being started, the first that somebody must mend; None: nothing of the floor."""
    if halted:
        return Obstacle.HALTED
    if lag_s > TOLD_LAG_S:
        return Obstacle.LATE
    anybody_pauses = False
    for state in agents:
        if state is AgentState.PAUSED:
            anybody_pauses = True
        elif state not in AWAY:
            return None  # one who works is enough: on a floor at work nobody else is looked at
    return Obstacle.ALL_PAUSED if anybody_pauses else Obstacle.NO_AGENT
