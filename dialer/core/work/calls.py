"""The life of a call, from the decision to dial to the outcome of its attempt.

What a switch says never raises: a pair that the table does not list is put on record as an anomaly and the
call is hung up. Each attempt ends exactly once, with the end of its leg or with its refusal.
"""

from dialer.core.allocation import index, links, reservation
from dialer.core.commands import PlayMessage
from dialer.core.floor import agents, marks
from dialer.core.ids import CallId
from dialer.core.messages import Message
from dialer.core.pacing import observing
from dialer.core.rules.machine_detection import ClockStart
from dialer.core.states import (
    CALL_MOVES,
    AgentMove,
    CallMove,
    CallState,
    Outcome,
    advance,
)
from dialer.core.step import Step
from dialer.core.switch_events import (
    BridgeFailed,
    LegAnswered,
    LegRinging,
    LegsBridged,
    MessagePlayed,
)
from dialer.core.work import (
    agentless,
    call_ends,
    flight,
    parting,
    queue_calls,
    recording,
    returning,
    tallies,
    trunks,
)
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent, Call, Leg

MESSAGE_LIMIT_S = 30.0
"""A message that never reports its end is cut here. A guess, twice the length of a long one."""


# --- before the answer -------------------------------------------------------------------------------


def last_ring_at(step: Step, call: Call, due_at: float) -> float:
    """Return when to give up: as due, or when a campaign's calling window closes if that is sooner."""
    if call.attempt is None:
        return due_at
    campaign, zone_group = step.workspace.campaigns[call.attempt.campaign_id], call.attempt.lead.zone_group
    zones = step.workspace.zones.get(zone_group)
    return min(due_at, step.windows.of(campaign.settings, zone_group, zones, at=step.at).until)


def dialing(step: Step, call: Call, leg: Leg) -> None:
    """The INVITE has left: the network has its allowance, then the number its ringing time."""
    leg.dialing_at = step.at
    if call_ends.change(step, call, CallMove.DIALING):
        settings = settings_of(step, call)
        due_at = step.at + settings.post_dial_s + settings.ring_s
        step.start_timer(call_ends.ring_timer(leg.leg_id), last_ring_at(step, call, due_at))


def ringing(step: Step, call: Call, leg: Leg, event: LegRinging) -> None:
    """The number rings: its time counts from the first ringing."""
    if not call_ends.change(step, call, CallMove.RINGING):
        return
    leg.ringing_at = step.at
    if event.sip_code != 183:  # which may be an announcement of the carrier's that it failed
        trunks.went_through(step, call)
    step.journal(
        "ringing",
        f"{event.sip_code}{' with early media' if event.early_media else ''}",
        attempt_id=call.attempt_id,
        leg_id=leg.leg_id,
    )
    ring_s = settings_of(step, call).ring_s
    step.start_timer(call_ends.ring_timer(leg.leg_id), last_ring_at(step, call, step.at + ring_s))


def ring_limit(step: Step, leg: Leg) -> None:
    """Nobody picked up in time."""
    call = step.workspace.calls.get(leg.call_id) if leg.call_id is not None else None
    if call is not None and call.state in flight.UNANSWERED:
        call.outcome = Outcome.NO_ANSWER
        call_ends.hang_up(step, call, "not answered in time")


# --- from the answer to the talk ---------------------------------------------------------------------


def answered(step: Step, call: Call, leg: Leg, event: LegAnswered) -> None:
    """Somebody picked up: an agent at once, or within the rule's limit; or detection listens first."""
    leg.answered_at = min(event.answered_at or step.at, step.at)
    step.stop_timer(call_ends.ring_timer(leg.leg_id))
    if event.waited_s is not None:
        _given_up(step, call, event.waited_s)
        return
    if not call_ends.change(step, call, CallMove.ANSWERED if call.amd is None else CallMove.LISTEN):
        return
    trunks.went_through(step, call)
    trunks.limit_length(step, call)
    if call.inbound:  # which came where the carrier sent it
        call.server = event.server or call.server
    call.agents_free = index.free_agents(step)
    step.journal("answered", attempt_id=call.attempt_id, leg_id=leg.leg_id)
    if call.amd is None:
        observing.person(step, call, leg)
        _serve(step, call, leg.answered_at)
    else:
        verdict_by = step.at + call.amd.verdict_within_s
        # Nobody waits before the rule's clock starts.
        call.waiting_since = step.at if call.amd.clock is ClockStart.ANSWER else verdict_by
        step.start_timer(call_ends.verdict_timer(call.call_id), verdict_by)


def _serve(step: Step, call: Call, answered_at: float) -> None:
    """Let who picked up, or was taken, have the agent who is kept for it, or wait for one."""
    since = call.waiting_since if call.queue else answered_at
    if reservation.join_kept(step, call, since=since):
        return
    if call.previewed:
        reservation.rescind(step, call)  # there is no way to the agent any more
    wait(step, call, since=since)


def _given_up(step: Step, call: Call, waited_s: float) -> None:
    """The switch played the message by itself, as nobody could tell it anything."""
    call.outcome = Outcome.ABANDONED if call.agentless is None else Outcome.MESSAGE_CUT
    call.wait_s = waited_s
    observing.person(step, call, step.workspace.legs[call.leg_id])
    tallies.count(step, call)
    if call_ends.change(step, call, CallMove.GIVEN_UP):
        trunks.went_through(step, call)
        step.journal("message", "by the switch itself", attempt_id=call.attempt_id, leg_id=call.leg_id)
        step.start_timer(call_ends.message_timer(call.call_id), step.at + MESSAGE_LIMIT_S)


def classified(step: Step, call: Call) -> bool:
    """Detection has spoken; return whether the call was waiting for that."""
    step.stop_timer(call_ends.verdict_timer(call.call_id))
    return call_ends.change(step, call, CallMove.CLASSIFIED)


def wait(step: Step, call: Call, *, since: float) -> None:
    """Let a person have an agent, or what is said instead, on a clock that started at `since`."""
    call.waiting_since = since
    if call.agentless is not None:
        agentless.begin(step, call, call.agentless)
    else:
        _wait_for_agent(step, call)


def _wait_for_agent(step: Step, call: Call) -> None:
    if returning.to_starter(step, call):
        return
    reservation.enqueue(step, call)
    reservation.assign(step)
    if reservation.is_waiting(call) or reservation.is_offered(step, call):
        settings = settings_of(step, call)
        patient = call.inbound or bool(call.queue)
        within_s = settings.inbound_wait_s if patient else settings.connect_within_s
        # Whoever is called back has waited already.
        since = step.at if call.callback_of is not None else call.waiting_since
        step.start_timer(call_ends.connect_timer(call.call_id), since + within_s)
        if call.queue and reservation.is_waiting(call):
            queue_calls.waits_now(step, call)
        elif call.inbound and reservation.is_waiting(call):
            step.emit(PlayMessage(leg_id=call.leg_id, message=Message.HOLD, repeat=True))


def connect_limit(step: Step, call_id: CallId) -> None:
    """The limit is over: whoever still waits hears the message."""
    call = step.workspace.calls.get(call_id)
    if call is not None:
        reservation.withdraw(step, call)
    if call is None or not reservation.is_waiting(call):
        return
    if call.queue:
        queue_calls.overflow(step, call)
        return
    reservation.dequeue(step, call)
    call.state = advance(CALL_MOVES, call.state, CallMove.PLAY)
    if call.bridged_at is None:
        call.outcome = Outcome.ABANDONED
        call.wait_s = step.at - call.waiting_since
        tallies.count(step, call)
    step.journal("message", Message.SAFE_HARBOUR, attempt_id=call.attempt_id, leg_id=call.leg_id)
    step.emit(PlayMessage(leg_id=call.leg_id, message=Message.SAFE_HARBOUR))
    step.start_timer(call_ends.message_timer(call_id), step.at + MESSAGE_LIMIT_S)


def message_over(step: Step, call: Call, event: MessagePlayed | None = None) -> None:
    """The message was heard, or will not be."""
    if call.agentless is not None:
        agentless.message_over(step, call, call.agentless, event)
        return
    step.stop_timer(call_ends.message_timer(call.call_id))
    if event is not None and event.failed:
        step.anomaly(f"message not played: {event.failed}", leg_id=call.leg_id, attempt_id=call.attempt_id)
    if call.state is CallState.MESSAGE:
        if call.outcome is Outcome.MACHINE and event is not None and not event.failed:
            call.outcome = Outcome.MESSAGE_LEFT
        call_ends.hang_up(step, call, "message played")


def bridged(step: Step, call: Call, event: LegsBridged) -> None:
    """Customer and agent hear each other."""
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    if agent is None or agent.leg_id != event.agent_leg or not call_ends.change(step, call, CallMove.BRIDGED):
        return  # the bridge crossed a hang-up; who was reserved has been freed already
    if call.state is not CallState.TALKING:
        return
    step.stop_timer(call_ends.connect_timer(call.call_id))
    if call.link:
        links.worked(step, call)
    if first := call.bridged_at is None:
        call.bridged_at = step.at
        call.wait_s = step.at - call.waiting_since
        if call.queue:
            queue_calls.served(step, call)
        tallies.count(step, call)
    if call.last_agent != agent.agent_id:  # else they are joined again
        marks.served(agent)
    call.last_agent, call.talk_ended_at, call.starter = agent.agent_id, None, None
    agents.move(step, agent, AgentMove.CONNECT)
    step.journal("bridged", attempt_id=call.attempt_id, leg_id=call.leg_id, agent_id=agent.agent_id)
    recording.talk_begins(step, call, agent, first=first)


def bridge_failed(step: Step, call: Call, event: BridgeFailed) -> None:
    """The bridge was not made: the next agent, on the same clock."""
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    if call.state is not CallState.CONNECTING or agent is None or agent.leg_id != event.agent_leg:
        return
    step.journal("bridge_failed", event.reason, attempt_id=call.attempt_id, leg_id=call.leg_id)
    recording.agent_gone(step, call)
    call_ends.change(step, call, CallMove.BRIDGE_FAILED)
    if event.dead_leg is None and call.link:
        links.failed(step, call, agent, event.reason)
    if event.dead_leg == event.agent_leg:
        if call.bridged_at is not None:
            step.journal("agent_lost", attempt_id=call.attempt_id, leg_id=call.leg_id)
        links.give_back(step, call)
        call.agent_id = agent.call_id = None
        agents.log_out(step, agent, "phone lost")
    else:
        # Behind all who are free: the next agent may have a better path to this customer.
        agent.free_since = step.at
        reservation.rescind(step, call)
    _wait_for_agent(step, call)


def hold(step: Step, call: Call, agent: Agent) -> None:
    """The agent's phone was lost in mid-talk: the customer hears a tone while it is called again."""
    parting.interrupt(step, call, agent)
    step.journal("held", attempt_id=call.attempt_id, leg_id=call.leg_id, agent_id=agent.agent_id)
    step.emit(PlayMessage(leg_id=call.leg_id, message=Message.HOLD, repeat=True))
    reservation.assign(step)


def agent_lost(step: Step, call: Call) -> None:
    """The agent's phone is gone: the customer goes to the next agent."""
    links.give_back(step, call)
    call.agent_id = None
    if call.state is CallState.TALKING:
        call.talk_ended_at = step.at
    recording.agent_gone(step, call)
    if call.state in call_ends.IN_TALK:
        call.waiting_since = step.at
    if call.previewed and call.state in flight.UNANSWERED:
        call_ends.hang_up(step, call, "its agent is gone")
    elif CALL_MOVES.get((call.state, CallMove.AGENT_LOST)) is not None:
        call_ends.change(step, call, CallMove.AGENT_LOST)
        step.journal("agent_lost", attempt_id=call.attempt_id, leg_id=call.leg_id)
        _wait_for_agent(step, call)
