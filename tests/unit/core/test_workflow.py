"""How a task goes through a workflow: which step it begins in, and what comes next."""

import pytest

from dialer.core.allocation.capacity import Channel
from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.service_queue import Order
from dialer.core.allocation.suitability import facts_of, ordering_skill, unsuited
from dialer.core.allocation.workflow import (
    Overflow,
    Then,
    Workflow,
    WorkflowStep,
    after,
    begin,
    settle,
    task_facts,
)
from dialer.workflows import SHIPPED, load

MESSAGE, CALLBACK, END = (Overflow(then) for then in (Then.MESSAGE, Then.CALLBACK, Then.END))


def workflow(*steps, name="support", **more):
    return Workflow(name=name, steps=tuple(WorkflowStep(**step) for step in steps), **more)


GERMAN = {"name": "german", "when": "task.lang == 'de'", "timeout_s": 10.0}
RICH = {"name": "rich", "when": "task.value > 100", "timeout_s": 10.0, "overflow": CALLBACK}
ALL = {"name": "all", "timeout_s": 10.0}


@pytest.mark.parametrize(
    ("task", "course"),
    [
        pytest.param({"lang": "de", "value": 200}, [0, 1, CALLBACK], id="every-step-until-one-leads-out"),
        pytest.param({"lang": "de", "value": 5}, [0, 2, MESSAGE], id="one-is-passed-over"),
        pytest.param({}, [2, MESSAGE], id="what-is-not-known-does-not-hold"),
        pytest.param({"value": "much"}, [2, MESSAGE], id="nor-does-what-cannot-be-compared"),
    ],
)
def test_w3_a_task_goes_through_the_steps_that_are_for_it_in_order(task, course):
    flow = workflow(GERMAN, RICH, ALL, overflow=MESSAGE)
    found = [begin(flow, task)]
    while isinstance(found[-1], int):
        found.append(after(flow, found[-1], task))
    assert found == course


def test_w3_a_task_without_any_step_goes_the_default_way():
    flow = workflow(GERMAN, default=CALLBACK, overflow=MESSAGE)
    assert begin(flow, {}) == CALLBACK
    assert begin(workflow(GERMAN, overflow=MESSAGE), {}) == MESSAGE
    assert begin(workflow(GERMAN), {}) == END


def test_a_task_that_overflows_goes_on_in_the_other_workflow():
    late = workflow(GERMAN, ALL, name="late")
    day = workflow(ALL, name="day", overflow=Overflow(Then.WORKFLOW, "late"))
    found = settle({"late": late}.get, day, after(day, 0, {"lang": "fr"}), {"lang": "fr"})
    assert found == (late, 1)


@pytest.mark.parametrize(
    "workflows",
    [
        pytest.param({}, id="that-is-not-there"),
        pytest.param({"b": ("b", "b")}, id="that-leads-to-itself"),
        pytest.param({"b": ("b", "a"), "a": ("a", "b")}, id="that-leads-back"),
    ],
)
def test_a_task_that_no_workflow_has_a_step_for_ends_instead_of_going_round(workflows):
    known = {
        name: workflow(GERMAN, name=own, default=Overflow(Then.WORKFLOW, to))
        for name, (own, to) in workflows.items()
    }
    start = workflow(GERMAN, name="a", default=Overflow(Then.WORKFLOW, "b"))
    assert settle(known.get, start, begin(start, {}), {}) == END


def test_w1_expressions_know_the_channel_and_the_line_of_a_task_beside_its_attributes():
    facts = task_facts({"lang": "de"}, channel=Channel.TEXT, line="support")
    assert facts == {"lang": "de", "channel": "text", "line": "support"}
    flow = workflow({"name": "chats", "when": "task.channel == 'text' && task.line == 'support'"})
    assert begin(flow, facts) == 0


# --- who may have it ---------------------------------------------------------------------------------

ANNA = Profile(
    skills={"billing": 2}, teams=("north",), attributes={"lang": "de", "age": 41}, kind=AgentKind.SEAT
)


@pytest.mark.parametrize(
    ("step", "task", "why"),
    [
        pytest.param({}, {}, None, id="nothing-is-asked"),
        pytest.param({"skills": {"billing": 2}}, {}, None, id="the-level"),
        pytest.param({"skills": {"billing": 3}}, {}, "skill billing 2, at least 3 is needed", id="too-low"),
        pytest.param({"skills": {"sales": 1}}, {}, "skill sales missing, at least 1 is needed", id="missing"),
        pytest.param({"teams": ("south", "north")}, {}, None, id="a-team"),
        pytest.param({"teams": ("south", "west")}, {}, "in none of the teams south, west", id="other-teams"),
        pytest.param({"kind": AgentKind.SEAT}, {}, None, id="the-kind"),
        pytest.param({"kind": AgentKind.REMOTE}, {}, "is seat, not remote", id="the-other-kind"),
        pytest.param({"filter": "agent.lang == task.lang"}, {"lang": "de"}, None, id="the-filter"),
        pytest.param(
            {"filter": "agent.lang == task.lang"},
            {"lang": "fr"},
            "the filter does not hold: agent.lang is 'de', task.lang is 'fr'",
            id="the-filter-says-no",
        ),
        pytest.param(
            {"filter": "agent.lang == task.lang"},
            {},
            "the filter fails (task.lang is not known): agent.lang is 'de', task.lang is not known",
            id="not-known",
        ),
        pytest.param({"filter": "false"}, {}, "the filter does not hold", id="nothing-read"),
        pytest.param({"skill_from": "operation"}, {"operation": "billing"}, None, id="the-skill-that-is-named"),
        pytest.param(
            {"skill_from": "operation"},
            {"operation": "refund"},
            "skill refund missing, at least 1 is needed",
            id="without-the-skill-that-is-named",
        ),
        pytest.param(
            {"skill_from": "operation"}, {}, "the task has no operation, which names a skill", id="none-is-named"
        ),
        pytest.param(
            {"skill_from": "operation"}, {"operation": 3}, "the task has no operation, which names a skill", id="a-number"
        ),
        pytest.param(
            {"skill_from": "operation", "skills": {"billing": 3}},
            {"operation": "billing"},
            "skill billing 2, at least 3 is needed",
            id="named-twice",
        ),
    ],
)  # fmt: skip
def test_w2_who_may_have_a_task_is_decided_by_skills_teams_kind_and_filter(step, task, why):
    found = unsuited(WorkflowStep(name="one", **step), facts_of(ANNA), task)
    assert (None if found is None else found.reason) == why
    assert found is None or not found.is_fault


def test_a_filter_that_compares_what_cannot_be_compared_is_to_blame():
    found = unsuited(WorkflowStep(name="one", filter="agent.lang > 3"), facts_of(ANNA), {})
    assert found.is_fault
    assert found.reason.startswith("the filter fails (No such overload")
    assert found.reason.endswith("agent.lang is 'de'")


def test_an_order_by_skill_goes_by_the_first_one_or_by_the_one_that_the_task_names():
    by_skill = {"name": "one", "order": Order.SKILL_LEVEL, "skill_from": "operation"}
    assert ordering_skill(WorkflowStep(**by_skill, skills={"b": 1, "a": 1}), {"operation": "c"}) == "b"
    assert ordering_skill(WorkflowStep(**by_skill), {"operation": "c"}) == "c"
    assert ordering_skill(WorkflowStep(**by_skill), {}) == ""
    assert ordering_skill(WorkflowStep(name="one", skills={"b": 1}), {}) == ""


# --- remote and seat agents --------------------------------------------------------------------------

REMOTE = Profile(skills={"refund": 100}, attributes={"lang": "de"}, kind=AgentKind.REMOTE)
SEAT = Profile(skills={"refund": 1}, kind=AgentKind.SEAT)


@pytest.fixture(scope="module")
def shipped():
    return load(SHIPPED / "remote-to-seat.toml")


def who(flow, index, task):
    people = {
        "remote": REMOTE,
        "seat": SEAT,
        "unskilled seat": Profile(kind=AgentKind.SEAT),
        "neither": Profile(),
    }
    step = flow.steps[index]
    return {name for name, profile in people.items() if unsuited(step, facts_of(profile), task) is None}


@pytest.mark.parametrize("asked", [{}, {"asked_for": "seat"}, {"asked_for": "remote"}, {"operation": ""}])
def test_t2_whatever_kind_of_agent_is_asked_for_a_remote_agent_comes_first(shipped, asked):
    first = begin(shipped, asked)
    assert who(shipped, first, asked) == {"remote"}
    later = after(shipped, first, asked)
    assert who(shipped, later, asked) == {"remote", "seat", "unskilled seat"}
    assert shipped.steps[later].timeout_s is None


def test_t3_an_operation_goes_to_seat_agents_with_its_skill_and_waits_for_them(shipped):
    task = {"operation": "refund", "asked_for": "remote"}
    step = shipped.steps[begin(shipped, task)]
    assert who(shipped, begin(shipped, task), task) == {"seat"}
    assert (step.timeout_s, ordering_skill(step, task)) == (None, "refund")


def test_t3_a_remote_agent_is_never_eligible_for_an_operation_in_any_step_that_can_be_reached(shipped):
    for operation in ("refund", "kind", "remote", "lang", "x' || true || 'x"):
        task = {"operation": operation}
        found = begin(shipped, task)
        while isinstance(found, int):
            assert "remote" not in who(shipped, found, task)
            found = after(shipped, found, task) if shipped.steps[found].timeout_s is not None else END
