"""Agents' states: the one place where they change, with the list of free agents kept in step."""

from bisect import bisect_left, insort

from dialer.core.commands import CallAgent
from dialer.core.ids import LegId
from dialer.core.records import AgentChanged, AgentLegStarted
from dialer.core.states import AGENT_MOVES, AgentMove, AgentState, advance
from dialer.core.step import Step
from dialer.core.workspace import Agent, Leg


def move(step: Step, agent: Agent, by: AgentMove, reason: str = "") -> None:
    """Change an agent's state.

    Raises:
        IllegalTransitionError: If the state does not allow it.
    """
    before = agent.state
    agent.state = advance(AGENT_MOVES, before, by)
    agent.reason = reason
    free = step.workspace.free
    if before is AgentState.READY:
        index = bisect_left(free, (agent.free_since, agent.agent_id))
        del free[index]
    if agent.state is AgentState.READY:
        if by is not AgentMove.RESCIND:  # who was offered a call in vain keeps the place
            agent.free_since = step.at
        insort(free, (agent.free_since, agent.agent_id))
    step.workspace.pacing_due = True
    call = step.workspace.calls.get(agent.call_id) if agent.call_id else None
    step.emit(
        AgentChanged(
            at=step.at,
            agent_id=agent.agent_id,
            state=agent.state,
            reason=reason,
            attempt_id=call.attempt_id if call else None,
        )
    )


def longest_free(step: Step) -> Agent | None:
    """Return the agent who has been free longest."""
    free = step.workspace.free
    return step.workspace.agents[free[0][1]] if free else None


def wrap_up_timer(agent: Agent) -> str:
    """Return the name of an agent's wrap-up timer."""
    return f"wrap-up:{agent.agent_id}"


def finish_call(step: Step, agent: Agent, wrap_up_s: float) -> None:
    """Take an agent out of a talk: into wrap-up, or where a request that waited leads."""
    agent.call_id = None
    move(step, agent, AgentMove.WRAP_UP)
    if agent.log_out_next:
        log_out(step, agent, "logged out")
    elif agent.pause_next is not None:
        move(step, agent, AgentMove.PAUSE, agent.pause_next)
        agent.pause_next = None
    elif wrap_up_s <= 0:
        move(step, agent, AgentMove.MAKE_READY)
    else:
        step.start_timer(wrap_up_timer(agent), step.at + wrap_up_s)


def release(step: Step, agent: Agent) -> None:
    """Give up a reservation: the agent is as before, unless something waited for this moment."""
    agent.call_id = None
    move(step, agent, AgentMove.RESCIND)
    if agent.log_out_next:
        log_out(step, agent, "logged out")
    elif agent.pause_next is not None:
        move(step, agent, AgentMove.PAUSE, agent.pause_next)
        agent.pause_next = None


def call_phone(step: Step, agent: Agent) -> None:
    """Call an agent's phone; its leg then stays up."""
    agent.leg_id = LegId(step.new_id())
    agent.phone_tries += 1
    step.workspace.legs[agent.leg_id] = Leg(leg_id=agent.leg_id, agent_id=agent.agent_id)
    step.emit(AgentLegStarted(at=step.at, leg_id=agent.leg_id, agent_id=agent.agent_id))
    step.emit(CallAgent(leg_id=agent.leg_id, agent_id=agent.agent_id))


def lose_phone(step: Step, agent: Agent, reason: str) -> None:
    """Log an agent out whose phone is gone; what is left of its leg is hung up."""
    step.stop_timer(wrap_up_timer(agent))
    agent.phone_tries = 0
    move(step, agent, AgentMove.PHONE_LOST, reason)
    agent.log_out_next, agent.pause_next = False, None
    if agent.leg_id is not None:
        step.hang_up(agent.leg_id)
        agent.leg_id = None


def log_out(step: Step, agent: Agent, reason: str) -> None:
    """End an agent's shift: the phone's leg is hung up."""
    step.stop_timer(wrap_up_timer(agent))
    move(step, agent, AgentMove.LOG_OUT, reason)
    agent.log_out_next, agent.pause_next = False, None
    if agent.leg_id is not None:
        step.hang_up(agent.leg_id)
        agent.leg_id = None
