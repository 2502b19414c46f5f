"""Writing what rounds leave: many records, few statements.

Records of several rounds are written as one batch. What begins, ends and disposes of attempts keeps its
order, because an end frees a number for the next start and a choice may forbid it; everything else touches rows of its own, so each kind is written
at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, and_, bindparam, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from dialer.core.agentless_records import AgentlessRecord
from dialer.core.ids import AgentId, HandoverId, LeadId, LegId
from dialer.core.preview_records import PreviewEnded, PreviewRecord, PreviewStarted
from dialer.core.queue_records import QueueRecord
from dialer.core.record import Record
from dialer.core.records import (
    AgentChanged,
    AgentLegStarted,
    AttemptClassified,
    AttemptDisposed,
    AttemptEnded,
    AttemptStarted,
    CallStarted,
    CampaignChanged,
    GuestCalled,
    GuestEnded,
    HaltChanged,
    HandoverEnded,
    HandoverStarted,
    InboundEnded,
    InboundStarted,
    JournalEntry,
    LeadRefused,
    LegClosed,
    NumberBlocked,
    RecordingEnded,
    RecordingStarted,
    RequestAnswered,
    TaskAdded,
    TaskChanged,
    TaskEnded,
    TrunkChanged,
)
from dialer.storage import (
    agent_states,
    agentless,
    dispositions,
    fates,
    guests,
    handovers,
    inbound,
    pacing,
    previews,
    queue_calls,
    recordings,
    resting,
    tasks,
    trunks,
    verdicts,
    workspaces,
)
from dialer.storage.changes import change, new
from dialer.storage.schema import (
    RequestState,
    agent,
    attempt,
    call,
    campaign,
    do_not_call,
    journal,
    lead,
    leg,
    request,
)

UNWRITABLE: Final = (IntegrityError, DataError, LookupError, OverflowError)
"""What is raised about a record, not about the database."""

DO_NOT_CALL: Final = "do_not_call"
NO_CONSENT: Final = "no_consent"
NUMBER_IN_USE: Final = "number_in_use"
NUMBER_RESTING: Final = "number_resting"

_LEADS = (
    select(
        lead.c.id,
        lead.c.list_id,
        lead.c.phone,
        do_not_call.c.number.is_not(None).label("forbidden"),
        call.c.id.is_not(None).label("in_use"),
    )
    .select_from(
        lead.outerjoin(
            do_not_call,
            and_(do_not_call.c.workspace_id == lead.c.workspace_id, do_not_call.c.number == lead.c.phone),
        ).outerjoin(
            call,
            and_(
                call.c.workspace_id == lead.c.workspace_id,
                call.c.number == lead.c.phone,
                call.c.ended_at.is_(None),
            ),
        )
    )
    .where(lead.c.id.in_(bindparam("leads", expanding=True)))
)
_PHONES = select(agent.c.id, agent.c.phone).where(agent.c.id.in_(bindparam("agents", expanding=True)))
_ATTEMPT_FACTS = (
    "outcome", "cause", "sip_code", "q850", "agent_id", "ringing_at", "answered_at", "bridged_at",
    "ring_s", "wait_s", "talk_s", "agents_free", "retry_at", "counted",
)  # fmt: skip
_LEG_FACTS = ("cause", "dialing_at", "ringing_at", "answered_at", "sip_code", "q850", "text")
_CAMPAIGN_FACTS = ("state", "reason")


_END_ATTEMPT = change(attempt, "attempt", "ended_at", *_ATTEMPT_FACTS)
_CLOSE_LEG = change(leg, "leg", "ended_at", *_LEG_FACTS)
_CHANGE_CAMPAIGN = change(campaign, "campaign", "until_at", *_CAMPAIGN_FACTS)
_ANSWER = change(request, "request", "state", "text", "answered_at")
_END_CALL = (
    update(call)
    .where(call.c.attempt_id == bindparam("attempt"), call.c.ended_at.is_(None))
    .values(ended_at=bindparam("new_ended_at"))
)


class Written(msgspec.Struct):
    """What writing told: where to place the calls, and which not to."""

    addresses: dict[LegId, str] = msgspec.field(default_factory=dict)
    """A customer's E.164 number or an agent's SIP URI, for each leg to be placed."""
    refused: dict[LegId, str] = msgspec.field(default_factory=dict)
    """`do_not_call`, `no_consent`, `number_in_use` or `number_resting`, for each leg that must not be."""
    undelivered: set[HandoverId] = msgspec.field(default_factory=set)
    """Handovers that could not be written."""


_IN_ORDER = (AttemptStarted, CallStarted, AttemptEnded, AttemptDisposed, InboundStarted, InboundEnded)


def write(connection: Connection, workspace_id: int, records: Iterable[Record]) -> Written:
    """Write records, given in order; the caller has checked the fence in this transaction.

    Raises:
        One of `UNWRITABLE`: If a record contradicts what is there; roll back.
    """
    writing = _Writing(connection, workspace_id)
    attempts: list[Record] = []
    others: dict[type, list[Record]] = {}
    for record in records:
        if isinstance(record, _IN_ORDER):
            attempts.append(record)
        else:
            others.setdefault(type(record), []).append(record)
    for kind, run in groupby(attempts, type):
        _STEPS[kind](writing, list(run))
    for kind, step in _STEPS.items():
        if kind in others:
            step(writing, others[kind])
    return writing.written


class _Writing:
    """One batch on its way into one transaction."""

    def __init__(self, connection: Connection, workspace_id: int) -> None:
        self.written = Written()
        self._connection = connection
        self._workspace_id = workspace_id

    def start_attempts(self, batch: Sequence[AttemptStarted]) -> None:
        leads = self._leads(batch)
        self._insert(
            attempt,
            (
                {
                    "id": record.attempt_id,
                    "campaign_id": record.campaign_id,
                    "lead_id": record.lead_id,
                    "list_id": leads[record.lead_id].list_id,
                    "started_at": record.at,
                }
                for record in batch
            ),
        )
        too_early = resting.resting(self._connection, batch)
        self.written.refused |= dict.fromkeys(too_early, NUMBER_RESTING)
        self._start_calls(batch, leads)

    def start_calls(self, batch: Sequence[CallStarted]) -> None:
        ends = [{"attempt": record.attempt_id, "new_ended_at": record.at} for record in batch]
        self._connection.execute(_END_CALL, ends)
        self._start_calls(batch, self._leads(batch))

    def _leads(self, batch: Sequence[AttemptStarted | CallStarted]) -> dict[LeadId, Any]:
        found = self._connection.execute(_LEADS, {"leads": [record.lead_id for record in batch]})
        return {row.id: row for row in found}

    def _start_calls(
        self, batch: Sequence[AttemptStarted | CallStarted], leads: Mapping[LeadId, Any]
    ) -> None:
        numbers: dict[str, AttemptStarted | CallStarted] = {}
        consents = agentless.consents_of(self._connection, self._workspace_id, batch, leads)
        for record in batch:
            found = leads[record.lead_id]
            if record.leg_id in self.written.refused:
                continue
            if found.forbidden:
                self.written.refused[record.leg_id] = DO_NOT_CALL
            elif record.consent_for is not None and record.leg_id not in consents:
                self.written.refused[record.leg_id] = NO_CONSENT
            elif found.in_use or found.phone in numbers:
                self.written.refused[record.leg_id] = NUMBER_IN_USE
            else:
                numbers[found.phone] = record
                self.written.addresses[record.leg_id] = found.phone
        self._insert(
            call,
            (
                {
                    "id": record.call_id,
                    "attempt_id": record.attempt_id,
                    "trunk": record.trunk,
                    "caller_id": record.caller_id,
                    "number": number,
                    "started_at": record.at,
                }
                for number, record in numbers.items()
            ),
        )
        self._insert(
            leg,
            (
                {"id": record.leg_id, "call_id": record.call_id, "started_at": record.at}
                for record in numbers.values()
            ),
        )
        agentless.place(self._connection, self._workspace_id, numbers, consents)

    def end_attempts(self, batch: Sequence[AttemptEnded]) -> None:
        rows = [
            {"attempt": record.attempt_id, "new_ended_at": record.at} | new(record, _ATTEMPT_FACTS)
            for record in batch
        ]
        self._connection.execute(_END_ATTEMPT, rows)
        self._connection.execute(
            _END_CALL, [{"attempt": record.attempt_id, "new_ended_at": record.at} for record in batch]
        )
        fates.settle(self._connection, batch)
        resting.postpone(self._connection, batch)

    def dispose_attempts(self, batch: Sequence[AttemptDisposed]) -> None:
        dispositions.write(self._connection, self._workspace_id, batch)

    def write_queue_calls(self, batch: Sequence[QueueRecord]) -> None:
        numbers, in_use = queue_calls.write(self._connection, self._workspace_id, batch)
        self.written.addresses |= numbers
        self.written.refused |= dict.fromkeys(in_use, NUMBER_IN_USE)

    def classify_attempts(self, batch: Sequence[AttemptClassified]) -> None:
        verdicts.write(self._connection, batch)

    def start_inbound(self, batch: Sequence[InboundStarted]) -> None:
        inbound.start(self._connection, self._workspace_id, batch)

    def end_inbound(self, batch: Sequence[InboundEnded]) -> None:
        inbound.end(self._connection, batch)

    def block_numbers(self, batch: Sequence[NumberBlocked]) -> None:
        inbound.block(self._connection, self._workspace_id, batch)

    def write_guests(self, batch: Sequence[GuestCalled | GuestEnded]) -> None:
        addresses, forbidden = guests.write(self._connection, self._workspace_id, batch)
        self.written.addresses |= addresses
        self.written.refused |= dict.fromkeys(forbidden, DO_NOT_CALL)

    def write_handovers(self, batch: Sequence[HandoverStarted | HandoverEnded]) -> None:
        handovers.write(self._connection, self._workspace_id, batch)

    def write_previews(self, batch: Sequence[PreviewRecord]) -> None:
        previews.write(self._connection, self._workspace_id, batch)

    def start_recordings(self, batch: Sequence[RecordingStarted]) -> None:
        recordings.start(self._connection, self._workspace_id, batch)

    def end_recordings(self, batch: Sequence[RecordingEnded]) -> None:
        recordings.end(self._connection, batch)

    def write_agentless(self, batch: Sequence[AgentlessRecord]) -> None:
        agentless.write(self._connection, batch)

    def start_agent_legs(self, batch: Sequence[AgentLegStarted]) -> None:
        self._insert(
            leg,
            ({"id": record.leg_id, "agent_id": record.agent_id, "started_at": record.at} for record in batch),
        )
        rows = self._connection.execute(_PHONES, {"agents": [record.agent_id for record in batch]})
        phones: dict[AgentId, str] = {row.id: row.phone for row in rows}
        self.written.addresses |= {record.leg_id: phones[record.agent_id] for record in batch}

    def close_legs(self, batch: Sequence[LegClosed]) -> None:
        rows = [
            {"leg": record.leg_id, "new_ended_at": record.at} | new(record, _LEG_FACTS) for record in batch
        ]
        self._connection.execute(_CLOSE_LEG, rows)

    def refuse_leads(self, batch: Sequence[LeadRefused]) -> None:
        fates.refuse(self._connection, batch)

    def change_agents(self, batch: Sequence[AgentChanged]) -> None:
        agent_states.write(self._connection, self._workspace_id, batch)

    def change_campaigns(self, batch: Sequence[CampaignChanged]) -> None:
        rows = [
            {"campaign": record.campaign_id, "new_until_at": record.until} | new(record, _CAMPAIGN_FACTS)
            for record in batch
        ]
        self._connection.execute(_CHANGE_CAMPAIGN, rows)

    def write_pacing(self, batch: Sequence[Any]) -> None:
        pacing.write(self._connection, self._workspace_id, batch)

    def change_halt(self, batch: Sequence[HaltChanged]) -> None:
        last = batch[-1]
        reason = last.reason if last.halted else None
        workspaces.mark_halted(self._connection, self._workspace_id, reason, at=last.at)

    def change_trunks(self, batch: Sequence[TrunkChanged]) -> None:
        trunks.keep(self._connection, self._workspace_id, batch)

    def add_tasks(self, batch: Sequence[TaskAdded]) -> None:
        tasks.add(self._connection, self._workspace_id, batch)

    def change_tasks(self, batch: Sequence[TaskChanged]) -> None:
        tasks.change_all(self._connection, batch)

    def end_tasks(self, batch: Sequence[TaskEnded]) -> None:
        tasks.end(self._connection, batch)

    def answer_requests(self, batch: Sequence[RequestAnswered]) -> None:
        rows = [
            {
                "request": record.request_id,
                "new_state": RequestState.DONE if record.done else RequestState.REFUSED,
                "new_text": record.text,
                "new_answered_at": record.at,
            }
            for record in batch
        ]
        self._connection.execute(_ANSWER, rows)

    def write_journal(self, batch: Sequence[JournalEntry]) -> None:
        names = ("at", "kind", "attempt_id", "leg_id", "agent_id", "detail")
        self._insert(journal, ({name: getattr(record, name) for name in names} for record in batch))

    def _insert(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        full = [{"workspace_id": self._workspace_id} | row for row in rows]
        if full:
            self._connection.execute(insert(table), full)


# In this order: a leg is there before it is closed.
_STEPS: Mapping[type, Callable[[_Writing, Any], None]] = {
    AttemptStarted: _Writing.start_attempts,
    CallStarted: _Writing.start_calls,
    AttemptEnded: _Writing.end_attempts,
    AttemptDisposed: _Writing.dispose_attempts,
    InboundStarted: _Writing.start_inbound,
    InboundEnded: _Writing.end_inbound,
    **dict.fromkeys(queue_calls.WRITES, _Writing.write_queue_calls),
    NumberBlocked: _Writing.block_numbers,
    **dict.fromkeys(agentless.WRITES, _Writing.write_agentless),
    AttemptClassified: _Writing.classify_attempts,
    RecordingStarted: _Writing.start_recordings,
    RecordingEnded: _Writing.end_recordings,
    AgentLegStarted: _Writing.start_agent_legs,
    GuestCalled: _Writing.write_guests,
    GuestEnded: _Writing.write_guests,
    HandoverStarted: _Writing.write_handovers,
    HandoverEnded: _Writing.write_handovers,
    PreviewStarted: _Writing.write_previews,
    PreviewEnded: _Writing.write_previews,
    LegClosed: _Writing.close_legs,
    LeadRefused: _Writing.refuse_leads,
    AgentChanged: _Writing.change_agents,
    CampaignChanged: _Writing.change_campaigns,
    **dict.fromkeys(pacing.KINDS, _Writing.write_pacing),
    HaltChanged: _Writing.change_halt,
    TrunkChanged: _Writing.change_trunks,
    TaskAdded: _Writing.add_tasks,
    TaskChanged: _Writing.change_tasks,
    TaskEnded: _Writing.end_tasks,
    RequestAnswered: _Writing.answer_requests,
    JournalEntry: _Writing.write_journal,
}
