"""What became of a campaign's attempts: how many of each outcome and disposition, and how long they rang."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, func, select

from dialer.core.ids import CampaignId
from dialer.reports.table import Column, Report, Unit, share
from dialer.storage import schema


class OutcomeCount(msgspec.Struct, frozen=True):
    """How often an outcome occurred, with one disposition or without."""

    outcome: str
    disposition: str | None
    attempts: int
    ring_s: float | None
    """Mean ringing of those that rang."""


def outcomes(connection: Connection, campaign_id: CampaignId, *, campaign: str) -> Report:
    """Return the report, most frequent first."""
    kept = schema.attempt.c
    statement = (
        select(func.coalesce(kept.outcome, "open"), kept.disposition, func.count(), func.avg(kept.ring_s))
        .where(kept.campaign_id == campaign_id)
        .group_by(kept.outcome, kept.disposition)
    )
    return tabulate([OutcomeCount(*row) for row in connection.execute(statement)], campaign=campaign)


def tabulate(counts: Sequence[OutcomeCount], *, campaign: str) -> Report:
    """Return the counts with their shares of all attempts."""
    total = sum(count.attempts for count in counts)
    of_outcome: dict[str, int] = {}
    for count in counts:
        of_outcome[count.outcome] = of_outcome.get(count.outcome, 0) + count.attempts
    ordered = sorted(
        counts,
        key=lambda count: (
            -of_outcome[count.outcome],
            count.outcome,
            -count.attempts,
            count.disposition or "",
        ),
    )
    return Report(
        name="outcomes",
        campaign=campaign,
        columns=(
            Column("outcome"),
            Column("disposition"),
            Column("attempts", Unit.COUNT),
            Column("share", Unit.SHARE),
            Column("average_ring_s", Unit.SECONDS),
        ),
        rows=tuple(
            (
                count.outcome,
                count.disposition,
                count.attempts,
                share(count.attempts, total),
                count.ring_s,
            )
            for count in ordered
        ),
        notes=(
            f"{total} attempts; share = attempts / all attempts; average over those that rang.",
            "An outcome has a row for each disposition, and one for attempts that nobody disposed of.",
        ),
    )
