"""Calls that need no agent: as many at a time as the campaign says, within the lines and calls per second of its trunks.

Campaigns with agents are served before: their agents wait. Those without share what is left by how full each is.
"""

from dialer.core.business import Campaign
from dialer.core.step import Step
from dialer.core.work import campaigns, placing, trunk_choice


def has_room(campaign: Campaign) -> bool:
    """Return whether a campaign may have another call in progress."""
    return campaign.open_attempts < campaign.settings.agentless.max_calls


def start_calls(step: Step, running: list[Campaign]) -> None:
    """Start call after call, the next one always for the campaign that is least full, until no more is possible."""
    able = [one for one in running if not campaigns.unfit(step, one)]
    while able:
        campaign = min(able, key=lambda one: one.open_attempts / one.settings.agentless.max_calls)
        if not _start_one(step, campaign):
            able.remove(campaign)


def _start_one(step: Step, campaign: Campaign) -> bool:
    if not campaign.buffer or not has_room(campaign):
        return False
    trunk = trunk_choice.choose_any(step, campaign.settings)
    lead = campaigns.next_lead(step, campaign) if trunk is not None else None
    if trunk is None or lead is None:
        return False
    placing.begin(step, campaign, placing.new_attempt(step, campaign, lead), trunk)
    return True
