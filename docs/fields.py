"""Settings as tables: every field with its type, its default, and what the source says under it."""

import ast
import inspect
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

PLAIN = {
    "workspace": "The workspace that this file is about: its agents, lists and campaigns; made on first use.",
    "log_files": "How many log files are kept; the oldest are removed.",
    "log_file_mb": "About how large a log file grows before the next begins, in MB.",
    "ports": "How many SIP ports there are from `port` on; a worker takes two.",
    "recordings": "Directory of the recordings, one WAV a bridge.",
    "port": "The carrier's SIP port.",
    "transport": "What SIP to the carrier travels over.",
    "username": "User of the digest authentication; empty: the carrier knows this machine by its address.",
    "lines": "Most calls at a time.",
    "calls_per_second": "Most calls that start in a second.",
    "trunk": "Name of a trunk in dialer.toml, or of a group of trunks.",
    "mode": "One call for each free agent, a fixed number for each, or as many as answers and free agents to come allow.",
    "caller_id": "The number shown, E.164; empty: the trunk's.",
    "label": "What it is called, for people.",
    "wrap_up_s": "Seconds for the agent's notes after a talk; 0: none.",
    "window_closes_min": "The end of the window; no call starts that could be answered after it.",
    "max_attempts": "Most attempts at a lead, whatever they came to.",
}
"""Meanings of settings whose docstring leaves them to the name."""


def as_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def fields(section: type[msgspec.Struct], leave_out: Sequence[str] = ()) -> Iterator[str]:
    """Yield a section's fields as a table, but for those left out."""
    said = _field_docs(section)
    rows = [
        (
            f"`{field.name}`",
            _type_name(field.type),
            _default(field),
            said.get(field.name) or PLAIN[field.name],
        )
        for field in msgspec.structs.fields(section)
        if field.name not in leave_out
    ]
    return as_table(("key", "type", "default", "meaning"), rows)


def _field_docs(section: type) -> dict[str, str]:
    """Return the text that stands under each field in the source, of a section and what it is based on."""
    (body,) = (
        node.body for node in ast.parse(inspect.getsource(section)).body if isinstance(node, ast.ClassDef)
    )
    said = {} if section.__base__ in (None, msgspec.Struct) else _field_docs(section.__base__)
    for field, after in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match after:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    said[field.target.id] = " ".join(text.split())
    return said


def _type_name(of: Any) -> str:
    if get_origin(of) in (Union, UnionType) and NoneType in get_args(of):
        return _type_name(next(kind for kind in get_args(of) if kind is not NoneType))
    if get_origin(of) is Annotated:
        kind, bounds = get_args(of)
        signs = {"ge": ">=", "gt": ">", "le": "<="}
        said = [
            f"{sign} {bound}" for name, sign in signs.items() if (bound := getattr(bounds, name)) is not None
        ]
        return f"{_type_name(kind)}, {', '.join(said)}"
    bounded = [part for part in get_args(of) if get_origin(part) is Annotated]
    if bounded:  # or None, which the default says
        return _type_name(bounded[0])
    if isinstance(of, type) and issubclass(of, StrEnum):
        return " or ".join(f"`{value}`" for value in of)
    names = {
        "str": "text",
        "TrunkName": "name of a trunk",
        "int": "whole number",
        "float": "number",
        "bool": "true or false",
        "Path": "path",
        "bool | str": "true, false or text",
        "tuple[str, ...]": "list of text",
        "tuple[str, str]": "list of two texts",
        "dict[str, str | int | float | bool]": "table of texts, numbers, true or false",
    }
    name = getattr(of, "__name__", str(of)) if not hasattr(of, "__args__") else str(of)
    return names[name]


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    match value:
        case None:
            return "none"
        case "" | ():
            return "empty"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case _:
            return f"`{value}`" if isinstance(value, str | Path) else str(value)
