"""How many calls in flight the free agents are good for, by the server that a call is placed at.

A customer who answers can be joined with an agent of the same server, or of others as far as slots are left between them.
All agents together are shared out elsewhere: this is the limit of each server alone, exact for two, close for more.
"""

import math
from collections.abc import Sequence
from enum import IntEnum

from dialer.core.allocation import index, links
from dialer.core.pacing.calls_per_agent import calls_per_agent
from dialer.core.pacing.obstacles import AWAY
from dialer.core.settings import CampaignSettings
from dialer.core.states import CampaignState
from dialer.core.step import Step
from dialer.core.workspace import Workspace

_ROUNDING = 1e-9


class Rank(IntEnum):
    """Where agents are whom nobody else in flight will need, best first."""

    NEAR = 0  # at the server itself
    ACROSS = 1  # at another, with a slot left
    NOWHERE = 2


class Reach:
    """The free agents of an instant, as calls are placed."""

    def __init__(self, step: Step) -> None:
        workspace = self._workspace = step.workspace
        self._free = step.allocator.able(index.VOICE)
        self._held: dict[str, float] = {}
        for campaign in workspace.campaigns.values():
            if campaign.state is CampaignState.RUNNING:
                for server, calls in campaign.in_flight_at.items():
                    self.place(server, campaign.settings, calls)

    def place(self, server: str, settings: CampaignSettings, calls: int = 1) -> None:
        """Count calls of a campaign at a server, each of which stands for a share of an agent."""
        self._held[server] = self._held.get(server, 0.0) + calls / calls_per_agent(settings)

    def calls(self, server: str, settings: CampaignSettings) -> int:
        """Return how many calls more a campaign could place at a server for the agents in its reach."""
        across = sum(
            min(free, links.slots_left(self._workspace, server, other))
            for other, free in self._free.items()
            if other != server
        )
        return _calls(self._near(server) + across, settings)

    def rank(self, server: str, settings: CampaignSettings) -> Rank:
        """Return who would take the next call of a campaign at a server."""
        if _calls(self._near(server), settings) > 0:
            return Rank.NEAR
        return Rank.ACROSS if self.calls(server, settings) > 0 else Rank.NOWHERE

    def _near(self, server: str) -> float:
        free = 0 if server in self._workspace.lost_servers else self._free.get(server, 0)
        return free - self._held.get(server, 0.0)


def _calls(agents: float, settings: CampaignSettings) -> int:
    return max(0, math.floor(agents * calls_per_agent(settings) + _ROUNDING))


def out_of_reach(workspace: Workspace, servers: Sequence[str]) -> str:
    """Return why customers at some servers could have no agent, though agents are there; empty if they could."""
    where: list[str] = []
    for agent in workspace.agents.values():
        if agent.state in AWAY:
            continue
        if any(links.is_open(workspace, server, agent.server) for server in servers):
            return ""
        if agent.server not in where:
            where.append(agent.server)
    return f"no agent is in reach: they are at {', '.join(where)}" if where else ""
