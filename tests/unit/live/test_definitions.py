"""What the engine is told before a request about an agent."""

import pytest

from dialer.core.allocation.profile import Profile
from dialer.core.allocation.workflow import Workflow, WorkflowStep
from dialer.core.events import AgentDefined, AgentProfiled, WorkflowDefined
from dialer.core.requests import MakeReady, TakeUpProfile, TakeUpWorkflow
from dialer.live.definitions import Definitions
from dialer.storage import agents, workflows
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace

BILLING = Profile(skills={"billing": 2}, teams=("north",))


@pytest.fixture
def place(database_url):
    database = open_database(database_url)
    yield database, ensure_workspace(database, "floor")
    database.close()


def of(place, request):
    database, workspace_id = place
    with database.read() as connection:
        return Definitions(workspace_id).of_request(connection, request, at=5.0)


@pytest.fixture
def anna(place):
    database, workspace_id = place
    with database.write() as connection:
        agents.add(connection, workspace_id, name="berta", phone="sip:b@192.0.2.11", at=1.0)
        return agents.add(
            connection, workspace_id, name="anna", phone="sip:a@192.0.2.10", at=1.0, profile=BILLING
        )


def test_an_agent_is_told_of_with_the_profile_that_is_kept(place, anna):
    (defined,) = of(place, MakeReady(agent_id=anna))
    assert defined == AgentDefined(at=5.0, agent_id=anna, profile=BILLING)


def test_a_changed_profile_is_told_of_also_if_the_run_knows_the_agent(place, anna):
    changed = Profile(skills={"billing": 3})
    database, _ = place
    with database.write() as connection:
        agents.change(connection, anna, changed)
    assert of(place, TakeUpProfile(agent_id=anna)) == [
        AgentDefined(at=5.0, agent_id=anna, profile=changed),
        AgentProfiled(at=5.0, agent_id=anna, profile=changed),
    ]


def test_nothing_is_told_of_an_agent_whom_nobody_added(place):
    assert of(place, MakeReady(agent_id=7)) == []


def test_the_newest_version_of_a_workflow_is_told_of(place):
    database, workspace_id = place
    with database.write() as connection:
        for least in (1, 2):
            steps = (WorkflowStep(name="one", skills={"billing": least}),)
            workflows.keep(connection, workspace_id, Workflow(name="support", steps=steps), at=1.0)
        workflows.keep(connection, workspace_id, Workflow(name="late", steps=steps), at=1.0)
    assert of(place, TakeUpWorkflow(workflow="support")) == [
        WorkflowDefined(at=5.0, workflow=Workflow(name="support", version=2, steps=steps))
    ]
    assert of(place, TakeUpWorkflow(workflow="other")) == []
