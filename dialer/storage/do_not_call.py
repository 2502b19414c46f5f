"""The do-not-call list: E.164 numbers that no campaign of the workspace may call."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, insert, select

from dialer.storage import schema


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
    new = [number for number in dict.fromkeys(numbers) if check(connection, workspace_id, number) is None]
    if new:
        connection.execute(
            insert(schema.do_not_call),
            [
                {"workspace_id": workspace_id, "number": number, "added_at": at, "who": who, "reason": reason}
                for number in new
            ],
        )
    return len(new)


def check(connection: Connection, workspace_id: int, number: str) -> Listed | None:
    """Return the entry of an E.164 number, or None if it may be called."""
    kept = schema.do_not_call.c
    statement = select(kept.number, kept.added_at, kept.who, kept.reason).where(
        kept.workspace_id == workspace_id, kept.number == number
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else msgspec.convert(dict(row), Listed)
