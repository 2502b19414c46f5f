"""When calls are started: at the end of a round, at most every 0.25 s, within every limit at once."""

from collections.abc import Sequence
from typing import Protocol

from dialer.core.allocation import index
from dialer.core.business import Campaign
from dialer.core.ids import CampaignId
from dialer.core.pacing import adaptive, agentless, deciding, inbound_work, keeping, predictive, turns
from dialer.core.pacing.calls_per_agent import calls_per_agent
from dialer.core.pacing.in_flight import anybody_stays, call_takes_s, for_agents, load_of, running, supply_of
from dialer.core.pacing.obstacles import MAX_LAG_S, TOLD_LAG_S, Obstacle, obstacle
from dialer.core.pacing.supply import Supply
from dialer.core.settings import PacingMode
from dialer.core.states import CallState
from dialer.core.step import Step
from dialer.core.ways import Trunk
from dialer.core.work import call_ends, campaigns, placing, previews, trunk_choice, trunks

PACE_EVERY_S = 0.25
FORECAST_EVERY_S = 0.5
"""Forecasts change by time alone. Source: measured, a second costs 0.3 points of utilisation, a quarter of one gains none."""
PACE_TIMER = "pace"


class _Ahead(Protocol):
    """Starts the calls of campaigns that are paced alike, whoever is free."""

    def __call__(
        self, step: Step, able: Sequence[Campaign], running: Sequence[Campaign], *, at_most: int
    ) -> None: ...


def round_ended(step: Step, lag_s: float) -> None:
    """Start the calls that the free agents allow."""
    workspace = step.workspace
    if workspace.previews:
        previews.review(step)
    if not workspace.pacing_due or workspace.finishing:
        return
    next_at = workspace.paced_at + workspace.pace_every_s
    if step.at < next_at or lag_s > MAX_LAG_S:
        if PACE_TIMER not in workspace.timers:
            step.start_timer(
                PACE_TIMER, max(next_at, step.at + PACE_EVERY_S if lag_s > MAX_LAG_S else next_at)
            )
        if lag_s > TOLD_LAG_S:
            _explain(step, running(step), lag_s)
        return
    workspace.paced_at = step.at
    workspace.pacing_due = False
    trunks.review(step)
    campaigns_there = running(step)
    _explain(step, campaigns_there, lag_s)
    for campaign in campaigns_there:
        campaigns.fetch(step, campaign)
        keeping.look(step, campaign)
    if not workspace.halted:
        with_agents, able = for_agents(step), [one for one in campaigns_there if one.settings.needs_agents]
        _start_calls(step, [one for one in able if one.settings.mode not in AHEAD], with_agents)
        _start_ahead(step, [one for one in able if one.settings.mode in AHEAD], with_agents)
        _start_agentless(step, [one for one in campaigns_there if not one.settings.needs_agents])


def _explain(step: Step, running: list[Campaign], lag_s: float) -> None:
    """Put on record of each campaign what keeps it from dialing."""
    workspace = step.workspace
    found = obstacle(
        (agent.state for agent in workspace.agents.values()), halted=workspace.halted, lag_s=lag_s
    )
    if found is None and not anybody_stays(step, [one for one in running if one.settings.needs_agents]):
        found = Obstacle.ALL_LEAVE
    for campaign in running:
        campaigns.heed(step, campaign, found)


def _start_ahead(step: Step, able: list[Campaign], running: list[Campaign]) -> None:
    """Start the calls of the campaigns that do not wait for free agents, and look again soon."""
    workspace = step.workspace
    workspace.pace_every_s = FORECAST_EVERY_S if len(able) == len(running) > 0 else PACE_EVERY_S
    if not able or not campaigns.anybody_logged_in(step):
        return
    if any(one.buffer for one in able):  # without a lead there is nothing to look for
        step.start_timer(PACE_TIMER, step.at + FORECAST_EVERY_S)
    at_most = sum(trunks.room(step, trunk) for trunk in trunks.of_routes(step.workspace, able))
    for mode, start in AHEAD.items():
        if same := [one for one in able if one.settings.mode is mode]:
            start(step, same, running, at_most=at_most)


def _start_forecast(
    step: Step, able: Sequence[Campaign], running: Sequence[Campaign], *, at_most: int
) -> None:
    """Start as many calls as a race allows, and say what they follow from."""
    decided = predictive.decisions(step, able, running, at_most=at_most)
    supply = supply_of(step) if any(decision.calls for _, decision in decided) else None
    for campaign, (entrant, decision) in zip(able, decided, strict=True):
        before = campaign.in_flight
        if supply is not None and decision.calls:
            _start_some(step, campaign, decision.calls, supply)
        turns.took(campaign, entrant, campaign.in_flight - before)
        _look_again(step, campaign)
        deciding.say_forecast(step, campaign, entrant, decision, placed=campaign.in_flight - before)


def _start_by_level(
    step: Step, able: Sequence[Campaign], running: Sequence[Campaign], *, at_most: int
) -> None:
    """Start as many calls as dial levels want."""
    wanted = adaptive.calls_to_start(step, able, running, at_most=at_most)
    supply = supply_of(step) if any(wanted) else None
    for campaign, calls in zip(able, wanted, strict=True):
        if supply is not None and calls:
            _start_some(step, campaign, calls, supply)
            _look_again(step, campaign)


AHEAD: dict[PacingMode, _Ahead] = {
    PacingMode.PREDICTIVE: _start_forecast,
    PacingMode.ADAPTIVE: _start_by_level,
}
"""Modes that start calls for agents who are not free yet; in the others each call stands for a share of one who is."""


def _start_some(step: Step, campaign: Campaign, calls: int, supply: Supply) -> None:
    """Start so many calls, if there are leads and lines for them."""
    load = load_of(step, campaign)
    for _ in range(calls):
        if not campaign.buffer:
            return
        trunk = trunk_choice.choose_other(step, campaign.settings, supply, load=load)
        if not _begin(step, campaign, supply, trunk):
            return


def _start_calls(step: Step, able: list[Campaign], running: list[Campaign]) -> None:
    """Start call after call, the next one always for the campaign that holds the fewest agents, until no more is possible.

    Calls that wait need none of the free agents: who is free and in reach would have been given one.
    """
    for_s = call_takes_s(running) if able and index.free_agents(step) else 0.0
    # As most of the time on a busy floor nobody is free: what calls in flight need of nobody need not be reckoned.
    placed = _start_in_turn(step, able, running, for_s=for_s) if for_s else {}
    for campaign in able:
        deciding.say_counted(step, campaign, placed=placed.get(campaign.settings.campaign_id, 0), for_s=for_s)


def _start_in_turn(
    step: Step, able: list[Campaign], running: list[Campaign], *, for_s: float
) -> dict[CampaignId, int]:
    """Start the calls; return how many of each campaign."""
    placed: dict[CampaignId, int] = {}
    supply = supply_of(step, for_s=for_s)
    if supply.is_empty:
        return placed
    for set_id, agents in inbound_work.kept(step):
        supply.hold(set_id, agents, server=None)
    held = _held(step, running)
    left = list(able)
    while left:
        campaign = min(left, key=lambda one: held[one.settings.campaign_id])
        campaign_id = campaign.settings.campaign_id
        if not turns.must_wait(step, campaign, running) and _start_one(step, campaign, supply, for_s=for_s):
            turns.took_one(step, campaign, running)
            held[campaign_id] += 1 / calls_per_agent(campaign)
            placed[campaign_id] = placed.get(campaign_id, 0) + 1
        else:
            left.remove(campaign)
    for campaign in running:
        _look_again(step, campaign)
    return placed


def _start_agentless(step: Step, running: list[Campaign]) -> None:
    """Start the calls that need no agent, within the lines that the others left."""
    agentless.start_calls(step, running)
    for campaign in running:
        if agentless.has_room(campaign):
            _look_again(step, campaign)


def _look_again(step: Step, campaign: Campaign) -> None:
    campaigns.fetch(step, campaign)
    next_at = trunks.next_at(step, campaign.settings.trunk) if campaign.buffer else None
    if next_at is not None:
        step.workspace.pacing_due = True  # calls per second stopped it: again as soon as allowed
        step.workspace.pace_every_s = PACE_EVERY_S
        due_at = min(next_at, step.at + FORECAST_EVERY_S)
        step.start_timer(PACE_TIMER, max(due_at, step.at + PACE_EVERY_S))


def _held(step: Step, running: list[Campaign]) -> dict[CampaignId, float]:
    """Return how many agents each campaign holds: for calls in flight, or to decide about a lead."""
    held = {one.settings.campaign_id: one.in_flight / calls_per_agent(one) for one in running}
    for preview in step.workspace.previews.values():
        held[preview.campaign_id] = held.get(preview.campaign_id, 0.0) + 1
    return held


def _start_one(step: Step, campaign: Campaign, supply: Supply, *, for_s: float) -> bool:
    if campaign.settings.mode is PacingMode.PREVIEW:
        return previews.show_one(step, campaign, supply, for_s=for_s)
    return bool(campaign.buffer) and _begin(
        step, campaign, supply, trunk_choice.choose(step, campaign.settings, supply)
    )


def _begin(step: Step, campaign: Campaign, supply: Supply, trunk: Trunk | None) -> bool:
    """Start the call of a campaign's next lead; return whether there are a trunk and a lead for it."""
    lead = campaigns.next_lead(step, campaign) if trunk is not None else None
    if trunk is None or lead is None:
        return False
    placing.begin(step, campaign, placing.new_attempt(step, campaign, lead), trunk)
    supply.place(campaign.settings.campaign_id, trunk.settings.server)
    return True


def halt(step: Step) -> None:
    """Stop all originating; what is not placed yet is withdrawn."""
    step.workspace.halted = step.workspace.pacing_due = True
    for call in list(step.workspace.calls.values()):
        if call.state is CallState.REQUESTED:
            call_ends.hang_up(step, call, "halted")
