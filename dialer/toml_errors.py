"""What is wrong in a TOML file, in the file's own words: which key of which table, and what it might be.

msgspec says where by type alone: the name of a table such as `[trunks.main]` is `[...]` to it.
"""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

_AT = re.compile(r"(?P<what>.*) - at (?P<key>`key` in )?`\$(?P<path>.*)`", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>[^\]]*)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")

Convert = Callable[[Any, Any], object]
"""Makes a value one of a type, or raises `msgspec.ValidationError`."""


def in_words(error: msgspec.ValidationError, raw: Mapping[str, Any], kind: Any, *, convert: Convert) -> str:
    """Return what is wrong.

    Args:
        error: What `convert` said of the whole file.
        raw: The file.
        kind: What it was to become.
        convert: What made the error.
    """
    found = _AT.fullmatch(str(error))
    what = found["what"] if found else str(error)
    path = found["path"] if found else ""
    names, here = _follow(f"{path}[key]" if found and found["key"] else path, raw, kind, convert=convert)
    if unknown := _UNKNOWN.fullmatch(what):
        return f"{_dotted([*names, unknown['key']])}: unknown key; {_remedy(unknown['key'], here)}"
    if missing := _MISSING.fullmatch(what):
        return f"{_dotted([*names, missing['key']])} is missing"
    return f"{_dotted(names)}: {what[:1].lower()}{what[1:]}" if names else what


def _follow(path: str, raw: Any, kind: Any, *, convert: Convert) -> tuple[list[str], Any]:
    """Return the names on the way to what is wrong, and the type that it was to have."""
    names: list[str] = []
    for step in _STEP.finditer(path):
        if step["key"]:
            hints = get_type_hints(kind, include_extras=True) if _is_table(kind) else {}
            name, kind = step["key"], _bare(hints.get(step["key"]))
            raw = raw.get(name) if isinstance(raw, Mapping) else None
        elif isinstance(raw, Mapping):
            key_kind, kind = (*get_args(kind), None, None)[:2]
            wrong = (
                key
                for key, value in raw.items()
                if not (_fits(key, key_kind, convert) and _fits(value, kind, convert))
            )
            name, kind = next(wrong, "..."), _bare(kind)
            raw = raw.get(name)
        elif isinstance(raw, list):
            name, kind, raw = step["index"], (*get_args(kind), None)[0], raw[int(step["index"])]
        else:
            name, kind, raw = step["index"], None, None
        names.append(name)
    return names, kind


def _bare(kind: Any) -> Any:
    """Return a type without its bounds."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _fits(value: Any, kind: Any, convert: Convert) -> bool:
    try:
        convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _remedy(key: str, kind: Any) -> str:
    known: tuple[str, ...] = kind.__struct_encode_fields__ if _is_table(kind) else ()
    if close := get_close_matches(key, known, n=1):
        return f"did you mean `{close[0]}`?"
    return f"there are {', '.join(known)}"


def _dotted(names: list[str]) -> str:
    return ".".join(names)


def read_path(kind: type, value: object) -> Path:
    """Read the one type that TOML and msgspec do not know."""
    if kind is not Path or not isinstance(value, str):
        raise TypeError(f"Expected a path as text, got {value!r}")
    return Path(value)
