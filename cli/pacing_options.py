"""`dialer campaign set`: how many calls a campaign starts for the agents who are free, changed while it runs."""

from collections.abc import Callable
from typing import Any

import click

from cli.options import Function, Shared, example, shared
from cli.output import print_fields
from dialer.core.settings import AbandonWindow

MODES = ("progressive", "ratio")


def _window(_context: click.Context, _option: click.Parameter, name: str | None) -> AbandonWindow | None:
    return None if name is None else AbandonWindow(name.replace("-", " "))


def pacing_options(*, default: str | None) -> Callable[[Function], Function]:
    """Return a decorator that adds what says how a campaign is paced.

    Args:
        default: The mode without the option; None: the one that is there.
    """

    def add(function: Function) -> Function:
        mode = click.option(
            "--mode",
            type=click.Choice(MODES),
            default=default,
            show_default=default is not None,
            help="One call for each free agent, a fixed number for each, or as many as answers and free agents to come allow.",
        )
        ratio = click.option(
            "--ratio", type=click.FloatRange(min=1, max=10), help="Calls per free agent, with --mode ratio."
        )
        limit = click.option(
            "--abandon-limit",
            type=click.FloatRange(min=0, max=1, min_open=True, max_open=True),
            help="Share of the answered calls that may be abandoned; default 0.03.",
        )
        window = click.option(
            "--abandon-window",
            type=click.Choice(["day", "30-days"]),
            callback=_window,
            help="Over what that share is held: a day, or each 30 days of the campaign; default day.",
        )
        return mode(ratio(limit(window(function))))

    return add


@click.command(
    "set",
    short_help="Show or set how a campaign is paced.",
    epilog=example("dialer campaign set spring --mode ratio --ratio 1.5", "dialer campaign set spring"),
)
@click.argument("name")
@pacing_options(default=None)
@shared
def set_pacing(options: Shared, /, name: str, **given: Any) -> None:
    """Show or set how a campaign is paced, at once if it runs; what is not named stays as it is."""
    from cli.ask import tell
    from cli.campaigns import change_pacing, find_campaign
    from dialer.core.requests import TakeUpSettings

    changes = {key: value for key, value in given.items() if value is not None}
    with options.open() as place:
        row = change_pacing(place, name, changes) if changes else find_campaign(place, name)
        if changes:
            tell(place, TakeUpSettings(campaign_id=row.campaign_id))
    fields = {key: getattr(row.settings, key) for key in given}
    print_fields({"campaign": row.name} | fields, as_json=options.json)
