"""Who is called back instead of waiting on the phone: the place in the line stays theirs.

When it is their turn an agent is reserved, and only then are they called, so that whoever picks up is spoken to at once.
Asking for it is consent to that call, whatever list the number is on.
"""

from dialer.core.allocation import index
from dialer.core.business import Callback
from dialer.core.commands import Originate
from dialer.core.floor import agents
from dialer.core.ids import CallId, LegId, TaskId
from dialer.core.queue_events import CallbackLeft
from dialer.core.queue_records import CallbackAsked, CallbackSettled, CallbackStarted
from dialer.core.states import AgentMove, Outcome
from dialer.core.step import Step
from dialer.core.task import Task
from dialer.core.ways import Trunk
from dialer.core.work import trunk_choice, trunks
from dialer.core.workspace import Agent, Call, Leg

NO_LINE_S = 5.0
"""So long a callback waits when its trunk has no line. A guess."""


def timer(call_id: CallId) -> str:
    """Return the name of the timer that has somebody called back again."""
    return f"callback:{call_id}"


def asked(step: Step, call: Call, why: str) -> None:
    """Keep a caller's place in the line, to call them back."""
    callback = Callback(
        call_id=call.call_id,
        queue=call.queue,
        waiting_since=call.waiting_since,
        region=call.region,
        attributes=call.attributes,
    )
    step.workspace.callbacks[call.call_id] = callback
    step.journal("callback_asked", why, leg_id=call.leg_id)
    step.emit(CallbackAsked(at=step.at, call_id=call.call_id))
    _wait(step, callback)


def left(step: Step, event: CallbackLeft) -> None:
    """Go on with a callback of an earlier run."""
    if event.queue not in step.workspace.queues:
        step.emit(CallbackSettled(at=step.at, call_id=event.call_id, outcome=Outcome.UNKNOWN))
        return
    callback = Callback(
        call_id=event.call_id,
        queue=event.queue,
        waiting_since=event.waiting_since,
        region=event.region,
        attributes=dict(event.attributes),
        tries=event.tries,
    )
    step.workspace.callbacks[event.call_id] = callback
    _wait(step, callback)


def _wait(step: Step, callback: Callback) -> None:
    workspace = step.workspace
    workspace.last_task += 1
    task = Task(
        task_id=TaskId(f"back-{callback.call_id}"),
        number=workspace.last_task,
        ranked_at=callback.waiting_since,
        callback=callback.call_id,
        queue=callback.queue,
        attributes=dict(callback.attributes),
        arrived_at=callback.waiting_since,
        since=step.at,
    )
    workspace.tasks[task.task_id] = task
    index.wait(step, task)


def again(step: Step, call_id: CallId) -> None:
    """Let somebody wait for the callback again who was not reached."""
    callback = step.workspace.callbacks.get(call_id)
    if callback is not None:
        _wait(step, callback)


def begin(step: Step, call_id: CallId, agent: Agent) -> None:
    """Call somebody back whose turn it is, for the agent who takes it."""
    workspace = step.workspace
    callback = workspace.callbacks[call_id]
    settings = workspace.queues[callback.queue].settings
    trunk = (
        None
        if workspace.halted or workspace.finishing
        else trunk_choice.spare(step, settings.trunk, near=agent.server)
    )
    if trunk is None:
        step.start_timer(timer(call_id), step.at + NO_LINE_S)
        return
    call = _new_call(step, callback, trunk)
    call.agent_id = agent.agent_id
    agent.call_id = call.call_id
    agents.move(step, agent, AgentMove.RESERVE)
    step.journal("reserved", "to call back", leg_id=call.leg_id, agent_id=agent.agent_id)
    step.emit(
        CallbackStarted(
            at=step.at,
            call_id=call.call_id,
            leg_id=call.leg_id,
            callback_of=call_id,
            queue=callback.queue,
            trunk=call.trunk,
            waiting_since=callback.waiting_since,
        )
    )
    step.emit(
        Originate(
            leg_id=call.leg_id,
            call_id=call.call_id,
            trunk=call.trunk,
            caller_id=settings.caller_id,
            connect_within_s=settings.connect_within_s,
        )
    )


def _new_call(step: Step, callback: Callback, trunk: Trunk) -> Call:
    call = Call(
        call_id=CallId(step.new_id()),
        trunk=trunk.settings.name,
        leg_id=LegId(step.new_id()),
        queue=callback.queue,
        region=callback.region,
        attributes=callback.attributes,
        callback_of=callback.call_id,
        server=trunk.settings.server,
        waiting_since=callback.waiting_since,
        started_at=step.at,
    )
    step.workspace.calls[call.call_id] = call
    step.workspace.legs[call.leg_id] = Leg(leg_id=call.leg_id, call_id=call.call_id)
    trunks.take(step, trunk, call.call_id)
    return call


def ended(step: Step, call_id: CallId, outcome: Outcome) -> None:
    """A call back is over: it is done, or tried again, or given up."""
    callback = step.workspace.callbacks[call_id]
    settings = step.workspace.queues[callback.queue].settings
    if outcome is not Outcome.CANCELLED:
        callback.tries += 1
    if outcome is not Outcome.CONNECTED and callback.tries < settings.callback_tries:
        step.start_timer(timer(call_id), step.at + settings.callback_wait_min * 60)
        return
    del step.workspace.callbacks[call_id]
    step.emit(CallbackSettled(at=step.at, call_id=call_id, outcome=outcome))
