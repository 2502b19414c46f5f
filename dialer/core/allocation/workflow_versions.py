"""The workflows that a run knows, each in every version that is in use.

A task stays in the version that it began in; what comes after that is looked up in the newest.
"""

from collections.abc import Callable

from dialer.core.allocation.workflow import Workflow
from dialer.core.event import Event
from dialer.core.events import WorkflowDefined
from dialer.core.requests import Request, TakeUpWorkflow
from dialer.core.step import Step
from dialer.core.workspace import Workspace
from dialer.errors import RuleError


def newest(workspace: Workspace, name: str) -> Workflow | None:
    """Return the newest version of a workflow; None if there is none of that name."""
    versions = workspace.workflows.get(name)
    return versions[max(versions)] if versions else None


def version(workspace: Workspace, name: str, number: int) -> Workflow | None:
    """Return a version of a workflow, the newest if that one is not known; None if there is none of that name."""
    return workspace.workflows.get(name, {}).get(number) or newest(workspace, name)


def _forget_unused(workspace: Workspace) -> None:
    """Forget versions that are not the newest and that no task is in."""
    used = {(task.workflow, task.version) for task in workspace.tasks.values()}
    for name, versions in workspace.workflows.items():
        last = max(versions)
        workspace.workflows[name] = {
            number: workflow
            for number, workflow in versions.items()
            if number == last or (name, number) in used
        }


def _defined(step: Step, event: WorkflowDefined) -> None:
    step.workspace.workflows.setdefault(event.workflow.name, {})[event.workflow.version] = event.workflow


def _taken_up(step: Step, request: TakeUpWorkflow) -> str:
    """Say that a workflow holds, which came just before the request."""
    workflow = newest(step.workspace, request.workflow)
    if workflow is None:
        raise RuleError(
            f"the workflow {request.workflow!r} is not kept: load it with `dialer workflow load FILE`"
        )
    _forget_unused(step.workspace)
    return f"version {workflow.version} holds for tasks that come; those under way finish in theirs"


EVENTS: dict[type[Event], Callable[..., None]] = {WorkflowDefined: _defined}
REQUESTS: dict[type[Request], Callable[..., str]] = {TakeUpWorkflow: _taken_up}
