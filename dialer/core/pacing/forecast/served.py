"""A floor that somebody else runs: what happened and what is there as rows of numbers, in; how many calls to start, out."""

from collections.abc import Callable, Sequence
from enum import IntEnum

from dialer.core.ids import CallId, CampaignId
from dialer.core.pacing.forecast.budget import Window, budget
from dialer.core.pacing.forecast.decide import Entrant, decide, risk_allowed
from dialer.core.pacing.forecast.demand import InProgress, demand
from dialer.core.pacing.forecast.evidence import Evidence
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.pacing.forecast.supply import Busy, freed, in_time_s
from dialer.core.pacing.forecast.table_cache import TableCache

LIMIT_S = 2.0
"""Whoever waits longer for an agent is abandoned. Source: 16 CFR 310.4(b)(4)(iii)."""
AT_MOST = 1000
"""Calls a decision, so that a mistake on the other side floods nobody."""

_ONLY = CampaignId(0)

Row = Sequence[float]


class AgentIs(IntEnum):
    """States of agents; a row is state and seconds in it."""

    OFF = 0
    FREE = 1
    TALKING = 2
    WRAPPING_UP = 3
    BREAK = 4


class CallIs(IntEnum):
    """States of calls; a row is id, state, seconds since dialing and seconds in the state."""

    RINGING = 0
    DETECTING = 1
    WAITING = 2


class Happened(IntEnum):
    """What events are about; a row is when, what, call, agent and a value."""

    DIALED = 0
    PICKED_UP = 1
    BUSY = 2
    NO_ANSWER = 3
    INVALID = 4
    PERSON = 5
    MACHINE = 6
    CONNECTED = 7
    ABANDONED = 8
    TALK_ENDED = 9
    WRAPPED_UP = 10
    LOGGED_IN = 11
    LOGGED_OUT = 12
    BREAK = 13
    BACK = 14
    DAY = 15
    DISPOSED = 16


class ServedFloor:
    """One campaign, alone on its agents.

    Args:
        day_starts_at: From when calls are made.
        day_ends_at: Until when, on the first day; on others for as long, from the event that begins them.
        limit: The share of live answers that may be abandoned.
        lines: How many calls there may be at a time, talks included; 0: any number.
    """

    def __init__(self, *, day_starts_at: float, day_ends_at: float, limit: float, lines: int = 0) -> None:
        self.outlook = Outlook()
        self._day_s = day_ends_at - day_starts_at
        self._lines = lines
        self._day_ends_at = day_ends_at
        self._limit = limit
        self._tables = TableCache()
        self._picked_up: dict[CallId, tuple[float, float]] = {}
        """Seconds of ringing, and when it was answered."""
        self._evidence: dict[CallId, Evidence] = {}
        """Of calls that needed an agent, until it is said of them what they were."""
        self._answers = [0, 0]
        """Abandoned and connected, of the day."""
        self._heard: dict[int, Callable[[Row], None]] = {
            Happened.DIALED: self._dialed,
            Happened.PICKED_UP: self._picked,
            Happened.BUSY: self._nobody,
            Happened.NO_ANSWER: self._nobody,
            Happened.INVALID: self._nobody,
            Happened.PERSON: self._judged,
            Happened.MACHINE: self._judged,
            Happened.CONNECTED: self._answered,
            Happened.ABANDONED: self._answered,
            Happened.TALK_ENDED: self._talked,
            Happened.WRAPPED_UP: self._wrapped_up,
            Happened.LOGGED_OUT: self._left_work,
            Happened.BREAK: self._left_work,
            Happened.DISPOSED: self._disposed,
            Happened.DAY: self._day,
        }

    def calls_to_start(
        self, at: float, agents: Sequence[Row], calls: Sequence[Row], events: Sequence[Row]
    ) -> int:
        """Return how many calls to start after some events, with these agents and calls there."""
        for event in events:
            self._hear(event)
        self.outlook.settle(at)
        entrant = self._entrant(at, agents, _in_progress(calls))
        talks = sum(state == AgentIs.TALKING for state, _ in agents)
        at_most = max(0, self._lines - len(calls) - talks) if self._lines else AT_MOST
        return decide([entrant], at_most=at_most)[0].calls

    def _entrant(self, at: float, agents: Sequence[Row], there: InProgress) -> Entrant:
        outlook, learned = self.outlook, self.outlook.learned
        seconds = self._tables.horizons(_ONLY, outlook)
        made = self._tables.tables(_ONLY, outlook, seconds, later_s=in_time_s(LIMIT_S, 0.0))
        free = sum(state == AgentIs.FREE for state, _ in agents)
        share = learned.odds.share()
        allowed = risk_allowed(outlook, self._window(at), at=at, at_stake=share * max(0, there.calls - free))
        return Entrant(
            free=free,
            supply=freed(made, _busy(agents)),
            demand=demand(learned, made, there),
            next_calls=(share * made.new,),
            turn=0.0,
            step=1.0,
            weight=1.0,
            at_most=AT_MOST,
            in_progress=there.calls,
            knows=learned.odds.known(at),
            price=allowed.risk,
            is_spent=allowed.is_spent,
            own=there.calls,
            forecasts=True,
            shares=(1.0,),
        )

    def _window(self, at: float) -> Window:
        abandoned, connected = self._answers
        to_come = max(0.0, self._day_ends_at - at) * self.outlook.price.rate_at(at)
        return self.outlook.window(
            limit=self._limit, abandoned=abandoned, connected=connected, to_come=to_come
        )

    # --- what happened --------------------------------------------------------------------------------

    def _hear(self, event: Row) -> None:
        hear = self._heard.get(int(event[1]))
        if hear is not None:
            hear(event)

    def _dialed(self, event: Row) -> None:
        self.outlook.dial(_call(event), at=event[0])

    def _picked(self, event: Row) -> None:
        known = self.outlook.dialed.get(_call(event))
        if known is not None:
            self._picked_up[_call(event)] = (event[0] - known.at, event[0])

    def _nobody(self, event: Row) -> None:
        self.outlook.nobody(_call(event), after_s=event[4])

    def _judged(self, event: Row) -> None:
        rang_s, _ = self._picked_up.pop(_call(event), (0.0, 0.0))
        if event[1] == Happened.PERSON:
            evidence = self._evidence[_call(event)] = Evidence(rang_s=rang_s, delay_s=event[4])
            self.outlook.person(_call(event), evidence)
        else:
            self.outlook.machine(_call(event), rang_s=rang_s, delay_s=event[4])

    def _answered(self, event: Row) -> None:
        abandoned = event[1] == Happened.ABANDONED
        self._answers[not abandoned] += 1
        target = budget(self._window(event[0])).target
        person = self.outlook.learned.person(self._evidence.pop(_call(event), None)) if abandoned else 1.0
        self.outlook.price.learn(abandoned=abandoned, target=target, at=event[0], person=person)

    def _talked(self, event: Row) -> None:
        self.outlook.learned.talk.add(event[4])

    def _wrapped_up(self, event: Row) -> None:
        self.outlook.learned.wrap_up.add(event[4])
        self.outlook.learned.leaving.add(so=False)

    def _left_work(self, _: Row) -> None:
        self.outlook.learned.leaving.add(so=True)

    def _disposed(self, event: Row) -> None:
        self.outlook.learned.disposed(self._evidence.pop(_call(event), None), is_person=event[4] == 0)

    def _day(self, event: Row) -> None:
        self._answers = [0, 0]
        self._evidence.clear()
        self.outlook.price.begin_day(event[0])
        if event[0] >= self._day_ends_at:
            self._day_ends_at = event[0] + self._day_s


def _call(event: Row) -> CallId:
    return CallId(str(int(event[2])))


def _busy(agents: Sequence[Row]) -> Busy:
    return Busy(
        [seconds for state, seconds in agents if state == AgentIs.TALKING],
        [seconds for state, seconds in agents if state == AgentIs.WRAPPING_UP],
    )


def _in_progress(calls: Sequence[Row]) -> InProgress:
    there = InProgress()
    for _, state, since_dial, since in calls:
        if state == CallIs.RINGING:
            there.rings(since_dial)
        elif state == CallIs.DETECTING:
            there.is_heard(since_dial - since, since)
        else:
            there.waiting += 1
    return there
