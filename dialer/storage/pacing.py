"""What pacing has learned and decided, as it is kept."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select

from dialer.core.ids import CampaignId
from dialer.core.pacing.decision import PacingDecided
from dialer.core.records import PacingLearned
from dialer.storage import rows
from dialer.storage.pacing_tables import pacing_decision, pacing_learned

KINDS = (PacingLearned, PacingDecided)
_FORGET = delete(pacing_learned).where(pacing_learned.c.campaign_id == bindparam("campaign"))
_FACTS = PacingDecided.__struct_fields__


def write(
    connection: Connection, workspace_id: int, batch: Sequence[PacingLearned] | Sequence[PacingDecided]
) -> None:
    """Write records, all of one of `KINDS`."""
    learned = [record for record in batch if isinstance(record, PacingLearned)]
    decided = [record for record in batch if isinstance(record, PacingDecided)]
    if learned:
        _keep_learned(connection, workspace_id, learned)
    if decided:
        _add_decisions(connection, workspace_id, decided)


def _keep_learned(connection: Connection, workspace_id: int, batch: Sequence[PacingLearned]) -> None:
    last = {record.campaign_id: record for record in batch}  # the last word about each counts
    connection.execute(_FORGET, [{"campaign": campaign_id} for campaign_id in last])
    connection.execute(
        insert(pacing_learned),
        [
            {
                "workspace_id": workspace_id,
                "campaign_id": each.campaign_id,
                "at": each.at,
                "learned": each.learned,
            }
            for each in last.values()
        ],
    )


def learned(connection: Connection, campaign_id: CampaignId) -> str:
    """Return what was learned of a campaign, empty if nothing was."""
    kept = pacing_learned.c
    found: str | None = connection.scalar(select(kept.learned).where(kept.campaign_id == campaign_id))
    return found or ""


def _add_decisions(connection: Connection, workspace_id: int, batch: Sequence[PacingDecided]) -> None:
    facts = [{name: getattr(record, name) for name in _FACTS} for record in batch]
    connection.execute(insert(pacing_decision), [{"workspace_id": workspace_id} | each for each in facts])


def decisions(
    connection: Connection, campaign_id: CampaignId, *, since_at: float, at_least: int = 1
) -> list[PacingDecided]:
    """Return a campaign's decisions since an instant, the newest first; if there are fewer, so many of the last ones."""
    kept = pacing_decision.c
    newest = (
        select(*(kept[name] for name in _FACTS))
        .where(kept.campaign_id == campaign_id)
        .order_by(kept.at.desc(), kept.id.desc())
    )
    found = connection.execute(newest.where(kept.at >= since_at)).mappings().all()
    if len(found) < at_least:
        found = connection.execute(newest.limit(at_least)).mappings().all()
    return [rows.record(row, PacingDecided) for row in found]
