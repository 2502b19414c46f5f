"""`dialer deploy` and `dialer health`: a run under a service manager."""

import click

from cli.options import Shared, example, shared
from cli.output import print_answer


@click.group()
def deploy() -> None:
    """Print what a service manager needs."""


@deploy.command(
    short_help="Print a systemd unit for `dialer run`.",
    epilog=example(
        "dialer deploy systemd --config /etc/dialer/dialer.toml > /etc/systemd/system/dialer.service"
    ),
)
@click.option(
    "--user", metavar="NAME", default="dialer", show_default=True, help="Who the run belongs to: no root."
)
@shared
def systemd(options: Shared, /, user: str) -> None:
    """Print a systemd unit that runs this installation.

    Its database and working directory are in /var/lib/dialer unless --database names another. Passwords stand in
    /etc/dialer/secrets.
    """
    from cli.deploy.unit import unit

    text = unit(options, user)
    print_answer(text.rstrip("\n"), {"unit": text}, as_json=options.json)


@click.command(
    short_help="Tell by the exit code whether a run is alive.", epilog=example("dialer health || echo down")
)
@shared
def health(options: Shared, /) -> None:
    """Say who runs the workspace; exit code 1 if nobody does. For monitors and containers."""
    from cli.output import local_time
    from dialer.errors import DialerError
    from dialer.live.clock import Clock
    from dialer.live.lease import holder

    with options.open() as place:
        found = holder(place.database, place.workspace_id, clock=Clock())
    if found is None:
        raise DialerError("nothing runs this workspace: start `dialer run`")
    fields = {"host": found.host, "pid": found.pid, "since": local_time(found.since_at)}
    print_answer(
        f"Process {found.pid} on {found.host} runs it since {fields['since']}.", fields, as_json=options.json
    )
