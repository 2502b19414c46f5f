"""How a task finds its agent: steps in order, each with who may have it, for how long, and what comes next.

A task is in one step at a time. Steps whose `when` does not hold for the task are passed over.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated

import msgspec

from dialer.core.allocation.capacity import Channel
from dialer.core.allocation.expression import Facts, Value, compiled
from dialer.core.allocation.profile import AgentKind, Level, SkillName, TeamName
from dialer.core.allocation.service_queue import Order

StepName = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
WorkflowName = Annotated[str, msgspec.Meta(pattern=r"^[\w.-]{1,60}$")]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]


class Then(StrEnum):
    """What becomes of a task that no step has any longer."""

    WORKFLOW = "workflow"  # goes on in another one
    MESSAGE = "message"  # a call hears the message and is ended; a text session is told and ended
    CALLBACK = "callback"  # is called back, in its place
    END = "end"


class Overflow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a task goes that nobody took in time."""

    to: Then
    workflow: str = ""
    """Which one, by name; the newest version."""


class WorkflowStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step: an agent may have the task who meets every one of `filter`, `skills`, `teams` and `kind`."""

    name: StepName
    when: str = ""
    """Condition on the task alone; the step is passed over if it does not hold."""
    filter: str = ""
    """Condition on agent and task."""
    skills: dict[SkillName, Level] = {}
    """The least level of each; `order` skill_level goes by the first."""
    skill_from: str = ""
    """The attribute of the task that names one more skill."""
    teams: tuple[TeamName, ...] = ()
    """Any of them; none named: all agents."""
    kind: AgentKind = AgentKind.NONE
    unless_kind: AgentKind = AgentKind.NONE
    """Agents of this kind may not have it, whatever else holds."""
    order: Order = Order.LONGEST_FREE
    last_agent_first: bool = False
    """Whether the agent who served this customer last comes before all others."""
    priority_s: Seconds = 0.0
    """A head start: the task ranks as if it had come so much earlier."""
    timeout_s: Seconds | None = None
    """After so long the task goes on; None: it waits."""
    overflow: Overflow | None = None
    """Where it goes then; None: to the next step."""


class Workflow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Steps in order, and what comes after them."""

    name: WorkflowName
    steps: Annotated[tuple[WorkflowStep, ...], msgspec.Meta(min_length=1, max_length=50)]
    version: int = 0
    overflow: Overflow | None = None
    """What comes after the last step."""
    default: Overflow | None = None
    """What becomes of a task for which there is no step at all."""


TASK_NAMES = ("channel", "line")
"""What expressions know of every task; attributes of these names are not seen."""


def task_facts(attributes: Mapping[str, Value], *, channel: Channel, line: str) -> Facts:
    """Return what expressions read of a task."""
    return {**attributes, "channel": channel.value, "line": line}


def begin(workflow: Workflow, task: Facts) -> int | Overflow:
    """Return the first step for a task, by index, or where it goes as there is none."""
    found = _next_step(workflow, 0, task)
    return found if found is not None else workflow.default or workflow.overflow or _END


def after(workflow: Workflow, index: int, task: Facts) -> int | Overflow:
    """Return where a task goes that nobody took in time in a step: to another one, by index, or out of the workflow."""
    if (own := workflow.steps[index].overflow) is not None:
        return own
    found = _next_step(workflow, index + 1, task)
    return found if found is not None else workflow.overflow or _END


def settle(
    find: Callable[[str], Workflow | None], workflow: Workflow, found: int | Overflow, task: Facts
) -> tuple[Workflow, int] | Overflow:
    """Return the step in which a task waits next, in whatever workflow; or how it leaves them all.

    A task that no step is for in one workflow after the other, until one comes up again, ends.

    Args:
        find: Returns the newest version of a workflow.
        workflow: The one that `found` is about.
        found: What `begin` or `after` said.
        task: The task's facts.
    """
    seen: set[str] = set()
    while isinstance(found, Overflow):
        following = find(found.workflow) if found.to is Then.WORKFLOW else None
        if following is None:
            return found if found.to is not Then.WORKFLOW else _END
        if following.name in seen:
            return _END
        seen.add(following.name)
        workflow, found = following, begin(following, task)
    return workflow, found


def applies(step: WorkflowStep, task: Facts) -> bool:
    """Return whether a step is not passed over by a task."""
    return not step.when or compiled(step.when).judge({}, task).holds


def _next_step(workflow: Workflow, start: int, task: Facts) -> int | None:
    steps = workflow.steps
    return next((index for index in range(start, len(steps)) if applies(steps[index], task)), None)


# Workflows that were checked name what follows; this is for those that were made by hand.
_END = Overflow(Then.END)
