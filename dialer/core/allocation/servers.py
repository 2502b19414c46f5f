"""Servers of a switch that cannot be reached: nobody there can be joined with anybody until they can."""

from dialer.core.allocation import reservation
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
        reservation.assign(step)
