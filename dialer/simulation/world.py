"""Virtual time: the engine of every day under the loop of every day, with an invented world around it."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Protocol

from dialer.core.commands import (
    AnnouncePlace,
    AnyCommand,
    Bridge,
    CallAgent,
    CallGuest,
    Command,
    Confer,
    Deliver,
    EndRun,
    FetchLeads,
    FetchShifts,
    HangUp,
    LeaveTalk,
    LeaveToDialplan,
    Originate,
    OriginateCommand,
    PlayMessage,
    RecordTalk,
    ReturnLeads,
    StartTimer,
    Supervise,
    TakeCall,
)
from dialer.core.events import AnyEvent, Delivered, RoundEnded, ShiftsLoaded, ShutdownRequested, TimerFired
from dialer.core.ids import CampaignId, HandoverId
from dialer.core.preview_records import PreviewRecord, PreviewStarted
from dialer.core.queue_events import CallArrived
from dialer.core.record import Record
from dialer.core.records import AttemptDisposed, AttemptEnded, CampaignChanged, LeadRefused
from dialer.core.shift import Shift
from dialer.core.states import CampaignState
from dialer.simulation.behaviour import CallPlan
from dialer.simulation.deciders import USUAL, Deciders
from dialer.simulation.hopper import Hopper
from dialer.simulation.outages import Outage, outage_at
from dialer.simulation.telephony import SimulatedTelephony

_Entry = tuple[float, int, "AnyEvent | Callable[[float], None]"]


class VirtualTime:
    """A list of things to come, in order; equal instants keep the order in which they were asked for."""

    def __init__(self, start_at: float) -> None:
        self.now = start_at
        self._heap: list[_Entry] = []
        self._order = count()
        self._events: list[AnyEvent] = []

    def later(self, delay_s: float, action: Callable[[float], None]) -> None:
        """Have `action(at)` called after a delay."""
        heapq.heappush(self._heap, (self.now + delay_s, next(self._order), action))

    def at(self, event: AnyEvent) -> None:
        """Have an event happen at its time."""
        heapq.heappush(self._heap, (max(event.at, self.now), next(self._order), event))

    def post(self, event: AnyEvent) -> None:
        """Hand an event of the present instant to the next round."""
        self._events.append(event)

    def next_instant(self, until: float = float("inf")) -> list[AnyEvent]:
        """Return the events of the next instant that has any, not after `until`; empty if there is none."""
        while not self._events and self._heap and self._heap[0][0] <= until:
            self.now = self._heap[0][0]
            while self._heap and self._heap[0][0] <= self.now:
                _, _, entry = heapq.heappop(self._heap)
                if callable(entry):
                    entry(self.now)
                else:
                    self._events.append(entry)
        events, self._events = self._events, []
        return events


class Crowd(Protocol):
    """Who is called."""

    def plan(self, command: Originate, *, at: float) -> CallPlan:
        """Return the life of a call that is placed at `at`."""


class SimulatedWorld:
    """Fits `World`: people by behaviour, leads of each campaign in memory, records counted and handed to a reader."""

    def __init__(
        self,
        *,
        start_at: float,
        people: Crowd,
        hoppers: Mapping[CampaignId, Hopper],
        outages: Sequence[Outage] = (),
        on_record: Callable[[Record], None] | None = None,
    ) -> None:
        self.time = VirtualTime(start_at)
        self.telephony = SimulatedTelephony(self.time, self._plan)
        self.shifts: tuple[Shift, ...] = ()
        """The whole roster."""
        self.events_handled = 0
        self.records_made = 0
        self._start_at = start_at
        self.lag_at: Callable[[float], float] = lambda _: 0.0
        """Says how late rounds are on record at a time, in seconds; calls leave as late."""
        self._people = people
        self.deciders = Deciders(self.time, USUAL, seed=0)
        """Agents who are shown leads."""
        self._outages = outages
        self._hoppers = hoppers
        self._complete: set[CampaignId] = set()
        self.on_record = on_record
        self._round = 0
        self._ended = False

    def _plan(self, command: Originate, _: str) -> CallPlan:
        outage = outage_at(self._outages, command.trunk, self.time.now - self._start_at)
        if outage is not None:
            return outage.plan()
        return self._people.plan(command, at=self.time.now)

    def call_us(self, event: CallArrived, plan: CallPlan) -> None:
        """Have somebody call a queue at the event's time."""

        def call(_: float) -> None:
            self.telephony.arrive(event.arrival, plan)
            self.time.post(event)

        self.time.later(event.at - self.time.now, call)

    def next_round(self) -> Sequence[AnyEvent] | None:
        """Return what happens at the next instant; None at the end."""
        if self._ended:
            return None
        events = self.time.next_instant()
        self.events_handled += len(events)
        return events or None

    def end_round(self) -> RoundEnded:
        """Close the round; in virtual time every round is on record at once, unless a lag is played."""
        self._round += 1
        return RoundEnded(at=self.time.now, round=self._round, lag_s=self.lag_at(self.time.now))

    def execute(self, commands: Sequence[AnyCommand]) -> None:
        """Carry out one round's commands."""
        fetches: list[FetchLeads] = []
        for command in commands:
            if isinstance(command, Record):
                self.records_made += 1
                self._record(command)
            elif isinstance(command, FetchLeads):
                fetches.append(command)
            else:
                self._do(command)
        for fetch in fetches:
            self.time.post(self._hoppers[fetch.campaign_id].claim(fetch, at=self.time.now))

    def _do(self, command: Command) -> None:
        match command:
            case StartTimer():
                self.time.at(
                    TimerFired(at=command.due_at, timer_id=command.timer_id, generation=command.generation)
                )
            case Originate() | CallAgent() | CallGuest():
                self._place(command)
            case FetchShifts():
                self.time.post(ShiftsLoaded(at=self.time.now, shifts=self.shifts))
            case Deliver():
                self._deliver(command.handover_id)
            case ReturnLeads():
                self._hoppers[command.campaign_id].give_back(command.lead_ids)
            case EndRun():
                self._ended = True
            case (
                Bridge()
                | Confer()
                | LeaveTalk()
                | HangUp()
                | PlayMessage()
                | RecordTalk()
                | Supervise()
                | TakeCall()
                | AnnouncePlace()
                | LeaveToDialplan()
            ):
                self.telephony.execute(command)

    def _deliver(self, handover_id: HandoverId) -> None:
        at = self.time.now + self.lag_at(self.time.now)
        self.time.at(Delivered(at=at, handover_id=handover_id))

    def _place(self, command: OriginateCommand) -> None:
        lag_s = self.lag_at(self.time.now)
        if lag_s > 0:
            self.time.later(lag_s, lambda _: self.telephony.place(command, ""))
        else:
            self.telephony.place(command, "")

    def _record(self, record: Record) -> None:
        if isinstance(record, AttemptEnded):
            self._hoppers[record.campaign_id].ended(record)
        elif isinstance(record, AttemptDisposed):
            self._hoppers[record.campaign_id].disposed(record)
        elif isinstance(record, LeadRefused):
            self._hoppers[record.campaign_id].refused(record)
        elif isinstance(record, PreviewRecord):
            self._preview(record)
        elif isinstance(record, CampaignChanged) and record.state is CampaignState.COMPLETE:
            self._complete.add(record.campaign_id)
            if len(self._complete) == len(self._hoppers):
                self.time.post(ShutdownRequested(at=self.time.now, finish_within_s=0))
        if self.on_record is not None:
            self.on_record(record)

    def _preview(self, record: PreviewRecord) -> None:
        if isinstance(record, PreviewStarted):
            self.deciders.shown(record)
        else:
            self.deciders.ended(record)
            self._hoppers[record.campaign_id].previewed(record)
