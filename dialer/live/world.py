"""The real world: one queue that everything is put on, rounds, and commands that leave when they may.

The engine's thread runs here and waits for nothing but this queue.
"""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

import msgspec

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
    HangUp,
    LeaveTalk,
    LeaveToDialplan,
    Originate,
    PlayMessage,
    RecordTalk,
    RingMember,
    StartTimer,
    StorageCommand,
    Supervise,
    TakeCall,
)
from dialer.core.events import AnyEvent, RoundEnded
from dialer.core.ids import LegId
from dialer.core.record import Record
from dialer.core.switch_events import LegsOpen, OriginateRefused
from dialer.errors import ThreadDiedError
from dialer.live.clock import Clock
from dialer.live.deliveries import Deliveries
from dialer.live.outbox import Outbox
from dialer.live.rounds import NotRecorded, Recorded, WrittenRound
from dialer.live.timers import Timers
from dialer.loop import Telephony

ROUND_EVENTS = 256
"""Most events of one round: bounds how long a person waits for what an earlier event of the round asked for."""

MAX_WAITING_RECORDS = 50_000
"""Records that may wait for the database; at the bound no call is started and no request is taken."""

FRESH_S = 1.0
"""An adapter's list of open legs counts no more after this: legs may have been ordered since."""

NO_END_S = 1e9
"""The lag that is told at that bound; finite, because a log is JSON."""


class RoundWriter(Protocol):
    """Where rounds are recorded; answers with `Recorded` or `NotRecorded` on the world's queue."""

    def submit(self, round_: WrittenRound) -> None:
        """Record a round after all before it; never waits."""

    @property
    def waiting(self) -> int:
        """Return how many records are not in the database yet."""

    @property
    def oldest_unrecorded_at(self) -> float | None:
        """Return when the oldest round ended that is not in the database yet."""


class _Pulse(msgspec.Struct, frozen=True):
    answer: Callable[[], None]


class LiveWorld:
    """Fits `World`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: SimpleQueue[AnyEvent | Recorded | NotRecorded | ThreadDiedError | _Pulse] = SimpleQueue()
        self._first: list[AnyEvent] = []
        self._first_on_record: Callable[[], None] | None = None
        self._timers = Timers()
        self._outbox = Outbox()
        self._deliveries = Deliveries()
        self._round = 0
        self._at = 0.0
        self._oldest_event_at = 0.0
        self._ended = False
        self._writer: RoundWriter
        self._telephony: Telephony

    def connect(self, writer: RoundWriter, telephony: Telephony) -> None:
        """Say where rounds and calls go; both post back to this world, so they are made after it."""
        self._writer = writer
        self._telephony = telephony

    def begin_with(self, events: Sequence[AnyEvent], *, on_record: Callable[[], None] | None = None) -> None:
        """Say what the run has to know before anything that is posted; `on_record` is called once that is decided for good."""
        self._first, self._first_on_record = [*events], on_record

    def post(self, item: AnyEvent | Recorded | NotRecorded) -> None:
        """Put something on the queue; from any thread."""
        self._queue.put(item)

    def fail(self, thread: str, error: Exception) -> None:
        """End the run with an error, because a thread that it needs died; from that thread."""
        self._queue.put(
            ThreadDiedError(
                f"the {thread} thread died of an unforeseen error ({type(error).__name__}: {error}); "
                "every call was hung up: keep the log, and start the run again"
            )
        )

    def feel_pulse(self, answer: Callable[[], None]) -> None:
        """Have the engine's thread call `answer`, unless it hangs; from any thread."""
        self._queue.put(_Pulse(answer))

    @property
    def busy(self) -> bool:
        """Return whether new work from other processes has to wait."""
        return self._writer.waiting > MAX_WAITING_RECORDS

    # --- events in ------------------------------------------------------------------------------------

    def next_round(self) -> Sequence[AnyEvent] | None:
        """Return up to 256 events, waiting for the first; None once the run is over.

        Raises:
            ThreadDiedError: If a thread died that the run cannot do without.
        """
        if self._ended:
            return None
        events, self._first = self._first, []
        while not events:
            self._take(events, self._timers.wait_s(self._clock.now()))
            while len(events) < ROUND_EVENTS and not self._queue.empty():
                self._take(events, 0)
            events += self._timers.due(self._clock.now())
        self._oldest_event_at = events[0].at
        return [self._in_order(event) for event in events]

    def _take(self, events: list[AnyEvent], wait_s: float | None) -> None:
        try:
            item = self._queue.get(timeout=wait_s) if wait_s != 0 else self._queue.get_nowait()
        except Empty:
            return
        if isinstance(item, ThreadDiedError):
            raise item
        if isinstance(item, Recorded):
            leaving, refused = self._outbox.release(item)
            for command, address in leaving:
                self._telephony.place(command, address)
            events += self._refusals(refused)
            events += self._deliveries.release(item, at=self._clock.now())
            self._begin_on_record()
        elif isinstance(item, NotRecorded):
            events += self._refusals(self._outbox.cancel(item))
            events += self._deliveries.cancel(item, at=self._clock.now())
        elif isinstance(item, LegsOpen):
            events += self._all_open(item)
        elif isinstance(item, _Pulse):
            item.answer()
        else:
            events.append(item)

    def _begin_on_record(self) -> None:
        # What the run begins with is one round, the first, and rounds are recorded in order.
        tell, self._first_on_record = self._first_on_record, None
        if tell is not None:
            tell()

    def _all_open(self, news: LegsOpen) -> list[AnyEvent]:
        """Add the legs that wait for their record; what is not fresh shows a floor that is no more."""
        if self._clock.now() - news.at > FRESH_S:
            return []
        return [msgspec.structs.replace(news, legs=(*news.legs, *self._outbox.legs))]

    def _refusals(self, refused: dict[LegId, str]) -> list[AnyEvent]:
        now = self._clock.now()
        return [OriginateRefused(at=now, leg_id=leg_id, reason=why) for leg_id, why in refused.items()]

    def _in_order(self, event: AnyEvent) -> AnyEvent:
        """Events of several threads may cross by a moment; the engine's time never decreases."""
        if event.at < self._at:
            return msgspec.structs.replace(event, at=self._at)
        self._at = event.at
        return event

    def end_round(self) -> RoundEnded:
        """Close the round, with the age of what waits longest."""
        self._round += 1
        self._at = max(self._at, self._clock.now())
        unrecorded_at = self._writer.oldest_unrecorded_at
        oldest = min(self._oldest_event_at, self._at if unrecorded_at is None else unrecorded_at)
        return RoundEnded(
            at=self._at, round=self._round, lag_s=float("inf") if self.busy else self._at - oldest
        )

    # --- commands out ---------------------------------------------------------------------------------

    def execute(self, commands: Sequence[AnyCommand]) -> None:
        """Carry out one round: at once what people wait for, once recorded what calls them."""
        records: list[Record] = []
        for_storage: list[StorageCommand] = []
        for command in commands:
            if isinstance(command, Record):
                records.append(command)
            elif isinstance(command, StorageCommand):
                for_storage.append(command)
            else:
                self._do(command)
        if records or for_storage:
            self._writer.submit(WrittenRound(self._round, self._at, tuple(records), tuple(for_storage)))

    def _do(self, command: Command) -> None:
        match command:
            case HangUp():
                if self._outbox.withdraw(command.leg_id):
                    self.post(OriginateRefused(at=self._at, leg_id=command.leg_id, reason="withdrawn"))
                else:
                    self._telephony.execute(command)
            case (
                Bridge()
                | Confer()
                | LeaveTalk()
                | RingMember()
                | PlayMessage()
                | RecordTalk()
                | Supervise()
                | TakeCall()
                | AnnouncePlace()
                | LeaveToDialplan()
            ):
                self._telephony.execute(command)
            case Originate() | CallAgent() | CallGuest():
                self._outbox.hold(self._round, command)
            case Deliver():
                self._deliveries.hold(self._round, command)
            case StartTimer():
                self._timers.start(command)
            case EndRun():
                self._ended = True
