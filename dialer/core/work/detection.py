"""Calls under answering machine detection: from the first voice to what becomes of them.

Such a call is answered, but nobody knows yet whether it needs an agent: pacing counts it as in flight until the
verdict. Without one in time it goes to an agent as a doubtful one does.
"""

from dialer.core.commands import PlayMessage
from dialer.core.ids import CallId
from dialer.core.pacing import observing
from dialer.core.records import AttemptClassified
from dialer.core.rules.machine_detection import (
    NO_VERDICT,
    AmdSettings,
    ClockStart,
    Reaction,
    Verdict,
    clock_starts,
    react,
)
from dialer.core.states import CALL_MOVES, CallMove, CallState, Outcome, advance
from dialer.core.step import Step
from dialer.core.switch_events import LegClassified
from dialer.core.work import agentless, call_ends, calls
from dialer.core.workspace import Call, Leg

VOICEMAIL_LIMIT_S = 120.0
"""A machine's greeting and our message are over by then. A guess: a minute for each."""

_CAUSE_LENGTH = 64
"""What is kept of a switch's words; the longest that Asterisk has is half of it."""


def spoke(step: Step, call: Call, leg: Leg) -> None:
    """The far end's voice was heard; the first time may start the clock."""
    if leg.spoke_at is not None:
        return
    leg.spoke_at = step.at
    if call.state is CallState.CLASSIFYING and _clock(call) is ClockStart.GREETING_START:
        call.waiting_since = step.at


def _clock(call: Call) -> ClockStart | None:
    return None if call.amd is None else call.amd.clock


def classified(step: Step, call: Call, leg: Leg, event: LegClassified) -> None:
    """Detection says who picked up."""
    _take_verdict(step, call, leg, event.verdict, event.cause[:_CAUSE_LENGTH])


def no_verdict(step: Step, call_id: CallId) -> None:
    """Detection said nothing in time."""
    call = step.workspace.calls.get(call_id)
    if call is not None and call.state is CallState.CLASSIFYING:
        _take_verdict(step, call, step.workspace.legs[call.leg_id], Verdict.UNSURE, NO_VERDICT)


def _take_verdict(step: Step, call: Call, leg: Leg, verdict: Verdict, cause: str) -> None:
    was_awaited = calls.classified(step, call)
    words = f"{verdict} ({cause})" if cause else str(verdict)
    if not was_awaited or call.amd is None or leg.answered_at is None or call.attempt is None:
        step.journal("classified", f"{words}, too late", attempt_id=call.attempt_id, leg_id=call.leg_id)
        return
    decision = react(verdict, cause, call.attempt.attempt_id, call.amd)
    step.emit(
        AttemptClassified(
            at=step.at,
            attempt_id=call.attempt.attempt_id,
            verdict=verdict,
            cause=cause,
            after_s=step.at - leg.answered_at,
        )
    )
    reaction = f"{words}: {decision.reaction}, {decision.reason}"
    step.journal("classified", reaction, attempt_id=call.attempt_id, leg_id=call.leg_id)
    if decision.reaction is Reaction.AGENT:
        since = clock_starts(
            call.amd.clock, cause, answered_at=leg.answered_at, verdict_at=step.at, spoke_at=leg.spoke_at
        )
        observing.person(step, call, leg)
        calls.wait(step, call, since=since)
        return
    observing.machine(step, call, leg)
    call.outcome = Outcome.MACHINE
    if decision.reaction is Reaction.MESSAGE:
        _leave_message(step, call, call.amd)
    else:
        call_ends.hang_up(step, call, "a machine answered")


def _leave_message(step: Step, call: Call, amd: AmdSettings) -> None:
    call.state = advance(CALL_MOVES, call.state, CallMove.PLAY)
    if call.agentless is None:
        step.journal("message", amd.message, attempt_id=call.attempt_id, leg_id=call.leg_id)
    else:
        agentless.began(step, call, amd.message, to_machine=True)
    step.emit(PlayMessage(leg_id=call.leg_id, message=amd.message, after_beep=True))
    step.start_timer(call_ends.message_timer(call.call_id), step.at + VOICEMAIL_LIMIT_S)
