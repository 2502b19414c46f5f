"""When calls are started: at the end of a round, at most every 0.25 s, within every limit at once."""

from dialer.core.allocation import index
from dialer.core.allocation.reach import Reach
from dialer.core.pacing.calls_per_agent import Demand, calls_per_agent, calls_to_start
from dialer.core.pacing.obstacles import MAX_LAG_S, TOLD_LAG_S, obstacle
from dialer.core.states import CallState, CampaignState
from dialer.core.step import Step
from dialer.core.work import calls, campaigns, placing, trunks
from dialer.core.workspace import Campaign

PACE_EVERY_S = 0.25
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
        if lag_s > TOLD_LAG_S:
            _explain(step, _running(step), lag_s)
        return
    workspace.paced_at = step.at
    workspace.pacing_due = False
    trunks.review(step)
    running = _running(step)
    _explain(step, running, lag_s)
    for campaign in running:
        campaigns.fetch(step, campaign)
    if not workspace.halted:
        _start_calls(step, running)


def _running(step: Step) -> list[Campaign]:
    return [one for one in step.workspace.campaigns.values() if one.state is CampaignState.RUNNING]


def _explain(step: Step, running: list[Campaign], lag_s: float) -> None:
    """Put on record of each campaign what keeps it from dialing."""
    workspace = step.workspace
    found = obstacle(
        (agent.state for agent in workspace.agents.values()), halted=workspace.halted, lag_s=lag_s
    )
    for campaign in running:
        campaigns.heed(step, campaign, found)


def _start_calls(step: Step, running: list[Campaign]) -> None:
    workspace = step.workspace
    # Calls that wait need none of them: who is free and in reach would have been given one.
    supply = index.free_agents(step)
    if supply <= 0:
        return
    reach = Reach(step)
    wanted = calls_to_start(supply, [_demand(step, campaign, reach) for campaign in running])
    for campaign in running:
        _start_some(step, campaign, wanted[campaign.settings.campaign_id], reach)
        if campaign.buffer and trunks.waits_for_time(step, campaign.settings.trunk):
            workspace.pacing_due = True  # calls per second stopped it: again as soon as allowed
            step.start_timer(PACE_TIMER, step.at + PACE_EVERY_S)


def _demand(step: Step, campaign: Campaign, reach: Reach) -> Demand:
    return Demand(
        campaign_id=campaign.settings.campaign_id,
        calls_per_agent=calls_per_agent(campaign.settings),
        in_flight=campaign.in_flight,
        can_start=min(len(campaign.buffer), trunks.room_of(step, campaign.settings, reach)),
    )


def _start_some(step: Step, campaign: Campaign, count: int, reach: Reach) -> None:
    for _ in range(count):
        trunk = trunks.choose(step, campaign.settings, reach)
        lead = campaigns.next_lead(step, campaign) if trunk is not None else None
        if trunk is None or lead is None:
            break
        placing.start(step, campaign, lead, trunk)
        reach.place(trunk.settings.server, campaign.settings)
    campaigns.fetch(step, campaign)


def halt(step: Step) -> None:
    """Stop all originating; what is not placed yet is withdrawn."""
    step.workspace.halted = step.workspace.pacing_due = True
    for call in list(step.workspace.calls.values()):
        if call.state is CallState.REQUESTED:
            calls.hang_up(step, call, "halted")
