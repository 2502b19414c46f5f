"""Customers who write, in property tests: what they and their agents do, and the laws of what comes of it."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from dialer.core.allocation.capacity import Channel, Demand, Limits, Load, refusal
from dialer.core.allocation.index import EVERYBODY, OPEN, load_of
from dialer.core.allocation.needs import Need
from dialer.core.allocation.profile import Profile, SharedLimits
from dialer.core.business import Queue
from dialer.core.events import AgentProfiled, LimitsDefined
from dialer.core.records import AgentChanged, TaskAdded, TaskChanged, TaskEnded
from dialer.core.requests import (
    AcceptTask,
    AddTask,
    CancelTask,
    ChangeTask,
    DeclineTask,
    EndTask,
    TransferTask,
)
from dialer.core.settings import Accept, QueueSettings
from dialer.core.states import AgentState
from dialer.core.task_states import TaskState
from tests.property.floor_world import AGENTS, World

QUEUES = ("auto", "ask")
WEIGHTS = (1, 2, 3)
LIMITS = Limits(first=1, second=3)


class Texts(World):
    """Text sessions that come, are offered, worked on, handed on and ended, in any order."""

    def __init__(self):
        self.before = None
        super().__init__()
        for name in QUEUES:
            queue = QueueSettings(name=name, accept=Accept(name), offer_s=10)
            self.script.engine.workspace.queues[name] = Queue(settings=queue)
        self.tell(LimitsDefined(at=self.script.at, limits=SharedLimits(workspace=LIMITS)))

    # --- what people do ---

    @rule(queue=st.sampled_from(QUEUES), weight=st.sampled_from(WEIGHTS))
    def write(self, queue, weight):
        self.ask(AddTask(queue=queue, weight=weight))

    @precondition(lambda self: self.texts(TaskState.OFFERED))
    @rule(data=st.data(), accepts=st.booleans())
    def answer_offer(self, data, accepts):
        task = self.text(data, TaskState.OFFERED)
        answer = AcceptTask if accepts else DeclineTask
        self.ask(answer(task_id=task.task_id, agent_id=task.agent_id))

    @precondition(lambda self: self.texts(TaskState.WORKING))
    @rule(data=st.data())
    def end_text(self, data):
        task = self.text(data, TaskState.WORKING)
        self.ask(EndTask(task_id=task.task_id, agent_id=task.agent_id))

    @precondition(lambda self: self.texts(TaskState.WORKING))
    @rule(data=st.data(), to=st.sampled_from(QUEUES) | st.integers(1, AGENTS))
    def hand_on(self, data, to):
        task = self.text(data, TaskState.WORKING)
        where = {"to_agent": to} if isinstance(to, int) else {"to_queue": to}
        self.ask(TransferTask(task_id=task.task_id, agent_id=task.agent_id, **where))

    @precondition(lambda self: self.texts(*TaskState))
    @rule(data=st.data())
    def leave(self, data):
        self.ask(CancelTask(task_id=self.text(data, *TaskState).task_id))

    @precondition(lambda self: self.texts(*TaskState))
    @rule(data=st.data(), topic=st.sampled_from(["billing", ""]))
    def tell_more(self, data, topic):
        self.ask(ChangeTask(task_id=self.text(data, *TaskState).task_id, attributes={"topic": topic}))

    @rule(
        agent=st.integers(1, AGENTS),
        limits=st.sampled_from([None, Limits(first=0, second=2), Limits(first=2, second=3)]),
        channels=st.sampled_from([tuple(Channel)] * 3 + [(Channel.TEXT,), (Channel.VOICE,)]),
    )
    def profile(self, agent, limits, channels):
        profile = Profile(limits=limits, channels=channels)
        self.tell(AgentProfiled(at=self.script.at, agent_id=agent, profile=profile))

    # --- what there is ---

    def texts(self, *states):
        tasks = self.script.engine.workspace.tasks.values()
        return [task for task in tasks if task.call_id is None and task.state in states]

    def text(self, data, *states):
        return data.draw(st.sampled_from(self.texts(*states)))

    def limits_of(self, agent):
        return self.script.engine.workspace.limits.of(agent.profile)

    def can_take(self, agent, task, load=None):
        """Return whether an agent could have a task that waits, if nothing else were there."""
        load = load_of(agent) if load is None else load
        return (
            agent.state in OPEN
            and agent.pause_next is None
            and not agent.log_out_next
            and task.channel in agent.profile.channels
            and agent.agent_id not in self.barred(task)
            and refusal(Demand(task.channel, task.weight), load, self.limits_of(agent)) is None
        )

    def barred(self, task):
        call = self.script.engine.workspace.calls.get(task.call_id)
        return task.passed_by if call is None else call.passed_by

    def waiting(self):
        """Return the tasks that wait, in the order in which they are served."""
        tasks = self.script.engine.workspace.tasks.values()
        waiting = [task for task in tasks if task.state is TaskState.WAITING]
        return sorted(waiting, key=self.place)

    def place(self, task):
        return task.ranked_at, task.number

    def claim(self, agent):
        """Return the task that an agent takes nothing else for, None if it takes anything."""
        task_id = self.script.engine.allocator.claim_of(agent.agent_id)
        return None if task_id is None else self.script.engine.workspace.tasks[task_id]

    def begun(self):
        """Return by agent how many texts it began to work on; what comes back that was handed on in vain is none."""
        begun, last = Counter(), {}
        for record in self.script.all(TaskChanged):
            state, agent_id = last.get(record.task_id, (None, None))
            if record.state is TaskState.WORKING and (state, agent_id) != (record.state, record.agent_id):
                begun[record.agent_id] += state is not TaskState.OFFERED or agent_id == record.agent_id
            last[record.task_id] = (record.state, record.agent_id)
        return begun

    # --- laws of what changes ---

    def take(self, commands):
        super().take(commands)
        workspace = self.script.engine.workspace
        now = {
            "agents": {
                a.agent_id: (a.state, a.volume, (*a.tasks, *a.offers)) for a in workspace.agents.values()
            },
            "waiting": [task.task_id for task in self.waiting()],
        }
        if self.before is not None:
            for agent in workspace.agents.values():
                self.what_was_given_was_within_the_limits(agent, self.before["agents"])
                self.nothing_was_overtaken(agent, self.before)
        self.before = now

    def what_was_given_was_within_the_limits(self, agent, before):
        state, volume, _ = before.get(agent.agent_id, (AgentState.LOGGED_OUT, 0, ()))
        limits = self.limits_of(agent)
        if agent.volume > volume:
            assert agent.volume <= (limits.first if load_of(agent).is_live else limits.second)
        consulted = {transfer.to_agent for transfer in self.script.engine.workspace.transfers.values()}
        if state is AgentState.READY and load_of(agent).is_live and agent.agent_id not in consulted:
            assert agent.volume <= limits.first

    def nothing_was_overtaken(self, agent, before):
        """Whoever took a task took the first one that it could, of those that waited before and wait still."""
        had = before["agents"].get(agent.agent_id, (None, 0, ()))[2]
        tasks = self.script.engine.workspace.tasks
        given = [tasks[one] for one in (*agent.tasks, *agent.offers) if one not in had]
        # What was handed on went to somebody by name, or came back.
        given = [task for task in given if task.handed_on_by is None and task.task_id in before["waiting"]]
        volume = agent.volume - sum(task.weight for task in given)
        for taken in sorted(given, key=self.place):
            load = Load(load_of(agent).is_live, volume)
            volume += taken.weight
            for task in self.waiting():
                if (
                    task.call_id is None
                    and task.task_id in before["waiting"]
                    and self.place(task) < self.place(taken)
                ):
                    assert not self.can_take(agent, task, load), "a task was overtaken"

    # --- laws of what is ---

    @invariant()
    def no_text_is_lost_or_with_two_agents(self):
        workspace = self.script.engine.workspace
        added = [record.task_id for record in self.script.all(TaskAdded)]
        ended = [record.task_id for record in self.script.all(TaskEnded)]
        there = {task.task_id: task for task in self.texts(*TaskState)}
        assert sorted([*ended, *there]) == sorted(added)
        held = [
            (task_id, agent.agent_id, state)
            for agent in workspace.agents.values()
            for state, task_ids in ((TaskState.WORKING, agent.tasks), (TaskState.OFFERED, agent.offers))
            for task_id in task_ids
        ]
        with_agents = [
            (one.task_id, one.agent_id, one.state) for one in there.values() if one.agent_id is not None
        ]
        assert sorted(held) == sorted(with_agents)
        for task in there.values():
            assert (task.state is TaskState.WAITING) == (task.agent_id is None)

    @invariant()
    def volumes_never_drift_and_are_on_record(self):
        workspace = self.script.engine.workspace
        said = {record.agent_id: record for record in self.script.all(AgentChanged)}
        for agent in workspace.agents.values():
            in_hand = [workspace.tasks[task_id] for task_id in (*agent.tasks, *agent.offers)]
            assert agent.volume == sum(task.weight for task in in_hand)
            if agent.agent_id in said:
                assert said[agent.agent_id].volume == agent.volume
        records = {record.task_id: record for record in self.script.all(TaskChanged)}
        for task in self.texts(*TaskState):
            if task.task_id in records:
                last = records[task.task_id]
                assert (last.state, last.agent_id, last.queue) == (task.state, task.agent_id, task.queue)

    @invariant()
    def only_whoever_is_there_is_asked(self):
        for agent in self.script.engine.workspace.agents.values():
            assert not agent.offers or agent.state not in (AgentState.PAUSED, AgentState.LOGGED_OUT)

    @invariant()
    def every_offer_ends_by_itself(self):
        timers = self.script.engine.workspace.timers
        offered = {f"offer:{task.task_id}" for task in self.texts(TaskState.OFFERED)}
        assert {name for name in timers if name.startswith("offer:")} == offered

    @invariant()
    def the_orders_of_text_are_what_a_sort_from_scratch_gives(self):
        allocator, workspace = self.script.engine.allocator, self.script.engine.workspace
        assert allocator.waiting == [task.task_id for task in self.waiting()]
        free = [agent for agent in workspace.agents.values() if self.claim(agent) is None]
        for weight in WEIGHTS:
            demand = Demand(Channel.TEXT, weight)
            able = [agent for agent in free if self.could_carry(agent, demand)]
            for server in self.servers:
                there = sorted((one.free_since, one.agent_id) for one in able if one.server == server)
                found = allocator.in_order(Need(EVERYBODY, demand), server)
                assert found == [agent_id for _, agent_id in there]

    def could_carry(self, agent, demand):
        is_open = agent.state in OPEN and agent.pause_next is None
        return (
            is_open
            and not agent.log_out_next
            and demand.channel in agent.profile.channels
            and refusal(demand, load_of(agent), self.limits_of(agent)) is None
        )

    @invariant()
    def nobody_writes_in_vain_while_an_agent_could_answer(self):
        for task in self.waiting():
            for agent in self.script.engine.workspace.agents.values() if task.call_id is None else ():
                if self.can_take(agent, task):
                    better = self.claim(agent)
                    assert better is not None, "a text waits while an agent is able"
                    assert self.place(better) <= self.place(task), "an agent keeps free for what comes later"
                    assert better is not task, "an agent keeps free for what it could take"
