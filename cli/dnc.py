"""`dialer dnc`: the numbers that no campaign may call."""

from collections.abc import Iterable
from pathlib import Path

import click

from cli.options import Shared, example, shared
from cli.output import local_time, print_answer
from dialer.errors import ConfigError

region_option = click.option(
    "--region", default="US", show_default=True, help="Country of numbers written without a country code."
)


@click.group()
def dnc() -> None:
    """Keep the do-not-call list."""


@dnc.command(epilog=example("dialer dnc add '(212) 555-0123' --region US --reason 'asked on the phone'"))
@click.argument("numbers", nargs=-1, required=True)
@click.option("--reason", default="", help="Why; kept with the number.")
@region_option
@shared
def add(options: Shared, /, numbers: tuple[str, ...], reason: str, region: str) -> None:
    """Put numbers on the list; from now on no campaign calls them."""
    _add(options, enumerate(numbers, start=1), reason, region)


@dnc.command(
    "import",
    short_help="Put the numbers of a text file on the list.",
    epilog=example("dialer dnc import optouts.txt --region US --reason 'web form'"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reason", default="", help="Why; kept with the numbers.")
@region_option
@shared
def import_file(options: Shared, /, file: Path, reason: str, region: str) -> None:
    """Put the numbers of a text file on the list, one a line; if one is no number, none is taken."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: this is no text in UTF-8: save it as such, one number a line") from error
    written = ((index, line) for index, line in enumerate(lines, start=1) if line.strip())
    _add(options, written, reason, region)


@dnc.command(epilog=example("dialer dnc check '(212) 555-0123' --region US"))
@click.argument("number")
@region_option
@shared
def check(options: Shared, /, number: str, region: str) -> None:
    """Say whether a number is on the list."""
    from dialer.storage import do_not_call

    (e164,) = normalised([(1, number)], region)
    with options.open() as place, place.database.read() as connection:
        found = do_not_call.check(connection, place.workspace_id, e164)
    since = local_time(found.added_at) if found else None
    why = f" since {since}, by {found.who}: {found.reason or 'no reason given'}" if found else ""
    print_answer(
        f"{e164} is {'' if found else 'not '}on the do-not-call list{why}.",
        {"number": e164, "listed": found is not None, "since": since, "reason": found and found.reason},
        as_json=options.json,
    )


def _add(options: Shared, written: Iterable[tuple[int, str]], reason: str, region: str) -> None:
    from cli.ask import who
    from dialer.live.clock import Clock
    from dialer.storage import do_not_call

    numbers = normalised(written, region)
    with options.open() as place, place.database.write() as connection:
        added = do_not_call.add(
            connection, place.workspace_id, numbers, who=who(), reason=reason, at=Clock().now()
        )
    print_answer(
        f"{added} of {len(numbers)} numbers are new on the list.",
        {"given": len(numbers), "added": added},
        as_json=options.json,
    )


def normalised(written: Iterable[tuple[int, str]], region: str) -> list[str]:
    """Return numbers in E.164.

    Raises:
        ConfigError: If one is none; the text says which and why.
    """
    from dialer.leads.numbers import BadNumber, Normaliser

    normaliser = Normaliser(region)
    numbers: list[str] = []
    for index, text in written:
        found = normaliser.read(text)
        if isinstance(found, BadNumber):
            raise ConfigError(f"number {index}, {text!r}: {found}; nothing was changed")
        numbers.append(found[0])
    return numbers
