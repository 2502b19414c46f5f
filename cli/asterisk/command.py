"""`dialer asterisk`: the files that an Asterisk includes, and what is missing there."""

from pathlib import Path

import click

from cli.options import Shared, example, shared


@click.group()
def asterisk() -> None:
    """Make an Asterisk place the calls."""


@asterisk.command(
    short_help="Write the files that an Asterisk includes.",
    epilog=example("dialer asterisk config --out /etc/asterisk/dialer --config dialer.toml"),
)
@click.option("--out", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Where to write.")
@click.option(
    "--server", metavar="NAME", default="", help="For which of several servers of the configuration."
)
@click.option(
    "--folder", metavar="PATH", default="", help="Where DIR will be on Asterisk's machine, if elsewhere."
)
@click.option(
    "--dialer",
    metavar="ADDRESS",
    default="",
    help="Where the dialer connects from; needed unless it is this machine.",
)
@click.option("--sip", metavar="ADDRESS:PORT", default="", help="Write a transport for SIP over UDP, too.")
@click.option(
    "--recording/--no-recording",
    default=True,
    help="Whether calls may be recorded, which takes a far-reaching permission.",
)
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@shared
def config(options: Shared, /, out: Path, server: str, force: bool, **site: str | bool) -> None:
    """Write manager users, trunks, agents' phones and dialplan for an Asterisk, to be included in its own files.

    Everything in them has a name that begins with `dialer`, or is a trunk's; nothing else of that Asterisk's changes.
    """
    from cli.asterisk.writing import write
    from cli.output import print_answer

    written = write(options.load_config(), server, out, force=force, **site)
    print_answer(written.text, written.fields, as_json=options.json)


@asterisk.command(
    short_help="Say what is missing at an Asterisk.",
    epilog=example("dialer asterisk check --config dialer.toml"),
)
@click.option(
    "--server", metavar="NAME", multiple=True, help="One of the servers; may be given again. Default: all."
)
@shared
def check(options: Shared, /, server: tuple[str, ...]) -> None:
    """Log in to an Asterisk as a run does and say what does not fit, each thing with its remedy.

    Looked at: version, permissions, events, modules, dialplan, endpoints, ports for audio, clock. Nobody is called and
    nothing is changed. Exit code 1 if calls cannot work; warnings leave it 0.
    """
    from cli.asterisk.examining import examine
    from cli.doctor.show import show

    show(examine(options.load_config(), server), as_json=options.json)
