"""`dialer campaign`: what is called for, and whether it is called now."""

from pathlib import Path
from typing import Any

import click

from cli.agentless import agentless
from cli.machine_detection import amd
from cli.options import Shared, example, shared
from cli.output import local_time, print_answer, print_fields, print_rows
from cli.pacing_decisions import pacing_decisions
from cli.pacing_options import pacing_options, set_pacing
from cli.parsing import Name, Retry, Window, check_caller_id, check_countries, check_zone
from cli.wrap_up import MODES, wrap_up


@click.group()
def campaign() -> None:
    """Make campaigns and let them call."""


campaign.add_command(agentless)
campaign.add_command(amd)
campaign.add_command(wrap_up)
campaign.add_command(set_pacing)
campaign.add_command(pacing_decisions)


@campaign.command(
    short_help="Make a campaign for a lead list, stopped.",
    epilog=example(
        "dialer campaign create spring --list people --mode progressive --trunk main",
        "dialer campaign create spring --list people --mode ratio --ratio 1.5 --trunk main \\",
        "  --window 9:00-20:00 --country US --retry busy=3x10 --retry no_answer=2x240",
    ),
)
@click.argument("name", type=Name())
@click.option("--list", "list_name", required=True, help="The lead list to call.")
@click.option("--trunk", required=True, help="A trunk or a group of them, as the configuration names it.")
@pacing_options(default="progressive")
@click.option(
    "--caller-id",
    callback=check_caller_id,
    help="The number shown, as in +12025550199; default: the trunk's.",
)
@click.option(
    "--ring-s", type=click.FloatRange(min=15, max=300), help="Seconds a number may ring; default 25."
)
@click.option(
    "--wrap-up-s", type=click.FloatRange(min=0, max=86_400), help="Seconds after a talk; default 10."
)
@click.option("--window", type=Window(), help="Local hours in which to call; default 8:00-21:00.")
@click.option(
    "--country",
    "countries",
    multiple=True,
    callback=check_countries,
    help="A country that may be called, again for more; default: every one.",
)
@click.option("--default-zone", callback=check_zone, help="For numbers whose time zone is not known.")
@click.option(
    "--inbound",
    type=click.Choice(["agents", "message"]),
    help="Who takes calls to the caller id while the campaign runs; default agents.",
)
@click.option("--amd", is_flag=True, help="Listen first who picked up; `dialer campaign amd` says how.")
@click.option(
    "--inbound-wait-s",
    type=click.FloatRange(min=1, max=3600),
    help="Seconds such a caller waits for an agent before the message; default 30.",
)
@click.option(
    "--record",
    type=click.Choice(["off", "on", "announced", "by-consent"]),
    is_flag=False,
    flag_value="on",
    help="Record every talk; once people heard that; or only where one side's consent is enough.",
)
@click.option(
    "--one-party",
    "one_party_regions",
    multiple=True,
    callback=check_countries,
    help="A country where one side's consent to a recording is enough, again for more; default: none.",
)
@click.option("--retry", type=Retry(), multiple=True, help="When to try again, for each outcome.")
@click.option(
    "--dispositions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="TOML file of what agents choose from; default: the set that `campaign dispositions` shows.",
)
@click.option("--default-disposition", metavar="CODE", help="Stands in for a choice that was not made.")
@click.option("--wrap-up", type=MODES, help="What ends a wrap-up; `dialer campaign wrap-up` says more.")
@click.option("--workflow", help="Who may take its calls: the name of a workflow; anybody by default.")
@click.option(
    "--priority-s",
    type=click.FloatRange(min=0, max=86_400),
    help="Head start in seconds before other lines of business; default 30.",
)
@click.option("--max-attempts", type=click.IntRange(min=1, max=100), help="Attempts a lead; default 10.")
@click.option(
    "--faults-per-day",
    type=click.IntRange(min=0, max=1000),
    help="Attempts a lead and day that fail for the carrier and cost nothing; default 5, 0 counts them.",
)
@shared
def create(options: Shared, /, name: str, list_name: str, **given: Any) -> None:
    """Make a campaign for a lead list; it is stopped until `dialer campaign start`."""
    from cli.campaigns import campaign_settings, create_campaign

    config = options.load_config() if options.config else None
    settings = campaign_settings(given, config)
    with options.open() as place:
        leads = create_campaign(place, name=name, list_name=list_name, settings=settings)
    print_answer(
        f"Campaign {name!r} is made, with {leads} leads; `dialer campaign start {name}` lets it call.",
        {"campaign": name, "list": list_name, "leads": leads, "state": "stopped"},
        as_json=options.json,
    )


@campaign.command(epilog=example("dialer campaign start spring"))
@click.argument("name")
@shared
def start(options: Shared, /, name: str) -> None:
    """Begin or go on calling."""
    from cli.ask import ask_or_store
    from cli.campaigns import refill
    from dialer.core.requests import StartCampaign

    with options.open() as place:
        found = refill(place, name)
        ask_or_store(place, StartCampaign(campaign_id=found.campaign_id), as_json=options.json)


@campaign.command(epilog=example("dialer campaign pause spring"))
@click.argument("name")
@shared
def pause(options: Shared, /, name: str) -> None:
    """Start no more calls for now; those that ring are served."""
    from cli.ask import ask_or_store
    from cli.campaigns import find_campaign
    from dialer.core.requests import PauseCampaign

    with options.open() as place:
        found = find_campaign(place, name)
        ask_or_store(place, PauseCampaign(campaign_id=found.campaign_id), as_json=options.json)


@campaign.command(epilog=example("dialer campaign stop spring"))
@click.argument("name")
@shared
def stop(options: Shared, /, name: str) -> None:
    """Start no more calls; those that ring are served."""
    from cli.ask import ask_or_store
    from cli.campaigns import find_campaign
    from dialer.core.requests import StopCampaign

    with options.open() as place:
        found = find_campaign(place, name)
        ask_or_store(place, StopCampaign(campaign_id=found.campaign_id), as_json=options.json)


@campaign.command("list", epilog=example("dialer campaign list --json"))
@shared
def list_campaigns(options: Shared, /) -> None:
    """List the campaigns and what they do."""
    from cli.campaigns import why_waiting
    from dialer.storage import campaigns

    with options.open() as place:
        with place.database.read() as connection:
            found = campaigns.every(connection, place.workspace_id)
        reasons = [why_waiting(place, row) for row in found]
    rows = (
        {
            "campaign": row.name,
            "list": row.list_name,
            "mode": row.settings.mode,
            "trunk": row.settings.trunk,
            "state": row.state,
            "reason": reason,
            "until": local_time(row.until_at),
        }
        for row, reason in zip(found, reasons, strict=True)
    )
    print_rows(rows, as_json=options.json, empty="There is no campaign; `dialer campaign create` makes one.")


@campaign.command(
    short_help="Show what a campaign does, and why.", epilog=example("dialer campaign show spring")
)
@click.argument("name")
@shared
def show(options: Shared, /, name: str) -> None:
    """Show a campaign: what it does and why, its outcomes, how many leads are finished."""
    from cli.campaigns import why_waiting
    from dialer.reports.progress import progress
    from dialer.storage import campaigns

    with options.open() as place:
        with place.database.read() as connection:
            row = campaigns.find(connection, place.workspace_id, name)
            leads = progress(connection, row.campaign_id)
        reason = why_waiting(place, row)
    fields = {
        "campaign": row.name,
        "list": row.list_name,
        "mode": row.settings.mode,
        "ratio": row.settings.ratio,
        "trunk": row.settings.trunk,
        "state": row.state,
        "reason": reason,
        "until": local_time(row.until_at),
        "leads": leads.leads,
        "finished": leads.finished,
        "open": leads.open,
        "next_due": local_time(leads.next_due_at),
        "refused": leads.refused,
        "attempts": leads.attempts,
        "outcomes": leads.outcomes,
        "dispositions": {each.code: each.label for each in row.settings.dispositions},
        "record": row.settings.record,
        "default_disposition": row.settings.default_disposition,
        "wrap_up": row.settings.wrap_up,
        "wrap_up_s": row.settings.wrap_up_s,
        "amd": row.settings.amd.on,
        "abandon_limit": row.settings.abandon_limit,
        "abandon_window": row.settings.abandon_window,
    }
    print_fields(fields, as_json=options.json)


@campaign.command(
    short_help="Show or set what agents choose from after a talk.",
    epilog=example(
        "dialer campaign dispositions spring",
        "dialer campaign dispositions spring --file dispositions.toml --default no_choice",
    ),
)
@click.argument("name")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file with [[disposition]] tables that replace those there are.",
)
@click.option(
    "--default", "default_disposition", metavar="CODE", help="Stands in for no choice; '' for none."
)
@shared
def dispositions(options: Shared, /, name: str, path: Path | None, **given: Any) -> None:
    """Show or set what agents choose from after a talk, and what then becomes of the lead."""
    from cli.ask import tell
    from cli.campaigns import change_campaign, find_campaign
    from cli.dispositions import read_dispositions, rows
    from dialer.core.requests import TakeUpSettings

    changes = {key: value for key, value in given.items() if value is not None}
    if path is not None:
        changes["dispositions"] = read_dispositions(path)
    with options.open() as place:
        row = change_campaign(place, name, changes) if changes else find_campaign(place, name)
        if changes:
            tell(place, TakeUpSettings(campaign_id=row.campaign_id))
    print_rows(rows(row.settings), as_json=options.json, empty="Agents of this campaign choose nothing.")
