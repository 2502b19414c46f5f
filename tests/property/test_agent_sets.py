"""Agent sets after any changes: exactly whom each step lets through, as if every agent were judged anew."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dialer.core.allocation.agent_sets import EVERYBODY, AgentSets
from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.suitability import facts_of, unsuited
from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.ids import AgentId

AGENTS = [AgentId(number) for number in range(1, 9)]

profiles = st.builds(
    Profile,
    skills=st.dictionaries(st.sampled_from(["sales", "billing"]), st.integers(1, 3), max_size=2),
    teams=st.lists(st.sampled_from(["north", "south"]), max_size=2, unique=True).map(tuple),
    attributes=st.dictionaries(
        st.sampled_from(["lang", "age"]), st.sampled_from(["de", "fr", 1, 1.0, True, 40]), max_size=2
    ),
    kind=st.sampled_from(AgentKind),
)

FILTERS = [
    "",
    "agent.lang == task.lang",
    "agent.age > 1 && agent.skills.sales >= task.level",
    "!has(agent.lang)",
    "agent.kind == '' || 'north' in agent.teams",
    "agent.teams.exists(each, each == task.lang)",
    "task.lang == 'de'",
    "agent.age / 2 == 0",
    "task.lang == agent.lang && agent.age == task.level",
    "agent.kind == '' && agent.skills.sales == task.level",
    "agent.lang == 'de' && agent.kind == 'seat'",
]

steps = st.builds(
    WorkflowStep,
    name=st.just("step"),
    filter=st.sampled_from(FILTERS),
    skills=st.dictionaries(st.sampled_from(["sales", "billing"]), st.integers(1, 3), max_size=2),
    teams=st.lists(st.sampled_from(["north", "south"]), max_size=2, unique=True).map(tuple),
    kind=st.sampled_from(AgentKind),
)

tasks = st.dictionaries(
    st.sampled_from(["lang", "level"]), st.sampled_from(["de", "fr", 1, 2, True]), max_size=2
)


class Sets(RuleBasedStateMachine):
    """Agents come, change and go; steps ask for sets; sets are forgotten."""

    def __init__(self):
        super().__init__()
        self.people = {}
        self.asked = {EVERYBODY: (WorkflowStep(name="all"), {})}

    @initialize(max_idle=st.sampled_from([2, 4, 1_000]))
    def begin(self, max_idle):
        self.max_idle = max_idle
        self.sets = AgentSets(max_idle)

    def naive(self, set_id):
        step, task = self.asked[set_id]
        return {
            agent for agent, profile in self.people.items() if unsuited(step, facts_of(profile), task) is None
        }

    def sets_of(self, agent):
        return {set_id for set_id in self.asked if agent in self.naive(set_id)}

    @rule(agent=st.sampled_from(AGENTS), profile=profiles)
    def put(self, agent, profile):
        before = self.sets_of(agent)
        moved = self.sets.put(agent, profile)
        self.people[agent] = profile
        self.check_moved(moved, before, self.sets_of(agent))

    @rule(agent=st.sampled_from(AGENTS))
    def remove(self, agent):
        before = self.sets_of(agent)
        moved = self.sets.remove(agent)
        self.people.pop(agent, None)
        self.check_moved(moved, before, set())

    def check_moved(self, moved, before, after):
        assert sorted(moved.joined) == sorted(after - before)
        assert sorted(moved.left) == sorted(before - after)

    @rule(step=steps, task=tasks)
    def ask(self, step, task):
        set_id = self.sets.of_step(step, task)
        known = self.asked.setdefault(set_id, (step, task))
        assert (known[0].filter, known[0].skills, known[0].teams, known[0].kind) == (
            step.filter,
            step.skills,
            step.teams,
            step.kind,
        )
        assert self.sets.of_step(step, task) == set_id

    @rule(data=st.data())
    def forget(self, data):
        used = data.draw(st.sets(st.sampled_from(sorted(self.asked))))
        for set_id in self.sets.forget_unused(lambda one: one in used):
            assert set_id not in used
            assert set_id != EVERYBODY
            assert self.sets.members(set_id) == ()
            del self.asked[set_id]
        assert len(self.asked) <= max(self.max_idle, len(used) + 1)

    @invariant()
    def every_set_is_what_judging_everybody_says(self):
        for set_id in self.asked:
            members = self.sets.members(set_id)
            assert len(members) == len(set(members))
            assert set(members) == self.naive(set_id)
        for agent in AGENTS:
            found = self.sets.of_agent(agent)
            assert len(found) == len(set(found))
            assert set(found) == self.sets_of(agent)


Sets.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestSets = Sets.TestCase
