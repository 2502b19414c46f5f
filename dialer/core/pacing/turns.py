"""Whose turn it is among campaigns that share agents: answers are shared by weight, over time and not only among calls in progress.

Campaigns that forecast share in one race (`forecast.decide`); those that call for free agents alone share these by the agents that each
holds. Between the two the same holds as in the race: who is ahead waits while another that shares the agents has leads and lines.
"""

from collections.abc import Iterable, Sequence

from dialer.core.business import Campaign
from dialer.core.pacing import observing
from dialer.core.pacing.forecast.decide import AT_ONCE, Entrant, are_its_share
from dialer.core.pacing.in_flight import at_work
from dialer.core.settings import PacingMode
from dialer.core.step import Step
from dialer.core.work import trunks

CREDIT = 10.0
"""Answers that a campaign without leads or lines may catch up once it has some: it waits for its share no longer than that takes,
and nobody else for longer.
"""


def sharing(running: Iterable[Campaign]) -> list[Campaign]:
    """Return those that share agents by turns; a dial level, which is in simulations only, heeds nobody."""
    return [
        one for one in running if one.settings.needs_agents and one.settings.mode is not PacingMode.ADAPTIVE
    ]


def of_an_answer(campaign: Campaign, others: Sequence[Campaign]) -> float:
    """Return how much further an answer takes a campaign's turn: 1 for the heaviest of all."""
    return max(one.settings.weight for one in others) / campaign.settings.weight


def catch_up(campaigns: Sequence[Campaign]) -> None:
    """Let no turn be further behind the last one than may be caught up."""
    furthest = max((one.turn for one in campaigns), default=0.0)
    for campaign in campaigns:
        campaign.turn = max(campaign.turn, furthest - CREDIT)


def took(campaign: Campaign, entrant: Entrant, calls: int) -> None:
    """Count the calls that a campaign started which forecasts."""
    campaign.turn += calls * entrant.step


def took_one(step: Step, campaign: Campaign, running: Sequence[Campaign]) -> None:
    """Count a call that was started for a free agent."""
    if len(_forecasting(running)) not in (0, len(running)):
        share = observing.outlook_of(step, campaign).learned.odds.share()
        campaign.turn += share * of_an_answer(campaign, sharing(running))


def must_wait(step: Step, campaign: Campaign, running: Iterable[Campaign]) -> bool:
    """Return whether a campaign that calls for free agents leaves them to one that forecasts."""
    return any(
        campaign.turn > one.turn + AT_ONCE
        and bool(one.buffer)
        and trunks.room_of_route(step, one.settings.trunk) > 0
        and _can_have_its_share(step, one, campaign)
        for one in _forecasting(running)
    )


def _can_have_its_share(step: Step, one: Campaign, other: Campaign) -> bool:
    own, others = at_work(step, one), at_work(step, other)
    enough = are_its_share(
        len(own), len(others), weight=one.settings.weight, other_weight=other.settings.weight
    )
    return enough and not own.isdisjoint(others)


def _forecasting(running: Iterable[Campaign]) -> list[Campaign]:
    return [one for one in running if one.settings.mode is PacingMode.PREDICTIVE]
