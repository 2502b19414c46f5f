"""Writing what an agent is given to read of a customer: which attempts and notes there were, by their ids."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, insert, or_, select, update

from dialer.core.records import HandoverEnded, HandoverStarted
from dialer.core.transfer_states import HandoverOutcome
from dialer.storage.changes import change, new
from dialer.storage.schema import attempt, handover, note

_FACTS = ("outcome",)
_END = change(handover, "handover", "ended_at", *_FACTS)


class Snapshot(msgspec.Struct, frozen=True):
    """What could be read: rows that are there, so that words about people stand in one place alone."""

    attempts: tuple[str, ...] = ()
    """All of the lead's, oldest first."""
    notes: tuple[int, ...] = ()
    """All about the call or the lead, oldest first."""


def write(
    connection: Connection, workspace_id: int, batch: Sequence[HandoverStarted | HandoverEnded]
) -> None:
    """Write handovers that begin, each with what is there to read, or are over."""
    begun = [record for record in batch if isinstance(record, HandoverStarted)]
    if begun:
        rows = [_row(connection, record) | {"workspace_id": workspace_id} for record in begun]
        connection.execute(insert(handover), rows)
    ended = [record for record in batch if isinstance(record, HandoverEnded)]
    if ended:
        rows = [{"handover": one.handover_id, "new_ended_at": one.at} | new(one, _FACTS) for one in ended]
        connection.execute(_END, rows)


def _row(connection: Connection, record: HandoverStarted) -> dict[str, object]:
    return {
        "id": record.handover_id,
        "at": record.at,
        "way": record.way,
        "call_id": record.call_id,
        "attempt_id": record.attempt_id,
        "agent_id": record.agent_id,
        "to_agent_id": record.to_agent_id,
        "snapshot": msgspec.json.encode(_snapshot(connection, record)).decode(),
    }


def _snapshot(connection: Connection, record: HandoverStarted) -> Snapshot:
    lead_id = connection.scalar(select(attempt.c.lead_id).where(attempt.c.id == record.attempt_id))
    of_lead = select(attempt.c.id).where(attempt.c.lead_id == lead_id).order_by(attempt.c.started_at)
    written = note.c
    about = or_(
        written.call_id == record.call_id,
        written.attempt_id == record.attempt_id,
        written.lead_id == lead_id,
    )
    return Snapshot(
        attempts=tuple(connection.scalars(of_lead)),
        notes=tuple(connection.scalars(select(written.id).where(about).order_by(written.id))),
    )


def close_open(connection: Connection, workspace_id: int, *, at: float) -> None:
    """End those that a run left open when it died."""
    kept = handover.c
    left = (kept.workspace_id == workspace_id, kept.ended_at.is_(None))
    connection.execute(update(handover).where(*left).values(ended_at=at, outcome=HandoverOutcome.UNKNOWN))
