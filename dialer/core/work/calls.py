"""The life of a call, from the decision to dial to the outcome of its attempt.

What a switch says never raises: a pair that the table does not list is put on record as an anomaly and the
call is hung up. Each attempt ends exactly once, with the end of its leg or with its refusal.
"""

from dialer.core.allocation import index, links, reservation
from dialer.core.commands import PlayMessage
from dialer.core.events import TrunkLost
from dialer.core.floor import agents, marks
from dialer.core.ids import CallId, LegId, TrunkName
from dialer.core.messages import Message
from dialer.core.records import LeadRefused
from dialer.core.rules.carrier_faults import is_carrier_fault
from dialer.core.rules.machine_detection import ClockStart
from dialer.core.states import (
    CALL_MOVES,
    AgentMove,
    AgentState,
    CallMove,
    CallState,
    EndCause,
    Outcome,
    advance,
)
from dialer.core.step import Step
from dialer.core.switch_events import (
    BridgeFailed,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegsBridged,
    MessagePlayed,
    OriginateRefused,
)
from dialer.core.work import attempts, dispositions, flight, inbound, parting, placing, recording, trunks
from dialer.core.workspace import Agent, Call, Leg

MESSAGE_LIMIT_S = 30.0
"""A message that never reports its end is cut here. A guess, twice the length of a long one."""

_IN_TALK = frozenset({CallState.TALKING, CallState.HELD, CallState.TRANSFERRED})

_NO_EVIDENCE = frozenset({EndCause.CANCELLED, EndCause.LOST})


def ring_timer(leg_id: LegId) -> str:
    """Return the name of the timer that gives a number up."""
    return f"ring:{leg_id}"


def connect_timer(call_id: CallId) -> str:
    """Return the name of the timer that abandons a call."""
    return f"connect:{call_id}"


def verdict_timer(call_id: CallId) -> str:
    """Return the name of the timer that waits for detection no longer."""
    return f"verdict:{call_id}"


def message_timer(call_id: CallId) -> str:
    """Return the name of the timer that cuts a message."""
    return f"message:{call_id}"


def _advance(step: Step, call: Call, move: CallMove) -> bool:
    """Change a call's state for what a switch said; an unlisted pair ends the call, on record."""
    after = CALL_MOVES.get((call.state, move))
    if after is None:
        step.anomaly(f"{move} while {call.state}", leg_id=call.leg_id, attempt_id=call.attempt_id)
        hang_up(step, call, "anomaly")
        return False
    changed = after is not call.state
    if call.state in flight.PENDING and after not in flight.PENDING:
        flight.is_over(step, call)
        step.workspace.pacing_due = True
    call.state = after
    return changed


def hang_up(step: Step, call: Call, reason: str) -> None:
    """End a call from our side."""
    if call.state in (CallState.ENDING, CallState.ENDED):
        return
    before = call.state
    reservation.dequeue(step, call)
    _advance(step, call, CallMove.HANG_UP)
    if before is CallState.CONNECTING:
        recording.over(step, call)  # they were to be joined again
        reservation.rescind(step, call)
    if before in _IN_TALK:
        _end_talk(step, call)
    step.journal("hang_up", reason, attempt_id=call.attempt_id, leg_id=call.leg_id)
    step.hang_up(call.leg_id)


# --- before the answer -------------------------------------------------------------------------------


def last_ring_at(step: Step, call: Call, due_at: float) -> float:
    """Return when to give up: as due, or when the calling window closes if that is sooner."""
    campaign = step.workspace.campaigns[call.campaign_id]
    zones = step.workspace.zones.get(call.lead.zone_group)
    return min(due_at, step.windows.of(campaign.settings, call.lead.zone_group, zones, at=step.at).until)


def dialing(step: Step, call: Call, leg: Leg) -> None:
    """The INVITE has left: the network has its allowance, then the number its ringing time."""
    leg.dialing_at = step.at
    if _advance(step, call, CallMove.DIALING):
        settings = step.workspace.campaigns[call.campaign_id].settings
        due_at = step.at + settings.post_dial_s + settings.ring_s
        step.start_timer(ring_timer(leg.leg_id), last_ring_at(step, call, due_at))


def ringing(step: Step, call: Call, leg: Leg, event: LegRinging) -> None:
    """The number rings: its time counts from the first ringing."""
    if not _advance(step, call, CallMove.RINGING):
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
    ring_s = step.workspace.campaigns[call.campaign_id].settings.ring_s
    step.start_timer(ring_timer(leg.leg_id), last_ring_at(step, call, step.at + ring_s))


def ring_limit(step: Step, leg: Leg) -> None:
    """Nobody picked up in time."""
    call = step.workspace.calls.get(leg.call_id) if leg.call_id is not None else None
    if call is not None and call.state in flight.UNANSWERED:
        call.outcome = Outcome.NO_ANSWER
        hang_up(step, call, "not answered in time")


# --- from the answer to the talk ---------------------------------------------------------------------


def answered(step: Step, call: Call, leg: Leg, event: LegAnswered) -> None:
    """Somebody picked up: an agent at once, or within the rule's limit; or detection listens first."""
    leg.answered_at = min(event.answered_at or step.at, step.at)
    step.stop_timer(ring_timer(leg.leg_id))
    if event.waited_s is not None:
        _given_up(step, call, event.waited_s)
        return
    if not _advance(step, call, CallMove.ANSWERED if call.amd is None else CallMove.LISTEN):
        return
    trunks.went_through(step, call)
    trunks.limit_length(step, call)
    if call.inbound:  # which came where the carrier sent it
        call.server = event.server or call.server
    call.agents_free = index.free_agents(step)
    step.journal("answered", attempt_id=call.attempt_id, leg_id=leg.leg_id)
    if call.amd is None:
        wait(step, call, since=leg.answered_at)
    else:
        verdict_by = step.at + call.amd.verdict_within_s
        # Nobody waits before the rule's clock starts.
        call.waiting_since = step.at if call.amd.clock is ClockStart.ANSWER else verdict_by
        step.start_timer(verdict_timer(call.call_id), verdict_by)


def _given_up(step: Step, call: Call, waited_s: float) -> None:
    """The switch played the message by itself, as nobody could tell it anything."""
    call.outcome, call.wait_s = Outcome.ABANDONED, waited_s
    if _advance(step, call, CallMove.GIVEN_UP):
        trunks.went_through(step, call)
        step.journal("message", "by the switch itself", attempt_id=call.attempt_id, leg_id=call.leg_id)
        step.start_timer(message_timer(call.call_id), step.at + MESSAGE_LIMIT_S)


def classified(step: Step, call: Call) -> bool:
    """Detection has spoken; return whether the call was waiting for that."""
    step.stop_timer(verdict_timer(call.call_id))
    return _advance(step, call, CallMove.CLASSIFIED)


def wait(step: Step, call: Call, *, since: float) -> None:
    """Let a person have an agent, on a clock that started at `since`."""
    call.waiting_since = since
    _wait_for_agent(step, call)


def _wait_for_agent(step: Step, call: Call) -> None:
    reservation.enqueue(step, call)
    reservation.assign(step)
    if reservation.is_waiting(call) or reservation.is_offered(step, call):
        settings = step.workspace.campaigns[call.campaign_id].settings
        within_s = settings.inbound_wait_s if call.inbound else settings.connect_within_s
        step.start_timer(connect_timer(call.call_id), call.waiting_since + within_s)
        if call.inbound and reservation.is_waiting(call):
            step.emit(PlayMessage(leg_id=call.leg_id, message=Message.HOLD, repeat=True))


def connect_limit(step: Step, call_id: CallId) -> None:
    """The limit is over: whoever still waits hears the message."""
    call = step.workspace.calls.get(call_id)
    if call is not None:
        reservation.withdraw(step, call)
    if call is None or not reservation.is_waiting(call):
        return
    reservation.dequeue(step, call)
    call.state = advance(CALL_MOVES, call.state, CallMove.PLAY)
    if call.bridged_at is None:
        call.outcome = Outcome.ABANDONED
        call.wait_s = step.at - call.waiting_since
    step.journal("message", Message.SAFE_HARBOUR, attempt_id=call.attempt_id, leg_id=call.leg_id)
    step.emit(PlayMessage(leg_id=call.leg_id, message=Message.SAFE_HARBOUR))
    step.start_timer(message_timer(call_id), step.at + MESSAGE_LIMIT_S)


def message_over(step: Step, call: Call, event: MessagePlayed | None = None) -> None:
    """The message was heard, or will not be."""
    step.stop_timer(message_timer(call.call_id))
    if event is not None and event.failed:
        step.anomaly(f"message not played: {event.failed}", leg_id=call.leg_id, attempt_id=call.attempt_id)
    if call.state is CallState.MESSAGE:
        if call.outcome is Outcome.MACHINE and event is not None and not event.failed:
            call.outcome = Outcome.MESSAGE_LEFT
        hang_up(step, call, "message played")


def bridged(step: Step, call: Call, event: LegsBridged) -> None:
    """Customer and agent hear each other."""
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    if agent is None or agent.leg_id != event.agent_leg or not _advance(step, call, CallMove.BRIDGED):
        return  # the bridge crossed a hang-up; who was reserved has been freed already
    if call.state is not CallState.TALKING:
        return
    step.stop_timer(connect_timer(call.call_id))
    if call.link:
        links.worked(step, call)
    if first := call.bridged_at is None:
        call.bridged_at = step.at
        call.wait_s = step.at - call.waiting_since
    if call.last_agent != agent.agent_id:  # else they are joined again
        marks.served(agent)
    call.last_agent, call.talk_ended_at = agent.agent_id, None
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
    _advance(step, call, CallMove.BRIDGE_FAILED)
    if event.dead_leg is None and call.link:
        links.failed(step, call, agent, event.reason)
    if event.dead_leg == event.agent_leg:
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
    if call.state in _IN_TALK:
        call.waiting_since = step.at
    if CALL_MOVES.get((call.state, CallMove.AGENT_LOST)) is not None:
        _advance(step, call, CallMove.AGENT_LOST)
        step.journal("agent_lost", attempt_id=call.attempt_id, leg_id=call.leg_id)
        _wait_for_agent(step, call)


# --- the end -----------------------------------------------------------------------------------------


def _end_talk(step: Step, call: Call) -> None:
    if call.talk_ended_at is None:  # else it was held, or its agent is gone
        call.talk_ended_at = step.at
    recording.over(step, call)
    settings = step.workspace.campaigns[call.campaign_id].settings
    talk = dispositions.talk_of(call, settings, at=step.at)
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    links.give_back(step, call)
    call.agent_id = None
    if agent is not None and agent.state is AgentState.TALKING:
        agents.finish_call(step, agent, settings.wrap_up_s, talk)
        reservation.assign(step)
    elif agent is not None and agent.state is AgentState.RECONNECTING:
        agent.call_id, agent.talk = None, talk  # the wrap-up begins once the phone is up


def refused(step: Step, call: Call, event: OriginateRefused) -> None:
    """The call was never placed; the lead pays nothing for it."""
    step.journal("refused", event.reason, attempt_id=call.attempt_id, leg_id=call.leg_id)
    call.outcome = Outcome.CANCELLED
    _close(step, call, None)
    if event.reason == "do_not_call":
        step.emit(
            LeadRefused(
                at=step.at,
                campaign_id=call.campaign_id,
                lead_id=call.lead.lead_id,
                reason="do-not-call list",
            )
        )


def ended(step: Step, call: Call, leg: Leg, event: LegEnded) -> None:
    """The customer's leg is gone."""
    event, before = attempts.as_heard(call, event), call.state
    reservation.dequeue(step, call)
    if before is CallState.CONNECTING:
        recording.over(step, call)  # they were to be joined again
        reservation.rescind(step, call)
    if before in _IN_TALK:
        _end_talk(step, call)
    if call.wait_s is None and leg.answered_at is not None:
        call.wait_s = max(0.0, step.at - call.waiting_since)
    if call.outcome is None:
        call.outcome = attempts.outcome_of(call, leg, event.cause)
    went_on = before in flight.UNANSWERED  # else we had hung up, or it was answered
    if before in flight.PENDING:
        flight.is_over(step, call)
    call.state = CallState.ENDED
    _judge_trunk(step, call, leg, event, went_on=went_on)
    trunk = placing.other_trunk(step, call, leg, event) if call.carrier_fault and went_on else None
    if trunk is None:
        _close(step, call, event)
    else:
        _forget(step, call, event)
        placing.go_on(step, call, trunk, event)


def _judge_trunk(step: Step, call: Call, leg: Leg, event: LegEnded, *, went_on: bool) -> None:
    """Learn from a call's end whether its trunk works; what has not left yet does not go through one that is out."""
    rang = leg.ringing_at is not None
    if leg.answered_at is not None or call.inbound:
        return
    # A refusal that crosses with our hanging up is the carrier's fault as any other.
    if is_carrier_fault(event, rang=rang) and (went_on or not rang or call.heard is not None):
        call.carrier_fault = True
        if trunks.faulted(step, call, event):
            _withdraw(step, call.trunk)
    elif call.heard is EndCause.CONGESTION:
        return
    elif rang or (went_on and leg.dialing_at is not None and event.cause not in _NO_EVIDENCE):
        trunks.went_through(step, call)


def trunk_lost(step: Step, event: TrunkLost) -> None:
    """A trunk's switch is away: what has not left yet does not go there."""
    if trunks.lost(step, event):
        _withdraw(step, event.trunk)


def _withdraw(step: Step, trunk: TrunkName) -> None:
    for call in list(step.workspace.calls.values()):
        if call.trunk == trunk and call.state is CallState.REQUESTED:
            hang_up(step, call, "its trunk is out")


def _close(step: Step, call: Call, event: LegEnded | None) -> None:
    """Write down what became of the attempt, and forget the call."""
    campaign = step.workspace.campaigns[call.campaign_id]
    if event is None and call.state in flight.UNANSWERED:
        flight.is_over(step, call)
    campaign.open_attempts -= 1
    leg = _forget(step, call, event)
    if call.inbound:
        inbound.end(step, call)
    else:
        attempts.end(step, call, leg, event)


def _forget(step: Step, call: Call, event: LegEnded | None) -> Leg:
    workspace = step.workspace
    leg = workspace.legs.pop(call.leg_id)
    del workspace.calls[call.call_id]
    step.stop_timer(ring_timer(call.leg_id))
    for timer in (verdict_timer, connect_timer, message_timer):
        step.stop_timer(timer(call.call_id))
    trunks.release(step, call, leg)
    workspace.pacing_due = True
    step.emit(attempts.close_leg(leg, event, at=step.at))
    return leg
