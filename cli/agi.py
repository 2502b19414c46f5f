"""`dialer agi`: what a run answers dialplans, without a run."""

import click

from cli.options import Shared, example, shared


@click.command(
    short_help="Answer dialplans without a run.", epilog=example("dialer agi --config dialer.toml")
)
@shared
def agi(options: Shared, /) -> None:
    """Answer dialplans over FastAGI, as [asterisk.agi] of the configuration says, until SIGTERM or Ctrl-C.

    `dialer run` does so itself. This is for trying a dialplan, and for dialplans that ask so much that the floor shall
    not share a process with them: then the run's own file has no [asterisk.agi].
    """
    from cli.dialplans import serve_alone
    from cli.logs import log_to_stderr

    config = options.load_config()
    log_to_stderr(as_json=options.json, level="info")
    with options.open() as place:
        serve_alone(config, place)
