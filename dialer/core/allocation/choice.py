"""Which free agent takes a customer: who has been free longest, with a head start for those at the customer's own server."""

from itertools import islice

from dialer.core.allocation import links
from dialer.core.workspace import Agent, Call, Workspace

IDLE_S_PER_MS = 1.0
"""An agent elsewhere is chosen once free for so much longer, for each millisecond that the join takes longer. A guess: at 25 ms
near agents come first wherever work is shared evenly, and nobody elsewhere sits idle beside them for half a minute."""


def best_free(workspace: Workspace, call: Call) -> Agent | None:
    """Return the free agent who takes a customer, of those in reach who did not pass the call by; None if there is none."""
    longest = [
        (since + delay_ms * IDLE_S_PER_MS, agent_id)
        for server, free in workspace.free_at.items()
        if free and (delay_ms := links.delay_ms(workspace, call, server)) is not None
        for since, agent_id in islice((one for one in free if one[1] not in call.passed_by), 1)
    ]
    return workspace.agents[min(longest)[1]] if longest else None
