"""What the engine remembers of a lead that an agent is shown before the call."""

from dataclasses import dataclass

from dialer.core.ids import AgentId, CampaignId, HandoverId
from dialer.core.lead import Lead


@dataclass(slots=True)
class Preview:
    """A lead that an agent is shown, who decides whether it is called."""

    preview_id: HandoverId
    agent_id: AgentId
    campaign_id: CampaignId
    lead: Lead
    shown_at: float | None = None
    """When it was there to read; None: it is on the way to the database."""
    until: float | None = None
    """When the time to decide is over."""
