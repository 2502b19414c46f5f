"""Progressive and ratio pacing: a fixed number of calls for each agent who is free."""

from collections.abc import Sequence

import msgspec

from dialer.core.ids import CampaignId
from dialer.core.settings import CampaignSettings, PacingMode

_ROUNDING = 1e-9


class Demand(msgspec.Struct, frozen=True):
    """What a campaign could start and what it has in flight (calls without an answer yet)."""

    campaign_id: CampaignId
    calls_per_agent: float
    in_flight: int
    can_start: int


def calls_per_agent(settings: CampaignSettings) -> float:
    """Return how many calls a campaign starts for one free agent."""
    return settings.ratio if settings.mode is PacingMode.RATIO else 1.0


def calls_to_start(free_agents: int, demands: Sequence[Demand]) -> dict[CampaignId, int]:
    """Return how many calls each campaign may start now.

    Agents are supply once: each call in flight stands for `1 / calls_per_agent` of one, whichever campaign
    it belongs to. What is left goes, call by call, to the campaign that holds the fewest agents. With one
    campaign that is `floor(calls per agent * free agents) - in flight`. No free agent: no call.

    Args:
        free_agents: Agents who are free and not needed by calls that wait.
        demands: The campaigns that are running; calls per agent >= 1.
    """
    started = {demand.campaign_id: 0 for demand in demands}
    if free_agents <= 0:
        return started
    held = {demand.campaign_id: demand.in_flight / demand.calls_per_agent for demand in demands}
    left = free_agents - sum(held.values())
    while True:
        able = [
            d
            for d in demands
            if d.can_start > started[d.campaign_id] and left + _ROUNDING >= 1 / d.calls_per_agent
        ]
        if not able:
            return started
        next_one = min(able, key=lambda d: held[d.campaign_id])
        share = 1 / next_one.calls_per_agent
        started[next_one.campaign_id] += 1
        held[next_one.campaign_id] += share
        left -= share
