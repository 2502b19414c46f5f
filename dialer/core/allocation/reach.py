"""Whether customers at some servers could have an agent at all."""

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
