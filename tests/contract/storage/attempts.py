"""Records of attempts, and what they leave in a store."""

from dialer.core.records import (
    AttemptDisposed,
    AttemptEnded,
    AttemptStarted,
)
from dialer.core.states import Outcome
from dialer.storage import rounds, schema


def started(store, lead_id, name, at=10.0):
    return AttemptStarted(
        at=at,
        attempt_id=f"{name}-attempt",
        call_id=f"{name}-call",
        leg_id=f"{name}-leg",
        campaign_id=store.campaign_id,
        lead_id=lead_id,
        trunk="main",
    )


def ended(store, lead_id, name, at=20.0, **facts):
    return AttemptEnded(
        at=at,
        attempt_id=f"{name}-attempt",
        call_id=f"{name}-call",
        campaign_id=store.campaign_id,
        lead_id=lead_id,
        **({"outcome": Outcome.BUSY} | facts),
    )


def disposed(store, lead_id, name, at=30.0, **facts):
    return AttemptDisposed(
        at=at,
        attempt_id=f"{name}-attempt",
        campaign_id=store.campaign_id,
        lead_id=lead_id,
        **({"agent_id": 1, "disposition": "sale", "ended": True} | facts),
    )


def write(store, *records):
    with store.database.write() as connection:
        return rounds.write(connection, store.workspace_id, records)


def hopper_row(store, lead_id, *columns):
    return dict(zip(store.rows(schema.hopper, "lead_id"), store.rows(schema.hopper, *columns), strict=True))[
        (lead_id,)
    ]
