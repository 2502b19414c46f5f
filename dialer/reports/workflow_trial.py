"""Who would get a task, and why each other agent would not: a workflow gone through with the agents as they are on record.

It is judged by the rules that a run goes by. What only a run knows is not: the text that agents carry, and counts of the day.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dialer.core.allocation.capacity import Demand, Load, refusal
from dialer.core.allocation.expression import Facts, compiled
from dialer.core.allocation.operations import on_site
from dialer.core.allocation.profile import SharedLimits
from dialer.core.allocation.service_queue import Standing, rank
from dialer.core.allocation.suitability import facts_of, ordering_skill, unsuited
from dialer.core.allocation.workflow import Overflow, Then, Workflow, WorkflowStep, after, applies, begin
from dialer.core.states import AgentState
from dialer.storage.agents import AgentRow


class Candidate(NamedTuple):
    """What a step says of an agent."""

    agent: str
    suited: bool
    """Whether the step lets the agent through."""
    place: int | None
    """In the order of those who could have the task now, from 1; None: it could not."""
    why: str
    """Why not; empty for those who could."""
    is_fault: bool = False
    """Whether the filter is to blame."""


class StepTrial(NamedTuple):
    """What becomes of a task in a step."""

    step: str
    passed_over: str
    """Why the step is passed over; empty: it is not."""
    candidates: Sequence[Candidate]
    takes: str = ""
    """Who gets the task; empty: nobody can now."""
    then: str = ""
    """What comes next if nobody does."""


class Trial(NamedTuple):
    """What becomes of a task in a workflow."""

    steps: Sequence[StepTrial]
    takes: str
    """Who gets the task at once; empty: it waits for somebody."""
    step: str
    """In which step it is then; empty: in none."""
    said: str
    """The same, for people."""


def trial(
    workflow: Workflow, people: Sequence[AgentRow], shared: SharedLimits, task: Facts, demand: Demand
) -> Trial:
    """Return what becomes of a task, step by step."""
    steps: list[StepTrial] = []
    for index, step in enumerate(workflow.steps):
        if not applies(step, task):
            steps.append(StepTrial(step.name, _why_passed_over(step, task), ()))
            continue
        candidates = [_candidate(step, one, shared, task, demand) for one in people]
        steps.append(_of_step(workflow, index, task, _in_order(step, people, candidates, task)))
    return _sum_up(workflow, task, steps)


def _why_passed_over(step: WorkflowStep, task: Facts) -> str:
    condition = compiled(step.when)
    verdict = condition.judge({}, task)
    values = ", ".join(
        f"{path} is {'not known' if value is None else repr(value)}"
        for path, value in condition.values({}, task).items()
    )
    said = f"`when` fails ({verdict.why})" if verdict.is_fault else "`when` does not hold"
    return f"{said}: {values}" if values else said


def _candidate(
    step: WorkflowStep, one: AgentRow, shared: SharedLimits, task: Facts, demand: Demand
) -> Candidate:
    why = unsuited(on_site(step, task), facts_of(one.profile), task)
    if why is not None:
        return Candidate(one.name, suited=False, place=None, why=why.reason, is_fault=why.is_fault)
    return Candidate(one.name, suited=True, place=None, why=_unable(one, shared, demand))


def _unable(one: AgentRow, shared: SharedLimits, demand: Demand) -> str:
    """Return why an agent can take nothing of a kind now; empty if it can."""
    if demand.channel not in one.profile.channels:
        return f"takes no {demand.channel}"
    if one.state not in (AgentState.READY, AgentState.TALKING):
        return f"{one.state}: {one.reason}" if one.reason else str(one.state)
    if one.state is AgentState.TALKING and one.to_come:
        return f"{one.to_come} after the present call"
    load = Load(is_live=one.state is AgentState.TALKING, volume=0)
    return refusal(demand, load, shared.of(one.profile)) or ""


def _in_order(
    step: WorkflowStep, people: Sequence[AgentRow], candidates: Sequence[Candidate], task: Facts
) -> list[Candidate]:
    """Return the candidates with their places, those first who could have the task."""
    skill = ordering_skill(step, task)

    def standing(one: AgentRow) -> Standing:
        return Standing(one.since_at, share=0.0, given=0, today=0, skills=one.profile.skills)

    able = [(one, each) for one, each in zip(people, candidates, strict=True) if not each.why]
    able.sort(key=lambda pair: rank(step.order, skill, pair[0].agent_id, standing(pair[0])))
    placed = [each._replace(place=place) for place, (_, each) in enumerate(able, 1)]
    others = [each for each in candidates if each.why]
    return [*placed, *sorted(others, key=lambda each: not each.suited)]


def _of_step(workflow: Workflow, index: int, task: Facts, candidates: Sequence[Candidate]) -> StepTrial:
    step = workflow.steps[index]
    takes = next((each.agent for each in candidates if each.place == 1), "")
    if step.timeout_s is None:
        then = "it waits here until somebody can"
    else:
        then = f"after {step.timeout_s:g} s {_where(workflow, after(workflow, index, task))}"
    return StepTrial(step.name, "", candidates, takes, then)


def _where(workflow: Workflow, found: int | Overflow) -> str:
    if isinstance(found, Overflow):
        return (
            "it goes on in the workflow " + found.workflow if found.to is Then.WORKFLOW else _FATES[found.to]
        )
    return f"it goes on in step {workflow.steps[found].name!r}"


_FATES = {
    Then.MESSAGE: "it hears the message and is ended",
    Then.CALLBACK: "it is called back, in its place",
    Then.END: "it is ended",
}


def _sum_up(workflow: Workflow, task: Facts, steps: Sequence[StepTrial]) -> Trial:
    first = begin(workflow, task)
    if isinstance(first, Overflow):
        return Trial(steps, "", "", f"there is no step for it: {_where(workflow, first)}")
    found: int | Overflow = first
    waited_s = 0.0
    while isinstance(found, int):
        now, step = steps[found], workflow.steps[found]
        if now.takes:
            when = f"after {waited_s:g} s" if waited_s else "at once"
            return Trial(steps, now.takes, now.step, f"{now.takes} gets it {when}, in step {now.step!r}")
        if step.timeout_s is None:
            return Trial(steps, "", now.step, f"nobody can take it now: it waits in step {now.step!r}")
        waited_s += step.timeout_s
        found = after(workflow, found, task)
    return Trial(steps, "", "", f"nobody can take it now: after {waited_s:g} s {_where(workflow, found)}")
