"""`dialer doctor`: what does not work, and what to do about it."""

import click

from cli.options import Shared, example, shared


@click.command(
    short_help="Say what keeps calls from being placed or heard.",
    epilog=example("dialer doctor --config dialer.toml"),
)
@shared
def doctor(options: Shared, /) -> None:
    """Look at the database, disks, clock, trunks, agents' phones, campaigns; say what to do about each fault.

    Nothing is changed and nobody is called: trunks and phones are asked by OPTIONS, a trunk with a user by a
    REGISTER that registers nothing. Exit code 1 if something does not work; warnings leave it 0.
    """
    from cli.doctor.examine import examine
    from cli.doctor.show import show

    show(examine(options.load_config(), options.database), as_json=options.json)
