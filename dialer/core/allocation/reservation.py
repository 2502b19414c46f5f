"""Who takes an answered call: how a customer waits, and how an agent is reserved, offered the call, or freed again."""

from dialer.core.allocation import in_hand, index, links, offers, sought
from dialer.core.allocation.workflow_versions import newest
from dialer.core.commands import Bridge, RingMember
from dialer.core.floor import agents
from dialer.core.ids import LegId, TaskId
from dialer.core.records import AgentLegStarted
from dialer.core.states import CALL_MOVES, AgentMove, CallMove, CallState, advance
from dialer.core.step import Step
from dialer.core.task import NO_STEP, Task
from dialer.core.work import callbacks, dispositions, handovers
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent, Call, Leg, Member


def enqueue(step: Step, call: Call) -> None:
    """Let an answered call wait for an agent."""
    step.workspace.last_task += 1
    task = Task(
        task_id=task_id(call),
        number=step.workspace.last_task,
        ranked_at=call.waiting_since,
        call_id=call.call_id,
        channel=call.channel,
        queue=call.queue,
        attributes=dict(call.attributes),
        arrived_at=call.waiting_since,
        since=step.at,
        last_agent=call.served_by if call.last_agent is None else call.last_agent,
    )
    if (transfer := sought.transfer_of(step, call)) is not None:
        found = newest(step.workspace, transfer.workflow)
        task.workflow, task.version, task.step = transfer.workflow, found.version if found else 0, NO_STEP
        if found is None:  # it is said who is wanted, whatever the workflow of its line of business
            task.has_entered, task.step = True, 0
    step.workspace.tasks[task.task_id] = task
    index.wait(step, task)


def task_id(call: Call) -> TaskId:
    """Return what a call is called as a task."""
    return TaskId(call.call_id)


def dequeue(step: Step, call: Call) -> None:
    """Take a call out of the queue, if it is in it."""
    _take_out(step, task_id(call))


def _take_out(step: Step, task_id: TaskId) -> None:
    if step.workspace.tasks.pop(task_id, None) is not None:
        step.allocator.leave(task_id)


def assign(step: Step) -> None:
    """Reserve agents for the tasks that they can take and order the bridges."""
    while (match := step.allocator.next_match()) is not None:
        task, agent = step.workspace.tasks[match.task_id], step.workspace.agents[match.agent_id]
        if task.callback is not None:
            _take_out(step, task.task_id)
            callbacks.begin(step, task.callback, agent)
            continue
        if task.call_id is None:
            offers.give(step, task, agent)
            continue
        call = step.workspace.calls[task.call_id]
        dequeue(step, call)
        transfer = sought.transfer_of(step, call)
        if transfer is not None:
            handovers.begin(step, transfer, agent)
        elif agent.member is not None:
            _offer(step, call, agent, agent.member)
        elif agent.leg_id is not None:
            reserve(step, call, agent, agent.leg_id)


def reserve(step: Step, call: Call, agent: Agent, agent_leg: LegId) -> None:
    """Choose an agent for a call and order the bridge."""
    _choose(step, call, agent)
    step.emit(Bridge(call_id=call.call_id, customer_leg=call.leg_id, agent_leg=agent_leg))


def join_kept(step: Step, call: Call, *, since: float) -> bool:
    """Join whoever picked up with the agent who is kept for it, on a clock that began at `since`; return whether there is one."""
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    if agent is None or agent.leg_id is None or links.delay_ms(step.workspace, call, agent.server) is None:
        return False
    call.waiting_since = since
    call.state = advance(CALL_MOVES, call.state, CallMove.BRIDGE)
    links.take(step, call, agent)
    step.emit(Bridge(call_id=call.call_id, customer_leg=call.leg_id, agent_leg=agent.leg_id))
    return True


def _choose(step: Step, call: Call, agent: Agent) -> None:
    call.state = advance(CALL_MOVES, call.state, CallMove.BRIDGE)
    call.agent_id = agent.agent_id
    links.take(step, call, agent)
    agent.call_id = call.call_id
    in_hand.count(step, agent)
    agents.move(step, agent, AgentMove.RESERVE)
    step.journal("reserved", attempt_id=call.attempt_id, leg_id=call.leg_id, agent_id=agent.agent_id)


def _offer(step: Step, call: Call, agent: Agent, member: Member) -> None:
    """Ring a member for a call; the bridge is ordered at the answer."""
    agent.leg_id = LegId(step.new_id())
    step.workspace.legs[agent.leg_id] = Leg(leg_id=agent.leg_id, agent_id=agent.agent_id)
    _choose(step, call, agent)
    step.emit(AgentLegStarted(at=step.at, leg_id=agent.leg_id, agent_id=agent.agent_id))
    step.emit(RingMember(leg_id=agent.leg_id, member=member.member))


def is_offered(step: Step, call: Call) -> bool:
    """Return whether a call rings at a member who has not picked up."""
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    if call.state is not CallState.CONNECTING or agent is None or agent.member is None:
        return False
    leg = step.workspace.legs.get(agent.leg_id) if agent.leg_id is not None else None
    return leg is not None and leg.answered_at is None


def withdraw(step: Step, call: Call) -> None:
    """Take a call back from a member who has not picked up."""
    if is_offered(step, call):
        call.state = advance(CALL_MOVES, call.state, CallMove.BRIDGE_FAILED)
        step.journal("not_taken", attempt_id=call.attempt_id, leg_id=call.leg_id, agent_id=call.agent_id)
        rescind(step, call)


def rescind(step: Step, call: Call) -> None:
    """Free the agent that a call was reserved for, because the call is gone or goes elsewhere.

    Who had talked with this customer before has a wrap-up for that.
    """
    agent = step.workspace.agents.get(call.agent_id) if call.agent_id is not None else None
    links.give_back(step, call)
    call.agent_id = None
    if agent is not None and agent.call_id == call.call_id:
        if call.last_agent == agent.agent_id:
            talk = dispositions.talk_of(step, call)
            agents.finish_call(step, agent, settings_of(step, call).wrap_up_s, talk)
        else:
            agents.release(step, agent)
        assign(step)


def is_waiting(call: Call) -> bool:
    """Return whether a call has been answered and has no agent."""
    return call.state is CallState.ANSWERED
