"""How commands answer: tables and sentences for people, JSON for programs, both to stdout."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click


def print_json(data: Any) -> None:
    """Print a value as JSON, numbers and texts as they are."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def print_rows(rows: Iterable[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print records as a table, their keys as its header; `empty` stands in when there are none."""
    found = list(rows)
    if as_json:
        print_json(found)
    elif found:
        print_table(list(found[0]), [[text(value) for value in row.values()] for row in found])
    else:
        click.echo(empty, err=True)


def print_fields(fields: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one record, for people a line for each of its fields that is there."""
    if as_json:
        print_json(fields)
        return
    present = {name: value for name, value in fields.items() if value not in (None, "")}
    width = max(len(name) for name in present)
    for name, value in present.items():
        click.echo(f"{name.replace('_', ' '):<{width}}  {text(value)}")


def print_answer(sentence: str, fields: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what was done: a sentence for people, fields for programs."""
    if as_json:
        print_json(fields)
    else:
        click.echo(sentence)


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print aligned columns."""
    from dialer.reports.render import text_table

    click.echo(text_table(header, rows))


def text(value: Any) -> str:
    """Return a value as people read it: nothing for None, an indented list for a mapping."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text(count)}" for name, count in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(text, value)) or "none"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def local_time(at: float | None) -> str | None:
    """Return an instant as local time to the second."""
    from datetime import UTC, datetime

    return None if at is None else datetime.fromtimestamp(at, UTC).astimezone().isoformat(timespec="seconds")
