"""Workflows in a running floor: what is new holds for tasks that come, what is in use stays."""

from dialer.core.allocation import workflow_versions
from dialer.core.allocation.workflow import Workflow, WorkflowStep
from dialer.core.events import WorkflowDefined
from dialer.core.ids import TaskId
from dialer.core.records import RequestAnswered
from dialer.core.requests import TakeUpWorkflow
from dialer.core.task import Task
from dialer.core.workspace import Workspace
from dialer.testing import Script


def workflow(version, name="support"):
    return Workflow(name=name, version=version, steps=(WorkflowStep(name=f"step {version}"),))


def define(script, *versions, name="support"):
    for version in versions:
        script.tell(WorkflowDefined(at=script.at, workflow=workflow(version, name)))


def in_version(script, number):
    """Let a task be in a version of the workflow."""
    task = Task(
        task_id=TaskId(f"task-{number}"), number=number, ranked_at=0.0, workflow="support", version=number
    )
    script.engine.workspace.tasks[task.task_id] = task


def test_w3_a_workflow_changes_while_it_runs_and_the_old_version_stays_for_those_in_it():
    script = Script()
    define(script, 1, 2)
    define(script, 5, name="late")
    in_version(script, 1)
    define(script, 3)
    answer = script.only(RequestAnswered, script.ask(TakeUpWorkflow(workflow="support")))

    space = script.engine.workspace
    assert (answer.done, answer.text[:9]) == (True, "version 3")
    assert workflow_versions.newest(space, "support") == workflow(3)
    assert workflow_versions.version(space, "support", 1) == workflow(1)
    assert workflow_versions.version(space, "support", 2) == workflow(3), "what is not known is the newest"
    assert {name: list(versions) for name, versions in space.workflows.items()} == {
        "support": [1, 3],
        "late": [5],
    }
    assert Workspace.from_json(space.to_json()).workflows == space.workflows


def test_a_workflow_that_nobody_loaded_is_not_taken_up():
    script = Script()
    answer = script.only(RequestAnswered, script.ask(TakeUpWorkflow(workflow="support")))
    assert not answer.done
    assert "dialer workflow load" in answer.text
    assert workflow_versions.newest(script.engine.workspace, "support") is None
    assert workflow_versions.version(script.engine.workspace, "support", 1) is None
