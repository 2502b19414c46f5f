"""What tasks need and what agents can do, as the allocator is told of them."""

from collections.abc import Callable, Collection, Container, Sequence
from typing import NamedTuple, Protocol

from dialer.core.allocation.capacity import Channel, Demand, Limits, Load, refusal
from dialer.core.allocation.service_queue import Order, Standing
from dialer.core.ids import AgentId, SetId, TaskId


class Sets(Protocol):
    """Which agents a step's filter lets through."""

    def members(self, set_id: SetId) -> Sequence[AgentId]:
        """Return the agents of a set."""

    def of_agent(self, agent_id: AgentId) -> Sequence[SetId]:
        """Return the sets that an agent is in."""


class Need(NamedTuple):
    """What a task needs; tasks of equal needs share a service queue and a waiting list."""

    set_id: SetId
    demand: Demand
    order: Order = Order.LONGEST_FREE
    skill: str = ""
    """The one that the order goes by."""


class Waiting(NamedTuple):
    """A task that waits."""

    task_id: TaskId
    need: Need
    ranked_at: float
    number: int
    """Tasks are counted through: of two that rank alike the earlier one comes first."""
    server: str | None = None
    """Where its customer's leg is; None: it has none."""
    barred: Container[AgentId] = ()
    """Who shall not have it: declined it, or cannot be joined."""
    preferred: AgentId | None = None
    """Who comes before all others, if able."""


class Ability(NamedTuple):
    """What the index must know of an agent."""

    server: str
    is_open: bool
    """Whether there may be any task at all now: no busy mark, no wrap-up, a phone."""
    load: Load
    limits: Limits
    channels: Container[Channel]
    standing: Standing


class Match(NamedTuple):
    """A task and the agent who takes it."""

    task_id: TaskId
    agent_id: AgentId


Reach = Callable[[TaskId, str], float | None]
"""Returns, of a task whose customer has a leg and a server where agents are, what a join there takes longer, in milliseconds;
None: nobody there can be joined with the customer now."""

Spare = Callable[[TaskId], Collection[SetId]]
"""Returns, of a task whose customer has a leg, the agent sets that calls in flight will need whole."""


class Spared:
    """Who shall not have a task, or is spared for others."""

    def __init__(self, barred: Container[AgentId], spared: Collection[SetId], sets: Sets) -> None:
        self._barred = barred
        self._spared = spared
        self._sets = sets

    def __contains__(self, agent_id: object, /) -> bool:
        if agent_id in self._barred or not isinstance(agent_id, int):
            return True
        return any(set_id in self._spared for set_id in self._sets.of_agent(AgentId(agent_id)))


def fits(demand: Demand, ability: Ability) -> bool:
    """Return whether an agent can carry a task now beside what is carried."""
    return demand.channel in ability.channels and refusal(demand, ability.load, ability.limits) is None
