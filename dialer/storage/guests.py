"""Writing who is called to talks beside customers and agents. Only these rows know their numbers and addresses."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Update, bindparam, insert, select, update

from dialer.core.ids import GuestId, LegId
from dialer.core.records import GuestCalled, GuestEnded
from dialer.storage.schema import do_not_call, guest, leg

_ADDRESSES = (
    select(guest.c.id, guest.c.address, do_not_call.c.number.is_not(None).label("forbidden"))
    .select_from(
        guest.outerjoin(
            do_not_call,
            (do_not_call.c.workspace_id == guest.c.workspace_id) & (do_not_call.c.number == guest.c.address),
        )
    )
    .where(guest.c.id.in_(bindparam("guests", expanding=True)))
)


def _change(names: Sequence[str]) -> Update:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(guest).where(guest.c.id == bindparam("guest")).values(values)


_CALL = _change(("kind", "leg_id", "agent_id", "attempt_id", "called_at"))
_END = _change(("outcome", "joined_at", "ended_at"))


def add(connection: Connection, workspace_id: int, address: str, *, who: str, at: float) -> GuestId:
    """Keep whom somebody wants called to a talk, an E.164 number or a SIP URI, and return its id."""
    row = {"workspace_id": workspace_id, "address": address, "who": who, "asked_at": at}
    return GuestId(connection.execute(insert(guest).returning(guest.c.id), row).scalar_one())


def write(
    connection: Connection, workspace_id: int, batch: Sequence[GuestCalled | GuestEnded]
) -> tuple[dict[LegId, str], list[LegId]]:
    """Write calls that begin or are over; return where the first go, and those whose number is on the do-not-call list."""
    ended = [one for one in batch if isinstance(one, GuestEnded)]
    if ended:
        rows = [
            {
                "guest": one.guest_id,
                "new_ended_at": one.at,
                "new_outcome": one.outcome,
                "new_joined_at": one.joined_at,
            }
            for one in ended
        ]
        connection.execute(_END, rows)
    called = [one for one in batch if isinstance(one, GuestCalled)]
    return _start(connection, workspace_id, called) if called else ({}, [])


def _start(
    connection: Connection, workspace_id: int, called: Sequence[GuestCalled]
) -> tuple[dict[LegId, str], list[LegId]]:
    connection.execute(
        _CALL,
        [
            {
                "guest": one.guest_id,
                "new_kind": one.kind,
                "new_leg_id": one.leg_id,
                "new_agent_id": one.agent_id,
                "new_attempt_id": one.attempt_id,
                "new_called_at": one.at,
            }
            for one in called
        ],
    )
    legs = [{"id": one.leg_id, "workspace_id": workspace_id, "started_at": one.at} for one in called]
    connection.execute(insert(leg), legs)
    found = connection.execute(_ADDRESSES, {"guests": [one.guest_id for one in called]})
    known = {row.id: row for row in found}
    addresses = {one.leg_id: known[one.guest_id].address for one in called}
    # Whoever asked never to be called is not called as a third party either.
    return addresses, [one.leg_id for one in called if known[one.guest_id].forbidden]
