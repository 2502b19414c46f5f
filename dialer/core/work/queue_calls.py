"""Who calls a queue: taken from the dialplan, told a place in the line, and left to the dialplan again if nobody comes.

The switch holds the caller whatever becomes of the run; what the engine adds is an agent, and what is heard until then.
"""

import math

from dialer.core.allocation import reservation
from dialer.core.business import Queue
from dialer.core.commands import AnnouncePlace, LeaveToDialplan, PlayMessage, TakeCall
from dialer.core.ids import CallId, LegId, QueueName, TaskId, TrunkName
from dialer.core.messages import Message
from dialer.core.pacing import inbound_work
from dialer.core.queue_events import CallArrived, QueueDefined
from dialer.core.queue_records import QueueCallAnswered, QueueCallEnded, QueueCallMoved, QueueCallTaken
from dialer.core.settings import Overflow, QueueSettings
from dialer.core.states import CALL_MOVES, AgentState, CallMove, CallState, Outcome, advance
from dialer.core.step import Step
from dialer.core.work import call_ends, callbacks, campaigns, queue_ends, trunks, waits
from dialer.core.workspace import Call, Leg

_ABSENT = frozenset({AgentState.LOGGED_OUT, AgentState.LOGGING_IN, AgentState.PAUSED})
LEAVING_S = 30.0
"""A message that never reports its end is cut here. A guess, as for other messages."""


def defined(step: Step, event: QueueDefined) -> None:
    """Know a queue, or its new settings."""
    known = step.workspace.queues.get(event.queue.name)
    if known is None:
        step.workspace.queues[event.queue.name] = Queue(
            settings=event.queue, handle_s=event.queue.handle_s, since_at=step.at
        )
    else:
        known.settings = event.queue


# --- a call comes ------------------------------------------------------------------------------------


def arrived(step: Step, event: CallArrived) -> None:
    """Take a call; one that is not taken goes on in the dialplan."""
    queue = step.workspace.queues.get(event.queue)
    trunk = None if queue is None else _trunk(step, queue.settings, event.server)
    why = _refusal(step, event, has_trunk=trunk is not None)
    if queue is None or trunk is None or why:
        step.journal("arrival_left", f"{event.queue}: {why}")
        ended = QueueCallEnded(at=step.at, call_id=event.call_id, outcome=Outcome.OVERFLOWED, wait_s=0.0)
        step.emit(ended)
        return
    call = Call(
        call_id=event.call_id,
        trunk=trunk,
        leg_id=LegId(step.new_id()),
        queue=event.queue,
        channel=queue.settings.channel,
        region=event.region,
        has_number=event.has_number,
        attributes=dict(event.attributes),
        served_by=event.served_by,
        server=event.server or step.workspace.trunks[trunk].settings.server,
        state=CallState.RINGING,
        inbound=True,
        waiting_since=min(event.came_at or event.at, event.at),
        started_at=step.at,
        judged=True,  # that the carrier reaches us says nothing of the other direction
    )
    step.workspace.calls[call.call_id] = call
    step.workspace.legs[call.leg_id] = Leg(leg_id=call.leg_id, call_id=call.call_id)
    trunks.occupy(step, trunk)
    queue.arrivals = [*inbound_work.recent(queue.arrivals, at=step.at), step.at]
    step.journal("arrived", event.queue, leg_id=call.leg_id)
    step.emit(QueueCallTaken(at=step.at, call_id=call.call_id, leg_id=call.leg_id, trunk=trunk))
    wait_s = queue.settings.inbound_wait_s
    step.emit(TakeCall(leg_id=call.leg_id, arrival=event.arrival, wait_s=wait_s))


def _refusal(step: Step, event: CallArrived, *, has_trunk: bool) -> str:
    """Return why a call is left to the dialplan, empty if it is taken."""
    if event.queue not in step.workspace.queues:
        return "the run knows no such queue"
    if not has_trunk:
        return "the run knows no trunk of the queue's"
    if step.workspace.finishing or not campaigns.anybody_logged_in(step):
        return "nobody is there"
    return "it was taken already" if event.call_id in step.workspace.calls else ""


def _trunk(step: Step, settings: QueueSettings, server: str) -> TrunkName | None:
    """Return the trunk of the queue's that a call counts for: one at the server where it is, if there is any."""
    able = trunks.of_route(step.workspace, settings.trunk)
    here = [one for one in able if not server or one.settings.server == server]
    return next((one.settings.name for one in (*here, *able)), None)


# --- it waits ----------------------------------------------------------------------------------------


def waits_now(step: Step, call: Call) -> None:
    """Have a caller hear that the call goes on, and where in the line it is."""
    step.emit(PlayMessage(leg_id=call.leg_id, message=Message.HOLD, repeat=True))
    _announce_later(step, call)


def _announce_later(step: Step, call: Call) -> None:
    every_s = step.workspace.queues[call.queue].settings.announce_every_s
    if every_s > 0:
        step.start_timer(queue_ends.announce_timer(call.call_id), step.at + every_s)


def announce(step: Step, call_id: CallId) -> None:
    """Tell a caller who waits the place in the line and the wait to expect."""
    call = step.workspace.calls.get(call_id)
    if call is None or not call.queue or not reservation.is_waiting(call):
        return
    place, wait_s = standing(step, call)
    wait_min = 0 if wait_s is None else math.ceil(wait_s / 60)
    step.emit(AnnouncePlace(leg_id=call.leg_id, place=place, wait_min=wait_min))
    _announce_later(step, call)


def standing(step: Step, call: Call) -> tuple[int, float | None]:
    """Return a waiting call's place in the line of its queue, and how long it has to wait still."""
    queue = step.workspace.queues[call.queue]
    place = waits.place(ranks(step, call.queue), step.workspace.tasks[TaskId(call.call_id)].ranked_at)
    return place, waits.expected_wait_s(place, handle_s=queue.handle_s, agents=agents_there(step))


def ranks(step: Step, name: QueueName) -> list[float]:
    """Return since when those wait, less their head start, who wait for a queue: on the phone, or to be called back."""
    return [
        task.ranked_at
        for task in step.workspace.tasks.values()
        if task.queue == name and (task.call_id is not None or task.callback is not None)
    ]


def agents_there(step: Step) -> int:
    """Return how many agents serve calls, busy or not."""
    return sum(agent.state not in _ABSENT for agent in step.workspace.agents.values())


def pressed(step: Step, call: Call, digit: str) -> None:
    """Take a key that a caller presses while waiting for the wish to be called back, if it is the queue's key for that."""
    if not call.inbound or not reservation.is_waiting(call):
        return
    if digit == step.workspace.queues[call.queue].settings.callback_key:
        call_back_instead(step, call, f"pressed {digit}")


# --- it is not served --------------------------------------------------------------------------------


def overflow(step: Step, call: Call) -> None:
    """Nobody came in time: what the queue says becomes of the call."""
    settings = step.workspace.queues[call.queue].settings
    step.journal(
        "overflow", f"{call.queue}: {settings.overflow} {settings.overflow_to}".strip(), leg_id=call.leg_id
    )
    match settings.overflow:
        case Overflow.QUEUE if settings.overflow_to in step.workspace.queues:
            _move(step, call, QueueName(settings.overflow_to))
        case Overflow.CALLBACK if call.has_number and call.inbound:
            call_back_instead(step, call, "nobody was free in time")
        case Overflow.DIALPLAN:
            _leave(step, call)
        case _:
            message = settings.overflow_to if settings.overflow is Overflow.MESSAGE else ""
            _say_and_end(step, call, message or Message.SAFE_HARBOUR, Outcome.ABANDONED)


def _move(step: Step, call: Call, to: QueueName) -> None:
    reservation.dequeue(step, call)
    call.queue = to
    step.emit(QueueCallMoved(at=step.at, call_id=call.call_id, queue=to))
    reservation.enqueue(step, call)
    reservation.assign(step)
    if reservation.is_waiting(call):
        wait_s = step.workspace.queues[to].settings.inbound_wait_s
        step.start_timer(call_ends.connect_timer(call.call_id), step.at + wait_s)


def call_back_instead(step: Step, call: Call, why: str) -> None:
    """Let a caller who waits go, to be called back in the same place of the line."""
    if not call.has_number:
        step.journal("callback_refused", "the number is not known", leg_id=call.leg_id)
        return
    callbacks.asked(step, call, why)
    message = step.workspace.queues[call.queue].settings.callback_message or Message.TONE_DONE
    _say_and_end(step, call, message, Outcome.CALLBACK)


def _say_and_end(step: Step, call: Call, message: str, outcome: Outcome) -> None:
    """Have a caller who waits hear a message, and end the call."""
    _wait_no_more(step, call, outcome)
    call.state = advance(CALL_MOVES, call.state, CallMove.PLAY)
    step.journal("message", message, leg_id=call.leg_id)
    step.emit(PlayMessage(leg_id=call.leg_id, message=message))
    step.start_timer(call_ends.message_timer(call.call_id), step.at + LEAVING_S)


def _leave(step: Step, call: Call) -> None:
    """Give a call back to the dialplan that it came from."""
    _wait_no_more(step, call, Outcome.OVERFLOWED)
    call_ends.change(step, call, CallMove.HANG_UP)
    step.emit(LeaveToDialplan(leg_id=call.leg_id))


def _wait_no_more(step: Step, call: Call, outcome: Outcome) -> None:
    reservation.dequeue(step, call)
    step.stop_timer(call_ends.connect_timer(call.call_id))
    step.stop_timer(queue_ends.announce_timer(call.call_id))
    if call.bridged_at is None:
        call.outcome, call.wait_s = outcome, step.at - call.waiting_since


# --- it is served --------------------------------------------------------------------------


def served(step: Step, call: Call) -> None:
    """Put on record who serves a call first."""
    step.stop_timer(queue_ends.announce_timer(call.call_id))
    if call.agent_id is not None:
        step.emit(QueueCallAnswered(at=step.at, call_id=call.call_id, agent_id=call.agent_id))
