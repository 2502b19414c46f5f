"""The recording of a talk: begun as the campaign says, paused and stopped by whoever asks.

Each bridge that is recorded has a file of its own, named by the engine, so that the attempt's record names it whatever
becomes of the run. What was stopped or paused stays so when the customer goes to another agent.
"""

from dialer.core.commands import PlayMessage, RecordTalk
from dialer.core.messages import Message
from dialer.core.records import RecordingEnded, RecordingStarted
from dialer.core.requests import RecordCall
from dialer.core.rules import consent
from dialer.core.states import RECORDING_MOVES, CallState, RecordingMove, RecordingState, advance
from dialer.core.step import Step
from dialer.core.switch_events import MessagePlayed, RecordingFailed
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent, Call
from dialer.errors import RuleError

_DONE = {
    RecordingMove.ANNOUNCE: "the recording begins after the announcement",
    RecordingMove.START: "recording",
    RecordingMove.PAUSE: "the recording is paused",
    RecordingMove.RESUME: "recording again",
    RecordingMove.STOP: "the recording is stopped",
}


def talk_begins(step: Step, call: Call, agent: Agent, *, first: bool) -> None:
    """Begin to record, by the campaign's rule at the first bridge, afterwards as it was before."""
    if first:
        move = consent.at_the_bridge(call.region, settings_of(step, call))
        if move is not None:
            _carry_out(step, call, agent, move)
    elif call.file:
        rejoined(step, call)
    elif call.recording is RecordingState.ON:
        _start(step, call)
    elif call.recording is RecordingState.ANNOUNCED:
        _announce(step, call, agent)


def held(step: Step, call: Call) -> None:
    """Record silence while the customer is held for a third party; the file stays the same."""
    if call.file and call.recording is RecordingState.ON:
        step.emit(RecordTalk(leg_id=call.leg_id, move=RecordingMove.PAUSE, file=call.file))


def rejoined(step: Step, call: Call) -> None:
    """Go on with that file, unless somebody had paused it."""
    if call.file and call.recording is RecordingState.ON:
        step.emit(RecordTalk(leg_id=call.leg_id, move=RecordingMove.RESUME, file=call.file))


def agent_gone(step: Step, call: Call) -> None:
    """End the file while the customer stays; whether the next talk is recorded stays as it is."""
    if call.file:
        step.emit(RecordTalk(leg_id=call.leg_id, move=RecordingMove.STOP, file=call.file))
        over(step, call)


def over(step: Step, call: Call) -> None:
    """Put on record that a recording ended with its leg."""
    if call.file:
        _close(step, call)


def announced(step: Step, call: Call, event: MessagePlayed) -> None:
    """The customer heard that the talk is recorded, or did not."""
    if event.failed:
        why = f"the announcement was not played: {event.failed}"
        step.anomaly(f"not recorded: {why}", leg_id=call.leg_id, attempt_id=call.attempt_id)
        call.recording = advance(RECORDING_MOVES, call.recording, RecordingMove.STOP)
    elif call.state is CallState.TALKING:
        call.recording = advance(RECORDING_MOVES, call.recording, RecordingMove.START)
        _start(step, call)


def failed(step: Step, call: Call, event: RecordingFailed) -> None:
    """Nothing is recorded: somebody should look, the talk goes on."""
    step.anomaly(f"not recorded: {event.reason}", leg_id=call.leg_id, attempt_id=call.attempt_id)
    if event.file == call.file:
        _close(step, call, event.reason)
        call.recording = advance(RECORDING_MOVES, call.recording, RecordingMove.STOP)


def asked(step: Step, agent: Agent, request: RecordCall) -> str:
    """Do what somebody asks about the recording of an agent's talk.

    Raises:
        RuleError: If there is no talk, it is so already, or somebody has to consent first.
    """
    call = step.workspace.calls.get(agent.call_id) if agent.call_id is not None else None
    if call is None or call.state is not CallState.TALKING:
        raise RuleError(f"the agent is {agent.state}: a recording is of a talk that goes on")
    move = request.move
    if move is RecordingMove.START:
        move = _beginning(step, call, consented=request.consented)
    if (call.recording, move) not in RECORDING_MOVES:
        raise RuleError(f"the recording is {call.recording}: it cannot {request.move} now")
    _carry_out(step, call, agent, move)
    return _DONE[move]


def _beginning(step: Step, call: Call, *, consented: bool) -> RecordingMove:
    move = consent.on_request(call.region, settings_of(step, call), consented=consented)
    if move is None:
        raise RuleError(
            f"everybody on a talk with {call.region or 'an unknown number'} must agree to a recording: "
            "ask them, then start it with --consented"
        )
    if consented and call.recording is RecordingState.OFF:
        step.journal("recording", "all consented", attempt_id=call.attempt_id, agent_id=call.agent_id)
    return move


def _carry_out(step: Step, call: Call, agent: Agent, move: RecordingMove) -> None:
    call.recording = advance(RECORDING_MOVES, call.recording, move)
    step.journal("recording", _DONE[move], attempt_id=call.attempt_id, leg_id=call.leg_id)
    if move is RecordingMove.ANNOUNCE:
        _announce(step, call, agent)
    elif move is RecordingMove.STOP:
        agent_gone(step, call)
    elif call.file:
        step.emit(RecordTalk(leg_id=call.leg_id, move=move, file=call.file))
    elif call.recording is RecordingState.ON:
        _start(step, call)


def _announce(step: Step, call: Call, agent: Agent) -> None:
    step.emit(PlayMessage(leg_id=call.leg_id, message=Message.RECORDING))
    if agent.leg_id is not None:
        step.emit(PlayMessage(leg_id=agent.leg_id, message=Message.RECORDING))


def _start(step: Step, call: Call) -> None:
    call.recordings += 1
    call.file = f"{call.call_id}{f'-{call.recordings}' if call.recordings > 1 else ''}.wav"
    step.emit(RecordingStarted(at=step.at, attempt_id=call.attempt_id, call_id=call.call_id, file=call.file))
    step.emit(RecordTalk(leg_id=call.leg_id, move=RecordingMove.START, file=call.file))


def _close(step: Step, call: Call, failed: str = "") -> None:
    step.emit(RecordingEnded(at=step.at, file=call.file, failed=failed))
    call.file = ""
