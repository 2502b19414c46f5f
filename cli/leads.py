"""`dialer leads`: lists of people to call."""

from pathlib import Path

import click

from cli.options import Shared, example, shared
from cli.output import local_time, print_answer, print_rows
from cli.parsing import Name


@click.group()
def leads() -> None:
    """Import and show lists of leads."""


@leads.command(
    "import",
    short_help="Import a CSV file with a header.",
    epilog=example("dialer leads import people.csv --list people --region US"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--list", "list_name", type=Name(), required=True, help="The list to put them in; made if need be."
)
@click.option("--region", required=True, help="Country of numbers written without a country code.")
@click.option("--phone-column", help="Name of the column with the numbers, if it is not found by itself.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Where bad rows go; default: beside FILE.")
@shared
def import_file(
    options: Shared,
    /,
    file: Path,
    list_name: str,
    region: str,
    phone_column: str | None,
    rejects: Path | None,
) -> None:
    """Import a CSV file with a header; what is no lead goes to a rejects file with its reason.

    Separator and encoding are found out. Run again after a kill, it goes on where it was.
    """
    from msgspec.structs import asdict

    from cli.ask import who
    from cli.importing import run_import
    from dialer.leads.importer import ImportOptions

    how = ImportOptions(
        list_name=list_name, region=region.upper(), phone_column=phone_column, rejects=rejects, who=who()
    )
    with options.open() as place:
        report = run_import(place, file, how)
    rejected = f"; see {report.rejects_file}" if report.rejects_file else ""
    consents = f"; {report.consents} new consents on record" if report.consents else ""
    print_answer(
        f"{report.rows} rows: {report.imported} imported, {report.duplicates} duplicates, "
        f"{report.rejected} rejected{rejected}{consents}.",
        asdict(report),
        as_json=options.json,
    )


@leads.command(epilog=example("dialer leads lists"))
@shared
def lists(options: Shared, /) -> None:
    """List the lead lists."""
    from dialer.reports import lists as reports

    with options.open() as place, place.database.read() as connection:
        found = reports.lists(connection, place.workspace_id)
    rows = ({"list": row.name, "leads": row.leads, "made": local_time(row.made_at)} for row in found)
    print_rows(rows, as_json=options.json, empty="There is no list; `dialer leads import` makes one.")


@leads.command(epilog=example("dialer leads show people --limit 5"))
@click.argument("name", metavar="LIST")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
@shared
def show(options: Shared, /, name: str, limit: int) -> None:
    """Show the first leads of a list."""
    from msgspec.structs import asdict

    from dialer.reports import lists as reports

    with options.open() as place, place.database.read() as connection:
        lead_list = reports.find_list(connection, place.workspace_id, name)
        found = reports.leads(connection, lead_list.list_id, limit=limit)
    print_rows(map(asdict, found), as_json=options.json, empty=f"The list {name!r} is empty.")
