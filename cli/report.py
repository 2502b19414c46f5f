"""`dialer report` and `dialer call`: what became of the calls."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from cli.late_group import LateGroup
from cli.options import Shared, example, shared
from cli.output import local_time, print_fields, print_rows, print_table
from dialer.core.states import Outcome

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from dialer.reports.table import Report
    from dialer.storage.campaigns import CampaignRow

_campaign_option = click.option("--campaign", "name", required=True, help="The campaign that it is about.")
_format_option = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)


@click.group(cls=LateGroup, elsewhere={"queues": "cli.queue:queues_report"})
def report() -> None:
    """Report on campaigns."""


@report.command(
    short_help="How many attempts came to what.",
    epilog=example("dialer report outcomes --campaign spring --format csv"),
)
@_campaign_option
@_format_option
@shared
def outcomes(options: Shared, /, name: str, form: str) -> None:
    """How many attempts came to what, by outcome and disposition, and how long they rang."""
    from dialer.reports.outcomes import outcomes as ask

    _print(options, name, form, lambda at, row: ask(at, row.campaign_id, campaign=row.name))


@report.command(epilog=example("dialer report agents --campaign spring"))
@_campaign_option
@_format_option
@shared
def agents(options: Shared, /, name: str, form: str) -> None:
    """What the agents did with their time."""
    from dialer.live.clock import Clock
    from dialer.reports.agents import agents as ask

    now = Clock().now()
    _print(options, name, form, lambda at, row: ask(at, row.campaign_id, campaign=row.name, at=now))


@report.command(
    short_help="How many people were abandoned.",
    epilog=example("dialer report abandonment --campaign spring --format json"),
)
@_campaign_option
@_format_option
@shared
def abandonment(options: Shared, /, name: str, form: str) -> None:
    """How many people were abandoned, by the rules of the United States and the United Kingdom, each over its window."""
    from dialer.reports.abandonment import abandonment as ask

    zone = options.load_config().run.zone
    _print(
        options,
        name,
        form,
        lambda at, row: ask(at, row.campaign_id, campaign=row.name, settings=row.settings, zone=zone),
    )


@report.command(
    short_help="How often machine detection was right.", epilog=example("dialer report amd --campaign spring")
)
@_campaign_option
@_format_option
@shared
def amd(options: Shared, /, name: str, form: str) -> None:
    """How often machine detection was right, by what agents said of the same calls."""
    from dialer.reports.detection import detection as ask

    _print(
        options,
        name,
        form,
        lambda at, row: ask(at, row.campaign_id, campaign=row.name, dispositions=row.settings.dispositions),
    )


@report.command(
    short_help="What was said without an agent, and to whom.",
    epilog=example(
        "dialer report agentless --campaign spring",
        "dialer report agentless --campaign spring --calls --format csv",
    ),
)
@_campaign_option
@click.option("--calls", "each", is_flag=True, help="Every call, with its consent.")
@_format_option
@shared
def agentless(options: Shared, /, name: str, *, each: bool, form: str) -> None:
    """What was said without an agent in which version of a recording, whether it was heard, and who opted out."""
    from dialer.reports import agentless as reports

    ask = reports.calls if each else reports.agentless
    _print(options, name, form, lambda at, row: ask(at, row.campaign_id, campaign=row.name))


def _print(
    options: Shared, name: str, form: str, ask: Callable[["Connection", "CampaignRow"], "Report"]
) -> None:
    from dialer.reports.render import Format, render
    from dialer.storage import campaigns

    with options.open() as place, place.database.read() as connection:
        answer = ask(connection, campaigns.find(connection, place.workspace_id, name))
    click.echo(render(answer, Format.JSON if options.json else Format(form)))


_CALL_COMMANDS = {
    "barge": "cli.supervision:barge",
    "complete": "cli.transfers:complete",
    "conference": "cli.transfers:conference",
    "consult": "cli.transfers:consult",
    "explain": "cli.explain:explain",
    "form": "cli.talk_notes:call_form",
    "listen": "cli.supervision:listen",
    "note": "cli.talk_notes:call_note",
    "record": "cli.recording:record",
    "return": "cli.transfers:return_",
    "test": "cli.trial.command:test",
    "transfer": "cli.transfers:transfer",
    "whisper": "cli.supervision:whisper",
}


@click.group(cls=LateGroup, elsewhere=_CALL_COMMANDS)
def call() -> None:
    """Look at single calls."""


@call.command("list", epilog=example("dialer call list --campaign spring --outcome busy --limit 10"))
@_campaign_option
@click.option(
    "--outcome",
    type=click.Choice([str(outcome) for outcome in Outcome]),
    help="Only attempts that came to this.",
)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
@shared
def list_attempts(options: Shared, /, name: str, outcome: str | None, limit: int) -> None:
    """List the latest attempts of a campaign."""
    from msgspec.structs import asdict

    from dialer.reports.timeline import latest
    from dialer.storage import campaigns

    with options.open() as place, place.database.read() as connection:
        row = campaigns.find(connection, place.workspace_id, name)
        found = latest(connection, row.campaign_id, outcome=outcome, limit=limit)
    rows = (asdict(line) | {"started_at": local_time(line.started_at)} for line in found)
    print_rows(rows, as_json=options.json, empty="There is no such attempt.")


@call.command(
    short_help="Show a time line with its SIP messages.", epilog=example("dialer call show 4b1f-17")
)
@click.argument("attempt")
@shared
def show(options: Shared, /, attempt: str) -> None:
    """Show the time line of an attempt, or of a queue's call, with its SIP messages."""
    from msgspec import to_builtins

    from dialer.reports.timeline import lines, timeline

    with options.open() as place, place.database.read() as connection:
        found = timeline(connection, place.workspace_id, attempt)
    folder = options.load_config().sip.recordings
    fields = to_builtins(found) | {"recordings": [str(folder / file) for file in found.recordings]}
    if options.json:
        print_fields(fields, as_json=True)
        return
    shown = {name: value for name, value in fields.items() if name not in ("steps", "recordings")}
    print_fields(shown | {"recording": ", ".join(fields["recordings"])}, as_json=False)
    print_table(("after", "what", "leg", "detail"), lines(found.steps))
