"""Text for agents: offered, accepted, declined, or left to lapse."""

from dialer.core.allocation import in_hand, index
from dialer.core.floor import agents
from dialer.core.ids import TaskId
from dialer.core.messages import Message
from dialer.core.presence_states import LAPSED, PausedBy
from dialer.core.settings import Accept
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.task import Task
from dialer.core.task_states import TaskMove, TaskState
from dialer.core.workspace import Agent, Pause

REST_S = 60.0
"""How long an agent is not asked again for a task that it did not take. A guess: others get their chance, and if there is nobody
else the customer does not wait for ever."""

LAPSES = 2
"""Offers in a row that are let lapse before the agent is paused. A guess: one may be missed, who misses two is not there."""

_ON_THE_PHONE = frozenset(
    {
        AgentState.RESERVED,
        AgentState.TALKING,
        AgentState.RECONNECTING,
        AgentState.WRAP_UP,
    }
)


def rest_timer(task: Task) -> str:
    """Return the name of the timer after which an agent may be asked again for a task."""
    return f"asked:{task.task_id}"


def give(step: Step, task: Task, agent: Agent) -> None:
    """Let an agent have a task, or ask it first, as the queue has it; nobody is asked for one that is no more."""
    queue = step.workspace.queues.get(task.queue)
    if queue is None or queue.settings.accept is Accept.AUTO:
        in_hand.take(step, task, agent, TaskMove.GIVE)
        return
    in_hand.take(step, task, agent, TaskMove.OFFER)
    step.start_timer(in_hand.offer_timer(task), step.at + queue.settings.offer_s)
    in_hand.tone(step, agent, Message.TONE_DONE)


def accept(step: Step, task: Task, agent: Agent) -> None:
    """Let an agent work on what it was offered."""
    in_hand.accept(step, task, agent)
    agent.lapses = 0


def decline(step: Step, task: Task, agent: Agent, reason: str) -> None:
    """Offer a task to somebody else, as an agent does not want it."""
    in_hand.put_down(step, task, TaskMove.DECLINE, reason)
    agent.lapses = 0
    bar(step, task, agent)
    in_hand.go_back(step, task)


def lapse(step: Step, task_id: TaskId) -> None:
    """The time for an answer is over: the task goes to somebody else, and an agent who never answers is paused."""
    task = step.workspace.tasks.get(task_id)
    if task is None or task.state is not TaskState.OFFERED or task.agent_id is None:
        return
    agent = step.workspace.agents[task.agent_id]
    in_hand.put_down(step, task, TaskMove.LAPSE)
    agent.lapses += 1
    bar(step, task, agent)
    in_hand.go_back(step, task)
    if agent.lapses >= LAPSES:
        _pause(step, agent)


def _pause(step: Step, agent: Agent) -> None:
    agent.lapses = 0
    if agent.member is not None:
        return  # its own system alone pauses it
    pause = Pause(LAPSED, PausedBy.SYSTEM)
    if agent.state in (AgentState.READY, AgentState.PREVIEWING):
        agents.pause(step, agent, pause)
    elif agent.state in _ON_THE_PHONE and agent.pause_next is None:
        agent.pause_next = pause
        agents.say(step, agent)


def bar(step: Step, task: Task, agent: Agent) -> None:
    """Have a task not go to an agent for a while."""
    task.passed_by[agent.agent_id] = step.at + REST_S
    step.start_timer(rest_timer(task), min(task.passed_by.values()))


def rested(step: Step, task_id: TaskId) -> None:
    """An agent who did not take a task may be asked again."""
    task = step.workspace.tasks.get(task_id)
    if task is None:
        return
    task.passed_by = {who: until for who, until in task.passed_by.items() if until > step.at}
    if task.passed_by:
        step.start_timer(rest_timer(task), min(task.passed_by.values()))
    if task.state is TaskState.WAITING:
        index.wait(step, task)
