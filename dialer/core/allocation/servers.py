"""Servers of a switch that cannot be reached, and ways between them that do not work: nobody is joined there until they do."""

from dialer.core.events import ServerLost, ServerRegained
from dialer.core.step import Step


def lost(step: Step, event: ServerLost) -> None:
    """Give agents at a server no customers."""
    if event.server not in step.workspace.lost_servers:
        step.workspace.lost_servers.append(event.server)


def regained(step: Step, event: ServerRegained) -> None:
    """Let agents at a server take customers again; who is not there any more is told of next."""
    if event.server in step.workspace.lost_servers:
        step.workspace.lost_servers.remove(event.server)
        step.workspace.pacing_due = True
        step.allocator.look_again()


def try_link_again(step: Step, name: str) -> None:
    """Try a link again that did not work."""
    link = step.workspace.links.get(name)
    if link is not None and link.out:
        link.out = False
        step.workspace.pacing_due = True
        step.allocator.look_again()
