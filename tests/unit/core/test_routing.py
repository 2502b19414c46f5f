"""Tasks on their way through workflows: who may take them, when they go on, and what becomes of those whom nobody takes."""

import msgspec
import pytest

from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.workflow import Overflow, Then, Workflow, WorkflowStep
from dialer.core.business import Queue
from dialer.core.commands import Bridge, Originate, PlayMessage, TakeCall
from dialer.core.engine import Engine
from dialer.core.events import AgentProfiled, CampaignDefined, LeadsLoaded, WorkflowDefined
from dialer.core.ids import CampaignId
from dialer.core.messages import Message
from dialer.core.queue_events import CallArrived
from dialer.core.records import TaskAdded, TaskChanged, TaskEnded
from dialer.core.requests import CallThirdParty, ChangeTask, StartCampaign, TransferTask
from dialer.core.settings import QueueSettings
from dialer.core.switch_events import LegAnswered, LegsBridged
from dialer.core.task_states import TaskState
from dialer.core.transfer_states import Way
from dialer.core.workspace import Workspace
from dialer.testing import TRUNK, campaign, lead
from tests.unit.core.text_floor import CHAT, DESK, TextFloor

GERMAN = Profile(skills={"german": 3})
BEGINNER = Profile(skills={"german": 1})
RELAXED = Workflow(
    name="german",
    version=1,
    steps=(
        WorkflowStep(name="good", skills={"german": 3}, timeout_s=20.0),
        WorkflowStep(name="some", skills={"german": 1}, timeout_s=20.0),
    ),
    overflow=Overflow(Then.END),
)


def floor(workflow=RELAXED, *, agents=0, queue=CHAT, **settings):
    """Return a floor on which a queue goes by a workflow."""
    made = TextFloor(agents)
    define(made, workflow)
    settings = QueueSettings(name=queue, workflow=workflow.name, **settings)
    made.engine.workspace.queues[queue] = Queue(settings=settings)
    return made


def define(script, workflow):
    script.tell(WorkflowDefined(at=script.at, workflow=workflow))


def agent(script, profile):
    (one,) = script.log_in(1)
    script.tell(AgentProfiled(at=script.at, agent_id=one.agent_id, profile=profile))
    return one


# --- from step to step ---------------------------------------------------------------------------------


def test_w3_a_task_goes_from_step_to_step_until_somebody_may_take_it():
    here = floor()
    beginner = agent(here, BEGINNER)
    task = here.write()
    assert task.state is TaskState.WAITING
    here.pass_time(19.9)
    assert task.state is TaskState.WAITING
    here.pass_time(0.2)
    assert (task.state, task.agent_id) == (TaskState.WORKING, beginner.agent_id)


def test_where_a_task_is_in_its_workflow_is_on_record_for_the_next_run():
    here = floor()
    here.write()
    come = here.only(TaskAdded)
    assert (come.workflow, come.version, come.step) == ("german", 1, 0)
    here.pass_time(20.0)
    assert here.only(TaskChanged).step == 1


def test_w3_a_task_that_nobody_took_in_any_step_goes_where_the_workflow_says():
    here = floor()
    task = here.write()
    here.pass_time(41.0)
    assert here.only(TaskEnded, here.commands).task_id == task.task_id
    assert task.task_id not in here.tasks


def test_w3_a_step_whose_condition_does_not_hold_is_passed_over_and_without_any_the_default_is():
    steps = (WorkflowStep(name="gold", when="task.tier == 'gold'"),)
    here = floor(Workflow(name="tiers", version=1, steps=steps, default=Overflow(Then.END)), agents=1)
    gold = here.write(tier="gold")
    assert gold.state is TaskState.WORKING
    here.write(tier="tin")
    here.pass_time(0.1)
    assert list(here.tasks) == [gold.task_id]


def test_w4_whoever_learns_what_a_waiting_task_needs_has_it_at_once():
    here = floor()
    beginner = agent(here, Profile())
    task = here.write()
    here.tell(AgentProfiled(at=here.at, agent_id=beginner.agent_id, profile=GERMAN))
    assert task.agent_id == beginner.agent_id


def test_a_task_whose_attributes_change_goes_to_those_who_fit_it_now():
    steps = (WorkflowStep(name="desk", filter="agent.desk == task.desk"),)
    here = floor(Workflow(name="desks", version=1, steps=steps))
    second = agent(here, Profile(attributes={"desk": 2}))
    task = here.write(desk=1)
    assert task.state is TaskState.WAITING
    here.ask(ChangeTask(task_id=task.task_id, attributes={"desk": 2}))
    assert task.agent_id == second.agent_id


def test_a_task_that_goes_to_another_queue_begins_the_workflow_of_that_one():
    here = floor()
    german = agent(here, GERMAN)
    task = here.write()
    assert task.agent_id == german.agent_id
    other = agent(here, Profile())
    here.ask(TransferTask(task_id=task.task_id, agent_id=german.agent_id, to_queue=DESK))
    assert (task.agent_id, task.workflow) == (other.agent_id, "")


# --- versions ------------------------------------------------------------------------------------------


def test_a_new_version_holds_for_tasks_that_come_and_loses_none_that_are_under_way():
    here = floor()
    before = here.write()
    define(here, msgspec.structs.replace(RELAXED, version=2, steps=(WorkflowStep(name="anybody"),)))
    after = here.write()
    assert (before.version, after.version) == (1, 2)
    anyone = agent(here, Profile())
    assert after.agent_id == anyone.agent_id
    assert before.state is TaskState.WAITING
    german = agent(here, GERMAN)
    assert before.agent_id == german.agent_id


def test_a_line_whose_workflow_is_not_known_is_served_by_anybody_and_that_is_said():
    here = floor()
    here.engine.workspace.workflows.clear()
    anyone = agent(here, Profile())
    task = here.write()
    assert task.agent_id == anyone.agent_id
    assert any("no workflow german" in getattr(one, "detail", "") for one in here.commands)


# --- who comes first -----------------------------------------------------------------------------------


def test_a_head_start_lets_a_line_come_before_those_who_wait_longer_but_not_much_longer():
    here = floor(priority_s=30.0, queue=DESK)
    here.pass_time(0.0)
    early = here.write(queue=CHAT)
    here.pass_time(10.0)
    urgent = here.write(queue=DESK)
    assert here.engine.allocator.waiting == [urgent.task_id, early.task_id]
    here.pass_time(21.0)
    late = here.write(queue=DESK)
    assert here.engine.allocator.waiting == [urgent.task_id, early.task_id, late.task_id]


def test_a_customer_who_was_called_comes_before_those_who_wait_for_less_than_half_a_minute():
    assert campaign().priority_s == 30.0 > QueueSettings(name=CHAT).priority_s


def test_who_served_a_caller_last_comes_first_if_the_step_says_so():
    steps = (WorkflowStep(name="known", last_agent_first=True),)
    here = floor(Workflow(name="known", version=1, steps=steps), agents=2, trunk=TRUNK)
    here.at += 60
    last, longest_free = here.log_in(1)[0], here.agents[0]
    for number, served_by in ((1, last.agent_id), (2, None)):
        arrived = CallArrived(
            at=here.at, arrival=f"a{number}", call_id=f"q{number}", queue=CHAT, served_by=served_by
        )
        taken = here.only(TakeCall, here.tell(arrived))
        bridge = here.only(Bridge, here.tell(LegAnswered(at=here.at, leg_id=taken.leg_id)))
        assert bridge.agent_leg == (last if served_by else longest_free).leg_id


# --- calls ---------------------------------------------------------------------------------------------


def called(*, agents):
    """Return a campaign whose calls are for seat agents, with an agent of each kind that is named."""
    script = TextFloor(0, settings=campaign(workflow="seats", connect_within_s=2.0))
    define(
        script, Workflow(name="seats", version=1, steps=(WorkflowStep(name="seats", kind=AgentKind.SEAT),))
    )
    return script, [agent(script, Profile(kind=kind)) for kind in agents]


def place_for_anybody(script):
    """Return a call of a second campaign, which anybody may take."""
    other = CampaignId(2)
    settings = msgspec.structs.replace(campaign(), campaign_id=other)
    script.tell(CampaignDefined(at=script.at, campaign=settings))
    script.ask(StartCampaign(campaign_id=other))
    script.end_round()
    script.tell(LeadsLoaded(at=script.at, campaign_id=other, leads=(lead(11), lead(12))))
    return script.only(Originate, script.end_round())


def test_t3_a_campaigns_calls_are_placed_for_those_alone_who_may_take_them():
    script, (_, seat) = called(agents=[AgentKind.REMOTE, AgentKind.SEAT])
    (call,) = script.start([lead(1), lead(2), lead(3)])
    bridge = script.only(Bridge, script.answer(call))
    assert bridge.agent_leg == seat.leg_id


def test_x4_without_anybody_who_may_take_its_calls_a_campaign_places_none():
    script, _ = called(agents=[AgentKind.REMOTE, AgentKind.REMOTE])
    assert script.start([lead(1), lead(2)]) == []


def test_the_agents_of_a_narrow_campaign_are_spared_while_its_calls_are_in_flight():
    script, (remote, seat) = called(agents=[AgentKind.REMOTE, AgentKind.SEAT])
    (narrow,) = script.start([lead(1)])
    wide = place_for_anybody(script)
    script.at += 1
    assert script.only(Bridge, script.answer(wide)).agent_leg == remote.leg_id
    assert script.only(Bridge, script.answer(narrow)).agent_leg == seat.leg_id


def test_whoever_was_called_hears_the_message_when_the_workflow_ends():
    step = WorkflowStep(name="seats", kind=AgentKind.SEAT, timeout_s=1.0)
    script, (seat,) = called(agents=[AgentKind.SEAT])
    define(script, Workflow(name="seats", version=2, steps=(step,), overflow=Overflow(Then.END)))
    (call,) = script.start([lead(1)])
    script.tell(AgentProfiled(at=script.at, agent_id=seat.agent_id, profile=Profile()))
    script.answer(call)
    script.pass_time(1.5)
    assert [one.message for one in script.all(PlayMessage)] == [Message.SAFE_HARBOUR]


# --- operations ----------------------------------------------------------------------------------------

ANYBODY = Workflow(name="anybody", version=1, steps=(WorkflowStep(name="anybody"),))
REMOTE, SEAT = Profile(kind=AgentKind.REMOTE), Profile(kind=AgentKind.SEAT)


@pytest.mark.parametrize("queue", [CHAT, DESK], ids=["with-a-workflow", "without"])
def test_t3_a_remote_agent_is_never_given_an_operation_whatever_the_workflow_says(queue):
    here = floor(ANYBODY)
    remote = agent(here, REMOTE)
    question = here.write(queue=queue)
    operation = here.write(queue=queue, operation="refund")
    assert (question.agent_id, operation.state) == (remote.agent_id, TaskState.WAITING)
    seat = agent(here, SEAT)
    assert operation.agent_id == seat.agent_id
    done, why = here.try_to(
        TransferTask(task_id=operation.task_id, agent_id=seat.agent_id, to_agent=remote.agent_id)
    )
    assert not done
    assert "choose one on site" in why


def test_t3_a_call_about_an_operation_is_handed_to_no_remote_agent_by_name():
    here = floor(ANYBODY, trunk=TRUNK)
    seat, remote = agent(here, SEAT), agent(here, REMOTE)
    facts = {"arrival": "a", "call_id": "q", "queue": CHAT, "attributes": {"operation": "refund"}}
    taken = here.only(TakeCall, here.tell(CallArrived(at=here.at, **facts)))
    bridge = here.only(Bridge, here.tell(LegAnswered(at=here.at, leg_id=taken.leg_id)))
    assert bridge.agent_leg == seat.leg_id
    here.tell(LegsBridged(at=here.at, customer_leg=bridge.customer_leg, agent_leg=bridge.agent_leg))
    done, why = here.try_to(CallThirdParty(agent_id=seat.agent_id, way=Way.CONSULT, to_agent=remote.agent_id))
    assert not done
    assert "choose one on site" in why


# --- starting anew -------------------------------------------------------------------------------------


@pytest.mark.parametrize("waited_s", [0.0, 25.0])
def test_an_engine_that_begins_from_a_snapshot_goes_on_where_tasks_were(waited_s):
    here = floor()
    task = here.write()
    here.pass_time(waited_s)
    anew = Engine(Workspace.from_json(here.engine.workspace.to_json()))
    assert anew.workspace.tasks[task.task_id].step == task.step
    assert anew.allocator.waiting == here.engine.allocator.waiting
