"""Every attempt of simulated days with its times, as CSV: enough for anybody to work out the figures again."""

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Self, TextIO

import msgspec

from dialer.simulation.day_result import AttemptRow
from dialer.simulation.scenario import Mode

_FIELDS = AttemptRow.__struct_fields__
COLUMNS = ("mode", "seed", *_FIELDS)
_DECIMALS = 3
"""Of seconds."""


class AttemptsFile:
    """The rows of one day; nothing is written if there is no path."""

    def __init__(self, path: Path | None, *, mode: Mode, seed: int) -> None:
        self._path = path
        self._day = (str(mode), seed)
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = self._path.open("w", newline="")
            self._writer = csv.writer(self._file, lineterminator="\n")
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: AttemptRow) -> None:
        """Write a row."""
        if self._file is not None:
            self._writer.writerow([*self._day, *map(_cell, msgspec.structs.astuple(row))])


def gather(parts: Iterable[Path], path: Path) -> None:
    """Write one file with a header from the files of days, in their order."""
    with path.open("w", newline="") as whole:
        csv.writer(whole, lineterminator="\n").writerow(COLUMNS)
        for part in parts:
            with part.open(newline="") as rows:
                shutil.copyfileobj(rows, whole)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return round(value, _DECIMALS) if isinstance(value, float) else value
