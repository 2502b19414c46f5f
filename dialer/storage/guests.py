"""Writing who is called to talks beside customers and agents. Only these rows know their numbers and addresses."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer.core.ids import GuestId, LegId
from dialer.core.records import GuestCalled, GuestEnded
from dialer.core.states import Outcome
from dialer.storage.changes import change, new
from dialer.storage.schema import do_not_call, guest, journal, leg

_CALL_FACTS = ("kind", "leg_id", "agent_id", "attempt_id")
_END_FACTS = ("outcome", "joined_at")
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


_CALL = change(guest, "guest", "called_at", *_CALL_FACTS)
_END = change(guest, "guest", "ended_at", *_END_FACTS)


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
        rows = [{"guest": one.guest_id, "new_ended_at": one.at} | new(one, _END_FACTS) for one in ended]
        connection.execute(_END, rows)
    called = [one for one in batch if isinstance(one, GuestCalled)]
    return _start(connection, workspace_id, called) if called else ({}, [])


def _start(
    connection: Connection, workspace_id: int, called: Sequence[GuestCalled]
) -> tuple[dict[LegId, str], list[LegId]]:
    rows = [{"guest": one.guest_id, "new_called_at": one.at} | new(one, _CALL_FACTS) for one in called]
    connection.execute(_CALL, rows)
    legs = [{"id": one.leg_id, "workspace_id": workspace_id, "started_at": one.at} for one in called]
    connection.execute(insert(leg), legs)
    found = connection.execute(_ADDRESSES, {"guests": [one.guest_id for one in called]})
    known = {row.id: row for row in found}
    addresses = {one.leg_id: known[one.guest_id].address for one in called}
    # Whoever asked never to be called is not called as a third party either.
    return addresses, [one.leg_id for one in called if known[one.guest_id].forbidden]


def close_open(connection: Connection, workspace_id: int, *, at: float) -> None:
    """End whom a run that died had called: nobody hears of them any more, and the switch that holds them hangs them up."""
    kept = guest.c
    left = (kept.workspace_id == workspace_id, kept.called_at.is_not(None), kept.ended_at.is_(None))
    found = connection.execute(
        select(kept.kind, kept.attempt_id, kept.leg_id, kept.agent_id).where(*left)
    ).all()
    if not found:
        return
    connection.execute(update(guest).where(*left).values(ended_at=at, outcome=Outcome.UNKNOWN))
    notes = [
        {
            "workspace_id": workspace_id,
            "at": at,
            "kind": "guest",
            "attempt_id": row.attempt_id,
            "leg_id": row.leg_id,
            "agent_id": row.agent_id,
            "detail": f"{row.kind} hung up: the run that had them called died",
        }
        for row in found
    ]
    connection.execute(insert(journal), notes)
