"""The agents who may be given a certain kind of work, in order, and kept in order as they change.

A heap with the entries that have gone stale left in it until they come up: putting one is O(log n), taking one out O(1), the first
O(log n) amortised. A sorted list costs ten times as much a change at 15,000 agents, and only the first is ever asked for.
"""

import heapq
from collections.abc import Container, Mapping
from enum import StrEnum
from typing import NamedTuple

from dialer.core.ids import AgentId

IDLE_S_PER_MS = 1.0
"""An agent elsewhere is chosen once free for so much longer, for each millisecond that the join takes longer. A guess: at 25 ms
near agents come first wherever work is shared evenly, and nobody elsewhere sits idle beside them for half a minute."""

_SPARE = 64
"""Stale entries that are let be: below this, sweeping costs more than it saves."""


class Order(StrEnum):
    """Who of several eligible agents comes first."""

    LONGEST_FREE = "longest_free"
    LEAST_LOADED = "least_loaded"
    ROUND_ROBIN = "round_robin"  # whose last task was given longest ago, however long it took
    SKILL_LEVEL = "skill_level"  # the highest level of the step's skill
    FEWEST_TODAY = "fewest_today"


class Rank(NamedTuple):
    """Where an agent stands in an order; the smallest is first. Ties go to whoever has been free longest."""

    major: float
    since: float
    """When the agent became free, or what stands for it, in seconds since the epoch."""
    agent_id: AgentId

    def at(self, delay_ms: float) -> "Rank":
        """Return the rank of somebody whom a join reaches later."""
        return self._replace(since=self.since + delay_ms * IDLE_S_PER_MS) if delay_ms else self


class Standing(NamedTuple):
    """What an order must know of an agent."""

    free_since: float
    share: float
    """Of the present limit, the share that the agent's volume takes."""
    given: int
    """The number of the last task that the agent was given; they are counted through."""
    today: int
    """Tasks served today."""
    skills: Mapping[str, int]


def rank(order: Order, skill: str, agent_id: AgentId, standing: Standing) -> Rank:
    """Return where an agent stands; `skill` is the one that `skill_level` goes by."""
    match order:
        case Order.LONGEST_FREE:
            major = 0.0
        case Order.LEAST_LOADED:
            major = standing.share
        case Order.ROUND_ROBIN:
            major = float(standing.given)
        case Order.SKILL_LEVEL:
            major = -float(standing.skills.get(skill, 0))
        case Order.FEWEST_TODAY:
            major = float(standing.today)
    return Rank(major, standing.free_since, agent_id)


class ServiceQueue:
    """Eligible agents by rank."""

    __slots__ = ("_heap", "_ranks")

    def __init__(self) -> None:
        self._heap: list[Rank] = []
        self._ranks: dict[AgentId, Rank] = {}

    def __len__(self) -> int:
        return len(self._ranks)

    def __contains__(self, agent_id: AgentId) -> bool:
        return agent_id in self._ranks

    def put(self, agent_id: AgentId, rank: Rank) -> None:
        """Let an agent stand at a rank, whether or not it stood elsewhere before."""
        if self._ranks.get(agent_id) == rank:
            return
        self._ranks[agent_id] = rank
        heapq.heappush(self._heap, rank)
        if len(self._heap) > 2 * len(self._ranks) + _SPARE:
            self._heap = list(self._ranks.values())
            heapq.heapify(self._heap)

    def discard(self, agent_id: AgentId) -> None:
        """Take an agent out, if it is in."""
        self._ranks.pop(agent_id, None)

    def first(self, barred: Container[AgentId] = ()) -> Rank | None:
        """Return who comes first of those who are not barred; None if there is nobody."""
        heap, ranks, aside = self._heap, self._ranks, []
        found = None
        while heap:
            top = heap[0]
            if ranks.get(top.agent_id) != top:
                heapq.heappop(heap)
            elif top.agent_id in barred:
                aside.append(heapq.heappop(heap))
            else:
                found = top
                break
        for one in aside:
            heapq.heappush(heap, one)
        return found

    def in_order(self) -> list[AgentId]:
        """Return everybody, the first one first."""
        return [rank.agent_id for rank in sorted(self._ranks.values())]
