"""Progressive and ratio pacing: a fixed number of calls for each agent who is free."""

from dialer.core.settings import CampaignSettings, PacingMode


def calls_per_agent(settings: CampaignSettings) -> float:
    """Return how many calls a campaign starts for one free agent, at least 1."""
    return settings.ratio if settings.mode is PacingMode.RATIO else 1.0
