"""Talks that are interrupted while the customer is there: they stand still, and go on if the two can be joined again."""

from dialer.core.allocation import links, reservation
from dialer.core.floor import agents
from dialer.core.states import CALL_MOVES, AgentMove, CallMove, CallState, advance
from dialer.core.step import Step
from dialer.core.switch_events import LegsParted
from dialer.core.work import recording
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent, Call


def interrupt(step: Step, call: Call, agent: Agent) -> None:
    """Let a talk stand still."""
    call.state = advance(CALL_MOVES, call.state, CallMove.HOLD)
    call.talk_ended_at = step.at
    recording.agent_gone(step, call)
    agent.wrap_up_s = settings_of(step, call).wrap_up_s
    links.give_back(step, call)


def parted(step: Step, call: Call, event: LegsParted) -> None:
    """Join the two anew; if that fails, the customer goes to the next agent and this one wraps up."""
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    if call.state is not CallState.TALKING or agent is None or agent.leg_id != event.agent_leg:
        return
    step.journal(
        "parted", event.reason, attempt_id=call.attempt_id, leg_id=call.leg_id, agent_id=agent.agent_id
    )
    agents.move(step, agent, AgentMove.RECALL, event.reason)
    interrupt(step, call, agent)
    call.waiting_since = step.at
    reservation.reserve(step, call, agent, event.agent_leg)
