"""What agents are, and what follows when that changes while they work."""

from collections.abc import Callable

from dialer.core.allocation import index
from dialer.core.event import Event
from dialer.core.events import AgentProfiled, LimitsDefined
from dialer.core.floor import presence
from dialer.core.requests import Request, TakeUpProfile
from dialer.core.step import Step


def profiled(step: Step, event: AgentProfiled) -> None:
    """Go by an agent's new profile; whoever the run does not know has it from the definition."""
    agent = step.workspace.agents.get(event.agent_id)
    if agent is not None:
        agent.profile = event.profile
        index.profiled(step, agent)


def limits_defined(step: Step, event: LimitsDefined) -> None:
    """Know the limits of agents who have none of their own."""
    step.workspace.limits = event.limits
    for agent in step.workspace.agents.values():
        index.know(step, agent)


def _taken_up(step: Step, request: TakeUpProfile) -> str:
    """Say that a profile holds, which came just before the request."""
    presence.find(step, request.agent_id)
    return "the agent's profile holds from now on; what the agent works on is not taken away"


EVENTS: dict[type[Event], Callable[..., None]] = {AgentProfiled: profiled, LimitsDefined: limits_defined}
REQUESTS: dict[type[Request], Callable[..., str]] = {TakeUpProfile: _taken_up}
