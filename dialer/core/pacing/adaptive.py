"""Adaptive pacing: what each campaign's dial level makes of the agents and calls of now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dialer.core.allocation import reservation, routing
from dialer.core.business import Campaign
from dialer.core.ids import CampaignId, SetId
from dialer.core.pacing import inbound_work, observing
from dialer.core.pacing.dial_level import DialLevel
from dialer.core.pacing.in_flight import call_takes_s, free_of, within_of
from dialer.core.states import CallState
from dialer.core.step import Step

_OVER = frozenset({CallState.MESSAGE, CallState.ENDING, CallState.ENDED, CallState.TRANSFERRED})
"""States of calls that need no agent any more."""


@dataclass(slots=True)
class _Calls:
    """What a campaign has in progress."""

    all: int = 0
    waiting: int = 0
    with_agent: int = 0


def calls_to_start(
    step: Step, able: Sequence[Campaign], running: Sequence[Campaign], *, at_most: int
) -> list[int]:
    """Return how many calls each campaign shall start.

    Args:
        step: The step of now.
        able: The campaigns with a dial level.
        running: All that run; those that share agents share the free ones by weight, which is a reading.
        at_most: What the trunks hold.
    """
    calls = _calls(step)
    sets = {one.settings.campaign_id: routing.first_set(step, one.settings) for one in running}
    weights: dict[SetId, float] = {}
    for one in running:
        set_id = sets[one.settings.campaign_id]
        weights[set_id] = weights.get(set_id, 0.0) + one.settings.weight
    kept, for_s = Counter(dict(inbound_work.kept(step))), call_takes_s(list(running))
    wanted = []
    for campaign in able:
        set_id, settings = sets[campaign.settings.campaign_id], campaign.settings
        there = free_of(step, set_id, for_s=for_s, within=within_of(step, campaign))
        free = max(0, there - kept[set_id]) * settings.weight / weights[set_id]
        count = min(at_most, _wanted(step, campaign, calls.get(settings.campaign_id, _Calls()), free=free))
        at_most -= count
        wanted.append(count)
    return wanted


def _calls(step: Step) -> dict[CampaignId, _Calls]:
    found: dict[CampaignId, _Calls] = {}
    for call in step.workspace.calls.values():
        if call.attempt is None or call.state in _OVER:
            continue
        agent = None if call.agent_id is None else step.workspace.agents[call.agent_id]
        if agent is not None and (agent.pause_next is not None or agent.log_out_next):
            continue  # who leaves after the talk is as good as gone, and the talk with them
        calls = found.setdefault(call.attempt.campaign_id, _Calls())
        calls.all += 1
        calls.waiting += reservation.is_waiting(call)
        calls.with_agent += agent is not None
    return found


def _wanted(step: Step, campaign: Campaign, calls: _Calls, *, free: float) -> int:
    """Return how many calls a campaign shall start; agents at their notes do not count, so that level 1 abandons nobody: a reading."""
    level = campaign.dial_level = campaign.dial_level or DialLevel(adjusted_at=step.at)
    agents = free + calls.with_agent
    level.look(agents=agents, agents_waiting=free, calls_waiting=calls.waiting)
    price, limit = observing.outlook_of(step, campaign).price, campaign.settings.abandon_limit
    level.adjust(at=step.at, over_limit=price.abandoned > limit * price.answers)
    return level.calls(agents=agents, in_progress=calls.all)
