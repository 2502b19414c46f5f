"""An agent whose phone was lost in mid-talk: the customer is held, the phone is called again."""

from dialer.core.allocation import links, reservation
from dialer.core.floor import agents
from dialer.core.ids import AgentId
from dialer.core.states import AgentMove, AgentState, CallState
from dialer.core.step import Step
from dialer.core.work import calls, dispositions
from dialer.core.workspace import Agent, Call, Leg

RECONNECT_S = 10.0
"""How long a customer is held for the same agent. A guess: about what people bear who were in a talk; how many hang
up while they are held settles it."""


def reconnect_timer(agent_id: AgentId) -> str:
    """Return the name of the timer that gives a lost phone up."""
    return f"reconnect:{agent_id}"


def begin(step: Step, agent: Agent, call: Call | None, why: str) -> None:
    """Hold the customer and call the phone again."""
    agents.move(step, agent, AgentMove.RECALL, f"phone: {why}")
    if call is not None:
        calls.hold(step, call, agent)
    step.start_timer(reconnect_timer(agent.agent_id), step.at + RECONNECT_S)
    agents.call_phone(step, agent)


def phone_up(step: Step, agent: Agent, leg: Leg) -> None:
    """The agent is back: to the customer, if that one is still there."""
    step.stop_timer(reconnect_timer(agent.agent_id))
    agent.phone_tries = 0
    call = step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None
    if call is not None and call.state is CallState.HELD:
        _go_on(step, agent, leg, call)
    else:
        agents.finish_call(step, agent, agent.wrap_up_s, agent.talk)
        reservation.assign(step)


def _go_on(step: Step, agent: Agent, leg: Leg, call: Call) -> None:
    """Join the agent with the customer who is held, unless the phone is out of the customer's reach now."""
    call.waiting_since = step.at
    if links.delay_ms(step.workspace, call, agent.server) is not None:
        reservation.reserve(step, call, agent, leg.leg_id)
        return
    agents.finish_call(step, agent, agent.wrap_up_s, dispositions.talk_of(step, call))
    calls.agent_lost(step, call)


def give_up(step: Step, agent_id: AgentId) -> None:
    """The phone did not come back in time: the customer goes to the next agent."""
    agent = step.workspace.agents[agent_id]
    if agent.state is not AgentState.RECONNECTING:
        return
    call = step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None
    agent.call_id, agent.phone_tries = None, 0
    agents.lose_phone(step, agent, agent.reason)
    if call is not None:
        calls.agent_lost(step, call)
