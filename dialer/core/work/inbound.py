"""Who calls back: a lead that calls one of our caller ids is a task for an agent, as an answered call is.

What differs: it costs the lead no attempt, its wait is longer and no abandonment by any rule, and what the agent says came
of it is said of the last attempt.
"""

from dialer.core.allocation.capacity import Channel
from dialer.core.commands import TakeCall
from dialer.core.ids import CallId, LegId
from dialer.core.records import InboundEnded, InboundStarted, NumberBlocked
from dialer.core.settings import Inbound
from dialer.core.states import CallState, CampaignState, Outcome
from dialer.core.step import Step
from dialer.core.switch_events import CallerArrived
from dialer.core.work import attempts, campaigns, flight, trunks
from dialer.core.workspace import Attempt, Call, Leg


def arrived(step: Step, event: CallerArrived) -> None:
    """Take a call if agents may; else the switch plays the message, as it does without a run."""
    why = _refusal(step, event)
    if why:
        step.journal("inbound_refused", why, attempt_id=event.attempt_id)
        return
    campaign = step.workspace.campaigns[event.campaign_id]
    call = Call(
        call_id=CallId(step.new_id()),
        attempt=Attempt(event.attempt_id, event.campaign_id, event.lead),
        region=event.lead.region,
        trunk=event.trunk,
        server=step.workspace.trunks[event.trunk].settings.server,
        leg_id=LegId(step.new_id()),
        state=CallState.RINGING,
        inbound=True,
        channel=event.channel,
        served_by=event.served_by,
        started_at=step.at,
        judged=True,  # that the carrier reaches us says nothing of the other direction
    )
    step.workspace.calls[call.call_id] = call
    step.workspace.legs[call.leg_id] = Leg(leg_id=call.leg_id, call_id=call.call_id)
    flight.begins(step, call)
    campaign.open_attempts += 1
    trunks.occupy(step, call.trunk)
    with_video = "with video" if event.channel is Channel.VIDEO else ""
    step.journal("inbound", with_video, attempt_id=call.attempt_id, leg_id=call.leg_id)
    step.emit(
        InboundStarted(
            at=step.at,
            call_id=call.call_id,
            leg_id=call.leg_id,
            attempt_id=event.attempt_id,
            lead_id=event.lead.lead_id,
            trunk=call.trunk,
            caller_id=event.caller_id,
        )
    )
    wait_s = campaign.settings.inbound_wait_s
    step.emit(TakeCall(leg_id=call.leg_id, arrival=event.arrival, wait_s=wait_s))


def _refusal(step: Step, event: CallerArrived) -> str:
    """Return why a call is left to the switch, empty if it is taken."""
    workspace = step.workspace
    campaign = workspace.campaigns.get(event.campaign_id)
    if campaign is None or event.trunk not in workspace.trunks:
        return "its campaign or its trunk is not known to the run"
    if campaign.state is not CampaignState.RUNNING or campaign.settings.inbound is not Inbound.AGENTS:
        return "the campaign takes no calls"
    if workspace.finishing or not campaigns.anybody_logged_in(step):
        return "nobody is there"
    lead_id = event.lead.lead_id
    if any(call.attempt and call.attempt.lead.lead_id == lead_id for call in workspace.calls.values()):
        return "a call with the lead is in progress"
    return ""


def end(step: Step, attempt: Attempt, call: Call) -> None:
    """Put on record what became of a call of a lead's."""
    talk_s = None if call.bridged_at is None else (call.talk_ended_at or step.at) - call.bridged_at
    step.emit(
        InboundEnded(
            at=step.at,
            call_id=call.call_id,
            outcome=call.outcome or Outcome.UNKNOWN,
            agent_id=call.last_agent,
            wait_s=call.wait_s,
            talk_s=talk_s,
        )
    )
    attempts.look_again(step.workspace.campaigns[attempt.campaign_id], None, at=step.at)


def pressed(step: Step, call: Call, digit: str) -> None:
    """Take a key that a person presses during the message for the wish to be called no more.

    Keys of any other moment may be a card's number: nobody asked for them.
    """
    if call.state is not CallState.MESSAGE or call.outcome is Outcome.MACHINE or call.blocked:
        return
    if call.attempt is None:
        return  # whoever calls a queue is called by nobody
    call.blocked = True
    step.journal("blocked", f"pressed {digit}", attempt_id=call.attempt_id, leg_id=call.leg_id)
    step.emit(
        NumberBlocked(
            at=step.at,
            attempt_id=call.attempt.attempt_id,
            lead_id=call.attempt.lead.lead_id,
            digit=digit,
        )
    )
