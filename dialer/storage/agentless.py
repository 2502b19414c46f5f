"""Writing calls that no agent takes: by which consent each is placed, and what came of what it had to say.

Consent is looked for in the transaction that places the call, so that one that was revoked a moment before counts no more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from dialer.core.agentless_records import AgentlessRecord, MessageBegan, MessageOver, OptedOut
from dialer.core.ids import LeadId, LegId
from dialer.core.records import AttemptStarted, CallStarted
from dialer.storage import consents
from dialer.storage.changes import change, new
from dialer.storage.schema import agentless_call, attempt

Placed = AttemptStarted | CallStarted

WRITES = (MessageBegan, MessageOver, OptedOut)
"""What `write` takes: each touches columns of its own of one row, so their order among each other is no matter."""

_CAMPAIGNS = select(attempt.c.id, attempt.c.campaign_id).where(
    attempt.c.id.in_(bindparam("attempts", expanding=True))
)
_BEGAN = ("message", "version", "context", "to_machine")
_BEGIN = change(agentless_call, "call", "began_at", *_BEGAN)
_END = change(agentless_call, "call", "over_at", "heard", "failed")
_OPT_OUT = change(agentless_call, "call", "opted_out_at", "opt_out_key")


def consents_of(
    connection: Connection, workspace_id: int, batch: Sequence[Placed], leads: Mapping[LeadId, Any]
) -> dict[LegId, int]:
    """Return by which consent each call may be placed that needs one; those that are missing may not.

    Args:
        connection: Of the transaction that writes the calls.
        workspace_id: Whose they are.
        batch: All calls to be placed.
        leads: Rows with the numbers (`phone`), by lead.
    """
    found: dict[LegId, int] = {}
    for seller in {record.consent_for: None for record in batch if record.consent_for is not None}:
        of_seller = [record for record in batch if record.consent_for == seller]
        asked = [leads[record.lead_id].phone for record in of_seller]
        standing = consents.standing(connection, workspace_id, asked, seller)
        for record in of_seller:
            if (consent_id := standing.get(leads[record.lead_id].phone)) is not None:
                found[record.leg_id] = consent_id
    return found


def place(
    connection: Connection,
    workspace_id: int,
    placed: Mapping[str, Placed],
    by: Mapping[LegId, int],
) -> None:
    """Write the calls among those that are placed that no agent takes, each with its consent by `consents_of`."""
    attempts = [record.attempt_id for record in placed.values() if record.leg_id in by]
    campaigns = dict(connection.execute(_CAMPAIGNS, {"attempts": attempts}).all()) if attempts else {}
    rows: list[dict[str, Any]] = [
        {
            "id": record.call_id,
            "workspace_id": workspace_id,
            "attempt_id": record.attempt_id,
            "campaign_id": campaigns[record.attempt_id],
            "number": number,
            "consent_id": by[record.leg_id],
            "caller_id": record.caller_id,
            "placed_at": record.at,
        }
        for number, record in placed.items()
        if record.leg_id in by
    ]
    if rows:
        connection.execute(insert(agentless_call), rows)


def write(connection: Connection, batch: Sequence[AgentlessRecord]) -> None:
    """Write what came of what calls had to say, in order."""
    for record in batch:
        values: dict[str, Any] = {"call": record.call_id}
        match record:
            case MessageBegan():
                connection.execute(_BEGIN, values | {"new_began_at": record.at} | new(record, _BEGAN))
            case MessageOver():
                told = {"new_over_at": record.at, "new_heard": record.heard, "new_failed": record.failed}
                connection.execute(_END, values | told)
            case OptedOut():
                told = {"new_opted_out_at": record.at, "new_opt_out_key": record.digit}
                connection.execute(_OPT_OUT, values | told)
