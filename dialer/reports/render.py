"""Reports as text: a table for people, CSV and JSON for programs.

Programs get full precision, fractions and instants in UTC; people get percentages and whole seconds.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from rich.cells import cell_len

from dialer.reports.table import Column, Report, Unit, Value


class Format(StrEnum):
    """The forms there are."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def render(report: Report, form: Format) -> str:
    """Return a report as text, without a line end at its end."""
    match form:
        case Format.JSON:
            return _json(report)
        case Format.CSV:
            return _csv(report)
        case Format.TABLE:
            header = [column.name for column in report.columns]
            cells = [
                [_cell(column, value) for column, value in zip(report.columns, row, strict=True)]
                for row in report.rows
            ]
            right = [column.unit is not Unit.TEXT for column in report.columns]
            return "\n".join([text_table(header, cells, right=right), *("", *report.notes)])


def text_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[bool] = ()) -> str:
    """Return aligned columns under their names; `right` says which are set to the right.

    Characters that take two cells on a terminal, as Chinese ones do, count as two.
    """
    lines = [[name.replace("_", " ") for name in header], *rows]
    widths = [max(cell_len(line[index]) for line in lines) for index in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    sides = [*right, *[False] * (len(header) - len(right))]
    return "\n".join(
        "  ".join(
            _padded(cell, width, to_right=side) for cell, width, side in zip(line, widths, sides, strict=True)
        ).rstrip()
        for line in lines
    )


def _padded(cell: str, width: int, *, to_right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if to_right else cell + space


def _json(report: Report) -> str:
    document = {
        "report": report.name,
        "campaign": report.campaign,
        "rows": report.records(),
        "notes": report.notes,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _csv(report: Report) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in report.columns)
    writer.writerows(report.rows)
    return text.getvalue().removesuffix("\n")


def _cell(column: Column, value: Value) -> str:
    if value is None or isinstance(value, str):
        return value or "-"
    match column.unit:
        case Unit.SHARE:
            return f"{value:.1%}"
        case Unit.NUMBER:
            return f"{value:.1f}"
        case Unit.SECONDS:
            return f"{value:.1f} s"
        case Unit.INSTANT:
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        case _:
            return str(value)
