"""What agent sets cost at the size to be reached, and what they forget."""

from dialer.core.allocation.agent_sets import EVERYBODY, AgentSets
from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.workflow import WorkflowStep

SKILLS = ["sales", "billing", "orders", "repairs", "travel"]
LANGUAGES = ["de", "en", "es", "fr", "it", "pl"]


def one_of_many(number):
    return Profile(
        skills={SKILLS[number % 5]: 1 + number % 10, SKILLS[(number // 7) % 5]: 5},
        teams=(f"team-{number % 20}",),
        attributes={"lang": LANGUAGES[number % 6], "badge": number},
        kind=AgentKind.SEAT if number % 3 else AgentKind.REMOTE,
    )


def full_floor(agents=15_000):
    sets = AgentSets()
    for number in range(agents):
        sets.put(number, one_of_many(number))
    return sets


def step(**facts):
    return WorkflowStep(name="step", **facts)


def test_200_lines_of_business_cost_15000_agents_a_few_hundred_evaluations():
    sets = full_floor()
    found = set()
    for line in range(200):
        asks = step(
            filter="agent.lang == task.lang",
            skills={SKILLS[line % 5]: 1 + line % 8},
            kind=AgentKind.SEAT if line % 2 else AgentKind.NONE,
        )
        found.add(sets.of_step(asks, {"lang": LANGUAGES[line % 6], "customer": line}))

    assert len(found) == 120, "lines that ask for the same share a set"
    assert sum(len(sets.members(one)) for one in found) > 15_000
    assert sets.evaluations < 500, "not once for every agent: that were 1,800,000"
    # The same again, as 10,000 tasks would ask.
    before = sets.evaluations
    for customer in range(1_000):
        sets.of_step(step(filter="agent.lang == task.lang"), {"lang": "de", "customer": customer})
    assert sets.evaluations - before == 1


def test_naming_one_agent_of_15000_costs_one_evaluation():
    sets = full_floor()
    named = step(filter="agent.badge == task.wanted && agent.kind == 'seat'")
    sets.of_step(named, {"wanted": 1})
    before = sets.evaluations
    assert list(sets.members(sets.of_step(named, {"wanted": 7_000}))) == [7_000]
    assert list(sets.members(sets.of_step(named, {"wanted": 3_000}))) == [], "is remote"
    assert list(sets.members(sets.of_step(named, {}))) == []
    assert sets.evaluations - before == 1


def test_who_becomes_like_somebody_else_is_not_judged_anew():
    sets = full_floor(1_000)
    skilled = sets.of_step(step(skills={"sales": 5}), {})
    before = sets.evaluations
    assert skilled not in sets.of_agent(8)
    moved = sets.put(8, Profile(skills={"sales": 5}))
    assert (sets.evaluations, list(moved.joined), list(moved.left)) == (before, [skilled], [])
    assert skilled in sets.of_agent(8)


def test_a_change_that_no_step_reads_costs_nothing():
    sets = full_floor(1_000)
    skilled = sets.of_step(step(skills={"sales": 1}), {})
    assert skilled in sets.of_agent(5)
    before = sets.evaluations
    for badge in range(500):
        profile = Profile(skills={"sales": 6, "billing": 5}, attributes={"badge": -badge})
        moved = sets.put(5, profile)
        assert (list(moved.joined), list(moved.left)) == ([], [])
    assert sets.evaluations == before


def test_values_that_nobody_has_any_more_are_forgotten():
    sets = AgentSets()
    high = sets.of_step(step(filter="agent.score > 10"), {})
    for score in range(2_000):
        sets.put(1, Profile(attributes={"score": score}))
    assert list(sets.members(high)) == [1]
    assert sum(len(partition.groups) for partition in sets._partitions.values()) < 200


def test_a_step_that_asks_for_nothing_lets_everybody_through():
    sets = full_floor(30)
    assert sets.of_step(step(priority_s=5, timeout_s=3), {"lang": "de"}) == EVERYBODY
    assert len(sets.members(EVERYBODY)) == 30
    assert sets.of_agent(7) == [EVERYBODY]
    assert list(sets.of_agent(99)) == []


def test_sets_that_nobody_uses_are_forgotten_those_first_that_were_asked_for_longest_ago():
    sets = AgentSets(max_idle=3)
    by_customer = step(filter="agent.owner == task.customer")
    first, second, third = (sets.of_step(by_customer, {"customer": number}) for number in range(3))
    assert sets.of_step(by_customer, {"customer": 0}) == first

    assert sets.forget_unused(lambda one: one == second) == [third]
    assert sets.forget_unused(lambda _: False) == []
    again = sets.of_step(by_customer, {"customer": 2})
    assert again not in (first, second, third), "an id is never used twice"
    assert sets.forget_unused(lambda _: False) == [second]


def test_one_and_true_are_not_the_same_to_a_step():
    sets = AgentSets()
    sets.put(1, Profile(attributes={"vip": 1}))
    sets.put(2, Profile(attributes={"vip": True}))
    assert list(sets.members(sets.of_step(step(filter="agent.vip == true"), {}))) == [2]
    assert list(sets.members(sets.of_step(step(filter="agent.vip == task.vip"), {"vip": 1}))) == [1]


def test_a_filter_that_cannot_be_evaluated_lets_nobody_through():
    sets = AgentSets()
    sets.put(1, Profile(attributes={"age": "old"}))
    sets.put(2, Profile())
    assert sets.members(sets.of_step(step(filter="agent.age > 3"), {})) == []


def test_t3_a_remote_agent_is_in_no_set_of_a_step_for_seat_agents_whatever_its_skills():
    sets = AgentSets()
    sets.put(1, Profile(skills={"refunds": 100}, kind=AgentKind.REMOTE))
    sets.put(2, Profile(skills={"refunds": 1}, kind=AgentKind.SEAT))
    sets.put(3, Profile(skills={"refunds": 100}))
    operation = sets.of_step(step(skills={"refunds": 1}, kind=AgentKind.SEAT), {})
    assert list(sets.members(operation)) == [2]
    assert operation in sets.put(1, Profile(skills={"refunds": 100}, kind=AgentKind.SEAT)).joined
    assert operation in sets.put(1, Profile(skills={"refunds": 100}, kind=AgentKind.REMOTE)).left
