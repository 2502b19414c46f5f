"""Campaigns: their states, their buffers of claimed leads, and when they are complete."""

from collections.abc import Callable

from dialer.core.business import Campaign
from dialer.core.commands import FetchLeads, ReturnLeads
from dialer.core.events import CampaignDefined, LeadsLoaded
from dialer.core.ids import CampaignId
from dialer.core.lead import Lead
from dialer.core.pacing import keeping
from dialer.core.pacing.obstacles import OF_AGENTS, Obstacle
from dialer.core.records import CampaignChanged, LeadRefused
from dialer.core.requests import PauseCampaign, Request, StartCampaign, StopCampaign, TakeUpSettings
from dialer.core.rules import agentless
from dialer.core.rules.compliance import Refusal, refusal
from dialer.core.states import CAMPAIGN_MOVES, AgentState, CampaignMove, CampaignState, advance
from dialer.core.step import Step
from dialer.core.work import tallies, trunks
from dialer.errors import RuleError

RECHECK_S = 30.0
"""A campaign that waits looks again this often, for leads that an import adds meanwhile."""

SAY_EVERY_S = 5.0
"""What a campaign waits for is put on record at most this often: leads that trickle in change it all the time."""

MIN_BUFFER = 10
MAX_BUFFER = 200
"""Claimed leads held ready: two for each line, within these bounds. Claims cost about the same for 10 as for
100 rows, and what is claimed is kept from nobody for long. A guess."""


def defined(step: Step, event: CampaignDefined) -> None:
    """Know a campaign, or its new settings."""
    known = step.workspace.campaigns.get(event.campaign.campaign_id)
    if known is None:
        campaign = Campaign(settings=event.campaign, state=event.state)
        step.workspace.campaigns[event.campaign.campaign_id] = campaign
        tallies.begin(step, campaign, event.tally)
        keeping.recall(step, campaign, event.learned)
    else:
        changed = known.settings.abandon_window is not event.campaign.abandon_window
        if known.settings.consent_for != event.campaign.consent_for:
            return_leads(step, known)  # whether those consented was asked for others, or not at all
            known.fetch_after = step.at
        known.settings = event.campaign
        if changed:
            tallies.begin(step, known, event.tally)
    step.workspace.pacing_due = True


def find(step: Step, campaign_id: CampaignId) -> Campaign:
    """Return a campaign.

    Raises:
        RuleError: If there is none of that id.
    """
    try:
        return step.workspace.campaigns[campaign_id]
    except KeyError as error:
        raise RuleError(f"campaign {campaign_id} is not known to the run") from error


def unfit(step: Step, campaign: Campaign) -> str:
    """Return why a campaign cannot call as it is set, empty if it can."""
    settings = campaign.settings
    fault = trunks.unfit(step.workspace, settings)
    if fault or settings.needs_agents:
        return fault
    route = [trunk.settings for trunk in trunks.of_route(step.workspace, settings.trunk)]
    return agentless.unfit(
        settings.agentless,
        caller_ids=[settings.caller_id or trunk.caller_id for trunk in route],
        has_dialplan=all(trunk.has_dialplan for trunk in route),
        messages=step.workspace.messages,
    )


def start(step: Step, campaign_id: CampaignId) -> str:
    """Begin or go on calling."""
    campaign = find(step, campaign_id)
    if fault := unfit(step, campaign):
        # Whoever asked may be gone: the request may have waited for this run.
        campaign.reason = f"not started: {fault}"
        _record(step, campaign)
        raise RuleError(fault)
    campaign.fetch_after = step.at
    _move(step, campaign, CampaignMove.START)
    return "running"


def take_up(step: Step, campaign_id: CampaignId) -> str:
    """Go by a campaign's settings, which were told before this."""
    campaign = find(step, campaign_id)
    if fault := unfit(step, campaign):
        raise RuleError(fault)
    return "the campaign goes by its new settings"


def pause(step: Step, campaign_id: CampaignId) -> str:
    """Start no more calls for now."""
    campaign = find(step, campaign_id)
    if campaign.state not in (CampaignState.RUNNING, CampaignState.PAUSED):
        raise RuleError(f"the campaign is {campaign.state}: only a running one can be paused")
    _move(step, campaign, CampaignMove.PAUSE)
    return_leads(step, campaign)
    return "paused"


def stop(step: Step, campaign_id: CampaignId) -> str:
    """Start no more calls."""
    campaign = find(step, campaign_id)
    _move(step, campaign, CampaignMove.STOP)
    return_leads(step, campaign)
    return "stopped"


def _move(step: Step, campaign: Campaign, move: CampaignMove) -> None:
    if campaign.state is CampaignState.RUNNING:
        keeping.keep(step, campaign)
    campaign.state = advance(CAMPAIGN_MOVES, campaign.state, move)
    campaign.reason, campaign.until, campaign.obstacle = "", None, False
    step.workspace.pacing_due = True
    _record(step, campaign)


def _record(step: Step, campaign: Campaign) -> None:
    step.emit(
        CampaignChanged(
            at=step.at,
            campaign_id=campaign.settings.campaign_id,
            state=campaign.state,
            reason=campaign.reason,
            until=campaign.until,
        )
    )


def _say(step: Step, campaign: Campaign, reason: str, until: float | None = None) -> None:
    """Put on record what a running campaign waits for: once, and not at every lead that trickles in."""
    if campaign.obstacle:
        return
    if (campaign.reason, campaign.until) != (reason, until) and step.at >= campaign.said_at + SAY_EVERY_S:
        campaign.reason, campaign.until, campaign.said_at = reason, until, step.at
        _record(step, campaign)


def heed(step: Step, campaign: Campaign, floor: Obstacle | None) -> None:
    """Put on record at once what keeps a campaign from dialing, the floor or its trunks, or that nothing does any more.

    As often as it changes: what makes it change are people and faults, not leads.
    """
    found = _in_the_way(step, campaign, floor)
    if found is None and not campaign.obstacle:
        return
    if found is None:
        campaign.fetch_after = min(campaign.fetch_after, step.at)  # what its leads wait for is said anew
    reason, until = found or ("", None)
    if (found is not None, reason, until) != (campaign.obstacle, campaign.reason, campaign.until):
        campaign.obstacle, campaign.reason, campaign.until = found is not None, reason, until
        _record(step, campaign)


def _in_the_way(step: Step, campaign: Campaign, floor: Obstacle | None) -> tuple[str, float | None] | None:
    settings = campaign.settings
    if floor is not None and (settings.needs_agents or floor not in OF_AGENTS):
        return floor.value, None
    fault = "" if settings.needs_agents else unfit(step, campaign)
    return (fault, None) if fault else trunks.obstacle(step, settings)


# --- leads -------------------------------------------------------------------------------------------


def return_leads(step: Step, campaign: Campaign) -> None:
    """Give back what was claimed and not called."""
    if campaign.buffer:
        step.emit(
            ReturnLeads(
                campaign_id=campaign.settings.campaign_id,
                lead_ids=tuple(lead.lead_id for lead in campaign.buffer),
            )
        )
        campaign.buffer.clear()


def due_timer(campaign_id: CampaignId) -> str:
    """Return the name of the timer that has a campaign look for due leads."""
    return f"due:{campaign_id}"


def fetch(step: Step, campaign: Campaign) -> None:
    """Ask for leads if few are left and somebody is there to talk to them."""
    lines = trunks.lines(step.workspace, campaign.settings.trunk)
    target = max(MIN_BUFFER, min(MAX_BUFFER, 2 * lines)) if lines else 0
    if campaign.fetching or step.at < campaign.fetch_after or len(campaign.buffer) * 2 > target:
        return
    if target == 0 or (campaign.settings.needs_agents and not anybody_logged_in(step)):
        return
    campaign.fetching = True
    campaign.fetch_was_last = not (campaign.open_attempts or campaign.buffer or _is_at_hand(step, campaign))
    settings = campaign.settings
    closed = tuple(
        group
        for group, zones in step.workspace.zones.items()
        if not step.windows.of(settings, group, zones, at=step.at).is_open
    )
    step.emit(
        FetchLeads(
            campaign_id=settings.campaign_id,
            count=target - len(campaign.buffer),
            closed_groups=closed,
            consent_for=settings.consent_for,
            score_attribute=settings.score_attribute,
        )
    )


def anybody_logged_in(step: Step) -> bool:
    """Return whether an agent's phone is up."""
    away = (AgentState.LOGGED_OUT, AgentState.LOGGING_IN)
    return any(agent.state not in away for agent in step.workspace.agents.values())


def _is_at_hand(step: Step, campaign: Campaign) -> bool:
    """Return whether what an agent decides may yet bring a lead of the campaign back: one that is shown, or was talked with."""
    campaign_id = campaign.settings.campaign_id
    is_shown = any(preview.campaign_id == campaign_id for preview in step.workspace.previews.values())
    return is_shown or any(
        agent.talk is not None
        and agent.talk.attempt is not None
        and agent.talk.attempt.campaign_id == campaign_id
        for agent in step.workspace.agents.values()
    )


def loaded(step: Step, event: LeadsLoaded) -> None:
    """Take claimed leads in, or learn what there is to wait for."""
    campaign = step.workspace.campaigns[event.campaign_id]
    campaign.fetching, campaign.leads_left = False, event.left
    step.workspace.zones.update(event.zone_groups)
    campaign.buffer[:0] = [lead for lead in reversed(event.leads) if not lead.promised]
    campaign.buffer += [lead for lead in reversed(event.leads) if lead.promised]
    if asked_otherwise := event.consent_for != campaign.settings.consent_for:
        step.workspace.pacing_due = True
    if asked_otherwise or campaign.state is not CampaignState.RUNNING or step.workspace.finishing:
        return_leads(step, campaign)
    elif event.leads:
        step.workspace.pacing_due = True
        _say(step, campaign, "")
    elif not event.remaining and campaign.open_attempts == 0 and not _is_at_hand(step, campaign):
        _finish_or_look_again(step, campaign)
    else:
        _wait(step, campaign, event)


def _finish_or_look_again(step: Step, campaign: Campaign) -> None:
    """Nothing is left and nothing is open; it counts only if that was so when the hopper was asked."""
    if campaign.fetch_was_last:
        _move(step, campaign, CampaignMove.FINISH)
    else:
        campaign.fetch_after = step.at
        step.workspace.pacing_due = True


def _wait(step: Step, campaign: Campaign, event: LeadsLoaded) -> None:
    opening = min(
        (
            window.until
            for group, zones in event.zone_groups.items()
            if not (window := step.windows.of(campaign.settings, group, zones, at=step.at)).is_open
        ),
        default=None,
    )
    if event.next_due_at is not None:
        _say(step, campaign, "waiting for a retry", event.next_due_at)
    elif event.remaining and opening is not None:
        _say(step, campaign, "calling window closed", opening)
    else:
        last = "calls" if campaign.open_attempts else "previews" if step.workspace.previews else "wrap-ups"
        _say(step, campaign, f"waiting for the last {last}")
    known = [instant for instant in (event.next_due_at, opening) if instant is not None]
    campaign.fetch_after = max(step.at, min([*known, step.at + RECHECK_S]))
    step.start_timer(due_timer(campaign.settings.campaign_id), campaign.fetch_after)


def refusal_of(step: Step, campaign: Campaign, lead: Lead) -> Refusal | None:
    """Return why a claimed lead may not be called now; None if it may."""
    zones = step.workspace.zones.get(lead.zone_group)
    window = step.windows.of(campaign.settings, lead.zone_group, zones, at=step.at)
    return refusal(lead, campaign.settings, window, at=step.at)


def next_lead(step: Step, campaign: Campaign) -> Lead | None:
    """Return the next lead that may be called now; those that may not are put on record with the reason."""
    while campaign.buffer:
        lead = campaign.buffer.pop()
        why = refusal_of(step, campaign, lead)
        if why is None:
            return lead
        step.emit(
            LeadRefused(
                at=step.at,
                campaign_id=campaign.settings.campaign_id,
                lead_id=lead.lead_id,
                reason=why.reason,
                retry_at=why.retry_at,
            )
        )
        if campaign.open_attempts == 0:
            campaign.fetch_after = step.at
    return None


REQUESTS: dict[type[Request], Callable[..., str]] = {
    StartCampaign: lambda step, request: start(step, request.campaign_id),
    PauseCampaign: lambda step, request: pause(step, request.campaign_id),
    StopCampaign: lambda step, request: stop(step, request.campaign_id),
    TakeUpSettings: lambda step, request: take_up(step, request.campaign_id),
}
