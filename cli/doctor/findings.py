"""What an examination found: one finding for each thing looked at, and a remedy unless all is well."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec


class Health(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    """Calls are placed, or will be in time; somebody should know."""
    FAILURE = "failure"
    """Something does not work until somebody acts."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at."""

    check: str
    health: Health
    text: str
    remedy: str = ""


def ok(check: str, text: str) -> Finding:
    """Return that all is well."""
    return Finding(check=check, health=Health.OK, text=text)


def warning(check: str, text: str, remedy: str) -> Finding:
    """Return what somebody should know."""
    return Finding(check=check, health=Health.WARNING, text=text, remedy=remedy)


def failure(check: str, text: str, remedy: str) -> Finding:
    """Return what does not work."""
    return Finding(check=check, health=Health.FAILURE, text=text, remedy=remedy)


def lines(found: Sequence[Finding]) -> Iterable[str]:
    """Return findings as people read them, each remedy under what it is for."""
    width = max(len(one.check) for one in found)
    for one in found:
        yield f"{one.health:<8} {one.check:<{width}}  {one.text}"
        if one.remedy:
            yield f"{'':<8} {'':<{width}}  -> {one.remedy}"
