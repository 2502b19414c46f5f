"""Laws of queues and workflows, over any order of events: callers, campaigns and text for agents who learn and forget."""

from collections import Counter

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from dialer.core.allocation import routing
from dialer.core.allocation.capacity import Channel, refusal
from dialer.core.allocation.index import load_of
from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.suitability import facts_of, unsuited
from dialer.core.allocation.workflow import Overflow as Leaves
from dialer.core.allocation.workflow import Then, Workflow, WorkflowStep
from dialer.core.events import AgentProfiled, WorkflowDefined
from dialer.core.queue_events import CallArrived, QueueDefined
from dialer.core.queue_records import CallbackAsked, CallbackSettled, QueueCallEnded
from dialer.core.requests import AddTask, EndTask
from dialer.core.settings import Overflow, QueueSettings
from dialer.core.states import AgentState, CallState
from dialer.core.switch_events import LegDigit
from dialer.core.task_states import TaskState
from dialer.testing import TRUNK
from tests.property.floor_people import People
from tests.property.floor_switch import Switch
from tests.property.floor_world import AGENTS

OPERATION = {"operation": "refund"}
QUEUES = (
    QueueSettings(name="plain", trunk=TRUNK, inbound_wait_s=4.0, callback_key="5", wrap_up_s=2.0),
    QueueSettings(
        name="skilled", trunk=TRUNK, workflow="steps", inbound_wait_s=9.0, overflow=Overflow.QUEUE, overflow_to="plain"
    ),
    QueueSettings(name="urgent", trunk=TRUNK, workflow="steps", priority_s=5.0, overflow=Overflow.DIALPLAN),
)  # fmt: skip
STEPS = (
    WorkflowStep(name="best", skills={"german": 2}, timeout_s=1.0, priority_s=2.0),
    WorkflowStep(name="some", skills={"german": 1}, timeout_s=1.0),
    WorkflowStep(name="gold", when="task.tier == 'gold'", filter="agent.desk == task.desk", last_agent_first=True),
    WorkflowStep(name="anybody", timeout_s=3.0),
)  # fmt: skip
PROFILES = (
    Profile(),
    Profile(skills={"german": 1}, kind=AgentKind.SEAT),
    Profile(skills={"german": 3}, attributes={"desk": 1}),
    Profile(skills={"german": 2}, kind=AgentKind.REMOTE),
)


class QueueFloor(People, Switch):
    """Callers of three queues beside a campaign; agents' profiles and the workflow change meanwhile."""

    def __init__(self):
        super().__init__()
        self.callers = 0
        self.versions = 0
        for queue in QUEUES:
            self.tell(QueueDefined(at=self.script.at, queue=queue))

    @initialize(profiles=st.lists(st.sampled_from(PROFILES), min_size=1, max_size=AGENTS))
    def begin(self, profiles):
        """Let a workflow and some agents be there."""
        self.load_workflow(Then.MESSAGE, 4)
        for agent, profile in enumerate(profiles, 1):
            self.learn(agent, profile)
            self.log_in(agent, ready=True)
            (leg,) = self.at("placed")
            self.pick_up(leg, "", talks=False)

    @rule(to=st.sampled_from([Then.MESSAGE, Then.CALLBACK, Then.END]), steps=st.integers(1, 4))
    def load_workflow(self, to, steps):
        self.versions += 1
        workflow = Workflow(name="steps", version=self.versions, steps=STEPS[:steps], overflow=Leaves(to))
        self.tell(WorkflowDefined(at=self.script.at, workflow=workflow))

    @rule(agent=st.integers(1, AGENTS), profile=st.sampled_from(PROFILES))
    def learn(self, agent, profile):
        self.tell(AgentProfiled(at=self.script.at, agent_id=agent, profile=profile))

    @rule(
        queue=st.sampled_from(QUEUES),
        attributes=st.sampled_from([{}, {"tier": "gold", "desk": "1"}, OPERATION]),
        has_number=st.booleans(),
        served_by=st.none() | st.integers(1, AGENTS),
    )
    def call_queue(self, queue, attributes, has_number, served_by):
        self.callers += 1
        self.tell(
            CallArrived(
                at=self.script.at,
                arrival=f"a{self.callers}",
                call_id=f"q{self.callers}",
                queue=queue.name,
                region="US",
                has_number=has_number,
                attributes=attributes,
                served_by=served_by,
            )
        )

    @rule(queue=st.sampled_from(QUEUES), attributes=st.sampled_from([{}, OPERATION]))
    def write(self, queue, attributes):
        self.ask(AddTask(queue=queue.name, attributes=attributes))

    @rule(data=st.data())
    def end_text(self, data):
        texts = [one for one in self.tasks() if one.state is TaskState.WORKING]
        if texts:
            task = data.draw(st.sampled_from(texts))
            self.ask(EndTask(task_id=task.task_id, agent_id=task.agent_id))

    @rule(data=st.data())
    def want_a_call_back(self, data):
        waiting = [call for call in self.queue_calls() if call.state is CallState.ANSWERED]
        if waiting:
            call = data.draw(st.sampled_from(waiting))
            self.tell(LegDigit(at=self.script.at, leg_id=call.leg_id, digit="5"))

    @rule(name=st.sampled_from(["plain", "skilled"]), wait_s=st.sampled_from([1.0, 9.0]))
    def change_queue(self, name, wait_s):
        queue = self.script.engine.workspace.queues[name]
        changed = msgspec.structs.replace(queue.settings, inbound_wait_s=wait_s)
        self.tell(QueueDefined(at=self.script.at, queue=changed))

    # --- what there is -------------------------------------------------------------------------------

    def tasks(self):
        return list(self.script.engine.workspace.tasks.values())

    def queue_calls(self):
        return [call for call in self.script.engine.workspace.calls.values() if call.queue]

    def may_have(self, agent, task):
        """Return whether an agent could have a task that waits, by what the step says now, evaluated from scratch."""
        workspace, step = self.script.engine.workspace, self.script.engine
        workflow = workspace.workflows.get(task.workflow, {}).get(task.version)
        at = routing.ANYBODY if workflow is None else workflow.steps[task.step]
        facts = {**task.attributes, "channel": task.channel.value, "line": task.queue}
        call = workspace.calls.get(task.call_id)
        barred = task.passed_by if call is None else call.passed_by
        kept = task.attributes.get("operation") and agent.profile.kind is AgentKind.REMOTE
        return (
            not kept
            and agent.state in (AgentState.READY, AgentState.TALKING)
            and agent.pause_next is None
            and not agent.log_out_next
            and agent.agent_id not in barred
            and step.allocator.claim_of(agent.agent_id) is None
            and unsuited(at, facts_of(agent.profile), facts) is None
            and refusal(routing.demand_of(task), load_of(agent), workspace.limits.of(agent.profile)) is None
        )

    # --- laws ----------------------------------------------------------------------------------------

    @invariant()
    def every_call_of_a_queue_ends_once_or_is_there(self):
        ended = Counter(record.call_id for record in self.script.all(QueueCallEnded))
        there = {call.call_id for call in self.queue_calls()}
        assert max(ended.values(), default=1) == 1
        assert not there & ended.keys()
        came = {f"q{number}" for number in range(1, self.callers + 1)}
        assert came <= there | ended.keys()

    @invariant()
    def every_wish_to_be_called_back_is_kept_or_settled_once(self):
        asked = [record.call_id for record in self.script.all(CallbackAsked)]
        settled = Counter(record.call_id for record in self.script.all(CallbackSettled))
        assert len(asked) == len(set(asked))
        assert max(settled.values(), default=1) == 1
        assert set(asked) - settled.keys() == self.script.engine.workspace.callbacks.keys()

    @invariant()
    def nobody_waits_in_vain_for_an_agent_who_may_have_the_task(self):
        agents = self.script.engine.workspace.agents.values()
        for task in self.tasks():
            if task.state is TaskState.WAITING and task.step >= 0 and task.channel is not Channel.VIDEO:
                free = [agent.agent_id for agent in agents if self.may_have(agent, task)]
                assert not free, f"{task} waits beside {free}"

    @invariant()
    def no_agent_has_two_calls_and_no_remote_agent_an_operation(self):
        workspace = self.script.engine.workspace
        held = [call for call in workspace.calls.values() if call.agent_id is not None]
        assert len({call.agent_id for call in held}) == len(held)
        for text in self.tasks():
            agent = workspace.agents.get(text.agent_id)
            if agent is not None and agent.volume:
                assert agent.volume == sum(
                    one.weight for one in self.tasks() if one.agent_id == agent.agent_id
                )

    @invariant()
    def what_waits_waits_in_the_allocator(self):
        waiting = {
            task.task_id for task in self.tasks() if task.state is TaskState.WAITING and task.step >= 0
        }
        assert set(self.script.engine.allocator.waiting) == waiting


TestQueueFloor = QueueFloor.TestCase
TestQueueFloor.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
