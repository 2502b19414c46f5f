"""How calls end: by either side, by a refusal, or by what a switch says that no table lists.

Each attempt ends exactly once, with the end of its leg or with its refusal.
"""

from dialer.core.allocation import links, reservation
from dialer.core.events import TrunkLost
from dialer.core.floor import agents
from dialer.core.ids import CallId, LegId, TrunkName
from dialer.core.pacing import observing
from dialer.core.records import LeadRefused
from dialer.core.rules.agentless import NO_CONSENT
from dialer.core.rules.carrier_faults import is_carrier_fault
from dialer.core.states import CALL_MOVES, AgentState, CallMove, CallState, EndCause, Outcome
from dialer.core.step import Step
from dialer.core.switch_events import LegEnded, OriginateRefused
from dialer.core.work import (
    agentless_ends,
    attempts,
    dispositions,
    flight,
    inbound,
    placing,
    queue_ends,
    recording,
    trunks,
)
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Call, Leg

IN_TALK = frozenset({CallState.TALKING, CallState.HELD, CallState.TRANSFERRED})

_RULES = {"do_not_call": "do-not-call list", "no_consent": NO_CONSENT}
"""Of a lead that a rule kept from being called at the last moment, by what the database says."""

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


def change(step: Step, call: Call, move: CallMove) -> bool:
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
    change(step, call, CallMove.HANG_UP)
    if before is CallState.CONNECTING:
        recording.over(step, call)  # they were to be joined again
        reservation.rescind(step, call)
    if before in IN_TALK:
        _end_talk(step, call)
    if before in flight.UNANSWERED:
        _give_agent_back(step, call)
    step.journal("hang_up", reason, attempt_id=call.attempt_id, leg_id=call.leg_id)
    step.hang_up(call.leg_id)


def _end_talk(step: Step, call: Call) -> None:
    if call.talk_ended_at is None:  # else it was held, or its agent is gone
        call.talk_ended_at = step.at
    observing.talk_over(step, call)
    recording.over(step, call)
    wrap_up_s = settings_of(step, call).wrap_up_s
    talk = dispositions.talk_of(step, call)
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    links.give_back(step, call)
    call.agent_id = None
    if agent is not None and agent.state is AgentState.TALKING:
        agents.finish_call(step, agent, wrap_up_s, talk)
        reservation.assign(step)
    elif agent is not None and agent.state is AgentState.RECONNECTING:
        agent.call_id, agent.talk = None, talk  # the wrap-up begins once the phone is up


def refused(step: Step, call: Call, event: OriginateRefused) -> None:
    """The call was never placed; the lead pays nothing for it."""
    step.journal("refused", event.reason, attempt_id=call.attempt_id, leg_id=call.leg_id)
    call.outcome = Outcome.CANCELLED
    _give_agent_back(step, call)
    observing.over(step, call, None)
    _close(step, call, None)
    if event.reason in _RULES and call.attempt is not None:
        step.emit(
            LeadRefused(
                at=step.at,
                campaign_id=call.attempt.campaign_id,
                lead_id=call.attempt.lead.lead_id,
                reason=_RULES[event.reason],
            )
        )


def ended(step: Step, call: Call, leg: Leg, event: LegEnded) -> None:
    """The customer's leg is gone."""
    event, before = attempts.as_heard(call, event), call.state
    reservation.dequeue(step, call)
    if before is CallState.CONNECTING:
        recording.over(step, call)  # they were to be joined again
        reservation.rescind(step, call)
    if before in IN_TALK:
        _end_talk(step, call)
    if call.wait_s is None and leg.answered_at is not None:
        call.wait_s = max(0.0, step.at - call.waiting_since)
    if call.outcome is None:
        call.outcome = attempts.outcome_of(call, leg, event.cause)
    agentless_ends.end(step, call)
    went_on = before in flight.UNANSWERED  # else we had hung up, or it was answered
    if before in flight.PENDING:
        flight.is_over(step, call)
    call.state = CallState.ENDED
    _judge_trunk(step, call, leg, event, went_on=went_on)
    observing.over(step, call, event.cause)
    trunk = placing.other_trunk(step, call, leg, event) if call.carrier_fault and went_on else None
    if trunk is None and went_on:
        _give_agent_back(step, call)
    if trunk is None or call.attempt is None:
        _close(step, call, event)
    else:
        _forget(step, call, event)
        placing.go_on(step, call.attempt, call, trunk, event)


def _give_agent_back(step: Step, call: Call) -> None:
    """Free the agent who was kept for whoever is called, if there is one."""
    if call.agent_id is not None:
        reservation.rescind(step, call)


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
    if event is None and call.state in flight.UNANSWERED:
        flight.is_over(step, call)
    leg = _forget(step, call, event)
    if call.attempt is None:
        queue_ends.end(step, call)
        return
    step.workspace.campaigns[call.attempt.campaign_id].open_attempts -= 1
    if call.inbound:
        inbound.end(step, call.attempt, call)
    else:
        attempts.end(step, call.attempt, call, leg, event)


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
