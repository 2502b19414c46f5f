"""Agents and tasks in any order of events: who gets what is what a sort from scratch would say, and nobody waits in vain."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dialer.core.allocation.allocator import Allocator
from dialer.core.allocation.capacity import Channel, Demand, Limits, Load, fits_later, refusal
from dialer.core.allocation.needs import Ability, Match, Need, Waiting
from dialer.core.allocation.service_queue import Order, Standing, rank
from dialer.core.ids import AgentId, SetId, TaskId

AGENTS = [AgentId(number) for number in range(1, 7)]
SETS = [SetId(number) for number in range(3)]
SERVERS = ["a", "b"]
DEMANDS = [
    Demand(Channel.VOICE, 0),
    Demand(Channel.VIDEO, 0),
    Demand(Channel.TEXT, 1),
    Demand(Channel.TEXT, 3),
]
LIMITS = [Limits(first=0, second=3), Limits(first=1, second=4), Limits(first=2, second=2)]


@dataclass
class Person:
    """An agent, as the model knows it."""

    server: str = "a"
    is_open: bool = False
    limits: Limits = LIMITS[1]
    channels: frozenset[Channel] = frozenset(Channel)
    sets: tuple[SetId, ...] = ()
    work: dict[TaskId, Demand] = field(default_factory=dict)
    free_since: float = 0.0
    given: int = 0
    today: int = 0

    @property
    def load(self) -> Load:
        """Return what the agent carries."""
        live = any(demand.channel is not Channel.TEXT for demand in self.work.values())
        return Load(live, sum(demand.weight for demand in self.work.values()))

    @property
    def standing(self) -> Standing:
        """Return what orders know."""
        return Standing(
            self.free_since, self.load.volume / max(1, self.limits.second), self.given, self.today, {"s": self.today % 3}
        )  # fmt: skip


class Sets:
    """Which agent is in which set, from the model."""

    def __init__(self, people: dict[AgentId, Person]) -> None:
        self._people = people

    def members(self, set_id: SetId) -> Sequence[AgentId]:
        """Return the agents of a set."""
        return [agent_id for agent_id, person in self._people.items() if set_id in person.sets]

    def of_agent(self, agent_id: AgentId) -> Sequence[SetId]:
        """Return the sets that an agent is in."""
        return self._people[agent_id].sets


class Floor(RuleBasedStateMachine):
    """Random agents and tasks; after each rule, everybody who can be brought together is."""

    def __init__(self) -> None:
        super().__init__()
        self.people = {agent_id: Person() for agent_id in AGENTS}
        self.links = {("a", "a"): 0.0, ("b", "b"): 0.0, ("a", "b"): 25.0, ("b", "a"): 25.0}
        self.waiting: dict[TaskId, Waiting] = {}
        self.placed: dict[TaskId, int] = {}
        self.allocator = Allocator(Sets(self.people), self.reach)
        self.now = 0.0
        self.tasks = 0

    def reach(self, task_id: TaskId, server: str) -> float | None:
        """Return what a join takes longer, as the links are."""
        return self.links.get((self.waiting[task_id].server or server, server))

    def know(self, agent_id: AgentId) -> None:
        """Tell the allocator what an agent is like now."""
        person = self.people[agent_id]
        ability = Ability(
            server=person.server,
            is_open=person.is_open,
            load=person.load,
            limits=person.limits,
            channels=person.channels,
            standing=person.standing,
        )
        self.allocator.know(agent_id, ability)

    # --- what a naive reader would say -----------------------------------------------------------------

    def may(self, agent_id: AgentId, task: Waiting) -> bool:
        """Return whether a task may ever go to an agent as things are."""
        person = self.people[agent_id]
        return (
            person.is_open
            and agent_id not in task.barred  # type: ignore[operator]
            and task.need.set_id in person.sets
            and task.need.demand.channel in person.channels
            and (task.server is None or self.reach(task.task_id, person.server) is not None)
        )

    def fits(self, agent_id: AgentId, task: Waiting) -> bool:
        """Return whether an agent could take a task at once."""
        person = self.people[agent_id]
        return self.may(agent_id, task) and refusal(task.need.demand, person.load, person.limits) is None

    def place(self, task_id: TaskId) -> tuple[float, int]:
        """Return where a task ranks."""
        return self.waiting[task_id].ranked_at, self.placed[task_id]

    def settle(self) -> None:
        """Bring together whoever can be, each time checking that it is the right one."""
        while (match := self.allocator.next_match()) is not None:
            self.check(match)
            person, task = self.people[match.agent_id], self.waiting[match.task_id]
            self.allocator.leave(match.task_id)
            del self.waiting[match.task_id]
            person.work[match.task_id] = task.need.demand
            self.tasks += 1
            person.given, person.today = self.tasks, person.today + 1
            self.know(match.agent_id)

    def check(self, match: Match) -> None:
        """See that nobody is overtaken, neither task nor agent."""
        task = self.waiting[match.task_id]
        assert self.fits(match.agent_id, task)
        person = self.people[match.agent_id]
        for other_id, other in self.waiting.items():
            if self.place(other_id) >= self.place(match.task_id):
                continue
            assert not self.fits(match.agent_id, other), "a task was overtaken"
            claimed = other_id in {self.allocator.claim_of(one) for one in AGENTS}
            later = fits_later(other.need.demand, person.load, person.limits)
            assert claimed or not (later and self.may(match.agent_id, other)), "a task was starved"

    # --- what happens ----------------------------------------------------------------------------------

    @rule(data=st.data(), at=st.sampled_from(AGENTS))
    def agent_changes(self, data: Any, at: AgentId) -> None:
        """Let an agent be another one; its sets change with it."""
        person = self.people[at]
        person.is_open = data.draw(st.booleans(), label="open")
        person.limits = data.draw(st.sampled_from(LIMITS), label="limits")
        person.channels = data.draw(
            st.sampled_from([frozenset(Channel), frozenset({Channel.TEXT})]), label="channels"
        )
        person.sets = tuple(data.draw(st.sets(st.sampled_from(SETS)), label="sets"))
        if not person.work:
            person.server = data.draw(st.sampled_from(SERVERS), label="server")
        self.now += 1
        person.free_since = self.now
        self.know(at)
        self.settle()

    @rule(
        demand=st.sampled_from(DEMANDS),
        set_id=st.sampled_from(SETS),
        order=st.sampled_from(Order),
        head_start_s=st.sampled_from([0.0, 0.0, 3.0, 10.0]),
        data=st.data(),
    )
    def task_comes(self, demand: Demand, set_id: SetId, order: Order, head_start_s: float, data: Any) -> None:
        """Let a task come."""
        self.now += 1
        self.tasks += 1
        task_id = TaskId(f"t{self.tasks}")
        live = demand.channel is not Channel.TEXT
        self.waiting[task_id] = Waiting(
            task_id=task_id,
            need=Need(set_id, demand, order, "s" if order is Order.SKILL_LEVEL else ""),
            ranked_at=self.now - head_start_s,
            number=self.tasks,
            server=data.draw(st.sampled_from(SERVERS), label="customer at") if live else None,
            barred=data.draw(st.frozensets(st.sampled_from(AGENTS), max_size=2), label="barred"),
        )
        self.placed[task_id] = self.tasks
        self.allocator.wait(self.waiting[task_id])
        self.check_first(self.waiting[task_id])
        self.settle()

    def check_first(self, task: Waiting) -> None:
        """See that who would take a new task is the first of a sort from scratch."""
        able = [one for one in AGENTS if self.fits(one, task) and self.allocator.claim_of(one) is None]
        ranks = sorted(
            rank(task.need.order, task.need.skill, one, self.people[one].standing).at(
                0.0 if task.server is None else self.reach(task.task_id, self.people[one].server) or 0.0
            )
            for one in able
        )
        match = self.allocator.next_match()
        claims = [self.allocator.claim_of(one) for one in able]
        if ranks and not any(claims):
            assert match == Match(task.task_id, ranks[0].agent_id)

    @precondition(lambda self: any(person.work for person in self.people.values()))
    @rule(data=st.data())
    def work_ends(self, data: Any) -> None:
        """Let a task end."""
        busy = [one for one in AGENTS if self.people[one].work]
        agent_id = data.draw(st.sampled_from(busy), label="agent")
        person = self.people[agent_id]
        task_id = data.draw(st.sampled_from(sorted(person.work)), label="task")
        self.now += 1
        del person.work[task_id]
        person.free_since = self.now
        self.know(agent_id)
        self.settle()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def customer_leaves(self, data: Any) -> None:
        """Let a task that waits go."""
        task_id = data.draw(st.sampled_from(sorted(self.waiting)), label="task")
        assert self.allocator.leave(task_id)
        del self.waiting[task_id]
        self.settle()

    @rule(open_=st.booleans())
    def link_changes(self, open_: bool) -> None:
        """Let the way between the servers close, or open again."""
        for pair in (("a", "b"), ("b", "a")):
            if open_:
                self.links[pair] = 25.0
            else:
                self.links.pop(pair, None)
        self.allocator.look_again()
        self.settle()

    # --- laws ------------------------------------------------------------------------------------------

    @invariant()
    def nobody_waits_in_vain(self) -> None:
        """See that no task waits that somebody could take who keeps free for nothing better."""
        for task in self.waiting.values():
            idle = [one for one in AGENTS if self.fits(one, task) and self.allocator.claim_of(one) is None]
            assert not idle

    @invariant()
    def claims_are_of_use(self) -> None:
        """See that whoever keeps free does so for a task that waits, that fits later, and for each task only one does."""
        claims = [claim for one in AGENTS if (claim := self.allocator.claim_of(one)) is not None]
        assert len(claims) == len(set(claims))
        for one in AGENTS:
            claim = self.allocator.claim_of(one)
            if claim is not None:
                task, person = self.waiting[claim], self.people[one]
                assert person.is_open
                assert fits_later(task.need.demand, person.load, person.limits)

    @invariant()
    def capacity_holds(self) -> None:
        """See that nobody has two live tasks."""
        for person in self.people.values():
            live = [demand for demand in person.work.values() if demand.channel is not Channel.TEXT]
            assert len(live) <= 1

    @invariant()
    def queues_are_in_order(self) -> None:
        """See that each service queue is what a sort from scratch gives."""
        for set_id in SETS:
            for demand in DEMANDS:
                need = Need(set_id, demand, Order.LEAST_LOADED)
                counts = self.allocator.able(need)
                for server in SERVERS:
                    able = [
                        rank(need.order, "", one, person.standing)
                        for one, person in self.people.items()
                        if person.is_open
                        and self.allocator.claim_of(one) is None
                        and set_id in person.sets
                        and person.server == server
                        and demand.channel in person.channels
                        and refusal(demand, person.load, person.limits) is None
                    ]
                    assert self.allocator.in_order(need, server) == [one.agent_id for one in sorted(able)]
                    assert counts.get(server, 0) == len(able)

    @invariant()
    def waiting_is_in_order(self) -> None:
        """See that tasks rank by arrival less their head start, and none is lost."""
        assert self.allocator.waiting == sorted(self.waiting, key=self.place)


TestAllocator = Floor.TestCase
TestAllocator.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
