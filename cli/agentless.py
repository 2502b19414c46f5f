"""`dialer campaign agentless`: what a campaign says to people without an agent."""

from typing import Any

import click

from cli.options import Shared, example, shared
from cli.output import print_fields


@click.command(
    short_help="Show or set what is said to people without an agent.",
    epilog=example(
        "dialer campaign agentless spring --message renewal --seller 'Example Energy' --max-calls 20",
        "dialer campaign set spring --mode agentless",
    ),
)
@click.argument("name")
@click.option("--message", help="Recording that whoever picks up hears; '' for none.")
@click.option("--context", help="Context of the Asterisk's dialplan that calls go to instead; '' for none.")
@click.option("--seller", help="For whom the calls are: the name that people consented to.")
@click.option("--opt-out-key", help="Key by which people ask to be called no more; default 9.")
@click.option("--max-calls", type=int, help="Most calls at a time; default 10.")
@shared
def agentless(options: Shared, /, name: str, **given: Any) -> None:
    """Show or set what a campaign says to people without an agent, used with --mode agentless.

    Only numbers whose consent to the seller's calls is on record are called (`dialer consent`).
    """
    from cli.ask import tell
    from cli.campaigns import change_agentless, find_campaign
    from dialer.core.requests import TakeUpSettings

    changes = {key: value for key, value in given.items() if value is not None}
    config = options.load_config() if options.config else None
    with options.open() as place:
        row = change_agentless(place, name, changes, config) if changes else find_campaign(place, name)
        if changes and not row.settings.needs_agents:
            tell(place, TakeUpSettings(campaign_id=row.campaign_id))
    settings = row.settings.agentless
    fields = {field: getattr(settings, field) for field in settings.__struct_fields__}
    print_fields({"campaign": row.name, "mode": row.settings.mode} | fields, as_json=options.json)
