"""How far a campaign has come: its leads, and what became of its attempts."""

import msgspec
from sqlalchemy import Connection, func, select

from dialer.core.ids import CampaignId
from dialer.storage import schema
from dialer.storage.schema import HopperState


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Leads and attempts of one campaign."""

    leads: int
    finished: int
    """Leads that are not called again."""
    open: int
    """Leads still to be called, or in a call."""
    next_due_at: float | None
    """When the next open lead may be called."""
    refused: dict[str, int]
    """Leads that a rule kept from being called, by reason."""
    attempts: int
    outcomes: dict[str, int]
    """Attempts by outcome; `open` are in progress."""


def progress(connection: Connection, campaign_id: CampaignId) -> Progress:
    """Return how far a campaign has come; counts every lead, so for people, not for loops."""
    hopper = schema.hopper.c
    of_campaign = hopper.campaign_id == campaign_id
    states = connection.execute(select(hopper.state, func.count()).where(of_campaign).group_by(hopper.state))
    by_state: dict[int, int] = dict(states.all())
    refused = connection.execute(
        select(hopper.reason, func.count()).where(of_campaign, hopper.reason != "").group_by(hopper.reason)
    )
    next_due_at = connection.scalar(
        select(func.min(hopper.due_at)).where(of_campaign, hopper.state == HopperState.READY)
    )
    outcomes = outcome_counts(connection, campaign_id)
    leads, finished = sum(by_state.values()), by_state.get(HopperState.DONE, 0)
    return Progress(
        leads=leads,
        finished=finished,
        open=leads - finished,
        next_due_at=next_due_at,
        refused=dict(refused.all()),
        attempts=sum(outcomes.values()),
        outcomes=outcomes,
    )


def outcome_counts(connection: Connection, campaign_id: CampaignId) -> dict[str, int]:
    """Return attempts by outcome, by name; those in progress as `open`."""
    attempt = schema.attempt.c
    counts = connection.execute(
        select(attempt.outcome, func.count())
        .where(attempt.campaign_id == campaign_id)
        .group_by(attempt.outcome)
    )
    return dict(sorted((outcome or "open", count) for outcome, count in counts))
