"""`dialer queue` and `dialer report queues`: lines of business whose customers call."""

from typing import TYPE_CHECKING

import click

from cli.options import Shared, example, shared
from cli.output import print_fields, print_rows
from dialer.errors import ConfigError

if TYPE_CHECKING:
    from dialer.config import Config


@click.group()
def queue() -> None:
    """Look at the queues that customers call."""


@queue.command("list", epilog=example("dialer queue list"))
@shared
def list_queues(options: Shared, /) -> None:
    """List the queues of the configuration."""
    rows = (
        {
            "queue": name,
            "label": each.label or name,
            "channel": str(each.channel),
            "trunk": each.trunk,
            "priority_s": each.priority_s,
            "overflow": f"{each.overflow} {each.overflow_to}".strip(),
        }
        for name, each in options.load_config().queues.items()
    )
    print_rows(
        rows, as_json=options.json, empty="There is no queue: add a [queues.NAME] to the configuration."
    )


@queue.command(epilog=example("dialer queue show support"))
@click.argument("name")
@shared
def show(options: Shared, /, name: str) -> None:
    """Show what a queue is configured to do."""
    from msgspec import to_builtins

    queues = options.load_config().queues
    if name not in queues:
        raise ConfigError(f"there is no [queues.{name}]: there are {', '.join(queues) or 'none'}")
    print_fields({"queue": name} | to_builtins(queues[name]), as_json=options.json)


@queue.command(epilog=example("dialer queue now", "dialer queue now --json"))
@shared
def now(options: Shared, /) -> None:
    """Show who waits, for how long, and how the day goes.

    The wait to expect is that of somebody who calls now. The service level is the share of the calls since
    midnight, in the configuration's zone, that were answered within the queue's service_level_s.
    """
    from msgspec.structs import asdict

    from dialer.line_config import queue_settings
    from dialer.live.clock import Clock
    from dialer.reports.queues import now as ask

    config, at = options.load_config(), Clock().now()
    with options.open() as place, place.database.read() as connection:
        found = ask(
            connection, place.workspace_id, queue_settings(config.queues), at=at, since=_midnight(config, at)
        )
    print_rows(
        map(asdict, found),
        as_json=options.json,
        empty="There is no queue: add a [queues.NAME] to the configuration.",
    )


@click.command(
    "queues",
    short_help="How callers of queues were served.",
    epilog=example("dialer report queues", "dialer report queues --since 2027-03-01T00:00 --format csv"),
)
@click.option("--since", metavar="TIME", help="Calls that came since then; default: midnight.")
@click.option("--until", metavar="TIME", help="Calls that came before then; default: now.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)
@shared
def queues_report(options: Shared, /, since: str | None, until: str | None, form: str) -> None:
    """How many callers of each queue were answered, and how soon.

    Times as 2027-03-01T15:00, read in the configuration's zone if they name none.
    """
    from cli.instants import instant
    from dialer.line_config import queue_settings
    from dialer.live.clock import Clock
    from dialer.reports.queues import report
    from dialer.reports.render import Format, render

    config, at = options.load_config(), Clock().now()
    zones = (config.run.zone,)
    begins = _midnight(config, at) if since is None else instant(since, zones)
    ends = at if until is None else instant(until, zones)
    with options.open() as place, place.database.read() as connection:
        answer = report(
            connection, place.workspace_id, queue_settings(config.queues), since=begins, until=ends
        )
    click.echo(render(answer, Format.JSON if options.json else Format(form)))


def _midnight(config: "Config", at: float) -> float:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    moment = datetime.fromtimestamp(at, ZoneInfo(config.run.zone))
    return moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
