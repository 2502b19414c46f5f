"""`dialer run` and `dialer replay`: the floor itself, and its log once more."""

import logging
from pathlib import Path

import click

from cli.options import Shared, example, shared
from cli.output import print_fields

_log = logging.getLogger(__name__)


@click.command(
    short_help="Run the floor.",
    epilog=example("dialer run --config dialer.toml", "dialer run --log-format json --log-level warning"),
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Lines of messages for people or an object a line for programs; default: text, json with --json.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="The least of the messages that are written.",
)
@shared
def run(options: Shared, /, log_format: str | None, log_level: str) -> None:
    """Run the floor: call what the started campaigns have for the agents who are free.

    Messages go to stderr: no number and no name stands in them, leads and campaigns are named by their ids.
    SIGTERM or Ctrl-C: no new calls, talks may finish within the configured time. A second one: at once.
    """
    from cli.assembly import run_dialer
    from cli.logs import log_to_stderr

    config = options.load_config()
    as_json = options.json if log_format is None else log_format == "json"
    log_to_stderr(as_json=as_json, level=log_level)
    facts = {"workspace": config.run.workspace, "trunks": ", ".join(config.trunks)}
    run_dialer(config, options.database, on_ready=lambda: _log.info("calls can be placed", extra=facts))
    _log.info("ended")


@click.command(
    short_help="Run a log again and compare what is decided.",
    epilog=example("dialer replay dialer-logs/abcdefgh-0001.jsonl"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shared
def replay(options: Shared, /, file: Path) -> None:
    """Run a log through the engine again and compare what it decides; exit code 1 if that differs."""
    from msgspec import to_builtins

    from dialer.replay import replay as replay_log

    found = replay_log(file)
    print_fields(to_builtins(found), as_json=options.json)
    if found.difference is not None:
        raise click.exceptions.Exit(1)
