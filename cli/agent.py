"""`dialer agent`: who takes the calls."""

from typing import TYPE_CHECKING

import click

from cli.options import Shared, Workplace, example, shared
from cli.output import local_time, print_answer, print_rows
from cli.parsing import Name

if TYPE_CHECKING:
    from dialer.core.ids import AgentId


@click.group()
def agent() -> None:
    """Add agents, log them in and out."""


@agent.command(epilog=example("dialer agent add anna --phone sip:anna@192.0.2.10:5060"))
@click.argument("name", type=Name())
@click.option("--phone", required=True, metavar="SIP-URI", help="Where the agent's phone is called.")
@shared
def add(options: Shared, /, name: str, phone: str) -> None:
    """Add an agent, logged out."""
    from cli.phones import check_phone
    from dialer.live.clock import Clock
    from dialer.storage import agents

    check_phone(phone, options.load_config())
    with options.open() as place, place.database.write() as connection:
        agents.add(connection, place.workspace_id, name=name, phone=phone, at=Clock().now())
    print_answer(
        f"Agent {name!r} is added; `dialer agent login {name} --ready` calls the phone.",
        {"agent": name, "phone": phone},
        as_json=options.json,
    )


@agent.command(epilog=example("dialer agent login anna --ready"))
@click.argument("name")
@click.option("--ready", is_flag=True, help="Take calls at once; without it the agent begins paused.")
@shared
def login(options: Shared, /, name: str, ready: bool) -> None:
    """Call an agent's phone; it stays up until the log-out."""
    from cli.ask import ask
    from dialer.core.requests import LogIn

    with options.open() as place:
        ask(place, LogIn(agent_id=_find(place, name), ready=ready), as_json=options.json)


@agent.command(epilog=example("dialer agent logout anna"))
@click.argument("name")
@shared
def logout(options: Shared, /, name: str) -> None:
    """End an agent's shift; a talk is finished first."""
    from cli.ask import ask
    from dialer.core.requests import LogOut

    with options.open() as place:
        ask(place, LogOut(agent_id=_find(place, name)), as_json=options.json)


@agent.command(epilog=example("dialer agent ready anna"))
@click.argument("name")
@shared
def ready(options: Shared, /, name: str) -> None:
    """Let an agent take calls: ends a pause or the wrap-up."""
    from cli.ask import ask
    from dialer.core.requests import MakeReady

    with options.open() as place:
        ask(place, MakeReady(agent_id=_find(place, name)), as_json=options.json)


@agent.command(epilog=example("dialer agent pause anna --reason lunch"))
@click.argument("name")
@click.option("--reason", required=True, help="Why; reports show it.")
@shared
def pause(options: Shared, /, name: str, reason: str) -> None:
    """Give an agent no more calls; a talk is finished first."""
    from cli.ask import ask
    from dialer.core.requests import PauseAgent

    with options.open() as place:
        ask(place, PauseAgent(agent_id=_find(place, name), reason=reason), as_json=options.json)


@agent.command("list", epilog=example("dialer agent list --json"))
@shared
def list_agents(options: Shared, /) -> None:
    """List the agents and what they do."""
    from dialer.storage import agents

    with options.open() as place, place.database.read() as connection:
        found = agents.every(connection, place.workspace_id)
    rows = (
        {
            "agent": row.name,
            "phone": row.phone,
            "state": row.state,
            "reason": row.reason,
            "since": local_time(row.since_at),
        }
        for row in found
    )
    print_rows(rows, as_json=options.json, empty="There is no agent; `dialer agent add` adds one.")


def _find(place: Workplace, name: str) -> "AgentId":
    from dialer.storage import agents

    with place.database.read() as connection:
        return agents.find(connection, place.workspace_id, name).agent_id
