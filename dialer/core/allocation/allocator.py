"""Who takes which task: an index over the agents who could take work and the tasks that wait for them.

A task stands in the waiting list of its need; an agent stands in the service queue of each need that it could take a task of now.
As long as nothing changed, no agent and no task in the same need could be brought together, so only what changed is looked at:
a task that came looks at the first of its queue, an agent who became able looks at the first of its lists.

**Fairness.** Of all tasks that an agent could take, it takes the one that ranks first, whatever its channel or line of business.
A task that ranks first and does not fit yet, because the agent carries too much text, claims the agent: it takes nothing else until
enough text has ended. So neither channel starves the other, and heavy text is not starved by light text.

Everything here follows from the workspace and is built anew from it; it is in no snapshot.
"""

from collections import deque
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from dialer.core.allocation.capacity import LIVE, Channel, Demand, fits_later
from dialer.core.allocation.free_groups import FreeGroups
from dialer.core.allocation.needs import Ability, Match, Need, Reach, Sets, Spare, Spared, Waiting, fits
from dialer.core.allocation.service_queue import Order, Rank, ServiceQueue, rank
from dialer.core.allocation.waiting_list import Place, WaitingList
from dialer.core.ids import AgentId, SetId, TaskId

_CALL = Demand(Channel.VOICE, 0)


class _Waiter(NamedTuple):
    waiting: Waiting
    place: Place


class Allocator:
    """Brings tasks and agents together.

    Args:
        sets: Who is in which agent set.
        reach: Tells what servers a customer can be joined with.
        spare: Tells whom a task shall have only if nobody else is able.
    """

    def __init__(self, sets: Sets, reach: Reach, spare: Spare = lambda _: ()) -> None:
        self._sets = sets
        self._reach = reach
        self._spare = spare
        self._able: dict[AgentId, Ability] = {}
        self._in: dict[AgentId, dict[Need, ServiceQueue]] = {}
        self.free = FreeGroups(sets)
        self._queues: dict[SetId, dict[Need, dict[str, ServiceQueue]]] = {}
        self._lists: dict[SetId, dict[Need, dict[str | None, WaitingList]]] = {}
        self._tasks: dict[TaskId, _Waiter] = {}
        self._claims: dict[AgentId, TaskId] = {}
        self._claimed: dict[TaskId, AgentId] = {}
        self._last_claimed = Place(0.0, 0, TaskId(""))
        """No claim is for a task that ranks after it."""
        self._new_tasks: deque[TaskId] = deque()
        self._new_agents: dict[AgentId, None] = {}

    # --- agents --------------------------------------------------------------------------------------

    def know(self, agent_id: AgentId, ability: Ability) -> None:
        """Take in what an agent can do now; whoever can do something is looked at by the next `matches`."""
        self._able[agent_id] = ability
        task_id = self._claims.get(agent_id)
        if task_id is not None and not self._keeps_claim(agent_id, ability, task_id):
            self._drop_claim(task_id)
        self._stand(agent_id, ability)
        if ability.is_open:
            self._new_agents[agent_id] = None

    def forget(self, agent_id: AgentId) -> None:
        """Know an agent no more."""
        if agent_id in self._claims:
            self._drop_claim(self._claims[agent_id])
        for queue in self._in.pop(agent_id, {}).values():
            queue.discard(agent_id)
        self._able.pop(agent_id, None)
        self._new_agents.pop(agent_id, None)
        self.free.discard(agent_id)

    def _stand(self, agent_id: AgentId, ability: Ability) -> None:
        """Put an agent into the service queues of all that it could take, and out of the others."""
        now: dict[Need, ServiceQueue] = {}
        if ability.is_open and agent_id not in self._claims:
            ranks: dict[tuple[Order, str], Rank] = {}
            for need, at in self._needs_that_fit(agent_id, ability):
                by = (need.order, need.skill)
                if by not in ranks:
                    ranks[by] = rank(*by, agent_id, ability.standing)
                queue = now[need] = at.setdefault(ability.server, ServiceQueue())
                queue.put(agent_id, ranks[by])
        if ability.is_open and agent_id not in self._claims and fits(_CALL, ability):
            self.free.put(agent_id, ability.server)
        else:
            self.free.discard(agent_id)
        for need, queue in self._in.get(agent_id, {}).items():
            if now.get(need) is not queue:
                queue.discard(agent_id)
        self._in[agent_id] = now

    def _needs_that_fit(
        self, agent_id: AgentId, ability: Ability
    ) -> Iterator[tuple[Need, dict[str, ServiceQueue]]]:
        able: dict[Demand, bool] = {}
        for set_id in self._sets.of_agent(agent_id):
            for need, at in self._queues.get(set_id, {}).items():
                if need.demand not in able:
                    able[need.demand] = fits(need.demand, ability)
                if able[need.demand]:
                    yield need, at

    # --- tasks ---------------------------------------------------------------------------------------

    def wait(self, waiting: Waiting) -> None:
        """Let a task wait; the next `matches` looks at it. One that waits already stands anew."""
        self.leave(waiting.task_id)
        place = Place(waiting.ranked_at, waiting.number, waiting.task_id)
        self._tasks[waiting.task_id] = _Waiter(waiting, place)
        self.watch(waiting.need)
        lists = self._lists.setdefault(waiting.need.set_id, {}).setdefault(waiting.need, {})
        lists.setdefault(waiting.server, WaitingList()).add(place)
        self._new_tasks.append(waiting.task_id)

    def leave(self, task_id: TaskId) -> bool:
        """Let a task wait no longer; return whether it did."""
        waiter = self._tasks.pop(task_id, None)
        if waiter is None:
            return False
        need, server = waiter.waiting.need, waiter.waiting.server
        lists = self._lists[need.set_id][need]
        lists[server].remove(waiter.place)
        if not lists[server]:
            del lists[server]
        if not lists:
            del self._lists[need.set_id][need]
        if task_id in self._claimed:
            self._free(self._claimed.pop(task_id))
        return True

    def look_again(self) -> None:
        """Have the next `matches` look at every task with a leg, the first one first: ways between servers have changed."""
        places = [
            place
            for lists in self._lists.values()
            for need, by_server in lists.items()
            if need.demand.channel in LIVE
            for waiting_list in by_server.values()
            for place in waiting_list
        ]
        self._new_tasks.extend(place.task_id for place in sorted(places))

    def watch(self, need: Need) -> None:
        """Keep the service queue of a need, from now on."""
        by_need = self._queues.setdefault(need.set_id, {})
        if need in by_need:
            return
        at = by_need[need] = {}
        for agent_id in self._sets.members(need.set_id):
            ability = self._able.get(agent_id)
            if ability is None or not ability.is_open or agent_id in self._claims:
                continue
            if fits(need.demand, ability):
                queue = self._in[agent_id][need] = at.setdefault(ability.server, ServiceQueue())
                queue.put(agent_id, rank(need.order, need.skill, agent_id, ability.standing))

    def uses(self, set_id: SetId) -> bool:
        """Return whether a task waits for an agent set, or it is counted who is free in it."""
        return bool(self._lists.get(set_id)) or self.free.wants(set_id)

    def drop_set(self, set_id: SetId) -> None:
        """Forget the service queues of an agent set that is no more; no task waits for it."""
        self.free.drop_set(set_id)
        for need, at in self._queues.pop(set_id, {}).items():
            for queue in at.values():
                for agent_id in queue.in_order():
                    self._in[agent_id].pop(need, None)

    # --- bringing together ---------------------------------------------------------------------------

    def next_match(self) -> Match | None:
        """Return a task and who takes it; None once nothing is left that could be brought together.

        Whoever asks has the agent take the task (`leave` and `know`) before asking again.
        """
        while self._new_tasks:
            task_id = self._new_tasks[0]
            agent_id = self._best_agent(task_id)
            if agent_id is not None:
                return Match(task_id, agent_id)
            self._new_tasks.popleft()
        while self._new_agents:
            agent_id = next(iter(self._new_agents))
            match = self._best_task(agent_id)
            if match is not None:
                return match
            del self._new_agents[agent_id]
        return None

    def _best_agent(self, task_id: TaskId) -> AgentId | None:
        """Return who takes a task that came; an agent for whom a better one waits that does not fit yet is claimed by that instead."""
        waiter = self._tasks.get(task_id)
        while waiter is not None:
            agent_id = self._able_agent(waiter.waiting)
            if agent_id is None:
                agent_id = self._who_keeps_for_later(waiter)
            if agent_id is None:
                return None
            better = self._first_claimable(agent_id, before=waiter.place)
            if better is None:
                return agent_id
            self._claim(agent_id, better)
        return None

    def _able_agent(self, waiting: Waiting) -> AgentId | None:
        spared = () if waiting.server is None else self._spare(waiting.task_id)
        if spared:
            best = self._first_able(waiting, Spared(waiting.barred, spared, self._sets))
            if best is not None:
                return best
        return self._first_able(waiting, waiting.barred)

    def _first_able(self, waiting: Waiting, barred: Container[AgentId]) -> AgentId | None:
        at = self._queues[waiting.need.set_id][waiting.need]
        best: Rank | None = None
        for server, queue in at.items():
            delay_ms = 0.0 if waiting.server is None else self._reach(waiting.task_id, server)
            if delay_ms is None or not queue:
                continue
            preferred = waiting.preferred
            if preferred is not None and preferred in queue and preferred not in barred:
                return preferred
            first = queue.first(barred)
            if first is not None and (best is None or first.at(delay_ms) < best):
                best = first.at(delay_ms)
        return None if best is None else best.agent_id

    def _who_keeps_for_later(self, waiter: _Waiter) -> AgentId | None:
        """Return an agent who keeps free for a task that ranks after one that came, and could take that; it does so no more."""
        if not self._claims or self._last_claimed < waiter.place:
            return None
        for agent_id, claimed in self._claims.items():
            if waiter.place < self._tasks[claimed].place and self._may(
                agent_id, self._able[agent_id], waiter.place.task_id, now=True
            ):
                self._drop_claim(claimed)
                return agent_id
        return None

    def _best_task(self, agent_id: AgentId) -> Match | None:
        """Return what an agent takes who may have become able; a task that ranks first and does not fit yet claims the agent."""
        ability = self._able.get(agent_id)
        if ability is None or not ability.is_open:
            return None
        best: Place | None = None
        for need, by_server in self._needs_of(agent_id):
            if fits(need.demand, ability):
                best = self._first(agent_id, by_server, best)
        claimable = self._first_claimable(agent_id, before=best)
        first, held = claimable or best, self._claims.get(agent_id)
        if held is not None:
            if first is None or self._tasks[held].place < first:
                return None  # what the agent keeps free for does not fit yet
            self._drop_claim(held)
        if claimable is not None:
            self._claim(agent_id, claimable)
            return None
        return None if best is None else Match(best.task_id, agent_id)

    def _first_claimable(self, agent_id: AgentId, *, before: Place | None) -> Place | None:
        """Return the first task before a place that nobody keeps itself for, and that fits the agent once text has ended."""
        ability, best = self._able[agent_id], None
        if not ability.load.volume or ability.load.is_live:
            return None
        for need, by_server in self._needs_of(agent_id):
            if need.demand.channel in ability.channels and fits_later(
                need.demand, ability.load, ability.limits
            ):
                best = self._first(agent_id, by_server, best, unclaimed=True)
        return best if best is not None and (before is None or best < before) else None

    def _needs_of(self, agent_id: AgentId) -> Iterator[tuple[Need, Mapping[str | None, WaitingList]]]:
        for set_id in self._sets.of_agent(agent_id):
            by_need = self._lists.get(set_id)
            if by_need:
                yield from by_need.items()

    def _first(
        self,
        agent_id: AgentId,
        by_server: Mapping[str | None, WaitingList],
        best: Place | None,
        *,
        unclaimed: bool = False,
    ) -> Place | None:
        server = self._able[agent_id].server
        for customers_at, waiting_list in by_server.items():

            def may(task_id: TaskId, *, has_leg: bool = customers_at is not None) -> bool:
                barred = agent_id in self._tasks[task_id].waiting.barred
                return not barred and (not has_leg or self._reach(task_id, server) is not None)

            first = waiting_list.first(may, unclaimed=unclaimed)
            if first is not None and (best is None or first < best):
                best = first
        return best

    # --- claims --------------------------------------------------------------------------------------

    def claim_of(self, agent_id: AgentId) -> TaskId | None:
        """Return the task that an agent takes nothing else for."""
        return self._claims.get(agent_id)

    def _claim(self, agent_id: AgentId, place: Place) -> None:
        self._last_claimed = max(self._last_claimed, place) if self._claims else place
        self._claims[agent_id] = place.task_id
        self._claimed[place.task_id] = agent_id
        self._list_of(place.task_id).claim(place)
        self._stand(agent_id, self._able[agent_id])

    def _drop_claim(self, task_id: TaskId) -> None:
        self._list_of(task_id).unclaim(self._tasks[task_id].place)
        self._free(self._claimed.pop(task_id))

    def _free(self, agent_id: AgentId) -> None:
        """Let an agent take anything again whose task went elsewhere, or cannot be taken by it."""
        del self._claims[agent_id]
        self._stand(agent_id, self._able[agent_id])
        self._new_agents[agent_id] = None

    def _keeps_claim(self, agent_id: AgentId, ability: Ability, task_id: TaskId) -> bool:
        demand = self._tasks[task_id].waiting.need.demand
        return self._may(agent_id, ability, task_id, now=False) and (
            fits(demand, ability) or fits_later(demand, ability.load, ability.limits)
        )

    def _may(self, agent_id: AgentId, ability: Ability, task_id: TaskId, *, now: bool) -> bool:
        """Return whether an agent is one of those whom a task may go to, and if asked, whether it can now."""
        waiting = self._tasks[task_id].waiting
        if not ability.is_open or waiting.need.set_id not in self._sets.of_agent(agent_id):
            return False
        if agent_id in waiting.barred or waiting.need.demand.channel not in ability.channels:
            return False
        if waiting.server is not None and self._reach(task_id, ability.server) is None:
            return False
        return not now or fits(waiting.need.demand, ability)

    def _list_of(self, task_id: TaskId) -> WaitingList:
        waiting = self._tasks[task_id].waiting
        return self._lists[waiting.need.set_id][waiting.need][waiting.server]

    # --- questions -----------------------------------------------------------------------------------

    def waits(self, task_id: TaskId) -> bool:
        """Return whether a task waits."""
        return task_id in self._tasks

    def able(self, need: Need) -> dict[str, int]:
        """Return how many agents could take a task of a need at once, by server."""
        self.watch(need)
        return {server: len(queue) for server, queue in self._queues[need.set_id][need].items() if queue}

    def first_free(self, need: Need, barred: Container[AgentId] = ()) -> AgentId | None:
        """Return who would take a task of a need that has no leg yet; None if nobody could at once."""
        self.watch(need)
        firsts = (queue.first(barred) for queue in self._queues[need.set_id][need].values())
        best = min((first for first in firsts if first is not None), default=None)
        return None if best is None else best.agent_id

    def need_of(self, task_id: TaskId) -> Need | None:
        """Return what a task needs that waits; None if it does not."""
        waiter = self._tasks.get(task_id)
        return None if waiter is None else waiter.waiting.need

    def in_order(self, need: Need, server: str = "") -> list[AgentId]:
        """Return who could take a task of a need at once, the first one first."""
        self.watch(need)
        queue = self._queues[need.set_id][need].get(server)
        return [] if queue is None else queue.in_order()

    def ahead_of(self, task_id: TaskId) -> int:
        """Return how many tasks of the same need and place are served before one that waits."""
        return self._list_of(task_id).index(self._tasks[task_id].place)

    @property
    def waiting(self) -> list[TaskId]:
        """Tasks that wait, in the order in which they rank."""
        return [waiter.place.task_id for waiter in sorted(self._tasks.values(), key=lambda one: one.place)]
