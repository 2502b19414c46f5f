"""`dialer agent`: who takes the calls."""

from typing import TYPE_CHECKING, Any

import click

from cli.late_group import LateGroup
from cli.options import Shared, Workplace, example, shared
from cli.output import local_time, print_answer, print_fields, print_rows
from cli.parsing import Name
from cli.profiles import changed, in_full, in_short, profile_options

if TYPE_CHECKING:
    from dialer.core.ids import AgentId
    from dialer.storage.agents import AgentRow


_COMMANDS = {
    "call": "cli.previews:call_lead",
    "form": "cli.talk_notes:form",
    "note": "cli.talk_notes:note",
    "skip": "cli.previews:skip_lead",
    "work": "cli.talk_notes:work",
}


@click.group(cls=LateGroup, elsewhere=_COMMANDS)
def agent() -> None:
    """Add agents, log them in and out."""


@agent.command(
    short_help="Add an agent, logged out.",
    epilog=example(
        "dialer agent add anna --phone sip:anna@192.0.2.10:5060",
        "dialer agent add berta --calls-in --kind remote --skill sales=3 --team north --attribute lang=de",
    ),
)
@click.argument("name", type=Name())
@click.option("--phone", default="", metavar="SIP-URI", help="Where the agent's phone is called.")
@click.option(
    "--calls-in", is_flag=True, help="The phone calls the dialer instead, with NAME and a password."
)
@profile_options(removes=False)
@shared
def add(options: Shared, /, name: str, phone: str, calls_in: bool, **given: Any) -> None:
    """Add an agent, logged out; one of --phone and --calls-in says how they meet."""
    from cli.phones import check_calls_in, check_phone
    from dialer.core.allocation.profile import Profile
    from dialer.live.clock import Clock
    from dialer.storage import agents

    config = options.load_config()
    profile = changed(Profile(), given, config)
    how = check_calls_in(name, config) if calls_in and not phone else check_phone(phone, config, calls_in)
    with options.open() as place, place.database.write() as connection:
        agents.add(connection, place.workspace_id, name=name, phone=phone, at=Clock().now(), profile=profile)
    print_answer(
        f"Agent {name!r} is added; {how}.",
        {"agent": name, "phone": phone},
        as_json=options.json,
    )


@agent.command(
    "set",
    short_help="Change an agent's skills, teams, attributes, kind or limits.",
    epilog=example(
        "dialer agent set anna --skill sales=5 --skill billing=0 --team north --no-team south",
        "dialer agent set anna --kind seat --attribute lang=de --first-limit 0 --second-limit 3",
    ),
)
@click.argument("name")
@profile_options(removes=True)
@shared
def set_profile(options: Shared, /, name: str, **given: Any) -> None:
    """Change what an agent is, at once if `dialer run` runs; what is not named stays as it is."""
    from cli.ask import tell
    from dialer.core.requests import TakeUpProfile
    from dialer.storage import agents

    config = options.load_config()
    with options.open() as place:
        with place.database.write() as connection:
            row = agents.find(connection, place.workspace_id, name)
            profile = changed(row.profile, given, config)
            agents.change(connection, row.agent_id, profile)
        tell(place, TakeUpProfile(agent_id=row.agent_id))
    print_fields({"agent": name} | in_full(profile, config.shared_limits()), as_json=options.json)


@agent.command(epilog=example("dialer agent login anna --ready"))
@click.argument("name")
@click.option("--ready", is_flag=True, help="Take calls at once; without it the agent begins paused.")
@shared
def login(options: Shared, /, name: str, ready: bool) -> None:
    """Call an agent's phone; it stays up until the log-out."""
    from cli.ask import ask
    from dialer.core.requests import LogIn

    with options.open() as place:
        ask(place, LogIn(agent_id=find_agent(place, name), ready=ready), as_json=options.json)


@agent.command(
    short_help="End an agent's shift, after the present call.", epilog=example("dialer agent logout anna")
)
@click.argument("name")
@shared
def logout(options: Shared, /, name: str) -> None:
    """End an agent's shift; a call and its wrap-up are finished first."""
    from cli.ask import ask
    from dialer.core.requests import LogOut

    with options.open() as place:
        ask(place, LogOut(agent_id=find_agent(place, name)), as_json=options.json)


@agent.command(short_help="Let an agent take calls.", epilog=example("dialer agent ready anna"))
@click.argument("name")
@shared
def ready(options: Shared, /, name: str) -> None:
    """Let an agent take calls: ends a pause or the wrap-up, takes back what is to come after the call."""
    from cli.ask import ask
    from dialer.core.requests import MakeReady

    with options.open() as place:
        ask(place, MakeReady(agent_id=find_agent(place, name)), as_json=options.json)


@agent.command(short_help="Give an agent no more calls.", epilog=example("dialer agent pause anna lunch"))
@click.argument("name")
@click.argument("code")
@shared
def pause(options: Shared, /, name: str, code: str) -> None:
    """Give an agent no more calls; a call and its wrap-up are finished first.

    CODE says why: one of the [pauses] of the configuration, or anything if it has none.
    """
    from cli.ask import ask
    from dialer.core.requests import PauseAgent

    with options.open() as place:
        ask(place, PauseAgent(agent_id=find_agent(place, name), reason=code), as_json=options.json)


@agent.command(
    short_help="Say what happens at an agent's client.",
    epilog=example("dialer agent client anna locked"),
)
@click.argument("name")
@click.argument("what", type=click.Choice(["locked", "unlocked", "idle", "active", "gone"]))
@shared
def client(options: Shared, /, name: str, what: str) -> None:
    """Say what happens at the program that an agent works with; [presence] in the configuration says what follows.

    A pause that the client made ends when it is active again; one by hand does not.
    """
    from cli.ask import ask
    from dialer.core.presence_states import ClientMove
    from dialer.core.requests import ClientTold

    with options.open() as place:
        ask(place, ClientTold(agent_id=find_agent(place, name), what=ClientMove(what)), as_json=options.json)


@agent.command(
    short_help="Say what came of an agent's talk.",
    epilog=example(
        "dialer agent dispose anna sale",
        "dialer agent dispose anna callback --callback-at 2027-03-01T15:00",
        "dialer agent dispose anna callback --callback-at '2027-03-01 15:00 America/New_York'",
    ),
)
@click.argument("name")
@click.argument("code")
@click.option(
    "--callback-at", metavar="TIME", help="When to call back; by the lead's clock if it has no offset."
)
@shared
def dispose(options: Shared, /, name: str, code: str, callback_at: str | None) -> None:
    """Say what came of an agent's talk, during it or in the wrap-up after it.

    CODE is one of the campaign's dispositions; a later choice in the same wrap-up replaces the earlier one.
    """
    from cli.ask import ask
    from cli.instants import instant
    from dialer.core.requests import Dispose
    from dialer.storage import agents

    with options.open() as place:
        with place.database.read() as connection:
            row = agents.find(connection, place.workspace_id, name)
            zones = agents.zones_of_talk(connection, row)
        at = None if callback_at is None else instant(callback_at, zones)
        ask(place, Dispose(agent_id=row.agent_id, code=code, callback_at=at), as_json=options.json)


@agent.command("wrap-up-end", epilog=example("dialer agent wrap-up-end anna"))
@click.argument("name")
@shared
def end_wrap_up(options: Shared, /, name: str) -> None:
    """End an agent's wrap-up before its time."""
    from cli.ask import ask
    from dialer.core.requests import EndWrapUp

    with options.open() as place:
        ask(place, EndWrapUp(agent_id=find_agent(place, name)), as_json=options.json)


@agent.command(
    "more-time",
    short_help="Put off the end of an agent's wrap-up.",
    epilog=example("dialer agent more-time anna 30"),
)
@click.argument("name")
@click.argument("seconds", type=click.FloatRange(min=1, max=86_400))
@shared
def more_time(options: Shared, /, name: str, seconds: float) -> None:
    """Put off the end of an agent's wrap-up, as far as its line of business allows (wrap_up_more_s)."""
    from cli.ask import ask
    from dialer.core.requests import MoreTime

    with options.open() as place:
        ask(place, MoreTime(agent_id=find_agent(place, name), seconds=seconds), as_json=options.json)


@agent.command(
    "list", short_help="List the agents and what they do.", epilog=example("dialer agent list --json")
)
@shared
def list_agents(options: Shared, /) -> None:
    """List the agents, what they do, and what begins after the present call and its wrap-up."""
    from dialer.live.clock import Clock
    from dialer.storage import agents

    with options.open() as place, place.database.read() as connection:
        found = agents.every(connection, place.workspace_id)
    at = Clock().now()
    rows = (_fields(row, at) | in_short(row.profile) for row in found)
    print_rows(rows, as_json=options.json, empty="There is no agent; `dialer agent add` adds one.")


@agent.command(
    short_help="Show what an agent does, and the call it is about.", epilog=example("dialer agent show anna")
)
@click.argument("name")
@shared
def show(options: Shared, /, name: str) -> None:
    """Show what an agent is and does: the call that it is about with what can be said of it, and text in hand."""
    from dialer.live.clock import Clock
    from dialer.reports.talk import talk_of
    from dialer.storage import agents, tasks

    with options.open() as place, place.database.read() as connection:
        row = agents.find(connection, place.workspace_id, name)
        talk = talk_of(connection, place.workspace_id, row)
        in_hand = tasks.of_agent(connection, place.workspace_id, row.agent_id)
    profile = in_full(row.profile, options.load_config().shared_limits())
    print_fields(
        _fields(row, Clock().now()) | profile | talk | {"tasks": [task.in_hand for task in in_hand]},
        as_json=options.json,
    )


def _fields(row: "AgentRow", at: float) -> dict[str, object]:
    return {
        "agent": row.name,
        "phone": row.phone,
        "state": row.state,
        "reason": row.reason,
        "since": local_time(row.since_at),
        "until": local_time(row.until_at),
        "to_come": row.to_come,
        "busy_code": row.busy_code,
        "paused_by": row.paused_by,
        "serving": row.serving,
        "volume": row.volume,
        "served_today": row.served_today(at=at),
    }


def find_agent(place: Workplace, name: str) -> "AgentId":
    """Return the id of the agent of that name.

    Raises:
        ConfigError: If there is none.
    """
    from dialer.storage import agents

    with place.database.read() as connection:
        return agents.find(connection, place.workspace_id, name).agent_id
