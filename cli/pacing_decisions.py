"""`dialer campaign pacing`: how many calls a campaign starts, and why, in numbers."""

from typing import TYPE_CHECKING, Any

import click

from cli.options import Shared, Workplace, example, shared

if TYPE_CHECKING:
    from dialer.core.pacing.decision import PacingDecided

_DRAW_EVERY_S = 2.0
_HEADER = (
    "at", "mode", "free", "soon_free", "kept", "in_flight", "expected", "price", "rate", "limit", "may", "started", "reason",
)  # fmt: skip
_LEGEND = (
    "free: agents, of whom kept for callers; soon free: expected meanwhile; in flight: its calls before, of which expected will need "
    "an agent;\nprice: the risk that one call more may carry; rate, limit: of abandoned calls in the window, of which so many more may "
    "be."
)


@click.command(
    "pacing",
    short_help="Show how a campaign is paced, and why.",
    epilog=example("dialer campaign pacing spring", "dialer campaign pacing spring --minutes 30 --json"),
)
@click.argument("name")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=5.0,
    show_default=True,
    help="How far back; at least the last decision is shown.",
)
@click.option("--watch", is_flag=True, help="Draw it again every two seconds; Ctrl-C ends it.")
@shared
def pacing_decisions(options: Shared, /, name: str, minutes: float, watch: bool) -> None:
    """Show the last decisions on how many calls to start, the newest first, each with its reason in numbers."""
    from cli.output import print_json

    with options.open() as place:
        if watch and not options.json:
            _watch(place, name, minutes * 60)
            return
        found = _decisions(place, name, minutes * 60)
    if options.json:
        print_json({"campaign": name, "decisions": [_fields(one) for one in found]})
    else:
        click.echo(drawn(found))


def _decisions(place: Workplace, name: str, seconds: float) -> list["PacingDecided"]:
    from dialer.live.clock import Clock
    from dialer.storage import campaigns, pacing

    with place.database.read() as connection:
        row = campaigns.find(connection, place.workspace_id, name)
        return pacing.decisions(connection, row.campaign_id, since_at=Clock().now() - seconds)


def _fields(decided: "PacingDecided") -> dict[str, Any]:
    import msgspec

    return {key: value for key, value in msgspec.to_builtins(decided).items() if key != "command"}


def drawn(found: list["PacingDecided"]) -> str:
    """Return decisions as a table, with what its columns are."""
    from dialer.reports.render import text_table

    if not found:
        return (
            "No decision is on record: the campaign has not run yet, or not for long enough to be remembered."
        )
    right = [name not in ("at", "mode", "reason") for name in _HEADER]
    return f"{text_table(_HEADER, map(_cells, found), right=right)}\n\n{_LEGEND}"


def _cells(one: "PacingDecided") -> list[str]:
    from cli.output import local_time

    return [
        (local_time(one.at) or "")[11:19],
        one.mode,
        f"{one.free:g}",
        f"{one.soon_free:.1f}",
        f"{one.waiting_inbound:g}",
        str(one.in_flight),
        f"{one.expected_answers:.1f}",
        "-" if one.price is None else f"{one.price:.1%}",
        "-" if one.abandonment is None else f"{one.abandonment:.1%}",
        f"{one.limit:.1%}",
        "-" if one.budget_left is None else f"{one.budget_left:.1f}",
        str(one.placed),
        one.reason,
    ]


def _watch(place: Workplace, name: str, seconds: float) -> None:
    import threading

    from rich.live import Live
    from rich.text import Text

    pause = threading.Event()
    with Live(Text(drawn(_decisions(place, name, seconds))), screen=True, auto_refresh=False) as live:
        try:
            while not pause.wait(_DRAW_EVERY_S):
                live.update(Text(drawn(_decisions(place, name, seconds))), refresh=True)
        except KeyboardInterrupt:
            return
