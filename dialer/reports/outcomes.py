"""What became of a campaign's attempts: how many of each outcome, and how long they rang."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, func, select

from dialer.core.ids import CampaignId
from dialer.reports.table import Column, Report, Unit, share
from dialer.storage import schema


class OutcomeCount(msgspec.Struct, frozen=True):
    """How often an outcome occurred."""

    outcome: str
    attempts: int
    ring_s: float | None
    """Mean ringing of those that rang."""


def outcomes(connection: Connection, campaign_id: CampaignId, *, campaign: str) -> Report:
    """Return the report, most frequent first."""
    kept = schema.attempt.c
    statement = (
        select(func.coalesce(kept.outcome, "open"), func.count(), func.avg(kept.ring_s))
        .where(kept.campaign_id == campaign_id)
        .group_by(kept.outcome)
    )
    return tabulate([OutcomeCount(*row) for row in connection.execute(statement)], campaign=campaign)


def tabulate(counts: Sequence[OutcomeCount], *, campaign: str) -> Report:
    """Return the counts with their shares of all attempts."""
    total = sum(count.attempts for count in counts)
    ordered = sorted(counts, key=lambda count: (-count.attempts, count.outcome))
    return Report(
        name="outcomes",
        campaign=campaign,
        columns=(
            Column("outcome"),
            Column("attempts", Unit.COUNT),
            Column("share", Unit.SHARE),
            Column("average_ring_s", Unit.SECONDS),
        ),
        rows=tuple(
            (count.outcome, count.attempts, share(count.attempts, total), count.ring_s) for count in ordered
        ),
        notes=(f"{total} attempts; share = attempts / all attempts; average over those that rang.",),
    )
