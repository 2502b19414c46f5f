"""What a round leaves in the database of leads that agents are shown."""

from dialer.core.ids import AgentId, AttemptId, CampaignId, HandoverId, LeadId
from dialer.core.preview_states import PreviewOutcome
from dialer.core.record import Record


class PreviewStarted(Record, frozen=True, kw_only=True):
    """An agent is given a lead to read, and decides whether it is called."""

    preview_id: HandoverId
    campaign_id: CampaignId
    lead_id: LeadId
    agent_id: AgentId


class PreviewEnded(Record, frozen=True, kw_only=True):
    """It is decided, or not to be decided by that agent."""

    preview_id: HandoverId
    campaign_id: CampaignId
    lead_id: LeadId
    agent_id: AgentId
    outcome: PreviewOutcome
    reason: str = ""
    """In the agent's words, or why nobody decided."""
    attempt_id: AttemptId | None = None
    """Of a lead that is called."""
    retry_at: float | None = None
    """When a lead that was skipped is due again; None finishes it."""


PreviewRecord = PreviewStarted | PreviewEnded
