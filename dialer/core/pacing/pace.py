"""When calls are started: at the end of a round, at most every 0.25 s, within every limit at once."""

from dialer.core.pacing.calls_per_agent import Demand, calls_per_agent, calls_to_start
from dialer.core.states import CallState, CampaignState
from dialer.core.step import Step
from dialer.core.work import calls, campaigns
from dialer.core.workspace import Campaign, Trunk

PACE_EVERY_S = 0.25
MAX_LAG_S = 1.0
"""Older news than this, or older rounds that are not on record, and no call is started."""
PACE_TIMER = "pace"


def round_ended(step: Step, lag_s: float) -> None:
    """Start the calls that the free agents allow."""
    workspace = step.workspace
    if not workspace.pacing_due or workspace.finishing:
        return
    next_at = workspace.paced_at + PACE_EVERY_S
    if step.at < next_at or lag_s > MAX_LAG_S:
        if PACE_TIMER not in workspace.timers:
            step.start_timer(
                PACE_TIMER, max(next_at, step.at + PACE_EVERY_S if lag_s > MAX_LAG_S else next_at)
            )
        return
    workspace.paced_at = step.at
    workspace.pacing_due = False
    running = [c for c in workspace.campaigns.values() if c.state is CampaignState.RUNNING]
    for campaign in running:
        campaigns.fetch(step, campaign)
    if not workspace.halted:
        _start_calls(step, running)


def _start_calls(step: Step, running: list[Campaign]) -> None:
    workspace = step.workspace
    supply = len(workspace.free) - len(workspace.waiting)
    if supply <= 0:
        return
    wanted = calls_to_start(supply, [_demand(campaign) for campaign in running])
    for campaign in running:
        count = wanted[campaign.settings.campaign_id]
        trunk = workspace.trunks.get(campaign.settings.trunk)
        started = 0 if trunk is None else _start_some(step, campaign, trunk, count)
        if 0 < count != started and campaign.buffer:
            workspace.pacing_due = True  # a limit of the trunk stopped it: again as soon as allowed
            step.start_timer(PACE_TIMER, step.at + PACE_EVERY_S)


def _demand(campaign: Campaign) -> Demand:
    return Demand(
        campaign_id=campaign.settings.campaign_id,
        calls_per_agent=calls_per_agent(campaign.settings),
        in_flight=campaign.in_flight,
        can_start=len(campaign.buffer),
    )


def _start_some(step: Step, campaign: Campaign, trunk: Trunk, count: int) -> int:
    allowed = min(count, trunk.settings.lines - trunk.lines_used, _tokens(step, trunk))
    started = 0
    while started < allowed and (lead := campaigns.next_lead(step, campaign)) is not None:
        calls.start(step, campaign, lead)
        started += 1
    trunk.tokens -= started
    campaigns.fetch(step, campaign)
    return started


def _tokens(step: Step, trunk: Trunk) -> int:
    """Return how many calls may start now by calls per second; what pacing's interval misses may be caught up."""
    rate = trunk.settings.calls_per_second
    burst = max(1.0, rate * PACE_EVERY_S)
    trunk.tokens = min(burst, trunk.tokens + (step.at - trunk.tokens_at) * rate)
    trunk.tokens_at = step.at
    return int(trunk.tokens + 1e-9)


def halt(step: Step) -> None:
    """Stop all originating; what is not placed yet is withdrawn."""
    step.workspace.halted = True
    for call in list(step.workspace.calls.values()):
        if call.state is CallState.REQUESTED:
            calls.hang_up(step, call, "halted")
