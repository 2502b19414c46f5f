"""From a file to pieces that are ready to be written: columns of leads, rejected rows, where it ends.

Columns, for they cross from one process to another several times faster than rows. Nothing here knows
what is in the database; duplicates are found there.
"""

from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import msgspec

from dialer.leads import consents
from dialer.leads.columns import Columns
from dialer.leads.consents import BadConsent
from dialer.leads.lines import Lines
from dialer.leads.numbers import BadNumber, Normaliser
from dialer.leads.plans import NumberFacts
from dialer.leads.records import BadRecord, Records

LINES_PER_PIECE = 2_000
"""Lines in a piece: beside a running floor no transaction is longer.

Source: docs/architecture.md; 50,000 rows in one transaction delay other commits by 80-130 ms.
"""

MAX_FIELD = 4_096
"""Characters in a field. A guess: notes of real lists fit; longer ones are a lost quote or no lead data."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file and how it is read."""

    path: str
    encoding: str
    columns: Columns
    region: str
    now: float = 0.0
    """Later consents than of now are none."""


class Piece(NamedTuple):
    """A run of rows; `phones`, `facts` and `attributes` have one item a lead."""

    rows: int
    line: int
    """The line of the file that comes next, from 1."""
    offset: int
    """Where it begins, in bytes."""
    phones: list[str]
    facts: list[int]
    """Indexes into `known`."""
    attributes: list[str]
    known: list[tuple[str, str, tuple[str, ...]]]
    """Region, kind, and zones."""
    rejected: list[tuple[int, str, str]]
    """The line that a row begins at, why it is no lead, and its text, cut after `MAX_FIELD`."""
    consents: list[tuple[str, float, str, str]]
    """Number, instant, how, and for whom."""


def pieces(source: Source, *, offset: int, line: int) -> Generator[Piece, None, None]:
    """Yield the rest of a file from a position that an earlier piece ended at."""
    preparer = _Preparer(source)
    with Path(source.path).open("rb") as file:
        lines = Lines(file, source.encoding, offset)
        size = LINES_PER_PIECE
        while ahead := lines.peek(size):
            piece, used = preparer.prepare(ahead, line, complete=len(ahead) < size)
            if not used:
                # One record that is longer than a piece needs more lines to be judged by.
                size *= 2
                continue
            size = LINES_PER_PIECE
            lines.skip(used)
            line += used
            yield piece._replace(offset=lines.offset)


class _Preparer:
    def __init__(self, source: Source) -> None:
        columns = source.columns
        self._delimiter = columns.delimiter
        self._width = len(columns.names)
        self._phone_at = columns.phone_at
        self._consent, self._now = columns.consent, source.now
        self._said: list[tuple[str, float, str, str]] = []
        names = [name for at, name in enumerate(columns.names) if at != columns.phone_at]
        # A struct is made and encoded in half the time of a dict.
        self._attributes = msgspec.defstruct(
            "Attributes",
            [(f"column_{at}", str) for at in range(len(names))],
            rename={f"column_{at}": name for at, name in enumerate(names)},
            gc=False,
        )
        self._read = Normaliser(source.region).read
        self._encode = msgspec.json.Encoder().encode

    def prepare(self, lines: list[str], first: int, *, complete: bool) -> tuple[Piece, int]:
        """Return the piece that some lines make, and how many of them it took."""
        phones: list[str] = []
        indexes: list[int] = []
        attributes: list[str] = []
        known: dict[NumberFacts, int] = {}
        found = Records(lines, self._delimiter, self._width, complete=complete)
        bad: list[tuple[int, int, BadNumber | BadRecord | BadConsent]] = []
        read, encode, fields_of, phone_at = self._read, self._encode, self._attributes, self._phone_at
        for start, end, fields in found:
            number = read(fields.pop(phone_at))
            try:
                encoded = encode(fields_of(*fields))
            except UnicodeEncodeError:
                bad.append((start, end, BadRecord.ENCODING))
                continue
            if len(encoded) > MAX_FIELD and any(len(field) > MAX_FIELD for field in fields):
                bad.append((start, end, BadRecord.LONG_FIELD))
            elif isinstance(number, BadNumber):
                bad.append((start, end, number))
            elif (fault := self._hear(number[0], fields)) is not None:
                bad.append((start, end, fault))
            else:
                e164, facts = number
                phones.append(e164)
                indexes.append(known.setdefault(facts, len(known)))
                attributes.append(encoded.decode())
        rejected = [
            (first + start, str(reason), "".join(lines[start:end]).rstrip("\r\n")[:MAX_FIELD])
            for start, end, reason in sorted([*bad, *found.bad])
        ]
        shown = [(facts.region, str(facts.kind), tuple(facts.zones)) for facts in known]
        rows = len(phones) + len(rejected)
        said, self._said = self._said, []
        piece = Piece(rows, first + found.end, 0, phones, indexes, attributes, shown, rejected, said)
        return piece, found.end

    def _hear(self, number: str, fields: list[str]) -> BadConsent | None:
        """Take in the consent that a row brings; return what is wrong with it."""
        if self._consent is None:
            return None
        said = consents.read(fields, self._consent, now=self._now)
        if isinstance(said, BadConsent):
            return said
        if said is not None:
            self._said.append((number, *said))
        return None
