"""`dialer carrier`: a carrier and softphones that call nobody, to try a configuration with."""

from contextlib import ExitStack
from pathlib import Path

import click

from cli.options import Shared, example, shared
from cli.parsing import Address


@click.command(
    short_help="Play a SIP carrier that calls nobody.",
    epilog=example(
        "dialer carrier --listen 127.0.0.1:5070 --behaviour carrier.toml --log carrier.jsonl",
        "dialer carrier --listen 127.0.0.1:5070 --phones 5 --phones-listen 127.0.0.1:5080",
    ),
)
@click.option(
    "--listen",
    type=Address(),
    default="127.0.0.1:5070",
    show_default=True,
    help="Where the carrier takes calls, over UDP and TCP.",
)
@click.option(
    "--behaviour",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file of what numbers do; default: the demo's.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path),
    default="carrier.jsonl",
    show_default=True,
    help="Where JSON lines of what happened are appended.",
)
@click.option(
    "--phones",
    type=click.IntRange(min=0),
    default=0,
    help="How many softphones, agent-1 to agent-N, play too.",
)
@click.option(
    "--phones-listen",
    type=Address(),
    default="127.0.0.1:5080",
    show_default=True,
    help="Where the softphones take calls.",
)
@click.option(
    "--phones-log",
    type=click.Path(path_type=Path),
    default="phones.jsonl",
    show_default=True,
    help="Where JSON lines of what the softphones did are appended.",
)
@shared
def carrier(
    options: Shared,
    /,
    *,
    listen: tuple[str, int],
    behaviour: Path | None,
    log: Path,
    phones: int,
    phones_listen: tuple[str, int],
    phones_log: Path,
) -> None:
    """Play a SIP carrier on this machine: people, machines, busy numbers, as a file says.

    No database is used. SIGTERM or Ctrl-C ends it.
    """
    from cli.carriers import play_carrier, playing_phones

    with ExitStack() as meanwhile:
        if phones:
            meanwhile.enter_context(playing_phones(phones, phones_listen, phones_log, as_json=options.json))
        play_carrier(listen, behaviour, log, as_json=options.json)
