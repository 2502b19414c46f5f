"""What is open in the database beside what the switch still holds: which calls and phones go on, and which are over."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from dialer.core.events import AgentDefined, AttemptLeftOpen, CallFound
from dialer.core.ids import AgentId, AttemptId, CallId, CampaignId, LeadId, LegId, TrunkName
from dialer.core.lead import Lead
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import AgentState, CallState, EndCause
from dialer.live.open_queue_calls import OpenQueueCalls
from dialer.members import MEMBER
from dialer.storage import hopper
from dialer.storage.agents import AgentRow
from dialer.storage.schema import agentless_call, attempt, call, journal, leg, recording
from dialer.survivors import Survivor

_ANSWERED, _BRIDGED, _RINGING = "answered", "bridged", "ringing"


class OpenWork(msgspec.Struct, kw_only=True):
    """Open attempts and phones, each with what the switch knows of its leg."""

    attempts: list[Any]
    moments: dict[tuple[str, str], float]
    """When an attempt's journal first tells of a thing, by attempt and kind."""
    files: dict[str, tuple[int, str]]
    """How many recordings an attempt has, and the one that is not over."""
    phones: dict[AgentId, Survivor]
    lives: dict[LegId, Survivor]
    trunks: Collection[str]

    def talking(self, others: Collection[LegId]) -> list[AgentId]:
        """Return the agents whose talks went on; `others` are customers' legs that do, of no attempt."""
        customers = {row.leg_id for row in self.attempts if self._goes_on(row)} | set(others)
        return [
            agent_id
            for agent_id, phone in self.phones.items()
            if phone.state is CallState.TALKING and phone.partner in customers
        ]

    @property
    def legs(self) -> list[LegId]:
        """Return the legs that go on."""
        calls = [row.leg_id for row in self.attempts if self._goes_on(row)]
        return [*calls, *(phone.leg_id for phone in self.phones.values())]

    def _goes_on(self, row: Any) -> bool:
        found = self.lives.get(row.leg_id)
        return found is not None and found.state is not CallState.ENDED and row.trunk in self.trunks

    def agent(self, row: AgentRow, *, at: float) -> AgentDefined:
        """Return what the engine must know of an agent."""
        phone = None if row.state is AgentState.LOGGED_OUT else self.phones.get(row.agent_id)
        return AgentDefined(
            at=at,
            agent_id=row.agent_id,
            state=row.state,
            reason=row.reason,
            paused_by=row.paused_by,
            served_today=row.served_today(at=at),
            leg_id=None if phone is None else phone.leg_id,
            member=row.phone.startswith(MEMBER),
            phone_up=phone is not None and phone.state in (CallState.ANSWERED, CallState.TALKING),
            server="" if phone is None else phone.server,
            profile=row.profile,
        )

    def calls(self, connection: Connection, *, at: float) -> list[CallFound | AttemptLeftOpen]:
        """Return what the engine must know of the open attempts: first who talks, so that no other takes the agent."""
        events: list[CallFound | AttemptLeftOpen] = []
        for campaign_id, rows in groupby(self.attempts, attrgetter("campaign_id")):
            events += self._of_one_campaign(connection, campaign_id, list(rows), at)
        return sorted(events, key=lambda event: not _talks(event))

    def _of_one_campaign(
        self, connection: Connection, campaign_id: CampaignId, rows: list[Any], at: float
    ) -> Iterator[CallFound | AttemptLeftOpen]:
        found = hopper.leads_of(connection, campaign_id, [row.lead_id for row in rows])
        leads: dict[LeadId, Lead] = {lead.lead_id: lead for lead in found}
        for row in rows:
            facts = {
                "at": at,
                "attempt_id": AttemptId(row.id),
                "call_id": None if row.call_id is None else CallId(row.call_id),
                "campaign_id": campaign_id,
                "lead": leads[row.lead_id],
                "started_at": row.started_at,
                "disposition": row.disposition or "",
                "retry_at": row.retry_at,
                "agentless": row.placed_at is not None,
            }
            if self._goes_on(row):
                yield self._found(row, facts)
            else:
                answered_at = self._abandoned_at(row)
                waited_s = self._waited_s(row)
                if answered_at is not None and waited_s is None:
                    waited_s = at - answered_at
                yield AttemptLeftOpen(**facts, answered_at=answered_at, waited_s=waited_s)

    def _found(self, row: Any, facts: dict[str, Any]) -> CallFound:
        survivor = self.lives[row.leg_id]
        recordings, file = self.files.get(row.id, (0, ""))
        return CallFound(
            **facts,
            leg_id=survivor.leg_id,
            trunk=TrunkName(row.trunk),
            state=survivor.state,
            ringing_at=self.moments.get((row.id, _RINGING)),
            answered_at=self.moments.get((row.id, _ANSWERED), survivor.answered_at),
            bridged_at=self.moments.get((row.id, _BRIDGED)),
            waited_s=survivor.waited_s,
            machine=row.amd_verdict == Verdict.MACHINE,
            message_at=row.began_at,
            agent_leg=survivor.partner,
            recordings=recordings,
            file=file,
        )

    def _abandoned_at(self, row: Any) -> float | None:
        """Return when somebody answered whom nobody spoke with, None if nobody knows of any."""
        if (row.id, _BRIDGED) in self.moments or row.amd_verdict == Verdict.MACHINE:
            return None
        survivor = self.lives.get(row.leg_id)
        return self.moments.get((row.id, _ANSWERED), survivor.answered_at if survivor is not None else None)

    def _waited_s(self, row: Any) -> float | None:
        """Return how long somebody waited until the switch's own message, None if it played none."""
        survivor = self.lives.get(row.leg_id)
        return None if survivor is None else survivor.waited_s


def _talks(event: CallFound | AttemptLeftOpen) -> bool:
    return isinstance(event, CallFound) and event.state is CallState.TALKING


def read(
    connection: Connection, workspace_id: int, survivors: Sequence[Survivor], *, trunks: Collection[str]
) -> OpenWork:
    """Compare what is open with what the switch holds; calls of trunks that are gone count as over."""
    rows = connection.execute(
        select(
            attempt.c.id,
            attempt.c.campaign_id,
            attempt.c.lead_id,
            attempt.c.started_at,
            attempt.c.disposition,
            attempt.c.retry_at,
            attempt.c.amd_verdict,
            call.c.id.label("call_id"),
            call.c.trunk,
            leg.c.id.label("leg_id"),
            agentless_call.c.placed_at,
            agentless_call.c.began_at,
        )
        .select_from(
            attempt.outerjoin(call, (call.c.attempt_id == attempt.c.id) & call.c.ended_at.is_(None))
            .outerjoin(leg, (leg.c.call_id == call.c.id) & leg.c.ended_at.is_(None))
            .outerjoin(agentless_call, agentless_call.c.id == call.c.id)
        )
        .where(attempt.c.ended_at.is_(None), attempt.c.workspace_id == workspace_id)
        .order_by(attempt.c.campaign_id, attempt.c.started_at, attempt.c.id)
    ).all()
    open_attempts = select(attempt.c.id).where(
        attempt.c.ended_at.is_(None), attempt.c.workspace_id == workspace_id
    )
    lives = {one.leg_id: one for one in survivors}
    return OpenWork(
        attempts=list(rows),
        moments=_moments(connection, journal.c.attempt_id.in_(open_attempts)),
        files=_files(connection, recording.c.attempt_id.in_(open_attempts)),
        phones=_phones(connection, workspace_id, lives),
        lives=lives,
        trunks=trunks,
    )


def _moments(connection: Connection, ours: ColumnElement[bool]) -> dict[tuple[str, str], float]:
    kept = journal.c
    query = (
        select(kept.attempt_id, kept.kind, func.min(kept.at).label("at"))
        .where(ours, kept.kind.in_((_ANSWERED, _BRIDGED, _RINGING)))
        .group_by(kept.attempt_id, kept.kind)
    )
    return {(row.attempt_id, row.kind): row.at for row in connection.execute(query)}


def _files(connection: Connection, ours: ColumnElement[bool]) -> dict[str, tuple[int, str]]:
    files: dict[str, tuple[int, str]] = {}
    for row in connection.execute(select(recording).where(ours).order_by(recording.c.started_at)):
        number, _ = files.get(row.attempt_id, (0, ""))
        files[row.attempt_id] = (number + 1, row.id if row.ended_at is None else "")
    return files


def _phones(
    connection: Connection, workspace_id: int, lives: dict[LegId, Survivor]
) -> dict[AgentId, Survivor]:
    """Return each agent's phone that the switch holds, the newest if there are several."""
    kept = leg.c
    query = (
        select(kept.id, kept.agent_id)
        .where(kept.workspace_id == workspace_id, kept.ended_at.is_(None), kept.agent_id.is_not(None))
        .order_by(kept.started_at, kept.id)
    )
    found = connection.execute(query)
    phones = {AgentId(row.agent_id): lives[row.id] for row in found if row.id in lives}
    return {agent_id: phone for agent_id, phone in phones.items() if phone.state is not CallState.ENDED}


def close(
    connection: Connection, workspace_id: int, work: OpenWork, queues: OpenQueueCalls, *, at: float
) -> None:
    """Close the rows of legs that are no more, and of recordings that ended with them."""
    connection.execute(
        update(leg)
        .where(
            leg.c.ended_at.is_(None),
            leg.c.workspace_id == workspace_id,
            leg.c.id.not_in([*work.legs, *queues.legs]),
        )
        .values(ended_at=at, cause=EndCause.LOST)
    )
    go_on = [row.id for row in work.attempts if row.leg_id in work.legs]
    kept = recording.c
    over = or_(
        and_(kept.attempt_id.is_not(None), kept.attempt_id.not_in(go_on)),
        and_(kept.queue_call_id.is_not(None), kept.queue_call_id.not_in(queues.ids)),
    )
    connection.execute(
        update(recording)
        .where(recording.c.ended_at.is_(None), recording.c.workspace_id == workspace_id, over)
        .values(ended_at=at)
    )
