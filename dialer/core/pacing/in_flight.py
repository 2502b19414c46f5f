"""What the calls in flight leave of the agents who are free and stay for a call."""

import math
from collections import Counter
from collections.abc import Callable, Collection

from dialer.core.allocation import links, routing
from dialer.core.allocation.agent_sets import EVERYBODY
from dialer.core.allocation.reach import Within
from dialer.core.business import Campaign
from dialer.core.floor import roster
from dialer.core.ids import AgentId, CampaignId, SetId
from dialer.core.pacing.calls_per_agent import calls_per_agent
from dialer.core.pacing.obstacles import AWAY
from dialer.core.pacing.supply import Claim, Group, Supply
from dialer.core.settings import CampaignSettings, PacingMode
from dialer.core.states import AgentState, CampaignState
from dialer.core.step import Step
from dialer.core.work import trunks
from dialer.core.work.lines import settings_of
from dialer.core.workspace import Call

TALK_S = 120.0
"""How long a talk is taken to last when it is asked who stays for it. A guess, until pacing learns how long they last."""

_NOT_AT_WORK = AWAY | {AgentState.PAUSED}


def running(step: Step) -> list[Campaign]:
    """Return the campaigns that run."""
    return [one for one in step.workspace.campaigns.values() if one.state is CampaignState.RUNNING]


def for_agents(step: Step) -> list[Campaign]:
    """Return those of them that need agents now, for calls to come or in flight."""
    return [one for one in running(step) if one.settings.needs_agents or one.in_flight]


def supply_of(step: Step, *, for_s: float = 0.0) -> Supply:
    """Return the free agents of now, those counted as needed that running campaigns have calls in flight for.

    Args:
        step: The step of now.
        for_s: By the roster, only agents who stay for so long count.
    """
    workspace, campaigns = step.workspace, for_agents(step)
    claims = {one.settings.campaign_id: _claim(step, one) for one in campaigns}
    supply = Supply(
        _free(step, frozenset(claim.set_id for claim in claims.values()), for_s=for_s),
        lambda one, other: links.slots_left(workspace, one, other),
        claims,
    )
    for campaign_id in _scarcest_first(supply, claims):
        for server, calls in workspace.campaigns[campaign_id].in_flight_at.items():
            supply.place(campaign_id, server, calls)
    return supply


def spared(step: Step, call: Call) -> Collection[SetId]:
    """Return the agent sets, but the call's own, all of whose free agents are needed by calls in flight."""
    own = routing.first_set(step, settings_of(step, call))
    others = {routing.first_set(step, one.settings): None for one in for_agents(step)}
    if not others.keys() - {own}:
        return ()
    supply = supply_of(step)
    return [set_id for set_id in others if set_id != own and supply.left(set_id) < 1]


def _claim(step: Step, campaign: Campaign) -> Claim:
    return Claim(routing.first_set(step, campaign.settings), 1 / calls_per_agent(campaign))


def _scarcest_first(supply: Supply, claims: dict[CampaignId, Claim]) -> list[CampaignId]:
    return sorted(claims, key=lambda campaign_id: (supply.left(claims[campaign_id].set_id), campaign_id))


def call_takes_s(campaigns: list[Campaign]) -> float:
    """Return how long a call that is started now takes an agent, to the end of the wrap-up."""
    return max((_takes_s(one.settings) for one in campaigns), default=0.0)


def _takes_s(settings: CampaignSettings) -> float:
    shown_s = settings.preview_s if settings.mode is PacingMode.PREVIEW else 0.0
    return shown_s + settings.post_dial_s + settings.ring_s + TALK_S + settings.wrap_up_s


def anybody_stays(step: Step, campaigns: list[Campaign]) -> bool:
    """Return whether one of those who are at work stays for a call; without a roster everybody does."""
    if not step.workspace.roster:
        return True
    horizon_s = call_takes_s(campaigns)
    somebody_leaves = False
    for one in step.workspace.agents.values():
        if one.state in _NOT_AT_WORK:
            continue
        if not roster.leaves_soon(step, one, horizon_s):
            return True
        somebody_leaves = True
    return not somebody_leaves


def _free(step: Step, wanted: frozenset[SetId], *, for_s: float) -> dict[Group, int]:
    groups, there = step.allocator.free, Counter[Group]()
    for (server, sets), count in groups.counts(sorted(wanted)).items():
        there[Group(server, wanted.intersection(sets))] += count
    for agent_id in step.workspace.roster if for_s > 0 else ():
        found = groups.group_of(agent_id)
        if found is not None and roster.leaves_soon(step, step.workspace.agents[agent_id], for_s):
            there[Group(found[0], wanted.intersection(found[1]))] -= 1
    lost = step.workspace.lost_servers
    return {group: count for group, count in there.items() if group.server not in lost}


def free_of(step: Step, set_id: SetId, *, for_s: float, within: Within) -> int:
    """Return how many agents of a set are free at some servers and stay for so long."""
    return sum(
        count
        for group, count in _free(step, frozenset((set_id,)), for_s=for_s).items()
        if set_id in group.sets and group.server in within
    )


def within_of(step: Step, campaign: Campaign) -> Within:
    """Return the servers whose agents a campaign's customers can be joined with."""
    of = trunks.of_route(step.workspace, campaign.settings.trunk)
    return Within(step.workspace, frozenset(trunk.settings.server for trunk in of))


def load_of(step: Step, campaign: Campaign) -> Callable[[str], float]:
    """Return what tells how many calls in flight a campaign has at a server for each of its agents who is at work there."""
    if len(within_of(step, campaign).servers) < 2:
        return lambda _: 0.0
    agents = Counter(step.workspace.agents[agent_id].server for agent_id in at_work(step, campaign))
    return lambda server: (
        campaign.in_flight_at.get(server, 0) / agents[server] if agents[server] else math.inf
    )


def at_work(step: Step, campaign: Campaign) -> set[AgentId]:
    """Return a campaign's agents who take calls, whatever they do at the moment."""
    agents, within = step.workspace.agents, within_of(step, campaign)
    set_id = routing.first_set(step, campaign.settings)
    members = agents if set_id == EVERYBODY else step.sets.members(set_id)
    return {one for one in members if agents[one].state not in _NOT_AT_WORK and agents[one].server in within}
