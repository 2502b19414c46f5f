"""What the keys of an agent's phone ask for: the same as the commands, so that a floor works with phones alone.

A digit disposes of the call, `#` goes on to the next one, `*` changes the meaning of the key that follows it.
"""

from dialer.core.floor import pauses
from dialer.core.requests import (
    CallLead,
    Dispose,
    EndWrapUp,
    LogOut,
    MakeReady,
    PauseAgent,
    Request,
    SkipLead,
)
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.work import dispositions
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent

STAR_S = 5.0
"""A `*` that no key follows is forgotten after this, so that it changes no key of later. A guess."""

READ_S = 1.0
"""A key that is pressed sooner decides nothing about a lead. A guess: nobody has read a name by then."""

_AWAY = frozenset({AgentState.LOGGED_OUT, AgentState.LOGGING_IN})


def pressed(step: Step, agent: Agent, digit: str) -> Request | None:
    """Return what a key asks for; None: nothing, or not yet."""
    if agent.state in _AWAY:
        return None
    starred = agent.starred_at is not None and step.at - agent.starred_at <= STAR_S
    agent.starred_at = None
    if starred:
        return _after_star(step, agent, digit)
    if digit == "*":
        agent.starred_at = step.at
        return None
    if digit == "#" and agent.state is AgentState.PREVIEWING:
        return _decide(step, agent, CallLead(agent_id=agent.agent_id))
    if digit == "#":
        wraps_up = agent.state is AgentState.WRAP_UP
        return EndWrapUp(agent_id=agent.agent_id) if wraps_up else MakeReady(agent_id=agent.agent_id)
    return _disposition(step, agent, digit)


def _after_star(step: Step, agent: Agent, digit: str) -> Request | None:
    if digit == "*":
        return LogOut(agent_id=agent.agent_id)
    if digit == "#":
        return _decide(step, agent, SkipLead(agent_id=agent.agent_id))
    code = pauses.by_digit(step, digit)
    return None if code is None else PauseAgent(agent_id=agent.agent_id, reason=code)


def _decide(step: Step, agent: Agent, request: CallLead | SkipLead) -> Request | None:
    """Return what an agent decides about a lead; a key right at its beginning was meant for the wrap-up before."""
    preview = step.workspace.previews.get(agent.agent_id)
    if preview is None or preview.shown_at is None or step.at - preview.shown_at < READ_S:
        return None
    return request


def _disposition(step: Step, agent: Agent, digit: str) -> Request | None:
    talk = dispositions.talk_at_hand(step, agent)
    if talk is None:
        return None
    for each in settings_of(step, talk).dispositions:
        if each.digit == digit:
            return Dispose(agent_id=agent.agent_id, code=each.code)
    return None
