"""`dialer db`: the database itself."""

import click

from cli.options import Shared, example, shared
from cli.output import print_answer


@click.group()
def db() -> None:
    """Care for the database."""


@db.command(epilog=example("dialer db upgrade --database sqlite:///dialer.db"))
@shared
def upgrade(options: Shared, /) -> None:
    """Bring an older database to this version's schema; an SQLite file is copied beside itself first."""
    from dialer.storage.database import upgrade as upgrade_database

    backup = upgrade_database(options.database)
    copied = f"; the old one is kept as {backup}" if backup else ""
    print_answer(
        f"The schema is up to date{copied}.", {"backup": backup and str(backup)}, as_json=options.json
    )
