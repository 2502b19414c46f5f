"""`dialer halt` and `dialer resume`: the switch for everything."""

import click

from cli.options import Shared, example, shared
from cli.output import print_answer


@click.command(
    short_help="Place no call at all until `dialer resume`.",
    epilog=example("dialer halt --reason 'wrong list'"),
)
@click.option("--reason", default="", help="Why; kept with the halt.")
@shared
def halt(options: Shared, /, reason: str) -> None:
    """Place no call at all, within a second and across restarts, until `dialer resume`."""
    from cli.ask import ask, runs
    from dialer.core.requests import Halt
    from dialer.live.clock import Clock
    from dialer.storage.workspaces import mark_halted

    with options.open() as place:
        # The flag first: it holds whatever becomes of the run.
        with place.database.write() as connection:
            mark_halted(connection, place.workspace_id, reason, at=Clock().now())
        if runs(place):
            ask(place, Halt(reason=reason), as_json=options.json)
            return
    text = "no run will place calls until `dialer resume`"
    print_answer(f"Done: {text}.", {"done": True, "text": text}, as_json=options.json)


@click.command(epilog=example("dialer resume"))
@shared
def resume(options: Shared, /) -> None:
    """Take back a halt."""
    from cli.ask import ask, runs
    from dialer.core.requests import Resume
    from dialer.live.clock import Clock
    from dialer.storage.workspaces import mark_halted

    with options.open() as place:
        if runs(place):
            ask(place, Resume(), as_json=options.json)
            return
        with place.database.write() as connection:
            mark_halted(connection, place.workspace_id, None, at=Clock().now())
    text = "the next run may place calls"
    print_answer(f"Done: {text}.", {"done": True, "text": text}, as_json=options.json)
