"""Leads that agents are shown before the call: written while they decide, and what they decided."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from dialer.core.ids import AgentId
from dialer.core.preview_records import PreviewEnded, PreviewRecord, PreviewStarted
from dialer.core.preview_states import PreviewOutcome
from dialer.storage import fates
from dialer.storage.changes import change, new
from dialer.storage.schema import preview

_FACTS = ("outcome", "reason", "attempt_id")
_END = change(preview, "preview", "ended_at", *_FACTS)


def write(connection: Connection, workspace_id: int, batch: Sequence[PreviewRecord]) -> None:
    """Write previews that begin or are over; what was skipped goes back as its rule says."""
    begun = [record for record in batch if isinstance(record, PreviewStarted)]
    if begun:
        rows = [
            {
                "id": record.preview_id,
                "workspace_id": workspace_id,
                "campaign_id": record.campaign_id,
                "lead_id": record.lead_id,
                "agent_id": record.agent_id,
                "at": record.at,
            }
            for record in begun
        ]
        connection.execute(insert(preview), rows)
    ended = [record for record in batch if isinstance(record, PreviewEnded)]
    if ended:
        rows = [{"preview": one.preview_id, "new_ended_at": one.at} | new(one, _FACTS) for one in ended]
        connection.execute(_END, rows)
    skipped = [record for record in ended if record.outcome is PreviewOutcome.SKIPPED]
    if skipped:
        fates.skip(connection, skipped)


def close_open(connection: Connection, workspace_id: int, *, at: float) -> None:
    """End those that a run left open when it died; their leads are claimed no more."""
    kept = preview.c
    left = (kept.workspace_id == workspace_id, kept.ended_at.is_(None))
    connection.execute(update(preview).where(*left).values(ended_at=at, outcome=PreviewOutcome.UNKNOWN))


def shown_to(connection: Connection, workspace_id: int, agent_id: AgentId) -> tuple[int, int] | None:
    """Return the campaign and the lead about which an agent decides now; None: about none."""
    kept = preview.c
    is_open = (kept.workspace_id == workspace_id, kept.ended_at.is_(None))
    query = select(kept.campaign_id, kept.lead_id).where(kept.agent_id == agent_id, *is_open)
    row = connection.execute(query.order_by(kept.at.desc()).limit(1)).one_or_none()
    return None if row is None else (row.campaign_id, row.lead_id)
