"""Where in its workflow a task waits, and what that asks of agents.

A task is in one step at a time, from when it comes until somebody has it; in none if the workflow has no step for it, or no more.
"""

from dialer.core.allocation.capacity import Channel, Demand
from dialer.core.allocation.expression import Facts
from dialer.core.allocation.needs import Need
from dialer.core.allocation.operations import on_site
from dialer.core.allocation.suitability import ordering_skill
from dialer.core.allocation.workflow import (
    Overflow,
    Workflow,
    WorkflowStep,
    after,
    begin,
    settle,
    task_facts,
)
from dialer.core.allocation.workflow_versions import newest, version
from dialer.core.ids import SetId
from dialer.core.settings import LineSettings
from dialer.core.step import Step
from dialer.core.task import NO_STEP, Task

ANYBODY = WorkflowStep(name="anybody")
"""The step of tasks that go through no workflow."""


def step_timer(task: Task) -> str:
    """Return the name of the timer that lets a task go on in its workflow."""
    return f"step:{task.task_id}"


def line_of(step: Step, task: Task) -> LineSettings:
    """Return the settings of a task's line of business."""
    call = step.workspace.calls.get(task.call_id) if task.call_id is not None else None
    if call is not None and call.attempt is not None:
        return step.workspace.campaigns[call.attempt.campaign_id].settings
    queue = step.workspace.queues.get(task.queue)
    return LineSettings(name=task.queue) if queue is None else queue.settings


def enter(step: Step, task: Task) -> None:
    """Let a task begin the workflow of its line of business, or go on where an earlier run left it."""
    if task.has_entered:
        return
    task.has_entered = True
    line = line_of(step, task)
    kept = version(step.workspace, task.workflow, task.version) if task.workflow else None
    workflow = kept or newest(step.workspace, line.workflow)
    if workflow is None:
        if line.workflow:
            step.journal(
                "alarm", f"{line.name}: there is no workflow {line.workflow}: anybody may take {task.task_id}"
            )
        task.workflow, task.version, task.step = "", 0, 0
        _rank(task, line, ANYBODY)
    elif kept is not None and 0 <= task.step < len(kept.steps):
        _stand(step, task, workflow, task.step)
    else:
        _go(step, task, workflow, begin(workflow, _facts(line, task)))


def leave(task: Task) -> None:
    """Let a task forget its workflow: it goes to another line of business."""
    task.has_entered, task.workflow, task.version, task.step = False, "", 0, 0


def go_on(step: Step, task: Task) -> Overflow | None:
    """Let a task go on whose time in its step is over; return where it goes if there is no step for it."""
    workflow = version(step.workspace, task.workflow, task.version)
    if workflow is None:
        return None
    facts = _facts(line_of(step, task), task)
    return _go(
        step,
        task,
        workflow,
        begin(workflow, facts) if task.step == NO_STEP else after(workflow, task.step, facts),
    )


def need_of(step: Step, task: Task) -> Need:
    """Return what a task that is in a step, or in no workflow, asks of agents."""
    workflow = version(step.workspace, task.workflow, task.version) if task.workflow else None
    facts = _facts(line_of(step, task), task)
    at = on_site(ANYBODY if workflow is None else workflow.steps[task.step], facts)
    return Need(step.sets.of_step(at, facts), demand_of(task), at.order, ordering_skill(at, facts))


def demand_of(task: Task) -> Demand:
    """Return what a task asks of an agent's capacity."""
    return Demand(task.channel, task.weight)


def prefers_last(step: Step, task: Task) -> bool:
    """Return whether whoever served the customer last comes before all others."""
    workflow = version(step.workspace, task.workflow, task.version) if task.workflow else None
    return workflow is not None and workflow.steps[task.step].last_agent_first


def first_set(step: Step, line: LineSettings) -> SetId:
    """Return which agents may take the calls of a line of business when they come."""
    return step.sets.of_step(*_first_step(step, line))


def first_need(step: Step, line: LineSettings) -> Need:
    """Return what such a call asks of agents."""
    at, facts = _first_step(step, line)
    return Need(step.sets.of_step(at, facts), Demand(Channel.VOICE, 0), at.order, ordering_skill(at, facts))


def _first_step(step: Step, line: LineSettings) -> tuple[WorkflowStep, Facts]:
    workflow = newest(step.workspace, line.workflow) if line.workflow else None
    facts = task_facts(line.attributes, channel=Channel.VOICE, line=line.name)
    if workflow is None:
        return on_site(ANYBODY, facts), facts
    found = settle(lambda name: newest(step.workspace, name), workflow, begin(workflow, facts), facts)
    at = ANYBODY if isinstance(found, Overflow) else found[0].steps[found[1]]
    return on_site(at, facts), facts


def _facts(line: LineSettings, task: Task) -> Facts:
    return task_facts({**line.attributes, **task.attributes}, channel=task.channel, line=line.name)


def _go(step: Step, task: Task, workflow: Workflow, found: int | Overflow) -> Overflow | None:
    facts = _facts(line_of(step, task), task)
    settled = settle(lambda name: newest(step.workspace, name), workflow, found, facts)
    if isinstance(settled, Overflow):
        task.workflow, task.version, task.step = workflow.name, workflow.version, NO_STEP
        step.start_timer(step_timer(task), step.at)
        return settled
    _stand(step, task, *settled)
    return None


def _stand(step: Step, task: Task, workflow: Workflow, index: int) -> None:
    at = workflow.steps[index]
    task.workflow, task.version, task.step = workflow.name, workflow.version, index
    _rank(task, line_of(step, task), at)
    if at.timeout_s is None:
        step.stop_timer(step_timer(task))
    else:
        step.start_timer(step_timer(task), step.at + at.timeout_s)


def _rank(task: Task, line: LineSettings, at: WorkflowStep) -> None:
    task.ranked_at = task.arrived_at - line.priority_s - at.priority_s
