"""`dialer campaign amd`: whether a campaign listens first who picked up, and what follows."""

from collections.abc import Callable
from typing import Any

import click

from cli.options import Function, Shared, example, shared
from cli.output import print_fields

_TIMES = {
    "initial-silence-ms": "Silence at first that is taken for a machine's, and goes to an agent.",
    "greeting-ms": "Voice in a greeting beyond which it is a machine's.",
    "after-greeting-silence-ms": "Silence after the greeting that makes it a person's.",
    "total-analysis-ms": "Longest analysis.",
    "min-word-ms": "Shortest word.",
    "max-word-ms": "Longest word of a person.",
    "between-words-ms": "Shortest silence between two words.",
}


def _parameters(function: Function) -> Function:
    """Add the parameters of the switch's analysis."""
    add: list[Callable[[Function], Function]] = [
        click.option(f"--{name}", type=int, help=meaning) for name, meaning in _TIMES.items()
    ]
    add.append(click.option("--max-words", type=int, help="Most words in a person's greeting."))
    add.append(click.option("--silence-threshold", type=int, help="Amplitude below which it is silent."))
    for option in reversed(add):
        function = option(function)
    return function


@click.command(
    epilog=example(
        "dialer campaign amd spring --on",
        "dialer campaign amd spring --machine message --message call-back",
        "dialer campaign amd spring --clock answer --after-greeting-silence-ms 600",
    )
)
@click.argument("name")
@click.option("--on/--off", "on", default=None, help="Listen before an agent takes the call, or do not.")
@click.option(
    "--machine",
    type=click.Choice(["hang_up", "message", "agent"]),
    help="What becomes of a machine's call; people, doubt and silence always go to an agent.",
)
@click.option("--message", help="Recording that a machine is left after its beep.")
@click.option("--sample-share", type=float, help="Share of the machines that goes to an agent all the same.")
@click.option(
    "--clock",
    type=click.Choice(["answer", "greeting_start", "greeting_end"]),
    help="When the limit to an agent begins.",
)
@_parameters
@shared
def amd(options: Shared, /, name: str, **given: Any) -> None:
    """Show or set answering machine detection.

    It needs a trunk of an Asterisk.
    """
    from cli.ask import tell
    from cli.campaigns import change_detection, find_campaign
    from dialer.core.requests import TakeUpSettings

    changes = {key: value for key, value in given.items() if value is not None}
    config = options.load_config() if options.config else None
    with options.open() as place:
        row = change_detection(place, name, changes, config) if changes else find_campaign(place, name)
        if changes:
            tell(place, TakeUpSettings(campaign_id=row.campaign_id))
    settings = row.settings.amd
    fields = {field: getattr(settings, field) for field in settings.__struct_fields__}
    print_fields({"campaign": row.name} | fields, as_json=options.json)
