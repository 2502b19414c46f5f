"""What becomes of tasks that nobody took in time: the next step of the workflow, or the end that it names."""

from collections.abc import Callable

from dialer.core.allocation import in_hand, index, reservation, routing
from dialer.core.allocation.workflow import Overflow, Then
from dialer.core.ids import TaskId
from dialer.core.states import Outcome
from dialer.core.step import Step
from dialer.core.task_states import TaskMove, TaskState
from dialer.core.work import call_ends, calls, queue_calls
from dialer.core.workspace import Call

NOBODY = "nobody took it in time"


def time_over(step: Step, task_id: TaskId) -> None:
    """A task's time in its step is over."""
    task = step.workspace.tasks.get(task_id)
    if task is None or task.state is not TaskState.WAITING:
        return
    left = routing.go_on(step, task)
    if left is not None and task.callback is not None:
        return  # whoever is to be called back waits on
    call = step.workspace.calls.get(task.call_id) if task.call_id is not None else None
    if left is None:
        step.journal(
            "step",
            f"{task.workflow} {task.version}: step {task.step + 1}",
            leg_id=call.leg_id if call else None,
        )
        index.wait(step, task)
        if call is None:  # whose place in the workflow outlives the run
            in_hand.say(step, task)
    elif call is None:
        in_hand.end(step, task, TaskMove.CANCEL, NOBODY)
    elif reservation.is_waiting(call):  # else somebody is sought for a talk, which has its own limit
        _end_call(step, call, left)


def _end_call(step: Step, call: Call, left: Overflow) -> None:
    """End a call's wait: whoever was called by us hears the message in any case."""
    was_called = call.attempt is not None and not call.inbound
    if left.to is Then.CALLBACK and call.queue and call.has_number:
        queue_calls.call_back_instead(step, call, NOBODY)
    elif left.to is Then.END and not was_called:
        call.outcome, call.wait_s = Outcome.ABANDONED, step.at - call.waiting_since
        call_ends.hang_up(step, call, NOBODY)
    else:
        calls.connect_limit(step, call.call_id)


TIMERS: dict[str, Callable[[Step, str], None]] = {
    "step": lambda step, subject: time_over(step, TaskId(subject)),
}
