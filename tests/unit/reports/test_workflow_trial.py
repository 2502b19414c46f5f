"""Who would get a task, and why each other agent would not."""

import pytest

from dialer.core.allocation.capacity import Channel, Demand, Limits
from dialer.core.allocation.profile import AgentKind, Profile, SharedLimits
from dialer.core.allocation.service_queue import Order
from dialer.core.allocation.workflow import Overflow, Then, Workflow, WorkflowStep
from dialer.core.states import AgentState
from dialer.reports.workflow_trial import trial
from dialer.storage.agents import AgentRow

VOICE, TEXT = Demand(Channel.VOICE, 0), Demand(Channel.TEXT, 1)
READY, TALKING = AgentState.READY, AgentState.TALKING

_PEOPLE = ["anna", "berta", "carla", "dora", "emma", "fritz"]


def agent(name, state=READY, *, since=0.0, reason="", to_come="", **profile):
    return AgentRow(
        agent_id=_PEOPLE.index(name) + 1,
        name=name,
        phone="sip:a@192.0.2.10",
        state=state,
        reason=reason,
        since_at=since,
        to_come=to_come,
        profile=Profile(**profile),
    )


def ask(people, *steps, task=None, demand=VOICE, shared=None, **more):
    flow = Workflow(name="support", steps=tuple(WorkflowStep(**step) for step in steps), **more)
    return trial(flow, people, shared or SharedLimits(), task or {}, demand)


def whys(step):
    return {each.agent: each.why for each in step.candidates}


def test_w4_the_most_suitable_agent_gets_the_task_and_the_others_are_told_why_not():
    found = ask(
        [
            agent("anna", since=30.0, skills={"billing": 3}),
            agent("berta", since=20.0, skills={"billing": 2}),
            agent("carla", skills={"billing": 1}),
            agent("dora", AgentState.PAUSED, reason="lunch", skills={"billing": 3}),
            agent("emma", TALKING, skills={"billing": 3}),
            agent("fritz"),
        ],
        {"name": "one", "skills": {"billing": 2}},
    )
    (step,) = found.steps
    assert (found.takes, found.step, step.takes) == ("berta", "one", "berta")
    assert found.said == "berta gets it at once, in step 'one'"
    assert [(each.agent, each.place) for each in step.candidates[:2]] == [("berta", 1), ("anna", 2)]
    assert whys(step) == {
        "berta": "",
        "anna": "",
        "dora": "paused: lunch",
        "emma": "in a voice or video task",
        "carla": "skill billing 1, at least 2 is needed",
        "fritz": "skill billing missing, at least 2 is needed",
    }
    assert [each.suited for each in step.candidates] == [True] * 4 + [False] * 2


def test_the_order_of_the_step_decides_who_comes_first():
    people = [agent("anna", since=5.0, skills={"sales": 1}), agent("berta", since=9.0, skills={"sales": 4})]
    by_skill = {"name": "one", "skills": {"sales": 1}, "order": Order.SKILL_LEVEL}
    assert ask(people, {"name": "one"}).takes == "anna"
    assert ask(people, by_skill).takes == "berta"


@pytest.mark.parametrize(
    ("who", "demand", "why"),
    [
        pytest.param({"state": TALKING}, TEXT, "", id="text-beside-a-call"),
        pytest.param(
            {"state": TALKING, "limits": Limits(first=0, second=2)},
            TEXT,
            "the text would exceed the first limit, which holds beside a call",
            id="no-text-beside-a-call",
        ),
        pytest.param({}, Demand(Channel.TEXT, 5), "the text would exceed the second limit", id="too-much-text"),
        pytest.param({"channels": (Channel.TEXT,)}, VOICE, "takes no voice", id="another-channel"),
        pytest.param({"state": AgentState.LOGGED_OUT}, VOICE, "logged_out", id="not-there"),
        pytest.param({"state": AgentState.WRAP_UP}, TEXT, "wrap_up", id="in-wrap-up"),
        pytest.param(
            {"state": TALKING, "to_come": "paused: lunch"}, TEXT, "paused: lunch after the present call", id="pauses-soon"
        ),
    ],
)  # fmt: skip
def test_whoever_is_suited_and_cannot_take_it_now_is_told_why(who, demand, why):
    found = ask([agent("anna", **who)], {"name": "one"}, demand=demand)
    assert whys(found.steps[0]) == {"anna": why}
    assert found.steps[0].candidates[0].suited


def test_the_limits_that_hold_are_those_of_the_team():
    shared = SharedLimits(teams={"north": Limits(first=0, second=0)})
    found = ask([agent("anna", teams=("north",))], {"name": "one"}, demand=TEXT, shared=shared)
    assert found.takes == ""


def test_a_task_that_nobody_can_take_goes_from_step_to_step():
    steps = (
        {"name": "billing", "skills": {"billing": 3}, "timeout_s": 20.0},
        {"name": "billing, less", "skills": {"billing": 2}, "timeout_s": 10.0},
        {"name": "german", "when": "task.lang == 'de'", "timeout_s": 10.0},
        {"name": "anybody", "teams": ("north",), "timeout_s": 60.0},
    )
    anna = agent("anna", skills={"billing": 2})
    found = ask([anna], *steps, task={"lang": "fr"})
    assert found.said == "anna gets it after 20 s, in step 'billing, less'"
    assert found.steps[0].then == "after 20 s it goes on in step 'billing, less'"
    assert found.steps[1].then == "after 10 s it goes on in step 'anybody'"
    assert found.steps[2].passed_over == "`when` does not hold: task.lang is 'fr'"

    nobody = ask([], *steps, task={"lang": "fr"}, overflow=Overflow(Then.CALLBACK))
    assert nobody.said == "nobody can take it now: after 90 s it is called back, in its place"


def test_a_task_waits_where_there_is_no_timeout():
    found = ask([agent("anna", kind=AgentKind.REMOTE)], {"name": "operation", "kind": AgentKind.SEAT})
    assert (found.takes, found.step) == ("", "operation")
    assert found.said == "nobody can take it now: it waits in step 'operation'"
    assert whys(found.steps[0]) == {"anna": "is remote, not seat"}


def test_a_task_without_a_step_goes_the_default_way():
    found = ask(
        [],
        {"name": "one", "when": "task.vip > 3"},
        task={"vip": "yes"},
        default=Overflow(Then.WORKFLOW, "late"),
    )
    assert found.said == "there is no step for it: it goes on in the workflow late"
    assert found.steps[0].passed_over.startswith("`when` fails (No such overload")


def test_a_condition_that_compares_what_cannot_be_compared_is_said_to_be_a_mistake():
    found = ask([agent("anna", attributes={"age": "old"})], {"name": "one", "filter": "agent.age > 3"})
    (candidate,) = found.steps[0].candidates
    assert candidate.is_fault
    assert candidate.why.endswith("agent.age is 'old'")
