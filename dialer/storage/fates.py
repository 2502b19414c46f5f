"""What becomes of a lead in a hopper: due again at some time, or done."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, exists, func, select, update

from dialer.core.ids import CampaignId, LeadId
from dialer.core.preview_records import PreviewEnded
from dialer.core.records import AttemptDisposed, AttemptEnded, LeadRefused
from dialer.core.rules.retry import one_more_fault
from dialer.core.states import Outcome
from dialer.storage.hopper import IN_FLIGHT, OF_CAMPAIGN, PROMISED
from dialer.storage.schema import HopperState, attempt, hopper

_COUNTS = select(
    hopper.c.lead_id, hopper.c.attempts, hopper.c.tries, hopper.c.faults, hopper.c.faults_day
).where(OF_CAMPAIGN, hopper.c.lead_id.in_(bindparam("leads", expanding=True)))
_SETTLE = (
    update(hopper)
    .where(OF_CAMPAIGN, hopper.c.lead_id == bindparam("lead"))
    .values(
        state=bindparam("new_state"),
        due_at=bindparam("new_due_at"),
        attempts=bindparam("new_attempts"),
        tries=bindparam("new_tries"),
        priority=func.coalesce(bindparam("new_priority", type_=hopper.c.priority.type), hopper.c.priority),
        faults=bindparam("new_faults"),
        faults_day=bindparam("new_faults_day"),
        reason="",
        instance=None,
        claimed_at=None,
    )
)
_this = attempt.alias("this")
_later = attempt.alias("later")
# A lead that is claimed, or was called again, goes by its newer attempt.
_DISPOSE = (
    update(hopper)
    .where(
        OF_CAMPAIGN,
        hopper.c.lead_id == bindparam("lead"),
        ~IN_FLIGHT,
        ~exists().where(
            _this.c.id == bindparam("attempt"),
            _later.c.lead_id == _this.c.lead_id,
            _later.c.campaign_id == _this.c.campaign_id,
            _later.c.started_at > _this.c.started_at,
        ),
    )
    .values(
        state=bindparam("new_state"),
        due_at=bindparam("new_due_at"),
        priority=bindparam("new_priority"),
        reason="",
    )
)
_REFUSE = (
    update(hopper)
    .where(OF_CAMPAIGN, hopper.c.lead_id == bindparam("lead"))
    .values(
        state=bindparam("new_state"),
        due_at=bindparam("new_due_at"),
        reason=bindparam("new_reason"),
        instance=None,
        claimed_at=None,
    )
)


_SKIP = (
    update(hopper)
    .where(OF_CAMPAIGN, hopper.c.lead_id == bindparam("lead"))
    .values(
        state=bindparam("new_state"),
        due_at=bindparam("new_due_at"),
        tries=bindparam("new_tries"),
        reason=bindparam("new_reason"),
        instance=None,
        claimed_at=None,
    )
)


def settle(connection: Connection, ended: Sequence[AttemptEnded]) -> None:
    """Write what attempts came to: each lead is due again at `retry_at`, or done."""
    before = _counts(connection, ended)
    rows = []
    for record in ended:
        so_far = before[record.campaign_id, record.lead_id]
        tries = msgspec.json.decode(so_far.tries, type=dict[str, int])
        faults, faults_day = so_far.faults, so_far.faults_day
        if record.counted:
            tries[record.outcome] = tries.get(record.outcome, 0) + 1
        if record.carrier_fault:
            faults, faults_day = one_more_fault(faults, faults_day, at=record.at)
        counts = {
            "new_attempts": so_far.attempts + record.counted,
            "new_tries": msgspec.json.encode(tries).decode(),
            "new_faults": faults,
            "new_faults_day": faults_day,
        }
        rows.append(_fate(record) | counts | {"new_priority": _priority(record)})
    connection.execute(_SETTLE, rows)


def dispose(connection: Connection, disposed: Sequence[AttemptDisposed]) -> None:
    """Write what agents chose after their attempts had ended: each lead is due at `retry_at`, or done."""
    rows = [
        _fate(record) | {"attempt": record.attempt_id, "new_priority": _priority(record)}
        for record in disposed
    ]
    if rows:
        connection.execute(_DISPOSE, rows)


def _priority(record: AttemptEnded | AttemptDisposed) -> int | None:
    if record.promised is None:
        return None
    return PROMISED if record.promised else 0


def refuse(connection: Connection, refused: Sequence[LeadRefused]) -> None:
    """Write that rules keep leads from being called, until `retry_at` or for good."""
    connection.execute(_REFUSE, [_fate(record) | {"new_reason": record.reason} for record in refused])


def skip(connection: Connection, skipped: Sequence[PreviewEnded]) -> None:
    """Write that agents did not want leads called: each is due again at `retry_at`, or done."""
    before = _counts(connection, skipped)
    rows = []
    for record in skipped:
        tries = msgspec.json.decode(before[record.campaign_id, record.lead_id].tries, type=dict[str, int])
        times = tries[Outcome.SKIPPED] = tries.get(Outcome.SKIPPED, 0) + 1
        words = f"skipped by agents, {times} times" if times > 1 else "skipped by an agent"
        counted = {"new_tries": msgspec.json.encode(tries).decode(), "new_reason": words}
        rows.append(_fate(record) | counted)
    connection.execute(_SKIP, rows)


def _counts(
    connection: Connection, ended: Sequence[AttemptEnded | PreviewEnded]
) -> dict[tuple[CampaignId, LeadId], Row[int, int, str, int, int]]:
    by_campaign: dict[CampaignId, list[LeadId]] = {}
    for record in ended:
        by_campaign.setdefault(record.campaign_id, []).append(record.lead_id)
    return {
        (campaign_id, row.lead_id): row
        for campaign_id, lead_ids in by_campaign.items()
        for row in connection.execute(_COUNTS, {"campaign": campaign_id, "leads": lead_ids})
    }


def _fate(record: AttemptEnded | AttemptDisposed | LeadRefused | PreviewEnded) -> dict[str, Any]:
    return {
        "campaign": record.campaign_id,
        "lead": record.lead_id,
        "new_state": HopperState.DONE if record.retry_at is None else HopperState.READY,
        "new_due_at": record.at if record.retry_at is None else record.retry_at,
    }
