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
    from cli.doctor.findings import Health, lines
    from cli.output import print_json

    found = examine(options.load_config(), options.database)
    if options.json:
        from msgspec import to_builtins

        print_json(to_builtins(found))
    else:
        click.echo("\n".join(lines(found)))
    if any(one.health is Health.FAILURE for one in found):
        raise click.exceptions.Exit(1)
