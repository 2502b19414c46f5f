"""Text sessions as tasks: they come, wait, are worked on, handed on, and end; what is said in them is no matter of this.

A call is a task, too, while it waits; what becomes of it then is told in `dialer.core.work.calls`.
"""

from collections.abc import Callable

from dialer.core.allocation import in_hand, index, offers, operations, routing
from dialer.core.allocation.capacity import LIVE
from dialer.core.allocation.task_facts import Attributes
from dialer.core.event import Event
from dialer.core.events import TaskLeftOpen
from dialer.core.floor import presence
from dialer.core.ids import AgentId, QueueName, TaskId
from dialer.core.messages import Message
from dialer.core.records import TaskAdded
from dialer.core.requests import (
    AcceptTask,
    AddTask,
    CancelTask,
    ChangeTask,
    DeclineTask,
    EndTask,
    Request,
    TransferTask,
)
from dialer.core.step import Step
from dialer.core.task import Task
from dialer.core.task_states import TaskMove, TaskState
from dialer.core.workspace import Agent
from dialer.errors import RuleError


def _number(step: Step) -> int:
    step.workspace.last_task += 1
    return step.workspace.last_task


def add(step: Step, request: AddTask) -> str:
    """Take a text session in."""
    _check_queue(step, request.queue)
    if request.channel in LIVE:
        raise RuleError(f"a {request.channel} task comes with its call: only text is added by itself")
    task = Task(
        task_id=TaskId(step.new_id()),
        number=_number(step),
        ranked_at=step.at,
        channel=request.channel,
        weight=request.weight,
        queue=request.queue,
        attributes=_set({}, request),
        arrived_at=step.at,
        since=step.at,
    )
    step.workspace.tasks[task.task_id] = task
    index.wait(step, task)  # which says where its workflow begins
    step.emit(
        TaskAdded(
            at=step.at,
            task_id=task.task_id,
            number=task.number,
            channel=task.channel,
            weight=task.weight,
            queue=task.queue,
            attributes=dict(task.attributes),
            ranked_at=task.ranked_at,
            workflow=task.workflow,
            version=task.version,
            step=task.step,
        )
    )
    return f"{task.task_id} is taken in"


def cancel(step: Step, request: CancelTask) -> str:
    """End a task whose customer left; an agent who was asked or worked on it is told."""
    task = _find(step, request.task_id)
    agent = step.workspace.agents.get(task.agent_id) if task.agent_id is not None else None
    in_hand.end(step, task, TaskMove.CANCEL, request.reason)
    if agent is None:
        return "the task is cancelled"
    step.journal("task_cancelled", f"{task.task_id} {request.reason}".rstrip(), agent_id=agent.agent_id)
    in_hand.tone(step, agent, Message.TONE_REFUSED)
    return "the task is cancelled, and its agent told"


def accept(step: Step, request: AcceptTask) -> str:
    """Let an agent work on what it was offered."""
    task, agent = _of_agent(step, request.task_id, request.agent_id)
    if task.state is TaskState.WORKING:
        return "the agent works on it already"
    offers.accept(step, task, agent)
    return "the agent works on it"


def decline(step: Step, request: DeclineTask) -> str:
    """Offer a task to somebody else."""
    task, agent = _of_agent(step, request.task_id, request.agent_id)
    offers.decline(step, task, agent, request.reason)
    return "the task goes to somebody else"


def end(step: Step, request: EndTask) -> str:
    """Let an agent be done with a task."""
    task, _ = _of_agent(step, request.task_id, request.agent_id)
    in_hand.end(step, task, TaskMove.END, request.result)
    return "the task is done"


def transfer(step: Step, request: TransferTask) -> str:
    """Hand a task on, to another queue or agent."""
    task, agent = _of_agent(step, request.task_id, request.agent_id)
    if (request.to_agent is None) == (not request.to_queue):
        raise RuleError("say either an agent or a queue to hand the task on to")
    if request.to_agent is not None:
        return _to_agent(step, task, presence.find(step, request.to_agent), request.reason)
    _check_queue(step, request.to_queue)
    in_hand.put_down(step, task, TaskMove.HAND_ON, request.reason)
    task.queue = request.to_queue
    routing.leave(task)
    offers.bar(step, task, agent)
    in_hand.wait(step, task)
    return f"the task waits in {task.queue}"


def _to_agent(step: Step, task: Task, other: Agent, reason: str) -> str:
    if other.agent_id == task.agent_id:
        raise RuleError("the agent works on it already")
    operations.check(other.profile, task.attributes)
    why = in_hand.hindrance(step, other, task) or in_hand.absence(other)
    if why is not None:
        raise RuleError(f"that agent {why}: choose another, or a queue")
    starter = task.agent_id
    in_hand.put_down(step, task, TaskMove.HAND_ON, reason)
    task.handed_on_by = starter
    offers.give(step, task, other)
    return f"the task is {task.state}"


def change(step: Step, request: ChangeTask) -> str:
    """Set attributes; a task that waits does so by the new ones."""
    task = _find(step, request.task_id)
    task.attributes = _set(task.attributes, request)
    if task.state is TaskState.WAITING:
        index.wait(step, task)
    in_hand.say(step, task)
    return "the task is changed"


def left_open(step: Step, event: TaskLeftOpen) -> None:
    """Go on with a task of an earlier run: with its agent, who has a while to log in again, else it waits as it did."""
    if event.task_id in step.workspace.tasks:
        return
    task = Task(
        task_id=event.task_id,
        number=_number(step),
        ranked_at=event.ranked_at,
        channel=event.channel,
        weight=event.weight,
        queue=event.queue,
        attributes=event.attributes,
        workflow=event.workflow,
        version=event.version,
        step=event.step,
        arrived_at=event.arrived_at,
        since=step.at,
    )
    step.workspace.tasks[task.task_id] = task
    agent = step.workspace.agents.get(event.agent_id) if event.agent_id is not None else None
    if agent is None:
        in_hand.wait(step, task)
        return
    in_hand.take(step, task, agent, TaskMove.GIVE)
    step.start_timer(in_hand.back_timer(agent.agent_id), step.at + in_hand.BACK_AFTER_RESTART_S)


def _set(before: Attributes, request: AddTask | ChangeTask) -> Attributes:
    merged = before | request.attributes
    return {name: value for name, value in merged.items() if value != ""}


def _find(step: Step, task_id: TaskId) -> Task:
    task = step.workspace.tasks.get(task_id)
    if task is None:
        raise RuleError(f"there is no task {task_id}: it is over, or never was")
    if task.call_id is not None:
        raise RuleError(f"{task_id} is a call that waits: `dialer call` is about calls")
    return task


def _of_agent(step: Step, task_id: TaskId, agent_id: AgentId) -> tuple[Task, Agent]:
    task = _find(step, task_id)
    if task.agent_id != agent_id:
        raise RuleError(f"the task is {task.state}, and not with this agent")
    return task, step.workspace.agents[agent_id]


def _check_queue(step: Step, name: QueueName) -> None:
    if name not in step.workspace.queues:
        known = ", ".join(step.workspace.queues) or "none"
        raise RuleError(f"there is no queue {name!r}: there are {known}")


EVENTS: dict[type[Event], Callable[..., None]] = {TaskLeftOpen: left_open}
REQUESTS: dict[type[Request], Callable[..., str]] = {
    AddTask: add,
    CancelTask: cancel,
    AcceptTask: accept,
    DeclineTask: decline,
    EndTask: end,
    TransferTask: transfer,
    ChangeTask: change,
}
TIMERS: dict[str, Callable[[Step, str], None]] = {
    "offer": lambda step, subject: offers.lapse(step, TaskId(subject)),
    "asked": lambda step, subject: offers.rested(step, TaskId(subject)),
    "back": lambda step, subject: in_hand.not_back(step, AgentId(int(subject))),
}
