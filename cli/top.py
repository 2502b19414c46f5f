"""`dialer top`: the floor as it is, drawn again every second."""

import sys
from typing import TYPE_CHECKING

import click

from cli.options import Shared, Workplace, example, shared

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from dialer.reports.now import CampaignNow, FloorNow, RunNow

_COLOURS = {
    "ready": "green",
    "talking": "cyan",
    "previewing": "blue",
    "reserved": "cyan",
    "reconnecting": "red",
    "wrap_up": "yellow",
    "paused": "magenta",
    "running": "green",
    "up": "green",
    "out": "red",
    "probing": "yellow",
}


@click.command(
    short_help="Watch the floor, and why nothing is dialed.",
    epilog=example("dialer top", "dialer top --every 5", "dialer top --json"),
)
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(min=0.2),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often it is drawn.",
)
@click.option("--once", is_flag=True, help="Print it once and end; so it does where nobody watches.")
@shared
def top(options: Shared, /, every_s: float, once: bool) -> None:
    """Watch agents, calls, campaigns and trunks, and why nothing is dialed. Ctrl-C ends it."""
    from cli.output import print_json

    with options.open() as place:
        if options.json:
            import msgspec

            print_json(msgspec.to_builtins(_look(place)))
        elif once or not sys.stdout.isatty():
            from rich.console import Console

            Console().print(picture(_look(place)))
        else:
            _watch(place, every_s)


def _look(place: Workplace) -> "FloorNow":
    from dialer.live.clock import Clock
    from dialer.reports.now import floor_now

    with place.database.read() as connection:
        return floor_now(connection, place.workspace_id, at=Clock().now())


def _watch(place: Workplace, every_s: float) -> None:
    import threading

    from rich.live import Live

    pause = threading.Event()
    with Live(picture(_look(place)), screen=True, auto_refresh=False) as live:
        try:
            while not pause.wait(every_s):
                live.update(picture(_look(place)), refresh=True)
        except KeyboardInterrupt:
            return


def picture(floor: "FloorNow") -> "RenderableType":
    """Return the floor as tables: what holds it, who works, what is called, over what, what went wrong."""
    from rich.console import Group

    parts: list[RenderableType] = [_head(floor), _agents(floor), _campaigns(floor)]
    if floor.trunks:
        parts.append(_trunks(floor))
    if floor.troubles:
        parts.append(_troubles(floor))
    return Group(*parts)


def _head(floor: "FloorNow") -> "Text":
    from rich.text import Text

    head = Text(_run_text(floor.run, floor.at))
    if floor.halted_at is not None:
        why = f": {floor.halt_reason}" if floor.halt_reason else ""
        head.append(f"\nHALTED{why}; `dialer resume` takes it back", style="bold red")
    return head


def _run_text(run: "RunNow | None", at: float) -> str:
    if run is None or not run.is_alive:
        return "no run: start one with `dialer run`; below is what the last one recorded"
    return f"run {run.instance} on {run.host} (process {run.pid}), up {_span(at - run.since_at)}"


def _table(title: str, *columns: str, numbers: tuple[str, ...] = ()) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", header_style="dim")
    return table


def _agents(floor: "FloorNow") -> "Table":
    states: dict[str, int] = {}
    for agent in floor.agents:
        states[agent.state] = states.get(agent.state, 0) + 1
    shown = ", ".join(f"{count} {_words(state)}" for state, count in sorted(states.items()))
    table = _table(
        f"\nAgents: {shown or 'none'}", "agent", "state", "for", "campaign", "reason", numbers=("for",)
    )
    for agent in floor.agents:
        if agent.state != "logged_out":
            table.add_row(
                _plain(agent.name),
                _state(agent.state),
                _span(floor.at - agent.since_at),
                _plain(agent.campaign or ""),
                _plain(agent.reason),
            )
    return table


def _campaigns(floor: "FloorNow") -> "Table":
    table = _table("\nCampaigns", "campaign", "state", "calls", "last 15 minutes", "waits for")
    for campaign in floor.campaigns:
        table.add_row(
            _plain(campaign.name),
            _state(campaign.state),
            _counts(campaign.calls),
            _counts(campaign.outcomes),
            _plain(_waits_for(campaign)),
        )
    return table


def _waits_for(campaign: "CampaignNow") -> str:
    from cli.output import local_time

    until = local_time(campaign.until_at)
    return f"{campaign.reason} until {until}" if campaign.reason and until else campaign.reason


def _trunks(floor: "FloorNow") -> "Table":
    table = _table("\nTrunks", "trunk", "lines", "state", "reason", numbers=("lines",))
    for trunk in floor.trunks:
        table.add_row(_plain(trunk.name), str(trunk.lines_used), _state(trunk.state), _plain(trunk.reason))
    return table


def _troubles(floor: "FloorNow") -> "Table":
    table = _table("\nWhat should not have been", "ago", "kind", "what", numbers=("ago",))
    for trouble in floor.troubles:
        table.add_row(_span(floor.at - trouble.at), trouble.kind, _plain(trouble.detail))
    return table


def _state(state: str) -> "Text":
    from rich.text import Text

    return Text(_words(state), style=_COLOURS.get(state, ""))


def _plain(text: str) -> "Text":
    """Return text that a person wrote, none of it taken for markup."""
    from rich.text import Text

    return Text(text)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {_words(name)}" for name, count in counts.items())


def _span(seconds: float) -> str:
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
