"""Calls begin: the first of an attempt, and the next one on another trunk if the carrier refused."""

from typing import TypedDict

from dialer.core.business import Campaign
from dialer.core.commands import Originate
from dialer.core.floor import agents
from dialer.core.ids import AttemptId, CallId, LeadId, LegId, TrunkName
from dialer.core.lead import Lead
from dialer.core.pacing import observing
from dialer.core.pacing.in_flight import supply_of
from dialer.core.records import AttemptStarted, CallStarted
from dialer.core.rules.agentless import without_agents
from dialer.core.rules.carrier_faults import in_words, is_definite
from dialer.core.states import CampaignState
from dialer.core.step import Step
from dialer.core.switch_events import LegEnded
from dialer.core.ways import Trunk
from dialer.core.work import flight, trunk_choice, trunks
from dialer.core.workspace import Agent, AgentlessCall, Attempt, Call, Leg


class _Facts(TypedDict):
    """What is put on record of a new call."""

    attempt_id: AttemptId
    call_id: CallId
    leg_id: LegId
    lead_id: LeadId
    trunk: TrunkName
    caller_id: str
    consent_for: str | None


def new_attempt(step: Step, campaign: Campaign, lead: Lead) -> Attempt:
    """Return an attempt at a lead, to begin."""
    return Attempt(AttemptId(step.new_id()), campaign.settings.campaign_id, lead)


def begin(
    step: Step, campaign: Campaign, attempt: Attempt, trunk: Trunk, *, agent: Agent | None = None
) -> None:
    """Begin an attempt by its first call, for an agent who is kept for it if there is one."""
    call = _new_call(step, campaign, attempt, trunk, agent=agent)
    campaign.open_attempts += 1
    facts = _facts(campaign, attempt, call)
    step.emit(AttemptStarted(at=step.at, campaign_id=attempt.campaign_id, **facts))
    step.emit(_originate(campaign, call, attempt))


def other_trunk(step: Step, call: Call, leg: Leg, end: LegEnded) -> Trunk | None:
    """Return the trunk that may take over an attempt whose call failed for the carrier, None if none may."""
    if call.attempt is None or (call.previewed and call.agent_id is None):
        return None
    campaign = step.workspace.campaigns[call.attempt.campaign_id]
    goes_on = campaign.state is CampaignState.RUNNING and not (
        step.workspace.halted or step.workspace.finishing
    )
    if not goes_on or not is_definite(end, rang=leg.ringing_at is not None):
        return None
    tried = [*call.tried, call.trunk]
    if campaign.settings.needs_agents is not (call.agentless is None):
        return None  # its campaign calls otherwise meanwhile
    if call.agentless is not None:
        return trunk_choice.choose_any(step, campaign.settings, tried=tried)
    if call.agent_id is not None:
        near = step.workspace.agents[call.agent_id].server
        return trunk_choice.choose_near(step, campaign.settings, near=near, tried=tried)
    return trunk_choice.choose_other(step, campaign.settings, supply_of(step), tried=tried)


def go_on(step: Step, attempt: Attempt, failed: Call, trunk: Trunk, end: LegEnded) -> None:
    """Let an attempt go on with a call through another trunk; the failed one is over and forgotten."""
    campaign = step.workspace.campaigns[attempt.campaign_id]
    kept = step.workspace.agents[failed.agent_id] if failed.agent_id is not None else None
    call = _new_call(step, campaign, attempt, trunk, agent=kept)
    call.tried = [*failed.tried, failed.trunk]
    step.journal(
        "failover",
        f"{in_words(end)} through {failed.trunk}, now through {call.trunk}",
        attempt_id=call.attempt_id,
        leg_id=call.leg_id,
    )
    facts = _facts(campaign, attempt, call)
    step.emit(CallStarted(at=step.at, **facts))
    step.emit(_originate(campaign, call, attempt))


def _new_call(step: Step, campaign: Campaign, attempt: Attempt, trunk: Trunk, *, agent: Agent | None) -> Call:
    call_id, leg_id = CallId(step.new_id()), LegId(step.new_id())
    settings = campaign.settings
    amd = settings.amd if settings.needs_agents else without_agents(settings.amd)
    call = Call(
        call_id=call_id,
        attempt=attempt,
        region=attempt.lead.region,
        trunk=trunk.settings.name,
        server=trunk.settings.server,
        leg_id=leg_id,
        started_at=step.at,
        # The agent who is kept for it hears who picks up.
        amd=amd if amd.on and trunk.settings.detects_machines and agent is None else None,
        previewed=agent is not None,
        agentless=None if settings.needs_agents or agent is not None else AgentlessCall(settings.agentless),
    )
    step.workspace.calls[call_id] = call
    step.workspace.legs[leg_id] = Leg(leg_id=leg_id, call_id=call_id)
    flight.begins(step, call)
    observing.dialed(step, call)
    trunks.take(step, trunk, call_id)
    if agent is not None:
        _keep(step, call, agent)
    return call


def _keep(step: Step, call: Call, agent: Agent) -> None:
    """Keep an agent for a call until it is answered or over."""
    call.agent_id = agent.agent_id
    if agent.call_id is None:
        agents.reserve(step, agent, call.call_id)
        step.journal("reserved", "shown the lead", attempt_id=call.attempt_id, agent_id=agent.agent_id)
    else:  # for the call before, on another trunk
        agent.call_id = call.call_id


def _originate(campaign: Campaign, call: Call, attempt: Attempt) -> Originate:
    return Originate(
        attempt_id=attempt.attempt_id,
        call_id=call.call_id,
        leg_id=call.leg_id,
        lead_id=attempt.lead.lead_id,
        trunk=call.trunk,
        caller_id=campaign.settings.caller_id,
        amd=call.amd,
        connect_within_s=campaign.settings.connect_within_s,
    )


def _facts(campaign: Campaign, attempt: Attempt, call: Call) -> _Facts:
    return {
        "attempt_id": attempt.attempt_id,
        "call_id": call.call_id,
        "leg_id": call.leg_id,
        "lead_id": attempt.lead.lead_id,
        "trunk": call.trunk,
        "caller_id": campaign.settings.caller_id,
        "consent_for": None if call.agentless is None else call.agentless.settings.seller,
    }
