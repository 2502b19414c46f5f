"""Deleting what is older than anybody wants to keep, a small batch at a time.

Notes are met in the order of their ids, which is that of their time but for moments: a pass walks from the
oldest on and ends at the first that stays, so it costs what it deletes, however much stays.
"""

import time
from itertools import takewhile
from typing import Final, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, select, true

from dialer.storage.database import Database
from dialer.storage.queue_tables import queue_call, task
from dialer.storage.schema import (
    RequestState,
    agent_period,
    agentless_call,
    attempt,
    call,
    campaign,
    guest,
    handover,
    journal,
    leg,
    note,
    pacing_decision,
    preview,
    recording,
    request,
    sip_message,
)

BATCH: Final = 200
"""Rows of one transaction: it holds SQLite's lock for 2.4 ms (median, 300,000 rows, a busy machine of 2 cores), and what
99 of 100 other commits take beside it does not show it. 500 rows hold it for 4-7 ms, 2,000 for 14 ms and at times 80."""


# The attempt, its call and leg, and what is noted of them: 1.4 entries of the journal and 6.5 SIP messages (17 attempts).
_ROWS_OF_ATTEMPT: Final = 10


class Batches(Protocol):
    """What is deleted in batches."""

    def step(self, connection: Connection) -> int | None:
        """Delete one batch; return how many rows went, or None when there is nothing left to look at."""


class _Notes(NamedTuple):
    table: Table
    at: ColumnElement[float]
    settled: ColumnElement[bool] = true()


_NOTES: Final = (
    _Notes(journal, journal.c.at),
    _Notes(sip_message, sip_message.c.at),
    _Notes(agent_period, agent_period.c.started_at, agent_period.c.ended_at.is_not(None)),
    _Notes(guest, guest.c.asked_at),
    _Notes(note, note.c.at, note.c.attempt_id.is_(None)),
    _Notes(pacing_decision, pacing_decision.c.at),
    _Notes(request, request.c.made_at, request.c.state != RequestState.PENDING),
)


def prune(database: Database, batches: Batches, *, pause_s: float) -> int:
    """Delete batch after batch until nothing is left, with a pause after each; return how many rows went.

    Raises:
        StorageError: If the database cannot be written; what went before is gone.
    """
    total = 0
    while True:
        with database.write() as connection:
            gone = batches.step(connection)
        if gone is None:
            return total
        total += gone
        time.sleep(pause_s)


class OldNotes:
    """Journal, SIP messages, agents' periods and answered requests of a workspace, from before an instant."""

    def __init__(self, workspace_id: int, *, before: float) -> None:
        self._workspace_id = workspace_id
        self._before = before
        self._left = list(_NOTES)
        self._after = 0

    def step(self, connection: Connection) -> int | None:
        """Delete one batch; return how many rows went, or None when there is nothing left to look at."""
        if not self._left:
            return None
        notes = self._left[0]
        ids = notes.table.c.id
        met = connection.execute(
            select(ids, notes.at.label("at")).where(ids > self._after).order_by(ids).limit(BATCH)
        ).all()
        old = list(takewhile(lambda row: row.at < self._before, met))
        gone = 0
        if old:
            gone = connection.execute(
                delete(notes.table).where(
                    ids > self._after,
                    ids <= old[-1].id,
                    notes.table.c.workspace_id == self._workspace_id,
                    notes.at < self._before,
                    notes.settled,
                )
            ).rowcount
            self._after = old[-1].id
        if len(old) < BATCH:
            del self._left[0]
            self._after = 0
        return gone


class OldAttempts:
    """Attempts of a workspace that ended before an instant, with their calls, legs, notes and SIP messages."""

    def __init__(self, workspace_id: int, *, before: float) -> None:
        self._workspace_id = workspace_id
        self._before = before

    def step(self, connection: Connection) -> int | None:
        """Delete one batch; return how many attempts went, or None when there is none left."""
        of_workspace = select(campaign.c.id).where(campaign.c.workspace_id == self._workspace_id)
        old = select(attempt.c.id).where(
            attempt.c.campaign_id.in_(of_workspace),
            attempt.c.started_at < self._before,
            attempt.c.ended_at < self._before,
        )
        ids = connection.scalars(old.limit(BATCH // _ROWS_OF_ATTEMPT)).all()
        if not ids:
            return None
        calls = connection.scalars(select(call.c.id).where(call.c.attempt_id.in_(ids))).all()
        legs = connection.scalars(select(leg.c.id).where(leg.c.call_id.in_(calls))).all()
        connection.execute(delete(sip_message).where(sip_message.c.leg_id.in_(legs)))
        connection.execute(delete(journal).where(journal.c.attempt_id.in_(ids)))
        connection.execute(delete(note).where(note.c.attempt_id.in_(ids)))
        connection.execute(delete(handover).where(handover.c.call_id.in_(calls)))
        connection.execute(delete(preview).where(preview.c.attempt_id.in_(ids)))
        connection.execute(delete(recording).where(recording.c.attempt_id.in_(ids)))
        connection.execute(delete(agentless_call).where(agentless_call.c.attempt_id.in_(ids)))
        connection.execute(delete(leg).where(leg.c.id.in_(legs)))
        connection.execute(delete(call).where(call.c.id.in_(calls)))
        connection.execute(delete(attempt).where(attempt.c.id.in_(ids)))
        return len(ids)


class OldQueueWork:
    """Calls of queues, text sessions and leads shown in vain, over before an instant; who is still to be called back stays."""

    def __init__(self, workspace_id: int, *, before: float) -> None:
        self._workspace_id = workspace_id
        self._before = before

    def step(self, connection: Connection) -> int | None:
        """Delete one batch; return how many went, or None when there is none left."""
        kept, text = queue_call.c, task.c
        old = select(kept.id, kept.leg_id).where(
            kept.workspace_id == self._workspace_id,
            kept.started_at < self._before,
            kept.ended_at < self._before,
            kept.callback_asked_at.is_(None) | kept.callback_fate.is_not(None),
        )
        met = connection.execute(old.limit(BATCH // _ROWS_OF_ATTEMPT)).all()
        calls, legs = [row.id for row in met], [row.leg_id for row in met]
        texts = connection.scalars(
            select(text.id)
            .where(text.workspace_id == self._workspace_id, text.ended_at < self._before)
            .limit(BATCH)
        ).all()
        in_vain = connection.scalars(self._shown_in_vain()).all()
        if not calls and not texts and not in_vain:
            return None
        connection.execute(delete(preview).where(preview.c.id.in_(in_vain)))
        connection.execute(delete(sip_message).where(sip_message.c.leg_id.in_(legs)))
        connection.execute(delete(journal).where(journal.c.leg_id.in_(legs)))
        connection.execute(delete(handover).where(handover.c.call_id.in_(calls)))
        connection.execute(delete(recording).where(recording.c.queue_call_id.in_(calls)))
        connection.execute(delete(leg).where(leg.c.id.in_(legs)))
        connection.execute(delete(queue_call).where(kept.id.in_(calls)))
        connection.execute(delete(task).where(text.id.in_(texts)))
        return len(calls) + len(texts) + len(in_vain)

    def _shown_in_vain(self) -> Select[tuple[str]]:
        """Return previews that no attempt came of; the others go with their attempts."""
        shown = preview.c
        of_workspace = select(campaign.c.id).where(campaign.c.workspace_id == self._workspace_id)
        return (
            select(shown.id)
            .where(shown.campaign_id.in_(of_workspace), shown.at < self._before)
            .where(shown.ended_at < self._before, shown.attempt_id.is_(None))
            .limit(BATCH)
        )
