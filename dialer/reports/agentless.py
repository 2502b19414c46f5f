"""What was said to whom without an agent, and by which consent: a row for each call, and the sums."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from dialer.core.ids import CampaignId
from dialer.reports.table import Column, Report, Unit
from dialer.storage.schema import agentless_call, consent

_NAMES = (
    "placed_at",
    "number",
    "caller_id",
    "message",
    "version",
    "context",
    "to_machine",
    "began_at",
    "over_at",
    "heard",
    "failed",
    "opted_out_at",
    "opt_out_key",
)


def agentless(connection: Connection, campaign_id: CampaignId, *, campaign: str) -> Report:
    """Return how many calls there were by what was said, and what came of it."""
    kept = agentless_call.c
    statement = (
        select(
            kept.message,
            kept.version,
            kept.context,
            kept.to_machine,
            func.count(),
            func.count(kept.began_at),
            func.count().filter(kept.heard.is_(True)),
            func.count(kept.opted_out_at),
            func.count().filter(kept.failed != ""),
        )
        .where(kept.campaign_id == campaign_id)
        .group_by(kept.message, kept.version, kept.context, kept.to_machine)
        .order_by(kept.message, kept.version, kept.context, kept.to_machine)
    )
    rows = [
        (row[0], row[1][:12], row[2], "yes" if row[3] else "no", *row[4:])
        for row in connection.execute(statement)
    ]
    return Report(
        name="agentless",
        campaign=campaign,
        columns=(
            *(Column(name) for name in ("message", "version", "context", "to_machine")),
            *(Column(name, Unit.COUNT) for name in ("calls", "began", "heard", "opted_out", "failed")),
        ),
        rows=tuple(rows),
        notes=(
            "calls = placed, each by a consent that held at that moment; the row without a message: nobody picked up.",
            "version = the first letters of the SHA-256 of the recording's file; heard = to its end.",
            "Nobody was promised an agent, so none of these calls is abandoned.",
        ),
    )


def calls(connection: Connection, campaign_id: CampaignId, *, campaign: str) -> Report:
    """Return every call with its consent, in order."""
    kept, given = agentless_call.c, consent.c
    statement = (
        select(
            kept.attempt_id,
            *(kept[name] for name in _NAMES),
            kept.consent_id,
            given.seller,
            given.at.label("consent_at"),
            given.source.label("consent_source"),
        )
        .select_from(agentless_call.outerjoin(consent, given.id == kept.consent_id))
        .where(kept.campaign_id == campaign_id)
        .order_by(kept.placed_at, kept.id)
    )
    instants = {"placed_at", "began_at", "over_at", "opted_out_at", "consent_at"}
    names = ("attempt_id", *_NAMES, "consent_id", "seller", "consent_at", "consent_source")
    return Report(
        name="agentless calls",
        campaign=campaign,
        columns=tuple(Column(name, Unit.INSTANT if name in instants else Unit.TEXT) for name in names),
        rows=tuple(_row(row) for row in connection.execute(statement)),
        notes=("consent_source is what was recorded of the consent, as it was written.",),
    )


def _row(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(
        ("yes" if value else "no")
        if isinstance(value, bool)
        else str(value)
        if isinstance(value, int)
        else value
        for value in row
    )
