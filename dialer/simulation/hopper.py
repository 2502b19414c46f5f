"""A hopper in memory: what `FetchLeads` is answered with when no database is there."""

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count
from typing import Protocol

import msgspec

from dialer.core.commands import FetchLeads
from dialer.core.events import LeadsLoaded
from dialer.core.ids import CampaignId, LeadId, ZoneGroupId
from dialer.core.lead import Lead
from dialer.core.preview_records import PreviewEnded
from dialer.core.preview_states import PreviewOutcome
from dialer.core.records import AttemptDisposed, AttemptEnded, LeadRefused
from dialer.core.rules.retry import one_more_fault
from dialer.core.states import Outcome


class Hopper(Protocol):
    """One campaign's leads."""

    def claim(self, command: FetchLeads, *, at: float) -> LeadsLoaded:
        """Return due leads, or when the next is due."""

    def give_back(self, lead_ids: Iterable[LeadId]) -> None:
        """Take claimed leads back unused."""

    def ended(self, record: AttemptEnded) -> None:
        """Learn what became of an attempt."""

    def disposed(self, record: AttemptDisposed) -> None:
        """Learn what an agent chose for a lead."""

    def refused(self, record: LeadRefused) -> None:
        """Learn that a rule keeps a lead back."""

    def previewed(self, record: PreviewEnded) -> None:
        """Learn what an agent who was shown a lead decided."""


class EndlessHopper:
    """A list that never runs dry: each lead is made when it is claimed, called once, and forgotten."""

    def __init__(
        self,
        campaign_id: CampaignId,
        make: Callable[[LeadId], Lead],
        zones: dict[ZoneGroupId, tuple[str, ...]],
        *,
        first: LeadId,
    ) -> None:
        self._campaign_id = campaign_id
        self._make = make
        self._zones = zones
        self._next = count(first)
        self._unused: deque[LeadId] = deque()
        self._shut_until = 0.0

    def claim(self, command: FetchLeads, *, at: float) -> LeadsLoaded:
        """Return as many leads as are asked for, those that were given back first."""
        is_shut = at < self._shut_until
        return LeadsLoaded(
            at=at,
            campaign_id=self._campaign_id,
            leads=() if is_shut else tuple(self._new(command) for _ in range(command.count)),
            consent_for=command.consent_for,
            zone_groups=self._zones,
            next_due_at=self._shut_until if is_shut else None,
            remaining=True,
        )

    def _new(self, command: FetchLeads) -> Lead:
        lead = self._make(self._unused.popleft() if self._unused else LeadId(next(self._next)))
        # Whoever is invented has consented.
        return lead if command.consent_for is None else msgspec.structs.replace(lead, consented=True)

    def give_back(self, lead_ids: Iterable[LeadId]) -> None:
        """Have leads that were claimed and not called claimed first."""
        self._unused.extend(lead_ids)

    def ended(self, record: AttemptEnded) -> None:
        """Do nothing: nobody is called twice."""

    def disposed(self, record: AttemptDisposed) -> None:
        """Do nothing: nobody is called twice."""

    def refused(self, record: LeadRefused) -> None:
        """Hand out nobody else while the rule holds: all are alike to it."""
        if record.retry_at is not None:
            self._shut_until = max(self._shut_until, record.retry_at)

    def previewed(self, record: PreviewEnded) -> None:
        """Do nothing: another lead is shown instead of one that was skipped."""


class MemoryHopper:
    """One campaign's leads; behaves like `dialer.storage.hopper` without zones to choose from."""

    def __init__(
        self, campaign_id: CampaignId, leads: Iterable[Lead], zones: dict[ZoneGroupId, tuple[str, ...]]
    ) -> None:
        self._campaign_id = campaign_id
        self._zones = zones
        self._leads = {lead.lead_id: lead for lead in leads}
        self._due: list[tuple[float, LeadId]] = [(0.0, lead_id) for lead_id in self._leads]
        self._unclaimed = set(self._leads)

    @property
    def unclaimed(self) -> int:
        """Return how many leads wait, due or not."""
        return len(self._due)

    def claim(self, command: FetchLeads, *, at: float) -> LeadsLoaded:
        """Return due leads, or when the next is due."""
        closed = set(command.closed_groups)
        kept: list[tuple[float, LeadId]] = []
        claimed: list[Lead] = []
        while self._due and self._due[0][0] <= at and len(claimed) < command.count:
            due_at, lead_id = heapq.heappop(self._due)
            self._unclaimed.discard(lead_id)
            lead = self._leads[lead_id]
            if lead.zone_group in closed:
                kept.append((due_at, lead_id))
            else:
                # Whoever is invented has consented.
                claimed.append(msgspec.structs.replace(lead, consented=command.consent_for is not None))
        for entry in kept:
            self._push(*entry)
        return LeadsLoaded(
            at=at,
            campaign_id=self._campaign_id,
            leads=tuple(claimed),
            consent_for=command.consent_for,
            zone_groups=self._zones,
            next_due_at=None if claimed else self._next_due_at(closed),
            remaining=bool(self._due),
            left=len(self._due),
        )

    def _next_due_at(self, closed: set[ZoneGroupId]) -> float | None:
        if self._due and not closed:
            return self._due[0][0]
        later = (due_at for due_at, lead_id in self._due if self._leads[lead_id].zone_group not in closed)
        return min(later, default=None)

    def give_back(self, lead_ids: Iterable[LeadId]) -> None:
        """Take claimed leads back unused."""
        for lead_id in lead_ids:
            self._push(0.0, lead_id)

    def _push(self, due_at: float, lead_id: LeadId) -> None:
        heapq.heappush(self._due, (due_at, lead_id))
        self._unclaimed.add(lead_id)

    def ended(self, record: AttemptEnded) -> None:
        """Count an attempt, and queue the lead again if it is to be retried."""
        lead = self._leads[record.lead_id]
        if record.counted:
            tries = {**lead.tries, record.outcome: lead.tries.get(record.outcome, 0) + 1}
            self._leads[record.lead_id] = msgspec.structs.replace(
                lead, attempts=lead.attempts + 1, tries=tries
            )
        if record.carrier_fault:
            faults, day = one_more_fault(lead.faults, lead.faults_day, at=record.at)
            self._leads[record.lead_id] = msgspec.structs.replace(lead, faults=faults, faults_day=day)
        if record.retry_at is not None:
            self._push(record.retry_at, record.lead_id)

    def disposed(self, record: AttemptDisposed) -> None:
        """Queue a lead as its agent chose, in place of what its attempt's end said."""
        if record.ended and record.lead_id in self._unclaimed:
            self._due = [entry for entry in self._due if entry[1] != record.lead_id]
            heapq.heapify(self._due)
        if record.ended and record.retry_at is not None:
            self._push(record.retry_at, record.lead_id)

    def refused(self, record: LeadRefused) -> None:
        """Queue a lead again that a rule keeps back for a while."""
        if record.retry_at is not None:
            self._push(record.retry_at, record.lead_id)

    def previewed(self, record: PreviewEnded) -> None:
        """Count a skip, and queue the lead again if it may be shown again; refusals and attempts tell of the others."""
        if record.outcome is not PreviewOutcome.SKIPPED:
            return
        lead = self._leads[record.lead_id]
        tries = {**lead.tries, Outcome.SKIPPED: lead.tries.get(Outcome.SKIPPED, 0) + 1}
        self._leads[record.lead_id] = msgspec.structs.replace(lead, tries=tries)
        if record.retry_at is not None:
            self._push(record.retry_at, record.lead_id)
