"""The ways between servers of a switch: how many customers are joined across each, and what that costs.

A customer holds a slot from the order to join until the two are apart. Agents at the customer's own server need none.
"""

from dialer.core.events import LinkDefined
from dialer.core.step import Step
from dialer.core.workspace import Agent, Call, Link, Workspace


def name_of(one: str, other: str) -> str:
    """Return what the link between two servers is called, whichever is named first."""
    return " ".join(sorted((one, other)))


def defined(step: Step, event: LinkDefined) -> None:
    """Know a link, or its new settings."""
    name = name_of(*event.link.servers)
    known = step.workspace.links.get(name)
    if known is None:
        step.workspace.links[name] = Link(settings=event.link)
    else:
        known.settings = event.link


def slots_left(workspace: Workspace, one: str, other: str) -> int:
    """Return how many customers more may be joined between two servers."""
    link = workspace.links.get(name_of(one, other))
    if link is None or one in workspace.lost_servers or other in workspace.lost_servers:
        return 0
    return max(0, link.settings.slots - link.used)


def delay_ms(workspace: Workspace, call: Call, server: str) -> float | None:
    """Return what a join with an agent at a server takes longer than at the customer's own; None: there is no way now."""
    if server in workspace.lost_servers or call.server in workspace.lost_servers:
        return None
    if server == call.server:
        return 0.0
    link = workspace.links.get(name_of(call.server, server))
    if link is None or link.used >= link.settings.slots or server in call.cut_off:
        return None
    return link.settings.delay_ms


def take(step: Step, call: Call, agent: Agent) -> None:
    """Give a customer the slot that an agent's server asks for, if it is another one."""
    link = step.workspace.links.get(name_of(call.server, agent.server))
    if agent.server != call.server and link is not None:
        call.link = name_of(call.server, agent.server)
        link.used += 1


def give_back(step: Step, call: Call) -> None:
    """Take the slot back from a customer who is apart from the agent; whoever waits for it is served by `assign`."""
    if call.link:
        step.workspace.links[call.link].used -= 1
        step.workspace.pacing_due = True
        call.link = ""
