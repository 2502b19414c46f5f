"""What the engine remembers of one piece of work for an agent."""

from dataclasses import dataclass, field

from dialer.core.allocation.capacity import Channel
from dialer.core.allocation.profile import Value
from dialer.core.ids import NO_QUEUE, AgentId, CallId, QueueName, TaskId
from dialer.core.task_states import TaskState

NO_STEP = -1
"""Stands for the step of a task for which its workflow has none, or none any more."""


@dataclass(slots=True)
class Task:
    """One piece of work for an agent: a call while it waits, or a text session from its beginning to its end."""

    task_id: TaskId
    number: int
    """Tasks are counted through."""
    ranked_at: float
    """When it arrived, less its head start: the earliest is served first."""
    call_id: CallId | None = None
    """Of a customer who is on the phone."""
    callback: CallId | None = None
    """Of a customer who is to be called back: the call by which they asked for it."""
    channel: Channel = Channel.VOICE
    weight: int = 0
    """The volume that it takes of its agent's limit; of a call 0."""
    queue: QueueName = NO_QUEUE
    """Its line of business; empty: a campaign."""
    attributes: dict[str, Value] = field(default_factory=dict)
    workflow: str = ""
    """Which one it goes through; empty: none, and any agent may have it."""
    version: int = 0
    step: int = 0
    """Where in the workflow it is, from 0."""
    has_entered: bool = False
    """Whether it has begun the workflow of its line of business."""
    last_agent: AgentId | None = None
    """Who served this customer last, if that is known."""
    arrived_at: float = 0.0
    state: TaskState = TaskState.WAITING
    since: float = 0.0
    """When that state began."""
    agent_id: AgentId | None = None
    """Who was asked, or works on it."""
    handed_on_by: AgentId | None = None
    """Who gets it back if the agent that it was handed on to does not take it."""
    passed_by: dict[AgentId, float] = field(default_factory=dict)
    """Agents who did not take it, each with when it may be asked again."""
