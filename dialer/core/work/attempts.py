"""How an attempt ends: its outcome, what becomes of its lead, and the records of both."""

from msgspec.structs import replace

from dialer.core.business import Campaign
from dialer.core.events import AttemptLeftOpen
from dialer.core.lead import Lead
from dialer.core.records import AttemptEnded, LegClosed
from dialer.core.rules import retry
from dialer.core.rules.dispositions import Fate, find
from dialer.core.settings import CampaignSettings
from dialer.core.states import UNANSWERED_OUTCOMES, CallState, EndCause, Outcome
from dialer.core.step import Step
from dialer.core.switch_events import LegEnded
from dialer.core.work import tallies
from dialer.core.workspace import Attempt, Call, Leg


def outcome_of(call: Call, leg: Leg, cause: EndCause) -> Outcome:
    """Return what became of a call whose leg ended, by the state that the call was in."""
    if call.bridged_at is not None:
        return Outcome.CONNECTED
    if leg.answered_at is None and call.inbound:
        return Outcome.HUNG_UP_WAITING
    if leg.answered_at is None:
        if cause is EndCause.CANCELLED and leg.ringing_at is None:
            return Outcome.CANCELLED  # we took it back before anybody could notice
        return UNANSWERED_OUTCOMES[cause]
    if cause in (EndCause.LOST, EndCause.CANCELLED) or call.state is CallState.ENDING:
        return Outcome.ABANDONED  # a person answered and we, not they, ended it
    if cause in (EndCause.NO_AUDIO, EndCause.MEDIA_REFUSED):
        return Outcome.FAILED
    return Outcome.HUNG_UP_WAITING


def as_heard(call: Call, event: LegEnded) -> LegEnded:
    """Return a leg's end with what an announcement had said: what followed our hanging up says nothing."""
    if call.heard is None:
        return event
    return replace(event, cause=call.heard, text=call.heard_words)


def close_leg(leg: Leg, event: LegEnded | None, *, at: float) -> LegClosed:
    """Return the record of a leg's end."""
    return LegClosed(
        at=at,
        leg_id=leg.leg_id,
        cause=event.cause if event else EndCause.CANCELLED,
        dialing_at=leg.dialing_at,
        ringing_at=leg.ringing_at,
        answered_at=leg.answered_at,
        sip_code=event.sip_code if event else None,
        q850=event.q850 if event else None,
        text=event.text if event else "",
    )


def end(step: Step, attempt: Attempt, call: Call, leg: Leg, event: LegEnded | None) -> None:
    """Put on record what became of an attempt, and see to it that its lead is called again when due."""
    campaign = step.workspace.campaigns[attempt.campaign_id]
    outcome = call.outcome or Outcome.UNKNOWN
    free = call.carrier_fault and campaign.settings.faults_per_day > 0
    retry_at = _retry_at(attempt.lead, call, outcome, campaign.settings, at=step.at)
    ring_until = leg.answered_at or step.at
    step.emit(
        AttemptEnded(
            at=step.at,
            attempt_id=attempt.attempt_id,
            call_id=call.call_id,
            campaign_id=attempt.campaign_id,
            lead_id=attempt.lead.lead_id,
            outcome=outcome,
            cause=event.cause if event else None,
            sip_code=event.sip_code if event else None,
            q850=event.q850 if event else None,
            agent_id=call.last_agent,
            ringing_at=leg.ringing_at,
            answered_at=leg.answered_at,
            bridged_at=call.bridged_at,
            ring_s=ring_until - leg.ringing_at if leg.ringing_at is not None else None,
            wait_s=call.wait_s,
            talk_s=(call.talk_ended_at or step.at) - call.bridged_at if call.bridged_at is not None else None,
            agents_free=call.agents_free,
            retry_at=retry_at,
            counted=retry.counts(outcome) and not free,
            carrier_fault=free,
            promised=_promised(call),
        )
    )
    tallies.count(step, call)
    look_again(campaign, retry_at, at=step.at)


def _retry_at(
    lead: Lead, call: Call, outcome: Outcome, settings: CampaignSettings, *, at: float
) -> float | None:
    if call.carrier_fault and settings.faults_per_day > 0:
        return retry.after_fault(lead, outcome, settings, at=at)
    if call.disposal is not None:
        retry_at = call.disposal.retry_at
    else:
        retry_at = retry.retry_at(lead, outcome, settings, at=at)
    if retry_at is None or call.bridged_at is None:
        return retry_at
    longest_s = settings.wrap_up_s + settings.wrap_up_more_s
    return max(retry_at, at + longest_s)  # until then the agent may choose otherwise


def _promised(call: Call) -> bool | None:
    if call.disposal is not None:
        return call.disposal.promised
    return None if call.bridged_at is None else False


def look_again(campaign: Campaign, retry_at: float | None, *, at: float) -> None:
    """See to it that the hopper is asked when the lead is due, or for completion after the last attempt."""
    next_look = at if retry_at is None else retry_at
    if retry_at is not None or campaign.open_attempts == 0:
        campaign.fetch_after = min(campaign.fetch_after, next_look)
    if campaign.open_attempts == 0:
        campaign.fetch_after = at


def left_open(step: Step, event: AttemptLeftOpen) -> None:
    """An attempt of a run that died: somebody was abandoned, or its outcome is unknown; its lead waits by the rule."""
    settings = step.workspace.campaigns[event.campaign_id].settings
    step.journal("recovered", attempt_id=event.attempt_id)
    outcome = Outcome.UNKNOWN if event.answered_at is None else Outcome.ABANDONED
    if event.agentless and event.answered_at is not None:
        outcome = Outcome.MESSAGE_CUT
    retry_at, promised = retry.retry_at(event.lead, outcome, settings, at=step.at), None
    if event.disposition:
        chosen = find(settings.dispositions, event.disposition)
        retry_at, promised = event.retry_at, chosen is not None and chosen.fate is Fate.CALLBACK
    step.emit(
        AttemptEnded(
            at=step.at,
            attempt_id=event.attempt_id,
            call_id=event.call_id,
            campaign_id=event.campaign_id,
            lead_id=event.lead.lead_id,
            outcome=outcome,
            answered_at=event.answered_at,
            wait_s=event.waited_s,
            retry_at=retry_at,
            promised=promised,
        )
    )
    tallies.count_left(step, event, outcome)
