"""Workflows in a running floor: what is new holds for tasks that come, what is in use stays."""

from dialer.core.allocation import workflow_versions
from dialer.core.allocation.workflow import Workflow, WorkflowStep
from dialer.core.events import WorkflowDefined
from dialer.core.records import RequestAnswered
from dialer.core.requests import TakeUpWorkflow
from dialer.core.workspace import Workspace
from dialer.testing import Script


def workflow(version, name="support"):
    return Workflow(name=name, version=version, steps=(WorkflowStep(name=f"step {version}"),))


def define(script, *versions, name="support"):
    for version in versions:
        script.tell(WorkflowDefined(at=script.at, workflow=workflow(version, name)))


def test_w3_a_workflow_changes_while_it_runs_and_the_old_version_stays_for_those_in_it():
    script = Script()
    define(script, 1, 2)
    answer = script.only(RequestAnswered, script.ask(TakeUpWorkflow(workflow="support")))

    space = script.engine.workspace
    assert (answer.done, answer.text[:9]) == (True, "version 2")
    assert workflow_versions.newest(space, "support") == workflow(2)
    assert workflow_versions.version(space, "support", 1) == workflow(1)
    assert Workspace.from_json(space.to_json()).workflows == space.workflows


def test_versions_that_nothing_uses_are_forgotten_but_the_newest():
    script = Script()
    define(script, 1, 2, 3)
    define(script, 5, name="late")
    space = script.engine.workspace
    workflow_versions.forget(space, lambda name, number: (name, number) == ("support", 2))
    assert {name: list(versions) for name, versions in space.workflows.items()} == {
        "support": [2, 3],
        "late": [5],
    }
    assert workflow_versions.version(space, "support", 1) == workflow(3), "what is not known is the newest"


def test_a_workflow_that_nobody_loaded_is_not_taken_up():
    script = Script()
    answer = script.only(RequestAnswered, script.ask(TakeUpWorkflow(workflow="support")))
    assert not answer.done
    assert "dialer workflow load" in answer.text
    assert workflow_versions.newest(script.engine.workspace, "support") is None
    assert workflow_versions.version(script.engine.workspace, "support", 1) is None
