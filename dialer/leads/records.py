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
        """How many lines were taken so far."""

    def __iter__(self) -> Iterator[tuple[int, int, list[str]]]:
        """Yield the lines `[start, end)` of good records, counted from 0, and their fields."""
        lines, width, delimiter = self._lines, self._width, self._delimiter
        longest = csv.field_size_limit()
        reader = self._reader()
        while self.end < len(lines):
            start = self.end
            line = lines[start]
            body = line.rstrip("\r\n")
            if '"' in line or "\r" in body or "\0" in line or len(line) > longest:
                try:
                    fields = next(reader)
                except csv.Error:
                    if self.end >= len(lines) and not self._complete:
                        self.end = start
                        return
                    fields = None
                    reader = self._reader()
            else:
                # What the csv module makes of such a line, in a third of its time.
                self.end += 1
                fields = body.split(delimiter) if body else []
            if fields is not None and len(fields) == width:
                yield start, self.end, fields
            elif fields is None or self.end - start > 1:
                self.end = start + 1
                self.bad.append((start, self.end, _complaint(line)))
            elif fields:
                self.bad.append((start, self.end, BadRecord.FIELD_COUNT))

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._take(), delimiter=self._delimiter, strict=True)

    def _take(self) -> Iterator[str]:
        while self.end < len(self._lines):
            self.end += 1
            yield self._lines[self.end - 1]


def _complaint(line: str) -> BadRecord:
    if len(line) > csv.field_size_limit():
        return BadRecord.LONG_FIELD
    return BadRecord.QUOTING if '"' in line else BadRecord.LINE_BREAK
