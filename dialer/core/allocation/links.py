"""The ways between servers of a switch: how many customers are joined across each, and what that costs.

A customer holds a slot from the order to join until the two are apart. Agents at the customer's own server need none.
"""

from dialer.core.events import LinkDefined
from dialer.core.step import Step
from dialer.core.ways import Link
from dialer.core.workspace import Agent, Call, Workspace

FAILURES = 2
"""After so many failed joins in a row a link is out: each keeps a customer waiting in vain. One may have been that customer's own bad
luck. A guess."""
OUT_S = 30.0
"""So long; then the next customer tries it. A guess: of one abandoned in half a minute, against agents who sit idle."""


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
    step.allocator.look_again()


def is_open(workspace: Workspace, one: str, other: str) -> bool:
    """Return whether customers at one server and agents at another are ever joined as things are, slots being left."""
    if one in workspace.lost_servers or other in workspace.lost_servers:
        return False
    link = workspace.links.get(name_of(one, other))
    return one == other or (link is not None and link.settings.slots > 0 and not link.out)


def slots_left(workspace: Workspace, one: str, other: str) -> int:
    """Return how many customers more may be joined between two servers."""
    if not is_open(workspace, one, other):
        return 0
    link = workspace.links[name_of(one, other)]
    return max(0, link.settings.slots - link.used)


def delay_ms(workspace: Workspace, call: Call, server: str) -> float | None:
    """Return what a join with an agent at a server takes longer than at the customer's own; None: there is no way now."""
    if not is_open(workspace, call.server, server):
        return None
    if server == call.server:
        return 0.0
    if server in call.cut_off or slots_left(workspace, call.server, server) == 0:
        return None
    return workspace.links[name_of(call.server, server)].settings.delay_ms


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
        step.allocator.look_again()
        step.workspace.pacing_due = True
        call.link = ""


def failed(step: Step, call: Call, agent: Agent, why: str) -> None:
    """A join by a link did not come about: this customer is not sent there again, after two in a row nobody for a while."""
    link = step.workspace.links[call.link]
    call.cut_off.append(agent.server)
    link.failures += 1
    if link.failures < FAILURES or link.out:
        return
    link.out = True
    step.start_timer(link_timer(call.link), step.at + OUT_S)
    if link.failures == FAILURES:
        one, other = link.settings.servers
        step.journal("alarm", f"nobody can be joined between {one} and {other}: {why}")


def worked(step: Step, call: Call) -> None:
    """A join by a link came about."""
    link = step.workspace.links[call.link]
    if link.failures >= FAILURES:
        one, other = link.settings.servers
        step.journal("alarm_over", f"customers are joined between {one} and {other} again")
    link.failures = 0


def link_timer(name: str) -> str:
    """Return the name of the timer after which a link is tried again."""
    return f"link:{name}"
