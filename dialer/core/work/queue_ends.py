"""How a queue's call ends, and what is learned from it."""

from dialer.core.ids import CallId
from dialer.core.queue_records import QueueCallEnded
from dialer.core.states import Outcome
from dialer.core.step import Step
from dialer.core.work import callbacks, waits
from dialer.core.workspace import Call


def announce_timer(call_id: CallId) -> str:
    """Return the name of the timer that has a caller told the place in the line."""
    return f"place:{call_id}"


def end(step: Step, call: Call) -> None:
    """Put on record what became of a queue's call."""
    step.stop_timer(announce_timer(call.call_id))
    outcome = call.outcome or Outcome.UNKNOWN
    talk_s = None if call.bridged_at is None else (call.talk_ended_at or step.at) - call.bridged_at
    step.emit(
        QueueCallEnded(
            at=step.at,
            call_id=call.call_id,
            outcome=outcome,
            agent_id=call.last_agent,
            wait_s=call.wait_s,
            talk_s=talk_s,
        )
    )
    queue = step.workspace.queues[call.queue]
    if talk_s is not None:
        queue.handle_s = waits.learned(queue.handle_s, talk_s + queue.settings.wrap_up_s)
    if call.callback_of is not None:
        callbacks.ended(step, call.callback_of, outcome)
