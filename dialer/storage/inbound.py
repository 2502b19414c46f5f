"""Writing inbound calls, and the wish of whoever hears the message to be called no more."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer.call_back import CallBack
from dialer.core.ids import CampaignId, TrunkName
from dialer.core.records import InboundEnded, InboundStarted, NumberBlocked
from dialer.core.states import Outcome
from dialer.core.switch_events import CallerArrived
from dialer.storage import consents, do_not_call, hopper, schema
from dialer.storage.schema import call, lead, leg

_WHO = "called person"

_NUMBERS = select(lead.c.id, lead.c.phone).where(lead.c.id.in_(bindparam("leads", expanding=True)))

_IN_USE = select(call.c.number).where(
    call.c.workspace_id == bindparam("workspace"),
    call.c.number.in_(bindparam("numbers", expanding=True)),
    call.c.ended_at.is_(None),
)

_END = (
    update(call)
    .where(call.c.id == bindparam("call"))
    .values(
        {name: bindparam(f"new_{name}") for name in ("ended_at", "outcome", "agent_id", "wait_s", "talk_s")}
    )
)


def start(connection: Connection, workspace_id: int, batch: Sequence[InboundStarted]) -> None:
    """Write calls that begin, so that nobody dials the number meanwhile; one that is being dialed has its row already."""
    rows = connection.execute(_NUMBERS, {"leads": [record.lead_id for record in batch]})
    numbers: dict[int, str] = {row.id: row.phone for row in rows}
    asked = {"workspace": workspace_id, "numbers": list(numbers.values())}
    in_use = set(connection.scalars(_IN_USE, asked))
    free: dict[str, InboundStarted] = {}
    for record in batch:
        if numbers[record.lead_id] not in in_use:
            free.setdefault(numbers[record.lead_id], record)
    common = {"workspace_id": workspace_id}
    calls = [
        {
            "id": record.call_id,
            "attempt_id": record.attempt_id,
            "trunk": record.trunk,
            "caller_id": record.caller_id,
            "number": number,
            "started_at": record.at,
            "inbound": True,
            **common,
        }
        for number, record in free.items()
    ]
    if calls:
        connection.execute(insert(call), calls)
    has_row = {record.call_id for record in free.values()}
    legs = [
        {
            "id": record.leg_id,
            "call_id": record.call_id if record.call_id in has_row else None,
            "started_at": record.at,
            **common,
        }
        for record in batch
    ]
    connection.execute(insert(leg), legs)


def end(connection: Connection, batch: Sequence[InboundEnded]) -> None:
    """Write what became of calls."""
    rows = [
        {
            "call": record.call_id,
            "new_ended_at": record.at,
            "new_outcome": record.outcome,
            "new_agent_id": record.agent_id,
            "new_wait_s": record.wait_s,
            "new_talk_s": record.talk_s,
        }
        for record in batch
    ]
    connection.execute(_END, rows)


def block(connection: Connection, workspace_id: int, batch: Sequence[NumberBlocked]) -> None:
    """Put the numbers on the do-not-call list; whoever consented to calls without an agent has revoked that, too."""
    for record in batch:
        number = connection.execute(select(lead.c.phone).where(lead.c.id == record.lead_id)).scalar_one()
        reason = f"pressed {record.digit} during the message of attempt {record.attempt_id}"
        do_not_call.add(connection, workspace_id, [number], who=_WHO, reason=reason, at=record.at)
        revocation = consents.Word(number=number, at=record.at, source=reason, given=False)
        if any(consents.consented(connection, workspace_id, [number])):
            consents.add(connection, workspace_id, [revocation], who=_WHO, at=record.at)


def close_open(connection: Connection, workspace_id: int, *, at: float) -> None:
    """End the calls that a run left open when it died: their legs did not outlive it."""
    left = (call.c.workspace_id == workspace_id, call.c.inbound, call.c.ended_at.is_(None))
    connection.execute(update(call).where(*left).values(ended_at=at, outcome=Outcome.UNKNOWN))


def call_back(
    connection: Connection, workspace_id: int, call_in: CallBack, *, at: float
) -> CallerArrived | None:
    """Return what the engine must know of a lead who calls back, None if there is no such attempt or lead any more."""
    attempt_id = call_in.attempt_id
    kept = schema.attempt.c
    found = connection.execute(
        select(kept.campaign_id, kept.lead_id, kept.agent_id, call.c.trunk, call.c.caller_id)
        .join_from(schema.attempt, call, call.c.attempt_id == kept.id)
        .where(kept.id == attempt_id, kept.workspace_id == workspace_id)
        .order_by(call.c.started_at.desc())
        .limit(1)
    ).one_or_none()
    leads = [] if found is None else hopper.leads_of(connection, found.campaign_id, [found.lead_id])
    if found is None or not leads:
        return None
    return CallerArrived(
        at=at,
        arrival=call_in.arrival,
        attempt_id=attempt_id,
        campaign_id=CampaignId(found.campaign_id),
        lead=leads[0],
        trunk=TrunkName(found.trunk),
        caller_id=found.caller_id,
        channel=call_in.channel,
        served_by=found.agent_id,
    )
