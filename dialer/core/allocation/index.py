"""What the allocator is told of agents and tasks, and how it is built anew from a workspace."""

from collections.abc import Callable, Collection

from dialer.core.allocation import links, routing, sought
from dialer.core.allocation.agent_sets import EVERYBODY, AgentSets
from dialer.core.allocation.allocator import Allocator
from dialer.core.allocation.capacity import Channel, Demand, Load
from dialer.core.allocation.needs import Ability, Need, Waiting
from dialer.core.allocation.service_queue import Standing
from dialer.core.ids import CallId, SetId, TaskId
from dialer.core.states import AgentState
from dialer.core.step import Step
from dialer.core.task import NO_STEP, Task
from dialer.core.task_states import TaskState
from dialer.core.workspace import Agent, Call

VOICE = Need(EVERYBODY, Demand(Channel.VOICE, 0))
"""What a call needs whose line of business says nothing of it."""

_LIVE = frozenset({AgentState.PREVIEWING, AgentState.RESERVED, AgentState.TALKING, AgentState.RECONNECTING})
"""In which an agent is in a call, or kept for one."""
OPEN = frozenset({AgentState.READY, AgentState.PREVIEWING, AgentState.TALKING})
"""The states in which an agent may be given anything at all."""


def build(step: Step, spared: Callable[[Step, Call], Collection[SetId]]) -> None:
    """Give a step the allocator that follows from its workspace.

    Args:
        step: The engine's.
        spared: Returns the agent sets whose agents a customer shall have only if nobody else is able.
    """
    workspace = step.workspace

    def reach(task_id: TaskId, server: str) -> float | None:
        return links.delay_ms(workspace, workspace.calls[CallId(task_id)], server)

    def spare(task_id: TaskId) -> Collection[SetId]:
        return spared(step, workspace.calls[CallId(task_id)])

    step.sets = AgentSets()
    step.allocator = Allocator(step.sets, reach, spare)
    for agent in workspace.agents.values():
        know(step, agent)
    for task in workspace.tasks.values():
        if task.state is TaskState.WAITING:
            wait(step, task)


def know(step: Step, agent: Agent) -> None:
    """Tell the allocator what an agent can do now."""
    if not step.sets.of_agent(agent.agent_id):
        step.sets.put(agent.agent_id, agent.profile)
    limits = step.workspace.limits.of(agent.profile)
    load = load_of(agent)
    limit = limits.first if load.is_live else limits.second
    ability = Ability(
        server=agent.server,
        is_open=is_open(agent),
        load=load,
        limits=limits,
        channels=_channels(agent),
        standing=Standing(
            agent.free_since, agent.volume / max(1, limit), agent.given, agent.today, agent.profile.skills
        ),
    )
    step.allocator.know(agent.agent_id, ability)


def profiled(step: Step, agent: Agent) -> None:
    """Tell it what an agent is now: who may have which task follows from that."""
    step.sets.put(agent.agent_id, agent.profile)
    know(step, agent)


def is_open(agent: Agent) -> bool:
    """Return whether an agent may be given anything, as far as it is up to its presence."""
    return agent.state in OPEN and agent.pause_next is None and not agent.log_out_next


def load_of(agent: Agent) -> Load:
    """Return what an agent carries."""
    return Load(agent.state in _LIVE, agent.volume)


def _channels(agent: Agent) -> Collection[Channel]:
    """Return what an agent serves: video only by a phone that has it."""
    if agent.video_leg is not None and agent.video_leg == agent.leg_id:
        return agent.profile.channels
    return [channel for channel in agent.profile.channels if channel is not Channel.VIDEO]


def wait(step: Step, task: Task) -> None:
    """Let a task wait in its step; one that comes begins the workflow of its line of business."""
    routing.enter(step, task)
    if task.step == NO_STEP:
        step.allocator.leave(task.task_id)
        return
    call = step.workspace.calls.get(task.call_id) if task.call_id is not None else None
    transfer = sought.transfer_of(step, call) if call is not None else None
    step.allocator.wait(
        Waiting(
            task_id=task.task_id,
            need=sought.need_of(step, transfer, routing.need_of(step, task)),
            ranked_at=task.ranked_at,
            number=task.number,
            server=None if call is None else call.server,
            barred=tuple(task.passed_by) if call is None else sought.barred(step, call, transfer),
            preferred=task.last_agent if routing.prefers_last(step, task) else None,
        )
    )
    for set_id in step.sets.forget_unused(step.allocator.uses):
        step.allocator.drop_set(set_id)


def free_agents(step: Step) -> int:
    """Return how many agents could take a call at once who can be reached."""
    lost = step.workspace.lost_servers
    return sum(count for (server, _), count in step.allocator.free.counts().items() if server not in lost)
