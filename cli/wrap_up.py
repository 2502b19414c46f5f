"""`dialer campaign wrap-up`: how long agents have for notes after a talk, and what ends it."""

from typing import Any

import click

from cli.options import Shared, example, shared
from cli.output import print_fields

MODES = click.Choice(["optional", "timed", "mandatory", "disposed"])


@click.command(
    "wrap-up",
    short_help="Show or set how long agents have for notes after a talk.",
    epilog=example(
        "dialer campaign wrap-up spring --mode timed --seconds 20",
        "dialer campaign wrap-up spring --mode disposed --more-seconds 60",
    ),
)
@click.argument("name")
@click.option(
    "--mode",
    "wrap_up",
    type=MODES,
    help="What ends it: the agent or the seconds; the seconds alone; the agent, after the seconds; as the first, but not "
    "before the call is disposed of.",
)
@click.option("--seconds", "wrap_up_s", type=click.FloatRange(min=0, max=86_400), help="How long it lasts.")
@click.option(
    "--more-seconds",
    "wrap_up_more_s",
    type=click.FloatRange(min=0, max=86_400),
    help="How much more an agent may ask for by `agent more-time`.",
)
@click.option(
    "--disposition-ends/--no-disposition-ends",
    "dispose_ends_wrap_up",
    default=None,
    help="Let the choice end it.",
)
@shared
def wrap_up(options: Shared, /, name: str, **given: Any) -> None:
    """Show or set how long agents have for notes after a talk, and what ends that time."""
    from cli.ask import tell
    from cli.campaigns import change_campaign, find_campaign
    from dialer.core.requests import TakeUpSettings
    from dialer.core.settings import WrapUp

    changes = {key: value for key, value in given.items() if value is not None}
    if "wrap_up" in changes:
        changes["wrap_up"] = WrapUp(changes["wrap_up"])
    with options.open() as place:
        row = change_campaign(place, name, changes) if changes else find_campaign(place, name)
        if changes:
            tell(place, TakeUpSettings(campaign_id=row.campaign_id))
    fields = {key: getattr(row.settings, key) for key in given}
    print_fields({"campaign": row.name} | fields, as_json=options.json)
