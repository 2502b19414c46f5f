"""Calls that no agent takes: whoever picks up hears a recording, or goes on in a context of the switch's dialplan.

One key is theirs at every moment of it: it puts the number on the do-not-call list at once. A call keeps the settings that it
was placed with, whatever becomes of its campaign.
"""

from collections.abc import Callable

from dialer.core.agentless_records import MessageBegan, OptedOut
from dialer.core.commands import PlayMessage, SendToDialplan
from dialer.core.event import Event
from dialer.core.events import MessagesDefined
from dialer.core.messages import Message
from dialer.core.records import NumberBlocked
from dialer.core.rules.agentless import KEY_S
from dialer.core.states import CALL_MOVES, CallMove, CallState, Outcome, advance
from dialer.core.step import Step
from dialer.core.switch_events import MessagePlayed
from dialer.core.work import agentless_ends, call_ends
from dialer.core.workspace import AgentlessCall, Call

MARGIN_S = 15.0
"""A message that never reports its end is cut so long after it should have come. A guess."""

UNKNOWN_S = 300.0
"""Likewise, of one whose length nobody knows. A guess."""

CONFIRM_S = 3.0
"""So long the tone takes that confirms the key, however the switch plays it, with room to spare. A guess."""


def begin(step: Step, call: Call, said: AgentlessCall) -> None:
    """Somebody picked up, or nobody can tell: say what the campaign has to say."""
    call.state = advance(CALL_MOVES, call.state, CallMove.PLAY)
    call.wait_s = step.at - call.waiting_since
    call.outcome = Outcome.MESSAGE_CUT
    settings = said.settings
    began(step, call, settings.message, context=settings.context)
    if settings.context:
        call.outcome = Outcome.DIALPLAN
        step.emit(SendToDialplan(leg_id=call.leg_id, context=settings.context))
        return
    step.emit(PlayMessage(leg_id=call.leg_id, message=settings.message, opt_out_key=settings.opt_out_key))
    step.start_timer(call_ends.message_timer(call.call_id), step.at + _limit_s(step, said))


def began(step: Step, call: Call, message: str, *, context: str = "", to_machine: bool = False) -> None:
    """Put on record what is said, in which version of the recording."""
    if call.agentless is None:
        return
    call.agentless.began_at = step.at
    known = step.workspace.messages.get(message)
    step.journal("message", message or context, attempt_id=call.attempt_id, leg_id=call.leg_id)
    step.emit(
        MessageBegan(
            at=step.at,
            call_id=call.call_id,
            message=message,
            version="" if known is None else known.sha256,
            context=context,
            to_machine=to_machine,
        )
    )


def pressed(step: Step, call: Call, said: AgentlessCall, digit: str) -> None:
    """Take the campaign's key for the wish to be called no more; every other one is nobody's business."""
    is_heard = call.state is CallState.MESSAGE and call.outcome is not Outcome.MACHINE
    if not is_heard or call.blocked or call.attempt is None or digit != said.settings.opt_out_key:
        return
    call.blocked = True
    step.journal("blocked", f"pressed {digit}", attempt_id=call.attempt_id, leg_id=call.leg_id)
    attempt_id, lead_id = call.attempt.attempt_id, call.attempt.lead.lead_id
    step.emit(NumberBlocked(at=step.at, attempt_id=attempt_id, lead_id=lead_id, digit=digit))
    step.emit(OptedOut(at=step.at, call_id=call.call_id, digit=digit))
    agentless_ends.over(step, call, heard=None if said.settings.context else False)
    if said.settings.context:
        step.emit(PlayMessage(leg_id=call.leg_id, message=Message.TONE_DONE))
    step.start_timer(call_ends.message_timer(call.call_id), step.at + CONFIRM_S)


def message_over(step: Step, call: Call, said: AgentlessCall, event: MessagePlayed | None) -> None:
    """A recording was heard, or will not be, or the time for the key is over."""
    if call.state is not CallState.MESSAGE:
        return
    step.stop_timer(call_ends.message_timer(call.call_id))
    if event is None or event.failed:
        _unheard(step, call, said, "" if event is None else event.failed)
    elif said.over_at is None and call.outcome is Outcome.MACHINE:
        agentless_ends.over(step, call, heard=True)
        call.outcome = Outcome.MESSAGE_LEFT
        call_ends.hang_up(step, call, "message played")
    elif said.over_at is None:
        agentless_ends.over(step, call, heard=True)
        call.outcome = Outcome.MESSAGE_HEARD
        step.start_timer(call_ends.message_timer(call.call_id), step.at + KEY_S)
    else:
        call_ends.hang_up(step, call, "key confirmed")


def _unheard(step: Step, call: Call, said: AgentlessCall, failed: str) -> None:
    if said.over_at is None and not failed:
        step.anomaly("the message never ended", leg_id=call.leg_id, attempt_id=call.attempt_id)
    if failed:
        step.anomaly(f"message not played: {failed}", leg_id=call.leg_id, attempt_id=call.attempt_id)
        if said.over_at is None and call.outcome is Outcome.MESSAGE_CUT:
            call.outcome = Outcome.FAILED
    agentless_ends.over(step, call, heard=False, failed=failed)
    call_ends.hang_up(step, call, "message over")


def defined(step: Step, event: MessagesDefined) -> None:
    """Know which recordings there are."""
    step.workspace.messages = event.messages
    step.workspace.pacing_due = True


EVENTS: dict[type[Event], Callable[..., None]] = {MessagesDefined: defined}


def go_on(step: Step, call: Call, said: AgentlessCall) -> None:
    """Go on with a call of an earlier run that has begun to say what it has to say, or has said it."""
    call.state = CallState.MESSAGE
    if call.outcome is not Outcome.MACHINE:
        call.outcome = Outcome.DIALPLAN if said.settings.context else Outcome.MESSAGE_CUT
    if not said.settings.context:
        step.start_timer(call_ends.message_timer(call.call_id), step.at + _limit_s(step, said))


def _limit_s(step: Step, said: AgentlessCall) -> float:
    known = step.workspace.messages.get(said.settings.message)
    return UNKNOWN_S if known is None else known.length_s + MARGIN_S
