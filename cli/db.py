"""`dialer db`: the database itself."""

from datetime import datetime
from pathlib import Path

import click

from cli.options import Shared, example, shared
from cli.output import print_answer


@click.group()
def db() -> None:
    """Care for the database."""


@db.command(
    short_help="Bring an older database to this version's schema.",
    epilog=example("dialer db upgrade --database sqlite:///dialer.db"),
)
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
    short_help="Delete old notes, and old attempts if asked.",
    epilog=example("dialer db prune --before 2025-01-31", "dialer db prune --before 2024-01-01 --attempts"),
)
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    required=True,
    help="Delete what is older than the beginning of this day, local time.",
)
@click.option(
    "--attempts",
    is_flag=True,
    help="Delete attempts, calls, legs and text sessions too: reports forget them.",
)
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
        f"{notes} notes and {gone} attempts, calls of queues and text sessions were deleted.",
        {"notes": notes, "attempts": gone},
        as_json=options.json,
    )


@db.command(
    short_help="Copy the database, also beside a run.",
    epilog=example("dialer db backup /srv/backups/dialer-2025-01-31.db"),
)
@click.argument("file", type=click.Path(path_type=Path))
@shared
def backup(options: Shared, /, file: Path) -> None:
    """Copy the database into FILE, which must not be there yet; a run may go on meanwhile.

    The copy is the state of one moment, and is checked before it gets its name. For a PostgreSQL server this calls
    pg_dump.
    """
    from cli.backups import make_backup

    size = make_backup(options, file)
    print_answer(
        f"{file}: {size / 1e6:.1f} MB, checked.", {"file": str(file), "bytes": size}, as_json=options.json
    )


@db.command(
    short_help="Put a backup in the place of the database.",
    epilog=example("dialer db restore /srv/backups/dialer-2025-01-31.db"),
)
@click.argument("file", type=click.Path(path_type=Path))
@shared
def restore(options: Shared, /, file: Path) -> None:
    """Put a backup in the place of the database, which is kept beside it; no run may go on.

    Numbers that were put on the do-not-call list after the backup stay on it.
    """
    from cli.backups import put_back

    done = put_back(options, file)
    kept = f"; what was there is kept as {done.kept}" if done.kept else ""
    warning = (
        "; ITS DO-NOT-CALL LIST COULD NOT BE READ: compare it by hand" if done.carried_over is None else ""
    )
    print_answer(
        f"{file} is the database now{kept}{warning}; {done.carried_over or 0} do-not-call numbers carried over.",
        {"kept": done.kept and str(done.kept), "carried_over": done.carried_over},
        as_json=options.json,
    )
