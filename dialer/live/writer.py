"""The one thread that writes what the engine decides, so that the engine never waits for a disk.

Rounds are committed in order, all that wait at once: the slower the disk, the larger the groups. What cannot
be committed is kept and tried again; nothing is dropped but notes of SIP messages. A single record that the
database refuses costs itself alone.

A connection may be lost between a commit and its acknowledgement. So each commit puts its last round on
record beside the lease, and what is there already is not written again.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert

from dialer.core.commands import FetchLeads, FetchShifts
from dialer.core.events import LeadsLoaded, ShiftsLoaded
from dialer.core.ids import LegId
from dialer.core.lead import Lead
from dialer.core.preview_records import PreviewStarted
from dialer.core.record import Record
from dialer.core.records import (
    AgentLegStarted,
    AttemptStarted,
    GuestCalled,
    HandoverStarted,
    JournalEntry,
)
from dialer.errors import LeaseLostError, StorageError
from dialer.live import news
from dialer.live.clock import Clock
from dialer.live.lease import Lease
from dialer.live.rounds import NotRecorded, Recorded, WrittenRound
from dialer.live.threads import Died, start_thread
from dialer.storage import consents, hopper, roster, rounds
from dialer.storage.database import Database
from dialer.storage.schema import sip_message
from dialer.storage.scores import with_scores

_logger = logging.getLogger(__name__)

NOT_RECORDED: Final = "not_recorded"

_FIRST_RETRY_S: Final = 0.05
_LAST_RETRY_S: Final = 1.0

# Notes are for people who look later: a commit of their own now and then, and no more than this many wait.
_NOTES_EVERY_S: Final = 0.25
_NOTES_MAX: Final = 20_000

Loaded = LeadsLoaded | ShiftsLoaded
Post = Callable[[Recorded | NotRecorded | Loaded], None]


class _Outcome(msgspec.Struct, frozen=True):
    """What one transaction found and did; `round` is the last that it wrote."""

    round: int
    written: rounds.Written
    loaded: list[Loaded]


class Writer:
    """Commits rounds in a thread of its own, from construction until `close`."""

    def __init__(
        self,
        database: Database,
        lease: Lease,
        *,
        clock: Clock,
        post: Post,
        before_commit: Callable[[], None] | None = None,
        died: Died | None = None,
    ) -> None:
        """Start the thread.

        Args:
            database: Where rounds are written.
            lease: Held by this run; checked in every transaction.
            clock: The world's.
            post: Takes what comes of rounds, in the writer's thread; must not wait.
            before_commit: Called before each transaction of rounds; tests delay commits with it, or let them
                fail by a `StorageError`.
            died: Told if the thread ends by an unforeseen error: from then on nothing is recorded.
        """
        self._database = database
        self._lease = lease
        self._clock = clock
        self._post = post
        self._before_commit = before_commit
        self._hopper = hopper.Hopper(lease.fence)
        self._queue: SimpleQueue[WrittenRound] = SimpleQueue()
        self._times: deque[float] = deque()
        # Each counter is written by one thread alone.
        self._submitted = 0
        self._written = 0
        self._failed: set[int] = set()
        self._outcomes: list[_Outcome] = []
        """Of transactions that are on record, or were ended by a commit whose fate is not known."""
        self._notes: deque[dict[str, Any]] = deque(maxlen=_NOTES_MAX)
        self._notes_due = 0.0
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._giving_up = threading.Event()
        self._thread = start_thread("writer", self._run, died=died or (lambda *_: None))

    @property
    def oldest_unrecorded_at(self) -> float | None:
        """The time of the oldest round that is not on record."""
        try:
            return self._times[0]
        except IndexError:
            return None

    @property
    def waiting(self) -> int:
        """How many records are not on record yet."""
        return self._submitted - self._written

    def submit(self, round_: WrittenRound) -> None:
        """Hand over a round; returns at once. Called by one thread, rounds in order."""
        self._submitted += len(round_.records)
        self._times.append(round_.at)
        self._queue.put(round_)
        self._wake.set()

    def note_sip(self, leg_id: LegId, *, at: float, direction: str, text: str) -> None:
        """Keep a SIP message if there is room; returns at once. The oldest notes give way."""
        idle = not self._notes
        self._notes.append({"leg_id": leg_id, "at": at, "direction": direction, "text": text})
        if idle:
            self._wake.set()

    def close(self, *, timeout_s: float = 10.0) -> bool:
        """Write what waits, and end the thread.

        Returns:
            Whether everything is on record.
        """
        self._closing.set()
        self._wake.set()
        self._thread.join(timeout_s)
        self._giving_up.set()
        self._thread.join()
        return self.waiting == 0 and self.oldest_unrecorded_at is None

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                patience = self._notes_due - time.monotonic() if self._notes else None
                self._wake.wait(None if patience is None else max(patience, 0.0))
                self._wake.clear()
                self._write_rounds()
                if self._notes and time.monotonic() >= self._notes_due:
                    self._write_notes()
            self._write_rounds()
            self._write_notes()
        except LeaseLostError:
            self._lease.lose()

    def _write_rounds(self) -> None:
        batch: list[WrittenRound] = []
        delay_s = _FIRST_RETRY_S
        while not self._giving_up.is_set():
            batch += self._queued()
            if not batch:
                return
            try:
                self._commit(batch)
            except StorageError as error:
                self._hopper.forget()
                self._tell_failed(batch, str(error))
                self._giving_up.wait(delay_s)
                delay_s = min(2 * delay_s, _LAST_RETRY_S)
                continue
            self._tell_recorded(batch)
            batch = []
            delay_s = _FIRST_RETRY_S

    def _queued(self) -> Iterable[WrittenRound]:
        try:
            while True:
                yield self._queue.get_nowait()
        except Empty:
            return

    def _commit(self, batch: list[WrittenRound]) -> None:
        if self._before_commit is not None:
            self._before_commit()
        try:
            self._transact(batch, write=rounds.write)
        except rounds.UNWRITABLE as error:
            self._hopper.forget()
            _logger.warning("a record was refused by the database", extra={"cause": type(error).__name__})
            self._transact(batch, write=_write_each)

    def _transact(
        self,
        batch: list[WrittenRound],
        *,
        write: Callable[[Connection, int, Iterable[Record]], rounds.Written],
    ) -> None:
        fence = self._lease.fence
        with self._database.write() as connection:
            on_record = fence.check(connection)
            self._outcomes = [outcome for outcome in self._outcomes if outcome.round <= on_record]
            new = [each for each in batch if each.round > on_record]
            if not new:
                return
            records = [record for each in new for record in each.records]
            written = write(connection, fence.workspace_id, records)
            loaded = self._serve(connection, new)
            fence.record(connection, new[-1].round)
            self._outcomes.append(_Outcome(new[-1].round, written, loaded))

    def _serve(self, connection: Connection, batch: list[WrittenRound]) -> list[Loaded]:
        loaded: list[Loaded] = []
        for command in (command for each in batch for command in each.commands):
            if isinstance(command, FetchLeads):
                loaded.append(self._claim(connection, command))
            elif isinstance(command, FetchShifts):
                loaded.append(self._read_roster(connection, command))
            else:
                hopper.give_back(connection, command.campaign_id, command.lead_ids)
        return loaded

    def _claim(self, connection: Connection, command: FetchLeads) -> LeadsLoaded:
        now = self._clock.now()
        claim = self._hopper.claim(
            connection, command.campaign_id, count=command.count, closed=command.closed_groups, at=now
        )
        return LeadsLoaded(
            at=now,
            campaign_id=command.campaign_id,
            leads=self._with_consents(
                connection, with_scores(connection, claim.leads, command.score_attribute), command.consent_for
            ),
            consent_for=command.consent_for,
            zone_groups=claim.zone_groups,
            next_due_at=claim.next_due_at,
            remaining=claim.remaining,
            left=claim.left,
        )

    def _with_consents(
        self, connection: Connection, leads: tuple[Lead, ...], seller: str | None
    ) -> tuple[Lead, ...]:
        if seller is None:
            return leads
        return consents.marked(connection, self._lease.fence.workspace_id, leads, seller)

    def _read_roster(self, connection: Connection, command: FetchShifts) -> ShiftsLoaded:
        workspace_id = self._lease.fence.workspace_id
        found = roster.between(connection, workspace_id, command.from_at, command.until_at)
        return ShiftsLoaded(at=self._clock.now(), shifts=tuple(each.shift for each in found))

    def _tell_recorded(self, batch: list[WrittenRound]) -> None:
        for written_round in batch:
            self._times.popleft()
            self._written += len(written_round.records)
            self._failed.discard(written_round.round)
            news.tell(written_round.records)
        for outcome in self._outcomes:
            self._post(
                Recorded(
                    round=outcome.round,
                    addresses=outcome.written.addresses,
                    refused=outcome.written.refused,
                    undelivered=frozenset(outcome.written.undelivered),
                )
            )
            for event in outcome.loaded:
                self._post(event)
        self._outcomes = []

    def _tell_failed(self, batch: list[WrittenRound], reason: str) -> None:
        _logger.warning("rounds could not be recorded", extra={"cause": reason, "rounds": len(batch)})
        news = tuple(each.round for each in batch if each.round not in self._failed)
        self._failed.update(news)
        if news:
            self._post(NotRecorded(rounds=news))

    def _write_notes(self) -> None:
        workspace_id = self._lease.fence.workspace_id
        notes = [{"workspace_id": workspace_id} | self._notes.popleft() for _ in range(len(self._notes))]
        self._notes_due = time.monotonic() + _NOTES_EVERY_S
        if not notes:
            return
        try:
            with self._database.write() as connection:
                self._lease.fence.check(connection)
                connection.execute(insert(sip_message), notes)
        except (StorageError, *rounds.UNWRITABLE) as error:
            _logger.warning("SIP messages were not kept", extra={"count": len(notes), "cause": str(error)})


def _write_each(connection: Connection, workspace_id: int, records: Iterable[Record]) -> rounds.Written:
    """Write records one by one, each with a way back, so that one that is refused costs no other."""
    whole = rounds.Written()
    for record in records:
        try:
            with connection.begin_nested():
                part = rounds.write(connection, workspace_id, (record,))
        except rounds.UNWRITABLE as error:
            detail = f"{type(record).__name__} was not written: {type(error).__name__}"
            anomaly = JournalEntry(at=record.at, kind="anomaly", detail=detail)
            part = rounds.write(connection, workspace_id, (anomaly,))
            if isinstance(record, AttemptStarted | AgentLegStarted | GuestCalled):
                part.refused[record.leg_id] = NOT_RECORDED
            elif isinstance(record, HandoverStarted):
                part.undelivered.add(record.handover_id)
            elif isinstance(record, PreviewStarted):
                part.undelivered.add(record.preview_id)
        whole.addresses |= part.addresses
        whole.refused |= part.refused
        whole.undelivered |= part.undelivered
    return whole
