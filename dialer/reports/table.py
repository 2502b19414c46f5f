"""What a report is: named columns with units, rows, and notes that say how the figures came about."""

from enum import StrEnum

import msgspec


class Unit(StrEnum):
    """What a column's values are, and so how people read them."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"  # an estimate, with a fraction
    SHARE = "share"  # a fraction in [0, 1]
    SECONDS = "seconds"
    INSTANT = "instant"  # seconds since the epoch, UTC


class Column(msgspec.Struct, frozen=True):
    """One column."""

    name: str
    unit: Unit = Unit.TEXT


Value = str | int | float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An answer; None stands where there is nothing to count or to divide by."""

    name: str
    campaign: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()

    def records(self) -> list[dict[str, Value]]:
        """Return the rows by column name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def share(part: float, whole: float) -> float | None:
    """Return a fraction, None of nothing."""
    return part / whole if whole else None
