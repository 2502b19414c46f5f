"""What the calls in flight leave of the agents who are free."""

from collections.abc import Collection

from dialer.core.allocation import index, links
from dialer.core.ids import CampaignId, SetId
from dialer.core.pacing.calls_per_agent import calls_per_agent
from dialer.core.pacing.supply import Claim, Group, Supply
from dialer.core.states import CampaignState
from dialer.core.step import Step
from dialer.core.workspace import Call, Campaign


def running(step: Step) -> list[Campaign]:
    """Return the campaigns that run."""
    return [one for one in step.workspace.campaigns.values() if one.state is CampaignState.RUNNING]


def supply_of(step: Step) -> Supply:
    """Return the free agents of now, those counted as needed that running campaigns have calls in flight for."""
    workspace, campaigns = step.workspace, running(step)
    claims = {one.settings.campaign_id: _claim(step, one) for one in campaigns}
    supply = Supply(
        _free(step, frozenset(claim.set_id for claim in claims.values())),
        lambda one, other: links.slots_left(workspace, one, other),
        claims,
    )
    for campaign_id in _scarcest_first(supply, claims):
        for server, calls in workspace.campaigns[campaign_id].in_flight_at.items():
            supply.place(campaign_id, server, calls)
    return supply


def spared(step: Step, call: Call) -> Collection[SetId]:
    """Return the agent sets, but the call's own, all of whose free agents are needed by calls in flight."""
    own = index.set_of(step, step.workspace.campaigns[call.campaign_id].settings)
    others = {index.set_of(step, one.settings): None for one in running(step)}
    if not others.keys() - {own}:
        return ()
    supply = supply_of(step)
    return [set_id for set_id in others if set_id != own and supply.left(set_id) < 1]


def _claim(step: Step, campaign: Campaign) -> Claim:
    return Claim(index.set_of(step, campaign.settings), 1 / calls_per_agent(campaign.settings))


def _scarcest_first(supply: Supply, claims: dict[CampaignId, Claim]) -> list[CampaignId]:
    return sorted(claims, key=lambda campaign_id: (supply.left(claims[campaign_id].set_id), campaign_id))


def _free(step: Step, wanted: frozenset[SetId]) -> dict[Group, int]:
    free: dict[Group, int] = {}
    for (server, sets), count in step.allocator.free.counts(sorted(wanted)).items():
        if server not in step.workspace.lost_servers:
            group = Group(server, wanted.intersection(sets))
            free[group] = free.get(group, 0) + count
    return free
