"""What a request is about, as events: campaigns and agents may be newer than the run, or changed since."""

from typing import NamedTuple

from sqlalchemy import Connection

from dialer.core.events import AgentDefined, AgentProfiled, AnyEvent, CampaignDefined, WorkflowDefined
from dialer.core.ids import AgentId, CampaignId
from dialer.core.requests import Request, TakeUpProfile, TakeUpSettings, TakeUpWorkflow
from dialer.core.rules.abandonment import Tally
from dialer.core.settings import CampaignSettings
from dialer.members import MEMBER
from dialer.storage import agents, campaigns, tallies, workflows


class Definitions(NamedTuple):
    """Where requests to one workspace find what they are about."""

    workspace_id: int
    zone: str = "UTC"
    """By whose midnight the workspace's days begin."""

    def of_request(self, connection: Connection, request: Request, *, at: float) -> list[AnyEvent]:
        """Return what the engine must know before it handles a request; nothing if storage knows neither."""
        campaign_id: CampaignId | None = getattr(request, "campaign_id", None)
        agent_id: AgentId | None = getattr(request, "agent_id", None)
        if campaign_id is not None:
            return [
                CampaignDefined(
                    at=at,
                    campaign=row.settings,
                    state=row.state,
                    tally=self._tally(connection, row.settings, request, at=at),
                )
                for row in campaigns.every(connection, self.workspace_id)
                if row.campaign_id == campaign_id
            ]
        if agent_id is not None:
            row = agents.by_id(connection, self.workspace_id, agent_id)
            return [] if row is None else _of_agent(row, is_changed=isinstance(request, TakeUpProfile), at=at)
        if isinstance(request, TakeUpWorkflow):
            return [
                WorkflowDefined(at=at, workflow=row.workflow)
                for row in workflows.newest(connection, self.workspace_id)
                if row.name == request.workflow
            ]
        return []

    def _tally(
        self, connection: Connection, settings: CampaignSettings, request: Request, *, at: float
    ) -> Tally | None:
        if not isinstance(request, TakeUpSettings):
            return None
        return tallies.read(connection, settings, zone=self.zone, at=at)


def _of_agent(row: agents.AgentRow, *, is_changed: bool, at: float) -> list[AnyEvent]:
    # Whoever is new to the run is not at work in it, whatever an older run wrote.
    member = row.phone.startswith(MEMBER)
    defined = AgentDefined(at=at, agent_id=row.agent_id, member=member, profile=row.profile)
    if not is_changed:
        return [defined]
    return [defined, AgentProfiled(at=at, agent_id=row.agent_id, profile=row.profile)]
