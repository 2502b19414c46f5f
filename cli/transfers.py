"""`dialer call transfer`, `consult`, `conference`, `complete` and `return`: third parties in an agent's talk."""

from typing import TYPE_CHECKING

import click

from cli.options import Shared, Workplace, example, shared

if TYPE_CHECKING:
    from dialer.core.requests import CallThirdParty
    from dialer.core.transfer_states import Arrangement, Way

_trunk = click.option("--trunk", metavar="NAME", default="", help="For a number; default: the customer's.")


@click.command(epilog=example("dialer call transfer anna +12125550123"))
@click.argument("agent")
@click.argument("to")
@_trunk
@shared
def transfer(options: Shared, /, agent: str, to: str, trunk: str) -> None:
    """Hand an agent's customer over unseen.

    TO is a number such as +12125550123, a phone's SIP address, or an agent who is ready. The agent is free at
    once; whoever is not reached leaves the customer to the agent again.
    """
    from dialer.core.transfer_states import Way

    _call(options, agent, to, Way.BLIND, trunk)


@click.command(epilog=example("dialer call consult anna bert"))
@click.argument("agent")
@click.argument("to")
@_trunk
@shared
def consult(options: Shared, /, agent: str, to: str, trunk: str) -> None:
    """Let an agent speak with somebody else.

    TO as for `transfer`. The customer is held once TO picks up. Then `complete`, `conference` or `return`.
    """
    from dialer.core.transfer_states import Way

    _call(options, agent, to, Way.CONSULT, trunk)


@click.command(epilog=example("dialer call conference anna sip:expert@192.0.2.9"))
@click.argument("agent")
@click.argument("to", required=False)
@_trunk
@shared
def conference(options: Shared, /, agent: str, to: str | None, trunk: str) -> None:
    """Make it a talk of three.

    With TO, as for `transfer`; without it, with whom the agent consults.
    """
    from dialer.core.transfer_states import Arrangement, Way

    if to is None:
        _arrange(options, agent, Arrangement.CONFERENCE)
    else:
        _call(options, agent, to, Way.CONFERENCE, trunk)


@click.command(epilog=example("dialer call complete anna"))
@click.argument("agent")
@shared
def complete(options: Shared, /, agent: str) -> None:
    """Leave the customer to the third party."""
    from dialer.core.transfer_states import Arrangement

    _arrange(options, agent, Arrangement.COMPLETE)


@click.command("return", epilog=example("dialer call return anna"))
@click.argument("agent")
@shared
def return_(options: Shared, /, agent: str) -> None:
    """Let the third party go, back to the customer."""
    from dialer.core.transfer_states import Arrangement

    _arrange(options, agent, Arrangement.RETURN)


def _call(options: Shared, agent: str, to: str, way: "Way", trunk: str) -> None:
    from cli.ask import ask

    with options.open() as place:
        ask(place, _request(options, place, agent, to, way, trunk), as_json=options.json)


def _request(
    options: Shared, place: Workplace, agent: str, to: str, way: "Way", trunk: str
) -> "CallThirdParty":
    from cli.guests import keep
    from cli.phones import check_address, check_number
    from dialer.core.ids import TrunkName
    from dialer.core.requests import CallThirdParty
    from dialer.storage import agents

    dials = to.startswith("+")
    if dials:
        check_number(to)
    elif is_phone := ":" in to:
        check_address(to, options.load_config())
    with place.database.read() as connection:
        agent_id = agents.find(connection, place.workspace_id, agent).agent_id
        if not dials and not is_phone:
            to_agent = agents.find(connection, place.workspace_id, to).agent_id
            return CallThirdParty(agent_id=agent_id, way=way, to_agent=to_agent)
    guest_id = keep(place, to)
    return CallThirdParty(agent_id=agent_id, way=way, guest_id=guest_id, dials=dials, trunk=TrunkName(trunk))


def _arrange(options: Shared, agent: str, arrangement: "Arrangement") -> None:
    from cli.ask import ask
    from dialer.core.requests import ArrangeTalk
    from dialer.storage import agents

    with options.open() as place:
        with place.database.read() as connection:
            agent_id = agents.find(connection, place.workspace_id, agent).agent_id
        ask(place, ArrangeTalk(agent_id=agent_id, arrangement=arrangement), as_json=options.json)
