"""Which agents customers at some servers could have, if any."""

from collections.abc import Sequence

from dialer.core.allocation import links
from dialer.core.pacing.obstacles import AWAY
from dialer.core.workspace import Workspace


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


class Within:
    """The servers whose agents customers at some servers can be joined with, as things are at one instant.

    Args:
        workspace: With the ways between servers.
        servers: Where the customers are.
    """

    def __init__(self, workspace: Workspace, servers: frozenset[str]) -> None:
        self._workspace = workspace
        self.servers = servers
        self._found: dict[str, bool] = {}

    def __contains__(self, server: str) -> bool:
        found = self._found.get(server)
        if found is None:
            ways = (links.is_open(self._workspace, one, server) for one in self.servers)
            found = self._found[server] = any(ways)
        return found
