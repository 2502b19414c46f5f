"""Progressive and ratio pacing: a fixed number of calls for each agent who is free."""

from dialer.core.business import Campaign
from dialer.core.settings import PacingMode

_MOST = 20.0


def calls_per_agent(campaign: Campaign) -> float:
    """Return how many calls a campaign has in flight for one agent whom they will need, at least 1."""
    match campaign.settings.mode:
        case PacingMode.RATIO:
            return campaign.settings.ratio
        case PacingMode.PREDICTIVE if campaign.outlook is not None:
            return min(_MOST, 1 / campaign.outlook.learned.odds.share())
        case PacingMode.ADAPTIVE if campaign.dial_level is not None:
            return campaign.dial_level.level
        case _:
            return 1.0
