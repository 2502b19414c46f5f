"""`dialer db`: the database itself."""

from datetime import datetime

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


@db.command(
    epilog=example("dialer db prune --before 2025-01-31", "dialer db prune --before 2024-01-01 --attempts")
)
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="Delete what is older than the beginning of this day, local time.",
)
@click.option("--attempts", is_flag=True, help="Delete attempts, calls and legs too: reports forget them.")
@shared
def prune(options: Shared, /, before: datetime, attempts: bool) -> None:
    """Delete old notes: journal, SIP messages, agents' periods, answered requests.

    A run may go on meanwhile; it does the same by itself after `keep_days`. The file does not shrink, but its space is
    used again.
    """
    from cli.pruning import delete_before

    with options.open() as place:
        notes, gone = delete_before(place, before.timestamp(), attempts=attempts)
    print_answer(
        f"{notes} notes and {gone} attempts were deleted.",
        {"notes": notes, "attempts": gone},
        as_json=options.json,
    )
