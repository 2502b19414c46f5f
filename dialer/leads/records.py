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


class Records:
    """The records of some lines, each beginning where the one before it ended; empty lines are none."""

    def __init__(self, lines: list[str], delimiter: str, width: int, *, complete: bool) -> None:
        """Prepare to read.

        Args:
            lines: With their line ends.
            delimiter: Between fields.
            width: How many fields the header has.
            complete: Whether nothing follows. If not, the last record may be unfinished, and is left out.
        """
        self._lines = lines
        self._delimiter = delimiter
        self._width = width
        self._complete = complete
        self.bad: list[tuple[int, int, BadRecord]] = []
        """Lines `[start, end)` of what was passed over, and why."""
        self.end = 0
        """How many lines were taken; right once all records were read."""

    def __iter__(self) -> Iterator[tuple[int, int, list[str]]]:
        """Yield the lines `[start, end)` of good records, counted from 0, and their fields."""
        lines, width, start = self._lines, self._width, 0
        while start < len(lines):
            base = start
            reader = csv.reader(lines[base:], delimiter=self._delimiter, strict=True)
            try:
                for fields in reader:
                    end = base + reader.line_num
                    if len(fields) == width:
                        yield start, end, fields
                    elif end - start > 1:
                        break
                    elif fields:
                        self.bad.append((start, end, BadRecord.FIELD_COUNT))
                    start = end
                else:
                    break
            except csv.Error:
                if base + reader.line_num >= len(lines) and not self._complete:
                    break
            self.bad.append((start, start + 1, _complaint(lines[start])))
            start += 1
        self.end = start


def _complaint(line: str) -> BadRecord:
    if len(line) > csv.field_size_limit():
        return BadRecord.LONG_FIELD
    return BadRecord.QUOTING if '"' in line else BadRecord.LINE_BREAK
