"""`dialer call listen`, `whisper` and `barge`: a supervisor's phone beside an agent's."""

from typing import TYPE_CHECKING

import click

from cli.options import Shared, example, shared

if TYPE_CHECKING:
    from dialer.core.guest_states import Supervision

_phone = click.option(
    "--phone", metavar="URI", help="The supervisor's, which is called; without it, who supervises already."
)


@click.command(epilog=example("dialer call listen anna --phone sip:boss@192.0.2.5"))
@click.argument("agent")
@_phone
@shared
def listen(options: Shared, /, agent: str, phone: str | None) -> None:
    """Hear an agent's talks, unheard, until that phone hangs up.

    On the phone, 4 is listen, 5 whisper, 6 barge.
    """
    from dialer.core.guest_states import Supervision

    _ask(options, agent, Supervision.LISTEN, phone)


@click.command(epilog=example("dialer call whisper anna --phone sip:boss@192.0.2.5"))
@click.argument("agent")
@_phone
@shared
def whisper(options: Shared, /, agent: str, phone: str | None) -> None:
    """Hear an agent's talks, and be heard by the agent alone."""
    from dialer.core.guest_states import Supervision

    _ask(options, agent, Supervision.WHISPER, phone)


@click.command(epilog=example("dialer call barge anna"))
@click.argument("agent")
@_phone
@shared
def barge(options: Shared, /, agent: str, phone: str | None) -> None:
    """Hear an agent's talks, and be heard by both."""
    from dialer.core.guest_states import Supervision

    _ask(options, agent, Supervision.BARGE, phone)


def _ask(options: Shared, agent: str, mode: "Supervision", phone: str | None) -> None:
    from cli.ask import ask
    from cli.guests import keep
    from cli.phones import check_address
    from dialer.core.requests import SuperviseAgent
    from dialer.storage import agents

    if phone is not None:
        check_address(phone, options.load_config())
    with options.open() as place:
        with place.database.read() as connection:
            agent_id = agents.find(connection, place.workspace_id, agent).agent_id
        guest_id = None if phone is None else keep(place, phone)
        ask(place, SuperviseAgent(agent_id=agent_id, mode=mode, guest_id=guest_id), as_json=options.json)
