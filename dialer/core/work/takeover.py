"""Calls of an earlier run that are still up at the switch: they go on under this one.

Nothing is asked of the switch for what goes on as it is: talking pairs stay joined, ringing calls ring. Who waits is
served at once or hears the message, on the clock that started at the answer, however long nothing ran.
"""

from dialer.core.allocation import links
from dialer.core.business import Callback
from dialer.core.events import CallFound
from dialer.core.floor import agents, pauses
from dialer.core.queue_events import QueueCallFound
from dialer.core.rules.dispositions import Fate, find
from dialer.core.settings import CampaignSettings, LineSettings, QueueSettings
from dialer.core.states import AgentMove, AgentState, CallState, Outcome, RecordingState
from dialer.core.step import Step
from dialer.core.work import agentless, call_ends, calls, flight, tallies, trunks
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Agent, AgentlessCall, Attempt, Call, Disposal, Leg

IN_FLIGHT = frozenset({CallState.DIALING, CallState.RINGING})


def found(step: Step, event: CallFound) -> None:
    """Take a call over, with its agent if it has one."""
    workspace = step.workspace
    campaign = workspace.campaigns[event.campaign_id]
    call = workspace.calls[event.call_id] = _call(event, campaign.settings)
    call.server = workspace.trunks[event.trunk].settings.server
    leg = Leg(leg_id=event.leg_id, call_id=event.call_id, dialing_at=event.started_at)
    leg.ringing_at, leg.answered_at = event.ringing_at, event.answered_at
    workspace.legs[event.leg_id] = leg
    campaign.open_attempts += 1
    trunks.occupy(step, event.trunk)
    step.journal("taken_over", str(event.state), attempt_id=call.attempt_id, leg_id=leg.leg_id)
    _go_on(step, call, leg, event)
    tallies.count(step, call)


def found_of_queue(step: Step, event: QueueCallFound) -> None:
    """Take a queue's call over, with its agent if it has one."""
    workspace = step.workspace
    settings = workspace.queues[event.queue].settings
    call = workspace.calls[event.call_id] = _queue_call(event, settings)
    call.server = workspace.trunks[event.trunk].settings.server
    leg = Leg(leg_id=event.leg_id, call_id=event.call_id, dialing_at=event.started_at)
    leg.ringing_at, leg.answered_at = event.ringing_at, event.answered_at
    workspace.legs[event.leg_id] = leg
    if event.callback_of is not None:
        workspace.callbacks[event.callback_of] = Callback(
            call_id=event.callback_of,
            queue=event.queue,
            waiting_since=event.waiting_since,
            region=event.region,
            attributes=dict(event.attributes),
        )
    trunks.occupy(step, event.trunk)
    step.journal("taken_over", str(event.state), leg_id=leg.leg_id)
    _go_on(step, call, leg, event)


def _go_on(step: Step, call: Call, leg: Leg, event: CallFound | QueueCallFound) -> None:
    if event.state in IN_FLIGHT and not call.inbound:
        flight.begins(step, call)
        allowance_s = _ring_allowance_s(call, settings_of(step, call))
        due_at = calls.last_ring_at(step, call, (event.ringing_at or event.started_at) + allowance_s)
        step.start_timer(call_ends.ring_timer(leg.leg_id), due_at)
        return
    trunks.limit_length(step, call)
    agent = _agent(step, event)
    if event.state is CallState.TALKING and agent is not None:
        _talk_on(step, call, agent, event)
    elif call.agentless is not None and call.agentless.began_at is not None:
        agentless.go_on(step, call, call.agentless)
    elif event.state is CallState.MESSAGE:
        step.start_timer(call_ends.message_timer(call.call_id), step.at + calls.MESSAGE_LIMIT_S)
    else:
        call.state = CallState.ANSWERED
        # Who was in a talk and lost the agent meanwhile waits from now on.
        since = call.waiting_since if call.queue else event.answered_at or step.at
        calls.wait(step, call, since=since if call.bridged_at is None else step.at)


def _ring_allowance_s(call: Call, settings: LineSettings) -> float:
    return settings.ring_s if call.state is CallState.RINGING else settings.post_dial_s + settings.ring_s


def _call(event: CallFound, settings: CampaignSettings) -> Call:
    call = Call(
        call_id=event.call_id,
        attempt=Attempt(event.attempt_id, event.campaign_id, event.lead),
        region=event.lead.region,
        trunk=event.trunk,
        leg_id=event.leg_id,
        state=event.state,
        started_at=event.started_at,
        bridged_at=event.bridged_at,
        judged=event.state not in IN_FLIGHT,
    )
    call.waiting_since = event.answered_at or event.at
    if event.agentless:
        call.agentless = AgentlessCall(settings.agentless, began_at=event.message_at)
    if event.state is CallState.MESSAGE and event.bridged_at is None:
        call.outcome = Outcome.MACHINE if event.machine else Outcome.ABANDONED
        call.wait_s = event.waited_s
    if event.bridged_at is not None and event.answered_at is not None:
        call.wait_s = event.bridged_at - event.answered_at
    call.recordings, call.file = event.recordings, event.file
    if event.file:
        call.recording = RecordingState.ON
    if event.disposition:
        chosen = find(settings.dispositions, event.disposition)
        promised = chosen is not None and chosen.fate is Fate.CALLBACK
        call.disposal = Disposal(event.disposition, event.retry_at, promised)
    return call


def _queue_call(event: QueueCallFound, settings: QueueSettings) -> Call:
    call = Call(
        call_id=event.call_id,
        trunk=event.trunk,
        leg_id=event.leg_id,
        queue=event.queue,
        region=event.region,
        has_number=event.has_number,
        attributes=dict(event.attributes),
        callback_of=event.callback_of,
        state=event.state,
        inbound=event.inbound,
        waiting_since=event.waiting_since,
        started_at=event.started_at,
        bridged_at=event.bridged_at,
        judged=event.state not in IN_FLIGHT,
    )
    if event.state is CallState.MESSAGE and event.bridged_at is None:
        call.outcome = Outcome.ABANDONED
    if event.bridged_at is not None:
        call.wait_s = event.bridged_at - event.waiting_since
    call.recordings, call.file = event.recordings, event.file
    if event.file:
        call.recording = RecordingState.ON
    if find(settings.dispositions, event.disposition) is not None:
        call.disposal = Disposal(event.disposition, retry_at=None, promised=False)
    return call


def _agent(step: Step, event: CallFound | QueueCallFound) -> Agent | None:
    leg = step.workspace.legs.get(event.agent_leg) if event.agent_leg is not None else None
    agent = step.workspace.agents.get(leg.agent_id) if leg is not None and leg.agent_id is not None else None
    return agent if agent is not None and agent.leg_id == event.agent_leg and agent.call_id is None else None


def _talk_on(step: Step, call: Call, agent: Agent, event: CallFound | QueueCallFound) -> None:
    if agent.state is AgentState.PAUSED:
        agent.pause_next = pauses.present(agent)
        agents.move(step, agent, AgentMove.MAKE_READY)
    if agent.member is not None:
        agents.move(step, agent, AgentMove.SEEN_FREE)
    if call.bridged_at is None:
        call.bridged_at = step.at
        call.wait_s = step.at - (event.answered_at or step.at)
    call.agent_id = call.last_agent = agent.agent_id
    agent.call_id = call.call_id
    links.take(step, call, agent)
    agents.move(step, agent, AgentMove.RESERVE)
    agents.move(step, agent, AgentMove.CONNECT)
