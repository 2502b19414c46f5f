"""What agents have in hand: text that was offered to them or that they work on. Their counts change nowhere else.

A task that an agent cannot go on with goes back to whoever handed it on, or waits again at its old place. So none is ever lost,
and none is with two agents.
"""

from dialer.core.allocation import index, routing
from dialer.core.allocation.capacity import refusal
from dialer.core.commands import PlayMessage
from dialer.core.floor import marks, saying
from dialer.core.ids import AgentId, TaskId
from dialer.core.messages import Message
from dialer.core.records import TaskChanged, TaskEnded
from dialer.core.states import AgentMove, AgentState, advance
from dialer.core.step import Step
from dialer.core.task import Task
from dialer.core.task_states import TASK_MOVES, TaskMove, TaskState
from dialer.core.workspace import Agent

BACK_WITHIN_S = 10.0
"""How long an agent whose phone was lost keeps what it works on: as long as a customer on the phone is held for it."""

BACK_AFTER_RESTART_S = 60.0
"""Likewise after the run itself was gone, and nobody's phone was up. A guess: people see that and log in again."""

_TOLD = frozenset({TaskMove.DECLINE, TaskMove.LAPSE, TaskMove.WITHDRAW, TaskMove.HAND_ON})
"""Moves that are put into the journal: what becomes of a task otherwise stands in its row."""


def offer_timer(task: Task) -> str:
    """Return the name of the timer of a task's offer."""
    return f"offer:{task.task_id}"


def back_timer(agent_id: AgentId) -> str:
    """Return the name of the timer that waits for an agent who is gone."""
    return f"back:{agent_id}"


def count(step: Step, agent: Agent) -> None:
    """Count a task, of any channel, that an agent is given."""
    step.workspace.last_given += 1
    agent.given = step.workspace.last_given


# --- tasks -------------------------------------------------------------------------------------------


def take(step: Step, task: Task, agent: Agent, by: TaskMove) -> None:
    """Put a task that waits into an agent's hands, by an offer or for good; it holds its volume from now on."""
    task.state, task.since = advance(TASK_MOVES, task.state, by), step.at
    step.allocator.leave(task.task_id)
    task.agent_id = agent.agent_id
    count(step, agent)
    if task.state is TaskState.WORKING:
        agent.tasks.append(task.task_id)
        if task.handed_on_by != agent.agent_id:  # else it comes back, and was counted
            marks.served(agent)
        task.handed_on_by = None
    else:
        agent.offers.append(task.task_id)
    _carry(step, agent, task.weight)
    say(step, task)


def accept(step: Step, task: Task, agent: Agent) -> None:
    """Let an agent work on what it was asked about."""
    task.state, task.since = advance(TASK_MOVES, task.state, TaskMove.ACCEPT), step.at
    task.handed_on_by = None
    step.stop_timer(offer_timer(task))
    agent.offers.remove(task.task_id)
    agent.tasks.append(task.task_id)
    marks.served(agent)
    saying.say(step, agent)
    say(step, task)


def put_down(step: Step, task: Task, by: TaskMove, reason: str = "") -> None:
    """Take a task from its agent; where it goes is the caller's to say."""
    after, agent_id = advance(TASK_MOVES, task.state, by), task.agent_id
    _leave(step, task)
    task.state, task.since = after, step.at
    if by in _TOLD:
        step.journal(f"task_{by}", f"{task.task_id} {reason}".rstrip(), agent_id=agent_id)


def go_back(step: Step, task: Task) -> None:
    """Let whoever handed a task on have it back that nobody has, else let it wait again, at its old place."""
    starter = step.workspace.agents.get(task.handed_on_by) if task.handed_on_by is not None else None
    if starter is not None and hindrance(step, starter, task) is None:
        take(step, task, starter, TaskMove.GIVE)
    else:
        task.handed_on_by = None
        wait(step, task)


def wait(step: Step, task: Task) -> None:
    """Let a task wait for whoever the allocator finds."""
    index.wait(step, task)
    say(step, task)


def end(step: Step, task: Task, by: TaskMove, said: str) -> None:
    """Let a task be over, wherever it is."""
    over = advance(TASK_MOVES, task.state, by)
    agent_id, began = task.agent_id, task.since if task.state is TaskState.WORKING else None
    _leave(step, task)
    step.allocator.leave(task.task_id)
    task.state, task.since = over, step.at
    del step.workspace.tasks[task.task_id]
    step.emit(
        TaskEnded(at=step.at, task_id=task.task_id, agent_id=agent_id, by=by, result=said, worked_since=began)
    )


def hindrance(step: Step, agent: Agent, task: Task) -> str | None:
    """Return why an agent cannot have a task beside what it carries, in words; None if it can."""
    if agent.state is AgentState.LOGGED_OUT:
        return "is logged out"
    if task.channel not in agent.profile.channels:
        return f"does not take {task.channel}"
    limits = step.workspace.limits.of(agent.profile)
    why = refusal(routing.demand_of(task), index.load_of(agent), limits)
    return None if why is None else f"is full: {why}"


def absence(agent: Agent) -> str | None:
    """Return why an agent is given nothing new at all, in words; None if it is."""
    if index.is_open(agent):
        return None
    return f"is {agent.state}" if agent.state not in index.OPEN else "is about to leave"


def say(step: Step, task: Task) -> None:
    """Put a task on record as it is now."""
    step.emit(
        TaskChanged(
            at=step.at,
            task_id=task.task_id,
            state=task.state,
            since_at=task.since,
            agent_id=task.agent_id,
            queue=task.queue,
            attributes=dict(task.attributes),
            version=task.version,
            workflow=task.workflow,
            step=task.step,
        )
    )


def _leave(step: Step, task: Task) -> None:
    agent = step.workspace.agents.get(task.agent_id) if task.agent_id is not None else None
    if agent is None:
        return
    if task.state is TaskState.OFFERED:
        step.stop_timer(offer_timer(task))
        agent.offers.remove(task.task_id)
    else:
        agent.tasks.remove(task.task_id)
    task.agent_id = None
    _carry(step, agent, -task.weight)


def _carry(step: Step, agent: Agent, more: int) -> None:
    agent.volume += more
    agent.free_since = step.at  # text has no moment at which it makes free: the last change counts
    step.workspace.pacing_due = True
    saying.say(step, agent)


# --- agents ------------------------------------------------------------------------------------------


def tone(step: Step, agent: Agent, message: Message) -> None:
    """Let an agent's phone tell of an offer, unless somebody is on it."""
    if agent.leg_id is not None and agent.state is AgentState.READY:
        step.emit(PlayMessage(leg_id=agent.leg_id, message=message))


def agent_moved(step: Step, agent: Agent, before: AgentState, by: AgentMove) -> None:
    """See to what an agent has in hand who paused or is gone.

    Who paused keeps what it works on; who logged out keeps nothing; whose phone was lost has some time to come back.
    """
    if agent.state not in (AgentState.PAUSED, AgentState.LOGGED_OUT):
        return
    _give_back(step, agent, agent.offers)
    if agent.state is AgentState.PAUSED or not agent.tasks:
        return
    if by is AgentMove.PHONE_LOST and before is not AgentState.RECONNECTING:
        step.start_timer(back_timer(agent.agent_id), step.at + BACK_WITHIN_S)
    else:
        _give_back(step, agent, agent.tasks)


def not_back(step: Step, agent_id: AgentId) -> None:
    """The time is over that an agent who is gone had to come back."""
    agent = step.workspace.agents[agent_id]
    if agent.state is AgentState.LOGGED_OUT:
        _give_back(step, agent, agent.tasks)


def _give_back(step: Step, agent: Agent, task_ids: list[TaskId]) -> None:
    for task_id in list(task_ids):
        task = step.workspace.tasks[task_id]
        put_down(step, task, TaskMove.WITHDRAW, f"the agent is {agent.state}")
        go_back(step, task)
