"""The marks of an agent that others go by: busy, serving, and how much was served today. Facts of the state, kept nowhere twice."""

from dialer.core.allocation import index
from dialer.core.rules.compliance import next_midnight
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.workspace import Agent

_SERVING = frozenset({AgentState.TALKING, AgentState.RECONNECTING})


def busy_code(agent: Agent) -> str:
    """Return why an agent asked for no work, now or after the present call; empty: there is no busy mark."""
    if agent.state is AgentState.PAUSED:
        return agent.reason
    return "" if agent.pause_next is None else agent.pause_next.reason


def serving(agent: Agent) -> int:
    """Return how many customers an agent is with, on any channel; 0: there is no serving mark."""
    return int(agent.state in _SERVING) + len(agent.tasks)


def served(agent: Agent) -> None:
    """Count a customer whom an agent begins to serve."""
    agent.today += 1


def begin_day(step: Step) -> None:
    """Count from 0 again, until the next midnight of the workspace."""
    workspace = step.workspace
    workspace.day_ends_at = next_midnight(workspace.zone, at=step.at)
    for agent in workspace.agents.values():
        if agent.today:
            agent.today = 0
            index.know(step, agent)


def look(step: Step) -> None:
    """Begin a new day if the last one is over; before anything of the new day is decided."""
    if step.at >= step.workspace.day_ends_at:
        begin_day(step)
