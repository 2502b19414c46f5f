"""`dialer call record`: the recording of an agent's talk, while it goes on."""

from typing import TYPE_CHECKING

import click

from cli.options import Shared, example, shared

if TYPE_CHECKING:
    from dialer.core.states import RecordingMove


@click.group()
def record() -> None:
    """Start, pause and stop the recording of a talk that goes on."""


@record.command(epilog=example("dialer call record start anna --consented"))
@click.argument("agent")
@click.option("--consented", is_flag=True, help="Everybody on the talk said that they agree.")
@shared
def start(options: Shared, /, agent: str, consented: bool) -> None:
    """Record an agent's talk from now on."""
    from dialer.core.states import RecordingMove

    _ask(options, agent, RecordingMove.START, consented=consented)


@record.command(epilog=example("dialer call record pause anna"))
@click.argument("agent")
@shared
def pause(options: Shared, /, agent: str) -> None:
    """Record silence for now, such as while a card's number is read out."""
    from dialer.core.states import RecordingMove

    _ask(options, agent, RecordingMove.PAUSE)


@record.command(epilog=example("dialer call record resume anna"))
@click.argument("agent")
@shared
def resume(options: Shared, /, agent: str) -> None:
    """Go on with a recording that is paused."""
    from dialer.core.states import RecordingMove

    _ask(options, agent, RecordingMove.RESUME)


@record.command(epilog=example("dialer call record stop anna"))
@click.argument("agent")
@shared
def stop(options: Shared, /, agent: str) -> None:
    """End the recording; `start` then begins another file."""
    from dialer.core.states import RecordingMove

    _ask(options, agent, RecordingMove.STOP)


def _ask(options: Shared, agent: str, move: "RecordingMove", *, consented: bool = False) -> None:
    from cli.ask import ask
    from dialer.core.requests import RecordCall
    from dialer.storage import agents

    with options.open() as place:
        with place.database.read() as connection:
            agent_id = agents.find(connection, place.workspace_id, agent).agent_id
        request = RecordCall(agent_id=agent_id, move=move, consented=consented)
        ask(place, request, as_json=options.json)
