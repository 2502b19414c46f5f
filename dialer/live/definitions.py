"""What a request is about, as events: campaigns and agents may be newer than the run, or changed since."""

from sqlalchemy import Connection

from dialer.core.events import AgentDefined, AnyEvent, CampaignDefined
from dialer.core.ids import AgentId, CampaignId
from dialer.core.requests import Request
from dialer.members import MEMBER
from dialer.storage import agents, campaigns


def of_request(connection: Connection, workspace_id: int, request: Request, *, at: float) -> list[AnyEvent]:
    """Return what the engine must know before it handles a request; nothing if storage knows neither."""
    campaign_id: CampaignId | None = getattr(request, "campaign_id", None)
    agent_id: AgentId | None = getattr(request, "agent_id", None)
    if campaign_id is not None:
        return [
            CampaignDefined(at=at, campaign=row.settings, state=row.state)
            for row in campaigns.every(connection, workspace_id)
            if row.campaign_id == campaign_id
        ]
    if agent_id is not None:
        found = [row for row in agents.every(connection, workspace_id) if row.agent_id == agent_id]
        # Whoever is new to the run is not at work in it, whatever an older run wrote.
        return [AgentDefined(at=at, agent_id=agent_id, member=row.phone.startswith(MEMBER)) for row in found]
    return []
