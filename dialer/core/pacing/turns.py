"""Whose turn it is among campaigns that share agents: answers are shared by weight, over time and not only among calls in progress."""

from collections.abc import Sequence

from dialer.core.business import Campaign
from dialer.core.pacing.forecast.decide import Entrant

CREDIT = 10.0
"""Answers that a campaign without leads or lines may catch up once it has some: it waits for its share no longer than that takes,
and nobody else for longer.
"""


def of_an_answer(campaign: Campaign, others: Sequence[Campaign]) -> float:
    """Return how much further an answer takes a campaign's turn: 1 for the heaviest of all."""
    return max(one.settings.weight for one in others) / campaign.settings.weight


def catch_up(campaigns: Sequence[Campaign]) -> None:
    """Let no turn be further behind the last one than may be caught up."""
    furthest = max((one.turn for one in campaigns), default=0.0)
    for campaign in campaigns:
        campaign.turn = max(campaign.turn, furthest - CREDIT)


def took(campaign: Campaign, entrant: Entrant, calls: int) -> None:
    """Count the calls that a campaign started."""
    campaign.turn += calls * entrant.step
