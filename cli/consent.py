"""`dialer consent`: who consented to be called by campaigns without agents."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.dnc import normalised, region_option
from cli.options import Shared, example, shared
from cli.output import local_time, print_answer, print_rows
from dialer.errors import ConfigError

if TYPE_CHECKING:
    from dialer.storage.consents import Word

_MOST_CHARACTERS = 4_096
"""Of a text of consent; as of a field of a list."""


@click.group()
def consent() -> None:
    """Keep on record who consented to calls without an agent."""


@consent.command(
    short_help="Put a consent on record.",
    epilog=example(
        "dialer consent add '(212) 555-0123' --for 'Example Energy' --at 2026-11-02T10:15-05:00 \\",
        "  --source 'web form, box ticked: call me with recorded offers'",
    ),
)
@click.argument("numbers", nargs=-1, required=True)
@click.option("--for", "seller", required=True, help="The seller whom it names, as campaigns name it.")
@click.option(
    "--at", "when", required=True, help="When it was given, as in 2026-11-02T10:15-05:00; UTC without a zone."
)
@click.option("--source", default="", help="How it was given, in words, or its very text.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file in UTF-8 with that text instead.",
)
@region_option
@shared
def add(
    options: Shared,
    /,
    *,
    numbers: tuple[str, ...],
    seller: str,
    when: str,
    source: str,
    file: Path | None,
    region: str,
) -> None:
    """Put a consent on record: leads that were refused for want of one are called again."""
    from dialer.core.rules.agentless import is_seller
    from dialer.live.clock import Clock
    from dialer.storage.consents import Word

    if not is_seller(seller):
        raise ConfigError("--for names nobody: write the seller's name in one line, at most 200 letters")
    at, text = _instant(when, now=Clock().now()), _text(source, file)
    if not text:
        raise ConfigError("a consent needs to say how it was given: add --source, or --file")
    words = [Word(number=number, seller=seller, at=at, source=text) for number in _e164(numbers, region)]
    added, woken = _keep(options, words)
    print_answer(
        f"{added} of {len(words)} consents are new on record; leads to be called again: {woken}.",
        {"given": len(words), "added": added, "called_again": woken},
        as_json=options.json,
    )


@consent.command(
    short_help="Put on record that consent was revoked.",
    epilog=example("dialer consent revoke '(212) 555-0123' --reason 'asked by mail'"),
)
@click.argument("numbers", nargs=-1, required=True)
@click.option("--for", "seller", default="", help="The seller to whom it was given; default: all of them.")
@click.option("--reason", default="", help="How it was revoked; kept with it.")
@region_option
@shared
def revoke(options: Shared, /, numbers: tuple[str, ...], seller: str, reason: str, region: str) -> None:
    """Put on record that consent was revoked: no call without an agent is placed from now on."""
    from dialer.live.clock import Clock
    from dialer.storage.consents import Word

    now, text = Clock().now(), _text(reason, None)
    words = [
        Word(number=number, seller=seller, at=now, source=text, given=False)
        for number in _e164(numbers, region)
    ]
    added, _ = _keep(options, words)
    print_answer(
        f"{added} revocations are on record.", {"given": len(words), "added": added}, as_json=options.json
    )


@consent.command(
    short_help="Show what is on record of a number.",
    epilog=example("dialer consent show '(212) 555-0123'"),
)
@click.argument("number")
@region_option
@shared
def show(options: Shared, /, number: str, region: str) -> None:
    """Show each consent and each revocation of a number, and whether it holds."""
    from dialer.storage import consents

    (e164,) = _e164((number,), region)
    with options.open() as place, place.database.read() as connection:
        found = consents.of_number(connection, place.workspace_id, e164)
        sellers = {word.seller for word in found if word.given}
        holding = [
            held
            for seller in sorted(sellers)
            for held in consents.standing(connection, place.workspace_id, [e164], seller).values()
        ]
    rows = (
        {
            "id": word.id,
            "number": word.number,
            "what": "given" if word.given else "revoked",
            "seller": word.seller or "all",
            "at": local_time(word.at),
            "holds": word.id in holding,
            "source": word.source,
            "recorded": local_time(word.recorded_at),
            "who": word.who,
        }
        for word in found
    )
    print_rows(rows, as_json=options.json, empty=f"{e164} never consented to anything.")


def _keep(options: Shared, words: "list[Word]") -> tuple[int, int]:
    from cli.ask import who
    from dialer.live.clock import Clock
    from dialer.storage import consents, refused

    at, given = Clock().now(), [word.number for word in words if word.given]
    with options.open() as place, place.database.write() as connection:
        added = consents.add(connection, place.workspace_id, words, who=who(), at=at)
        woken = refused.wake_numbers(connection, place.workspace_id, given, at=at)
    return added, woken


def _e164(numbers: tuple[str, ...], region: str) -> list[str]:
    return list(dict.fromkeys(normalised(enumerate(numbers, start=1), region)))


def _instant(text: str, *, now: float) -> float:
    from dialer.leads.consents import instant

    at = instant(text)
    if at is None:
        raise ConfigError(f"--at {text!r} is no time: write it as 2026-11-02 or 2026-11-02T10:15-05:00")
    if at > now:
        raise ConfigError(f"--at {text!r} is in the future: nobody has consented yet")
    return at


def _text(given: str, file: Path | None) -> str:
    from dialer.leads.consents import is_text

    try:
        text = given if file is None else file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: this is no text in UTF-8: save it as such") from error
    if not is_text(text) or len(text) > _MOST_CHARACTERS:
        raise ConfigError(
            f"the text is no text, or longer than {_MOST_CHARACTERS} characters: keep it elsewhere and name where"
        )
    return text.strip()
