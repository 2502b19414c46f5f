"""Agents that another system owns: members of a queue whom the dialer watches, and rings for one call at a time.

Their own system says who is free, busy, paused or away; nothing here changes that. A call is offered to a free one and is
theirs once they pick up; until then whatever happens to them gives it to the next, on the clock that began at the answer.
"""

from dialer.core.allocation import reservation
from dialer.core.commands import Bridge
from dialer.core.events import MemberSeen
from dialer.core.floor import agents
from dialer.core.ids import AgentId, LegId
from dialer.core.states import AgentState, CallState, EndCause, Presence
from dialer.core.step import Step
from dialer.core.switch_events import BridgeFailed
from dialer.core.work import call_ends, calls
from dialer.core.workspace import Agent, Call, Leg, Member

REST_S = 30.0
"""Who did not take a call is offered none for so long, or each customer would wait for somebody who is not there. A guess."""

_SETTLED = frozenset({AgentState.LOGGED_OUT, AgentState.READY, AgentState.BUSY, AgentState.PAUSED})
_GIVES_UP = frozenset({Presence.TAKEN, Presence.PAUSED, Presence.AWAY})


def seen(step: Step, event: MemberSeen) -> None:
    """Take in what the system that an agent belongs to says."""
    agent = step.workspace.agents.setdefault(event.agent_id, Agent(agent_id=event.agent_id))
    if agent.state is not AgentState.READY:
        agent.server = event.server
    if agent.member is None:
        agent.member = Member(member=event.member)
    member = agent.member
    member.member, member.presence, member.reason = event.member, event.presence, event.reason
    member.wrap_up_s = event.wrap_up_s
    call = _customer(step, agent)
    if agent.state in _SETTLED:
        agents.settle(step, agent)
        reservation.assign(step)
    elif call is not None and reservation.is_offered(step, call) and event.presence in _GIVES_UP:
        _next_one(step, agent, call, f"{event.presence}: {event.reason}")


def defined(step: Step, agent: Agent, leg_id: LegId, *, is_up: bool) -> None:
    """Know a member's leg that the switch held while nothing ran: up, it may be in a talk, which goes on."""
    agent.leg_id = leg_id
    step.workspace.legs[leg_id] = leg = Leg(leg_id=leg_id, agent_id=agent.agent_id)
    if is_up:
        leg.answered_at = step.at
    else:
        step.hang_up(leg_id)


def picked_up(step: Step, agent: Agent, leg: Leg) -> None:
    """A member answers: join the customer, who is still there."""
    leg.answered_at = step.at
    call = _customer(step, agent)
    if agent.leg_id == leg.leg_id and call is not None and call.state is CallState.CONNECTING:
        step.emit(Bridge(call_id=call.call_id, customer_leg=call.leg_id, agent_leg=leg.leg_id))
    else:
        step.hang_up(leg.leg_id)


def leg_gone(step: Step, agent: Agent, why: str) -> None:
    """A member's leg is gone: the talk is over, or the call was not taken."""
    call = _customer(step, agent)
    if call is None:
        agent.leg_id = None
    elif agent.state is AgentState.TALKING:
        agent.leg_id = None
        if why in (EndCause.NO_AUDIO, EndCause.LOST):
            agents.finish_call(step, agent, 0.0)
            calls.agent_lost(step, call)
        else:
            call_ends.hang_up(step, call, "the agent hung up")
    else:
        if agent.member is not None:
            agent.member.rests_until = step.at + REST_S
            step.start_timer(rest_timer(agent.agent_id), step.at + REST_S)
        _next_one(step, agent, call, f"not taken: {why}")


def rest_timer(agent_id: AgentId) -> str:
    """Return the name of the timer that ends a rest."""
    return f"rest:{agent_id}"


def rested(step: Step, agent_id: AgentId) -> None:
    """Who did not take a call may be offered another."""
    agent = step.workspace.agents[agent_id]
    if agent.member is not None and agent.state in _SETTLED:
        agents.settle(step, agent)
        reservation.assign(step)


def _next_one(step: Step, agent: Agent, call: Call, why: str) -> None:
    if agent.leg_id is None:
        return
    call.passed_by.append(agent.agent_id)
    failed = BridgeFailed(at=step.at, customer_leg=call.leg_id, agent_leg=agent.leg_id, reason=why)
    calls.bridge_failed(step, call, failed)


def _customer(step: Step, agent: Agent) -> Call | None:
    return step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None
