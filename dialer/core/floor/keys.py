"""What the keys of an agent's phone ask for: the same as the commands, so that a floor works with phones alone.

`#` goes on to the next call, `*` changes the meaning of the key that follows it.
"""

from dialer.core.requests import LogOut, MakeReady, PauseAgent, Request
from dialer.core.states import AgentState
from dialer.core.workspace import Agent

STAR_S = 5.0
"""A `*` that no key follows is forgotten after this, so that it changes no key of later. A guess."""

PAUSE = "pause"
"""The reason of a pause that is asked for by `*0`."""

_AWAY = frozenset({AgentState.LOGGED_OUT, AgentState.LOGGING_IN})


def pressed(agent: Agent, digit: str, *, at: float) -> Request | None:
    """Return what a key asks for; None: nothing, or not yet."""
    if agent.state in _AWAY:
        return None
    starred = agent.starred_at is not None and at - agent.starred_at <= STAR_S
    agent.starred_at = None
    if starred:
        return _after_star(agent, digit)
    if digit == "*":
        agent.starred_at = at
    return MakeReady(agent_id=agent.agent_id) if digit == "#" else None


def _after_star(agent: Agent, digit: str) -> Request | None:
    match digit:
        case "*":
            return LogOut(agent_id=agent.agent_id)
        case "0":
            return PauseAgent(agent_id=agent.agent_id, reason=PAUSE)
        case _:
            return None
