"""What the attempts on record say of a campaign's present window."""

import msgspec
from sqlalchemy import ColumnElement, Connection, case, func, select

from dialer.core.rules.abandonment import Tally, empty
from dialer.core.settings import AbandonWindow, CampaignSettings
from dialer.core.states import Outcome
from dialer.storage.schema import attempt


def read(connection: Connection, settings: CampaignSettings, *, zone: str, at: float) -> Tally:
    """Return a campaign's tally of the window around an instant, by the attempts that have ended."""
    kept, campaign_id, first_at = attempt.c, settings.campaign_id, None
    if settings.abandon_window is AbandonWindow.THIRTY_DAYS:
        first_at = connection.scalar(select(func.min(kept.started_at)).where(kept.campaign_id == campaign_id))
    tally = empty(settings.abandon_window, at=at, zone=zone, first_at=at if first_at is None else first_at)
    late = kept.wait_s > settings.connect_within_s
    connected, waited = kept.outcome == Outcome.CONNECTED, kept.outcome == Outcome.HUNG_UP_WAITING
    counts = select(
        _sum((kept.outcome == Outcome.ABANDONED) | (connected & late) | (waited & late)),
        _sum(connected & func.coalesce(~late, True)),
    )
    abandoned, in_time = connection.execute(
        counts.where(kept.campaign_id == campaign_id, kept.started_at >= tally.since_at)
    ).one()
    return msgspec.structs.replace(tally, abandoned=abandoned, connected=in_time)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
