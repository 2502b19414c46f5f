"""Which agents a step lets through, kept as sets and kept up as agents change.

A step is judged once for all agents who are alike in what it reads, and once for all tasks that are alike there: 15,000 agents
with 100 levels of a skill cost 100 evaluations, and an agent who changes costs one, or none if somebody was so before. Where a filter
wants something to be equal, only those with that value are judged, so that naming one agent of 15,000 costs one evaluation.

Agents without any of what a step reads are not kept one by one: they are the rest of it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from dialer.core.allocation.expression import ALWAYS_THERE, Facts, compiled
from dialer.core.allocation.profile import Profile
from dialer.core.allocation.suitability import agent_reads, facts_of, task_reads, unsuited
from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.ids import AgentId, SetId

EVERYBODY: Final = SetId(0)
"""The set of a step that asks for nothing; always there."""

MAX_IDLE: Final = 1_000
"""So many sets are kept that nobody uses at the moment: what was asked for lately will be again. A guess; a set costs some
kilobytes."""

_SPARE: Final = 64
"""Groups without agents that are kept, as somebody may be so again."""


class Moved(NamedTuple):
    """What sets an agent came into and left."""

    joined: Sequence[SetId]
    left: Sequence[SetId]


class _Group:
    """Agents who are alike in what a partition reads."""

    __slots__ = ("agents", "facts", "sets")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.agents: dict[AgentId, None] = {}
        self.sets: dict[SetId, None] = {}
        """Those that let them through."""


class _Set(NamedTuple):
    step: WorkflowStep
    task: Facts
    partition: "_Partition"
    key: Hashable
    equal: tuple[tuple[str, Hashable], ...] | None
    """What agents must have at some paths; None: there is nobody whom the step can let through."""
    groups: dict[_Group, None]
    """Those that are let through."""

    def may_have(self, group: _Group) -> bool:
        """Return whether it is worth judging a group."""
        return self.equal is not None and all(_at(group.facts, path) == value for path, value in self.equal)


class _Partition:
    """Everybody, grouped by the values at some paths."""

    __slots__ = ("by_value", "empty", "groups", "of", "paths", "rest", "sets")

    def __init__(self, paths: tuple[str, ...]) -> None:
        self.paths = paths
        self.groups: dict[Hashable, _Group] = {}
        self.of: dict[AgentId, _Group] = {}
        self.rest = _Group({})
        """Of everybody who is in no other group; its agents are not listed."""
        self.sets: dict[SetId, _Set] = {}
        self.empty = 0
        """How many groups nobody is in."""
        self.by_value: dict[str, dict[Hashable, list[_Group]]] = {}
        """Groups by what they have at a path, for the paths that were asked for."""

    def values(self, facts: Facts) -> Hashable:
        """Return what an agent has at the paths; None if it has nothing there."""
        values = tuple([_typed(facts.get(path)) for path in self.paths])
        return values if any(values) else None

    def add(self, agent_id: AgentId, group: _Group) -> None:
        """Put an agent into a group."""
        if not group.agents:
            self.empty -= 1
        group.agents[agent_id] = None
        self.of[agent_id] = group

    def discard(self, agent_id: AgentId) -> None:
        """Take an agent out of its group, if it is in one; groups that nobody is in are forgotten if they are many."""
        group = self.of.pop(agent_id, None)
        if group is None:
            return
        del group.agents[agent_id]
        if not group.agents:
            self.empty += 1
        if self.empty > len(self.groups) // 2 + _SPARE:
            self._sweep()

    def having(self, path: str, value: Hashable) -> Sequence[_Group]:
        """Return the groups that have a value at a path; what equals it to Python is enough."""
        if path not in self.by_value:
            by_value = self.by_value[path] = {}
            for group in self.groups.values():
                by_value.setdefault(_at(group.facts, path), []).append(group)
        return self.by_value[path].get(value, ())

    def begin(self, values: Hashable, facts: Facts) -> _Group:
        """Make a group, which nobody is in yet."""
        group = self.groups[values] = _Group(facts)
        self.empty += 1
        for path, by_value in self.by_value.items():
            by_value.setdefault(_at(facts, path), []).append(group)
        return group

    def _sweep(self) -> None:
        for group in [group for group in self.groups.values() if not group.agents]:
            for set_id in group.sets:
                del self.sets[set_id].groups[group]
        self.groups = {key: group for key, group in self.groups.items() if group.agents}
        self.empty = 0
        self.by_value.clear()


class AgentSets:
    """The agents, and the sets that steps make of them.

    Args:
        max_idle: How many sets are kept that nobody uses.
    """

    def __init__(self, max_idle: int = MAX_IDLE) -> None:
        self._max_idle = max_idle
        self.evaluations = 0
        """How often a step was judged, for whoever wants to know what it costs."""
        self._facts: dict[AgentId, Facts] = {}
        self._groups: dict[AgentId, dict[_Partition, _Group]] = {}
        self._partitions: dict[tuple[str, ...], _Partition] = {}
        self._by_path: dict[str, list[_Partition]] = {}
        self._with_rest: dict[_Partition, None] = {}
        """Partitions some of whose sets let through whoever has nothing of what they read."""
        self._sets: dict[SetId, _Set] = {}
        self._ids: dict[Hashable, SetId] = {}
        """By what makes a set, the one that was asked for last at the end."""
        self._next = EVERYBODY
        self.of_step(WorkflowStep(name="everybody"), {})

    # --- agents --------------------------------------------------------------------------------------

    def put(self, agent_id: AgentId, profile: Profile) -> Moved:
        """Take in what an agent is, now or anew."""
        facts, before = facts_of(profile), self._facts.get(agent_id)
        self._facts[agent_id] = facts
        if before is None:
            self._groups[agent_id] = {}
            for partition in self._reading(facts):
                self._place(agent_id, facts, partition)
            return Moved(self.of_agent(agent_id), ())
        changed = [
            path for path in {**before, **facts} if _typed(before.get(path)) != _typed(facts.get(path))
        ]
        joined: list[SetId] = []
        left: list[SetId] = []
        for partition in self._reading(changed):
            was = partition.of.get(agent_id, partition.rest).sets
            now = self._place(agent_id, facts, partition).sets
            joined += (set_id for set_id in now if set_id not in was)
            left += (set_id for set_id in was if set_id not in now)
        return Moved(joined, left)

    def remove(self, agent_id: AgentId) -> Moved:
        """Forget an agent."""
        left = self.of_agent(agent_id)
        for partition in self._groups.pop(agent_id, {}):
            partition.discard(agent_id)
        self._facts.pop(agent_id, None)
        return Moved((), left)

    def of_agent(self, agent_id: AgentId) -> Sequence[SetId]:
        """Return the sets that an agent is in; none if it is not known."""
        groups = self._groups.get(agent_id)
        if groups is None:
            return ()
        found = [set_id for group in groups.values() for set_id in group.sets]
        for partition in self._with_rest:
            if partition not in groups:
                found += partition.rest.sets
        return found

    def _reading(self, paths: Iterable[str]) -> Iterator[_Partition]:
        yield from dict.fromkeys(partition for path in paths for partition in self._by_path.get(path, ()))

    def _place(self, agent_id: AgentId, facts: Facts, partition: _Partition) -> _Group:
        """Put an agent into its group of a partition."""
        partition.discard(agent_id)
        values = partition.values(facts)
        if values is None:
            self._groups[agent_id].pop(partition, None)
            return partition.rest
        group = partition.groups.get(values)
        if group is None:
            known = {path: facts[path] for path in partition.paths if path in facts}
            group = partition.begin(values, known)
            for set_id, agent_set in partition.sets.items():
                self._judge(set_id, agent_set, group)
        partition.add(agent_id, group)
        self._groups[agent_id][partition] = group
        return group

    # --- sets ----------------------------------------------------------------------------------------

    def of_step(self, step: WorkflowStep, task: Facts) -> SetId:
        """Return the set of a step for a task; tasks that are alike in what the step reads have the same."""
        key = _key(step, task)
        set_id = self._ids.pop(key, None)
        if set_id is None:
            set_id = self._make(step, task, key)
        self._ids[key] = set_id
        return set_id

    def members(self, set_id: SetId) -> Sequence[AgentId]:
        """Return the agents of a set; none if it was forgotten."""
        if set_id not in self._sets:
            return ()
        agent_set = self._sets[set_id]
        partition = agent_set.partition
        found = [agent_id for group in agent_set.groups for agent_id in group.agents]
        if set_id in partition.rest.sets:
            found += (agent_id for agent_id in self._facts if agent_id not in partition.of)
        return found

    def forget_unused(self, is_used: Callable[[SetId], bool]) -> list[SetId]:
        """Forget sets that nobody uses, if they are many, those first that were not asked for longest; return them."""
        spare = len(self._sets) - self._max_idle
        if spare <= 0:
            return []
        old = [set_id for set_id in self._ids.values() if set_id != EVERYBODY and not is_used(set_id)][:spare]
        for set_id in old:
            self._forget(set_id)
        return old

    def _make(self, step: WorkflowStep, task: Facts, key: Hashable) -> SetId:
        set_id, self._next = self._next, SetId(self._next + 1)
        partition = self._partition(agent_reads(step, task))
        known = {path: task[path] for path in task_reads(step) if path in task}
        equal = _equal(step, known)
        agent_set = self._sets[set_id] = partition.sets[set_id] = _Set(step, known, partition, key, equal, {})
        groups = partition.having(*equal[0]) if equal else partition.groups.values()
        for group in (partition.rest, *groups):
            self._judge(set_id, agent_set, group)
        if partition.rest.sets:
            self._with_rest[partition] = None
        return set_id

    def _partition(self, paths: tuple[str, ...]) -> _Partition:
        found = self._partitions.get(paths)
        if found is None:
            found = self._partitions[paths] = _Partition(paths)
            for path in paths:
                self._by_path.setdefault(path, []).append(found)
            for agent_id, facts in self._facts.items():
                if any(path in facts for path in paths):
                    self._place(agent_id, facts, found)
        return found

    def _judge(self, set_id: SetId, agent_set: _Set, group: _Group) -> None:
        if not agent_set.may_have(group):
            return
        self.evaluations += 1
        if unsuited(agent_set.step, group.facts, agent_set.task) is None:
            group.sets[set_id] = None
            agent_set.groups[group] = None

    def _forget(self, set_id: SetId) -> None:
        agent_set = self._sets.pop(set_id)
        partition = agent_set.partition
        del self._ids[agent_set.key], partition.sets[set_id]
        for group in agent_set.groups:
            del group.sets[set_id]
        if not partition.rest.sets:
            self._with_rest.pop(partition, None)
        if not partition.sets:
            self._drop(partition)

    def _drop(self, partition: _Partition) -> None:
        del self._partitions[partition.paths]
        for path in partition.paths:
            self._by_path[path].remove(partition)
            if not self._by_path[path]:
                del self._by_path[path]
        for agent_id in partition.of:
            del self._groups[agent_id][partition]


def _equal(step: WorkflowStep, task: Facts) -> tuple[tuple[str, Hashable], ...] | None:
    """Return what agents must have for the filter to hold; None if it cannot hold for the task."""
    found = []
    for each in compiled(step.filter).equal if step.filter else ():
        value = task.get(each.task) if each.task else each.text
        if value is None:
            return None
        found.append((each.agent, value))
    return tuple(found)


def _at(facts: Facts, path: str) -> Hashable:
    return facts.get(path, ALWAYS_THERE.get(path))


def _key(step: WorkflowStep, task: Facts) -> Hashable:
    """Return what makes a set: what the step asks of agents, and what it reads of the task."""
    skills = tuple(sorted(step.skills.items()))
    values = tuple([_typed(task.get(path)) for path in task_reads(step)])
    return (step.filter, skills, step.skill_from, step.teams, step.kind, step.unless_kind, values)


def _typed(value: Hashable) -> Hashable:
    """Return a value that equals only what expressions take for the same: 1, 1.0 and true are three."""
    return None if value is None else (type(value), value)
