"""What a simulated day came to, from the records of its rounds: counts, agents' time, and one row for each attempt."""

from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from dialer.core.ids import AgentId, AttemptId, CampaignId
from dialer.core.record import Record
from dialer.core.records import AgentChanged, AttemptClassified, AttemptEnded, AttemptStarted
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import AgentState, Outcome
from dialer.simulation.behaviour import CallPlan
from dialer.simulation.day_result import (
    HALF_HOUR_S,
    LEAST_ANSWERS,
    AttemptRow,
    DayResult,
    Minute,
    Tally,
)
from dialer.simulation.population import LEADS_A_CAMPAIGN

MINUTE_S = 60.0


class _Does(IntEnum):
    """What an agent's time counts as."""

    AWAY = 0
    WAITING = 1
    HANDLING = 2
    PAUSED = 3


_DOES = {
    AgentState.LOGGED_OUT: _Does.AWAY,
    AgentState.LOGGING_IN: _Does.AWAY,
    AgentState.READY: _Does.WAITING,
    AgentState.PREVIEWING: _Does.WAITING,
    AgentState.RESERVED: _Does.WAITING,
    AgentState.TALKING: _Does.HANDLING,
    AgentState.RECONNECTING: _Does.HANDLING,
    AgentState.WRAP_UP: _Does.HANDLING,
    AgentState.PAUSED: _Does.PAUSED,
    AgentState.BUSY: _Does.PAUSED,
}


class Lives(Protocol):
    """What attempts that are open really are."""

    lives: dict[AttemptId, CallPlan]


class _Open:
    """An attempt whose row is not whole yet."""

    __slots__ = (
        "agent_id",
        "agent_wait_s",
        "bridged_at",
        "campaign_id",
        "dialed_at",
        "end",
        "lead_id",
        "verdict",
        "verdict_at",
        "written_s",
    )

    def __init__(self, record: AttemptStarted) -> None:
        self.campaign_id = record.campaign_id
        self.lead_id = record.lead_id
        self.dialed_at = record.at
        self.verdict: Verdict | None = None
        self.verdict_at: float | None = None
        self.bridged_at: float | None = None
        self.agent_id: AgentId | None = None
        self.agent_wait_s: float | None = None
        self.end: AttemptEnded | None = None
        self.written_s: float | None = None


class _Counts:
    """One campaign's tally, and its people minute by minute."""

    def __init__(self, minutes: int) -> None:
        self.tally = Tally()
        self.abandoned = [0] * minutes
        self.connected = [0] * minutes


class Reckoner:
    """Takes every record of a day, in order.

    Args:
        day_at: When the counted day begins.
        day_s: How long it is.
        names: Of the campaigns.
        people: What attempts really are; their lives are taken out when they are over.
    """

    def __init__(self, *, day_at: float, day_s: float, names: dict[CampaignId, str], people: Lives) -> None:
        self._day_at, self._day_s = day_at, day_s
        self._end_at = day_at + day_s
        self._names = names
        self._lives = people.lives
        self._counts = {campaign_id: _Counts(-int(-day_s // MINUTE_S)) for campaign_id in names}
        self._open: dict[AttemptId, _Open] = {}
        self._writing: dict[AgentId, tuple[AttemptId, float]] = {}
        self._state: dict[AgentId, AgentState] = {}
        self._free_since: dict[AgentId, float] = {}
        self._doing = [0, 0, 0, 0]
        self._spent = [0.0, 0.0, 0.0, 0.0]
        self._at = self._next_at = day_at
        self._minute = _Since()
        self._in_flight = self._lines = 0
        self._calls_peak = self._lines_peak = 0
        self._wait_total_s, self._waits = 0.0, 0
        self.on_attempt: Callable[[AttemptRow], None] | None = None
        self.on_minute: Callable[[Minute], None] | None = None
        self._takers: dict[type[Record], Callable[..., None]] = {
            AttemptStarted: self._started,
            AttemptClassified: self._classified,
            AttemptEnded: self._ended,
            AgentChanged: self._agent,
        }

    def take(self, record: Record) -> None:
        """Count a record."""
        taker = self._takers.get(type(record))
        if taker is not None:
            if record.at >= self._next_at:
                self._pass_minutes(record.at)
            taker(record)

    # --- attempts -------------------------------------------------------------------------------------

    def _started(self, record: AttemptStarted) -> None:
        self._open[record.attempt_id] = _Open(record)
        self._in_flight += 1
        self._lines += 1
        if self._day_at <= record.at < self._end_at:
            self._counts[record.campaign_id].tally.attempts += 1
            self._calls_peak = max(self._calls_peak, self._in_flight)
            self._lines_peak = max(self._lines_peak, self._lines)

    def _classified(self, record: AttemptClassified) -> None:
        one = self._open[record.attempt_id]
        one.verdict, one.verdict_at = record.verdict, record.at

    def _connected(self, attempt_id: AttemptId, agent_id: AgentId, at: float) -> None:
        one = self._open[attempt_id]
        if one.bridged_at is not None:
            return
        one.bridged_at, one.agent_id = at, agent_id
        self._in_flight -= 1
        since = self._free_since.pop(agent_id, None)
        one.agent_wait_s = None if since is None else at - since
        if not self._day_at <= at < self._end_at:
            return
        if one.agent_wait_s is not None:
            self._wait_total_s += one.agent_wait_s
            self._waits += 1
        counts = self._counts[one.campaign_id]
        counts.tally.answered_live += 1
        if self._is_person(attempt_id):
            counts.tally.connected += 1
            counts.connected[self._minute_of(at)] += 1
            self._minute.connected += 1
        else:
            counts.tally.machines_connected += 1

    def _ended(self, record: AttemptEnded) -> None:
        attempt_id = record.attempt_id
        one = self._open[attempt_id]
        one.end = record
        self._lines -= 1
        if one.bridged_at is None:
            self._in_flight -= 1
            if self._day_at <= record.at < self._end_at:
                self._unconnected(record, is_person=self._is_person(attempt_id))
        writing = None if one.agent_id is None else self._writing.get(one.agent_id)
        if writing is None or writing[0] != attempt_id:
            self._close(attempt_id)

    def _unconnected(self, record: AttemptEnded, *, is_person: bool) -> None:
        counts = self._counts[record.campaign_id]
        tally = counts.tally
        if record.outcome is Outcome.ABANDONED:
            tally.answered_live += 1
            if is_person:
                tally.abandoned += 1
                counts.abandoned[self._minute_of(record.at)] += 1
                self._minute.abandoned += 1
            else:
                tally.machines_abandoned += 1
        elif record.outcome is Outcome.HUNG_UP_WAITING:
            tally.answered_live += 1
            tally.hung_up_waiting += 1
        elif record.outcome is Outcome.MACHINE and is_person:
            tally.people_misjudged += 1

    def _is_person(self, attempt_id: AttemptId) -> bool:
        life = self._lives.get(attempt_id)
        return life is not None and life.is_person

    def _minute_of(self, at: float) -> int:
        return int((at - self._day_at) // MINUTE_S)

    def _close(self, attempt_id: AttemptId) -> None:
        """Hand out the row of an attempt of which nothing more can happen."""
        one = self._open.pop(attempt_id)
        is_person = self._is_person(attempt_id)
        self._lives.pop(attempt_id, None)
        if self.on_attempt is not None and one.dialed_at < self._end_at:
            self.on_attempt(self._row(one, is_person=is_person))

    def _row(self, one: _Open, *, is_person: bool) -> AttemptRow:
        end = one.end if one.end is not None and one.end.at < self._end_at else None
        connected = Outcome.CONNECTED if one.bridged_at is not None else None
        return AttemptRow(
            campaign=self._names[one.campaign_id],
            lead=one.lead_id % LEADS_A_CAMPAIGN,
            dialed_at=one.dialed_at - self._day_at,
            rang_at=self._since_day(one.end.ringing_at if one.end else None),
            answered_at=self._since_day(one.end.answered_at if one.end else None),
            verdict=one.verdict,
            verdict_at=self._since_day(one.verdict_at),
            bridged_at=self._since_day(one.bridged_at),
            ended_at=self._since_day(end.at if end else None),
            agent=one.agent_id,
            outcome=end.outcome if end else connected,
            wait_s=one.end.wait_s if one.end else None,
            is_person=is_person,
            agent_wait_s=one.agent_wait_s,
            wrap_up_s=one.written_s,
        )

    def _since_day(self, at: float | None) -> float | None:
        return None if at is None or at >= self._end_at else at - self._day_at

    # --- agents ---------------------------------------------------------------------------------------

    def _agent(self, record: AgentChanged) -> None:
        if not record.begins:
            return
        agent_id, state, at = record.agent_id, record.state, record.at
        self._spend(at)
        before = self._state.get(agent_id, AgentState.LOGGED_OUT)
        self._state[agent_id] = state
        self._doing[_DOES[before]] -= 1
        self._doing[_DOES[state]] += 1
        if before is AgentState.WRAP_UP:
            self._written(agent_id, at)
        if _DOES[state] is _Does.WAITING and _DOES[before] is not _Does.WAITING:
            self._free_since[agent_id] = at
        elif state is AgentState.TALKING and record.attempt_id is not None:
            self._connected(record.attempt_id, agent_id, at)
        elif state is AgentState.WRAP_UP and record.attempt_id is not None:
            self._writing[agent_id] = (record.attempt_id, at)

    def _written(self, agent_id: AgentId, at: float) -> None:
        attempt_id, since = self._writing.pop(agent_id, (None, at))
        one = self._open.get(attempt_id) if attempt_id is not None else None
        if one is None or attempt_id is None:
            return
        one.written_s = at - since
        if one.end is not None:
            self._close(attempt_id)

    # --- time -----------------------------------------------------------------------------------------

    def _spend(self, at: float) -> None:
        """Count agents' time up to an instant; the doings of before the day and after its end count for nothing."""
        until = min(at, self._end_at)
        if until > self._at:
            passed = until - self._at
            for does, agents in enumerate(self._doing):
                self._spent[does] += agents * passed
            self._at = until

    def _pass_minutes(self, at: float) -> None:
        while self._next_at <= min(at, self._end_at):
            self._spend(self._next_at)
            if self._next_at > self._day_at and self.on_minute is not None:
                self.on_minute(self._minute_row())
            self._minute = _Since(self._spent[_Does.WAITING], self._spent[_Does.HANDLING])
            self._next_at += MINUTE_S

    def _minute_row(self) -> Minute:
        minute = self._minute
        handled_s = self._spent[_Does.HANDLING] - minute.handled_s
        there_s = handled_s + self._spent[_Does.WAITING] - minute.waiting_s
        return Minute(
            at=self._next_at - self._day_at,
            utilisation=handled_s / there_s if there_s else 0.0,
            agents=self._doing[_Does.WAITING] + self._doing[_Does.HANDLING],
            in_flight=self._in_flight,
            abandoned=minute.abandoned,
            connected=minute.connected,
        )

    def result(self, *, seed: int, events: int, virtual_s: float) -> DayResult:
        """Return what the day came to, and hand out the rows that are left."""
        self._pass_minutes(self._end_at)
        self._spend(self._end_at)
        for attempt_id in list(self._open):
            self._close(attempt_id)
        waiting_s, handled_s = self._spent[_Does.WAITING], self._spent[_Does.HANDLING]
        whole = _Counts(len(next(iter(self._counts.values())).abandoned))
        for counts in self._counts.values():
            _add(whole, counts)
        campaigns = {self._names[one]: _finished(counts) for one, counts in self._counts.items()}
        tally = _finished(whole)
        return DayResult(
            **{name: getattr(tally, name) for name in Tally.__struct_fields__},
            seed=seed,
            agents_s=waiting_s + handled_s,
            handled_s=handled_s,
            waiting_s=waiting_s,
            paused_s=self._spent[_Does.PAUSED],
            wait_total_s=self._wait_total_s,
            waits=self._waits,
            calls_peak=self._calls_peak,
            lines_peak=self._lines_peak,
            events=events,
            virtual_s=virtual_s,
            campaigns=campaigns,
        )


class _Since:
    """What had been when a minute began, and what is counted within it."""

    __slots__ = ("abandoned", "connected", "handled_s", "waiting_s")

    def __init__(self, waiting_s: float = 0.0, handled_s: float = 0.0) -> None:
        self.waiting_s, self.handled_s = waiting_s, handled_s
        self.abandoned = self.connected = 0


def _add(whole: _Counts, part: _Counts) -> None:
    for name in Tally.__struct_fields__:
        setattr(whole.tally, name, getattr(whole.tally, name) + getattr(part.tally, name))
    whole.abandoned = [one + other for one, other in zip(whole.abandoned, part.abandoned, strict=True)]
    whole.connected = [one + other for one, other in zip(whole.connected, part.connected, strict=True)]


def _finished(counts: _Counts) -> Tally:
    counts.tally.worst_30min = worst_half_hour(counts.abandoned, counts.connected)
    return counts.tally


def worst_half_hour(abandoned: list[int], connected: list[int]) -> float:
    """Return the highest abandonment rate of any half hour with enough people, from counts of each minute."""
    width = int(HALF_HOUR_S // MINUTE_S)
    worst = 0.0
    for since in range(max(1, len(abandoned) - width + 1)):
        lost, met = sum(abandoned[since : since + width]), sum(connected[since : since + width])
        if lost + met >= LEAST_ANSWERS:
            worst = max(worst, lost / (lost + met))
    return worst
