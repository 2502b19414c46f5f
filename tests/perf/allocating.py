"""What it costs to bring tasks and agents together, and how that grows with the floor.

The day that is measured: 10,000 tasks wait, of 200 lines of business on 3 channels; 5 skills with levels; every second line is served by
less than 1 % of the agents, those of one desk. Each step is timed whole, in processor time: a task comes, a task ends, an agent
pauses or is back, an agent's skills or desk change; with the limits checked, and everybody brought together who can be.
"""

import gc
from collections.abc import Iterator
from itertools import count
from math import log
from random import Random
from time import thread_time

from dialer.core.allocation.agent_sets import AgentSets
from dialer.core.allocation.allocator import Allocator
from dialer.core.allocation.capacity import LIVE, Channel, Demand, Limits, Load
from dialer.core.allocation.needs import Ability, Match, Need, Waiting
from dialer.core.allocation.profile import Profile
from dialer.core.allocation.service_queue import Order, Standing
from dialer.core.allocation.suitability import ordering_skill
from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.ids import AgentId, TaskId

FLOORS = (100, 1_000, 15_000)
WAITING = 10_000
LINES = 200
SKILLS = ("sales", "billing", "service", "claims", "cards")
DESKS = 125
"""Each agent is at one, so a desk has less than 1 % of them."""
STEPS = 10_000


class _Person:
    """An agent of the floor, and what it carries."""

    def __init__(self, agent_id: AgentId) -> None:
        self.agent_id = agent_id
        self.is_open = True
        self.is_live = False
        self.volume = 0
        self.free_since = 0.0
        self.given = self.today = 0
        self.skills: dict[str, int] = {}


class _Line:
    """A line of business: who may take its tasks, and in which order they are asked."""

    def __init__(self, number: int) -> None:
        skill, level = SKILLS[number % 5], 1 + number // 10 % 5
        rare = number % 2 == 1
        self.task = {"desk": number // 2 % DESKS} if rare else {}
        self.step = WorkflowStep(
            name="first",
            filter="agent.desk == task.desk" if rare else "",
            skills={} if rare else {skill: level},
            order=list(Order)[number % 5] if not rare else Order.LONGEST_FREE,
            priority_s=10.0 * (number % 3),
        )
        self.channel = list(Channel)[number % 3]


class _Day:
    """A floor in a steady state, one event after the other."""

    def __init__(self, agents: int) -> None:
        self.chance = Random(agents)
        self.now = 0.0
        self.numbers = count(1)
        self.sets = AgentSets()
        self.allocator = Allocator(self.sets, lambda _task, _server: 0.0)
        self.lines = [_Line(number) for number in range(LINES)]
        self.people = [_Person(AgentId(number)) for number in range(agents)]
        self.waits: dict[TaskId, Demand] = {}
        self.work: list[tuple[_Person, Demand]] = []
        for person in self.people:
            self.change(person)
        while len(self.waits) < WAITING:
            self.task_comes()

    def know(self, person: _Person) -> None:
        """Tell what an agent can do now, and bring together."""
        limits = Limits()
        limit = limits.first if person.is_live else limits.second
        standing = Standing(
            person.free_since, person.volume / limit, person.given, person.today, person.skills
        )
        self.allocator.know(
            person.agent_id,
            Ability(
                server="",
                is_open=person.is_open,
                load=Load(person.is_live, person.volume),
                limits=limits,
                channels=tuple(Channel),
                standing=standing,
            ),
        )

    def settle(self) -> None:
        """Let everybody have what they can take."""
        while (match := self.allocator.next_match()) is not None:
            self.take(match)

    def take(self, match: Match) -> None:
        """Let an agent have a task."""
        self.allocator.leave(match.task_id)
        person, demand = self.people[match.agent_id], self.waits.pop(match.task_id)
        person.given, person.today = next(self.numbers), person.today + 1
        person.is_live = person.is_live or demand.channel in LIVE
        person.volume += demand.weight
        self.work.append((person, demand))
        self.know(person)

    # --- what happens ------------------------------------------------------------------------------

    def task_comes(self) -> None:
        """Let a task come, of any line."""
        self.now += 0.01
        line = self.lines[self.chance.randrange(LINES)]
        task_id, number = TaskId(str(next(self.numbers))), next(self.numbers)
        live = line.channel in LIVE
        demand = self.waits[task_id] = Demand(line.channel, 0 if live else 1)
        need = Need(
            self.sets.of_step(line.step, line.task),
            demand,
            line.step.order,
            ordering_skill(line.step, line.task),
        )
        ranked_at = self.now - line.step.priority_s
        self.allocator.wait(Waiting(task_id, need, ranked_at, number, "" if live else None))
        self.settle()

    def task_ends(self) -> None:
        """Let any task end that somebody works on."""
        if not self.work:
            return
        index = self.chance.randrange(len(self.work))
        self.work[index], self.work[-1] = self.work[-1], self.work[index]
        person, demand = self.work.pop()
        person.is_live = person.is_live and demand.channel not in LIVE
        person.volume -= demand.weight
        person.free_since = self.now
        self.know(person)
        self.settle()

    def presence_changes(self) -> None:
        """Let an agent pause, or be back."""
        person = self.chance.choice(self.people)
        person.is_open = not person.is_open
        self.know(person)
        self.settle()

    def attributes_change(self) -> None:
        """Let an agent learn, forget, or move to another desk."""
        self.change(self.chance.choice(self.people))
        self.settle()

    def change(self, person: _Person) -> None:
        """Draw an agent's skills and desk."""
        levels = {skill: self.chance.randrange(6) for skill in SKILLS}
        person.skills = {skill: level for skill, level in levels.items() if level}
        profile = Profile(skills=person.skills, attributes={"desk": self.chance.randrange(DESKS)})
        self.sets.put(person.agent_id, profile)
        self.know(person)


def p99_ms(agents: int) -> float:
    """Return the time that 99 % of all steps stayed within, on a floor of so many agents."""
    day = _Day(agents)
    happenings = (day.task_comes, day.task_ends, day.presence_changes, day.attributes_change)
    times: list[float] = []
    gc.collect()
    gc.freeze()
    for happens in day.chance.choices(happenings, weights=(45, 45, 5, 5), k=STEPS):
        before = thread_time()
        happens()
        times.append(thread_time() - before)
    gc.unfreeze()
    return 1e3 * sorted(times)[int(0.99 * STEPS)]


def figures() -> Iterator[tuple[str, float, str]]:
    """Yield the 99th percentile for each floor, and how it grows, as a multiple of what the logarithm does."""
    found = {agents: p99_ms(agents) for agents in FLOORS}
    for agents, value in found.items():
        yield f"allocate.p99_ms_{agents}", value, "ms"
    smallest, largest = FLOORS[0], FLOORS[-1]
    growth = found[largest] / found[smallest]
    yield "allocate.growth_over_log", growth / (log(largest) / log(smallest)), "ratio"
