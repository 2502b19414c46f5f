"""The do-not-call list: E.164 numbers that no campaign of the workspace may call."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, select

from dialer.storage import schema
from dialer.storage.rows import new_rows, record


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A number that must not be called: since when, who put it there and why."""

    number: str
    added_at: float
    who: str
    reason: str


def add(
    connection: Connection, workspace_id: int, numbers: Iterable[str], *, who: str, reason: str, at: float
) -> int:
    """Put E.164 numbers on the list and return how many were new; an older entry is left as it is."""
    new = _unlisted(connection, workspace_id, list(dict.fromkeys(numbers)))
    if new:
        facts = {"workspace_id": workspace_id, "added_at": at, "who": who, "reason": reason}
        # Another process may be adding some of them at this moment.
        connection.execute(new_rows(schema.do_not_call), [{"number": number, **facts} for number in new])
    return len(new)


def check(connection: Connection, workspace_id: int, number: str) -> Listed | None:
    """Return the entry of an E.164 number, or None if it may be called."""
    kept = schema.do_not_call.c
    statement = select(kept.number, kept.added_at, kept.who, kept.reason).where(
        kept.workspace_id == workspace_id, kept.number == number
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else record(row, Listed)


def _unlisted(connection: Connection, workspace_id: int, numbers: list[str]) -> list[str]:
    kept = schema.do_not_call.c
    listed: set[str] = set()
    # SQLite takes at most 999 parameters in builds of before 2020.
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        statement = select(kept.number).where(kept.workspace_id == workspace_id, kept.number.in_(some))
        listed.update(connection.scalars(statement))
    return [number for number in numbers if number not in listed]
