"""Back to who transferred: a customer whom nobody took goes to that agent first, if the agent is there and free."""

from dialer.core.allocation import links, reservation
from dialer.core.allocation.capacity import Channel, Demand, Load, Refusal, refusal
from dialer.core.floor import agents
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.workspace import Agent, Call

_TALK = Demand(Channel.VOICE, 0)


def cannot_speak(step: Step, agent: Agent) -> Refusal | None:
    """Return why an agent who is in no talk cannot have one beside the text at hand; None if it can."""
    return refusal(_TALK, Load(False, agent.volume), step.workspace.limits.of(agent.profile))


def to_starter(step: Step, call: Call) -> bool:
    """Reserve the agent who transferred a customer, once; return whether that could be."""
    starter, call.starter = call.starter, None
    agent = step.workspace.agents.get(starter) if starter is not None else None
    if agent is None or agent.leg_id is None or agent.member is not None:
        return False
    if agent.state not in (AgentState.READY, AgentState.WRAP_UP):
        return False
    if cannot_speak(step, agent) or links.delay_ms(step.workspace, call, agent.server) is None:
        return False
    step.journal("came_back", attempt_id=call.attempt_id, leg_id=call.leg_id, agent_id=agent.agent_id)
    step.stop_timer(agents.wrap_up_timer(agent))
    agent.talk = None  # it goes on
    reservation.reserve(step, call, agent, agent.leg_id)
    return True
