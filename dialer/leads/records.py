"""From lines to records, so that a bad one costs only itself.

A quoted field may hold line breaks. A quote that is never closed would then swallow every row to the
next quote, so a record of several lines counts only if it is well formed and has as many fields as the
header, and a field has at most as many characters as the csv module takes (131,072). Otherwise its
first line alone is rejected, and reading goes on with the line after it.
"""

import csv
from collections.abc import Iterator
from enum import StrEnum


class BadRecord(StrEnum):
    """Why a record cannot be taken."""

    QUOTING = "broken quoting"
    LINE_BREAK = "line break outside quotes"
    FIELD_COUNT = "wrong number of fields"
    LONG_FIELD = "over-long field"
    ENCODING = "not in the encoding of the file"


Record = tuple[int, int, list[str] | BadRecord]
"""The lines `[start, end)` and the fields in them, none for an empty line, or what is wrong."""


def records(lines: list[str], delimiter: str, width: int, *, complete: bool) -> Iterator[Record]:
    """Yield the records of some lines, each where the one before it ended.

    Args:
        lines: With their line ends.
        delimiter: Between fields.
        width: How many fields the header has.
        complete: Whether nothing follows. If not, the last record may be unfinished; it is left out.
    """
    start = 0
    while start < len(lines):
        base = start
        reader = csv.reader(lines[base:], delimiter=delimiter, strict=True)
        try:
            for fields in reader:
                end = base + reader.line_num
                if len(fields) != width and fields:
                    if end - start > 1:
                        break
                    yield start, end, BadRecord.FIELD_COUNT
                else:
                    yield start, end, fields
                start = end
            else:
                return
        except csv.Error:
            if base + reader.line_num >= len(lines) and not complete:
                return
        yield start, start + 1, _complaint(lines[start])
        start += 1


def _complaint(line: str) -> BadRecord:
    if len(line) > csv.field_size_limit():
        return BadRecord.LONG_FIELD
    return BadRecord.QUOTING if '"' in line else BadRecord.LINE_BREAK
