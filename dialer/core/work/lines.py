"""Lines of business: what a call belongs to, a campaign or a queue."""

from dialer.core.settings import LineSettings
from dialer.core.step import Step
from dialer.core.workspace import Call, Talk


def settings_of(step: Step, of: Call | Talk) -> LineSettings:
    """Return the settings that calls of any line have, of the one that a call or a talk belongs to."""
    if of.attempt is not None:
        return step.workspace.campaigns[of.attempt.campaign_id].settings
    return step.workspace.queues[of.queue].settings
