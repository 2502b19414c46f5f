"""A model of a floor that knows nothing of the dialer: calls, people and agents in virtual time, driven by any policy.

It judges pacing from outside, by the words of `dialer pacing serve`; the dialer's own simulator is the other one. The people
are those of docs/pacing.md, the stationary model.
"""

import heapq
import math
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from random import Random
from typing import Protocol

WAIT_S = 2.0
"""Who waits longer for an agent is abandoned. Source: 16 CFR 310.4(b)(4)(iii)."""
RING_S = 26.0


class Presence(IntEnum):
    OFF = 0
    FREE = 1
    TALK = 2
    WRAP_UP = 3
    BREAK = 4


class Told(IntEnum):
    DIALED = 0
    PICKED_UP = 1
    BUSY = 2
    NO_ANSWER = 3
    INVALID = 4
    HUMAN = 5
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


Event = tuple[float, int, int, int, float]


class Judged(Protocol):
    """A policy: what happened since the last time, and what is there; how many calls to place."""

    def dial(self, t: float, agents: list, calls: list, events: list[Event]) -> int: ...


@dataclass(frozen=True)
class Model:
    agents: int = 20
    p: float = 0.25
    tick_s: float = 0.5
    warm_up_s: float = 1800.0
    day_s: float = 8 * 3600.0
    lines: int = 0
    steps: tuple[tuple[float, float], ...] = ()
    """Changes of the answer odds: from when on, by which factor."""


def lognormal(chance: Random, mean: float, variation: float) -> float:
    s2 = math.log(1 + variation * variation)
    return chance.lognormvariate(math.log(mean) - s2 / 2, math.sqrt(s2))


@dataclass
class Day:
    """What a day came to, warm-up left out."""

    busy_s: float = 0.0
    there_s: float = 0.0
    connected: int = 0
    abandoned: int = 0
    waits: int = 0
    wait_s: float = 0.0
    dials: int = 0
    answers: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def utilisation(self) -> float:
        return self.busy_s / self.there_s

    @property
    def rate(self) -> float:
        return self.abandoned / max(1, self.abandoned + self.connected)

    @property
    def mean_wait_s(self) -> float:
        return self.wait_s / max(1, self.waits)

    def worst_s(self, width_s: float = 1800.0) -> float:
        """Return the highest abandonment of any stretch."""
        worst, first, bad = 0.0, 0, 0
        for last, (at, abandoned) in enumerate(self.answers):
            bad += abandoned
            while self.answers[first][0] < at - width_s:
                bad -= self.answers[first][1]
                first += 1
            if last - first >= 19:
                worst = max(worst, bad / (last - first + 1))
        return worst


class Floor:
    """One day."""

    def __init__(self, model: Model, seed: int) -> None:
        self.m = model
        self.c = Random(seed)
        self.heap: list = []
        self.order = count()
        self.events: list[Event] = []
        self.agents = [[Presence.FREE, 0.0] for _ in range(model.agents)]
        self.pace = [lognormal(self.c, 1, 0.15) for _ in range(model.agents)]
        self.free: list[int] = list(range(model.agents))
        self.calls: dict[int, list] = {}
        self.waiting: list[int] = []
        self.ids = count(1)
        self.day = Day()

    def at(self, t: float, what, *args) -> None:
        heapq.heappush(self.heap, (t, next(self.order), what, args))

    def tell(self, t, kind, call=0, agent=0, value=0.0) -> None:
        self.events.append((t, int(kind), call, agent, value))

    def p(self, t: float) -> float:
        odds = self.m.p / (1 - self.m.p)
        for since, factor in self.m.steps:
            if t >= since:
                odds = self.m.p / (1 - self.m.p) * factor
        return odds / (1 + odds)

    def run(self, policy: Judged) -> Day:
        m, t = self.m, 0.0
        end = m.warm_up_s + m.day_s
        self.tell(0.0, Told.DAY)
        for one in range(m.agents):
            self.tell(0.0, Told.LOGGED_IN, 0, one)
        while t < end:
            while self.heap and self.heap[0][0] <= t:
                at, _, what, args = heapq.heappop(self.heap)
                what(at, *args)
            told, self.events = self.events, []
            agents = [(one[0], t - one[1]) for one in self.agents]
            calls = [(i, one[0], t - one[1], t - one[2]) for i, one in self.calls.items()]
            n = policy.dial(t, agents, calls, told)
            if m.lines:
                n = min(n, m.lines - len(self.calls))
            for _ in range(n):
                self.dial(t)
            t += m.tick_s
        for one in range(m.agents):
            self.spend(one, end)
        return self.day

    def dial(self, t: float) -> None:
        c, i = self.c, next(self.ids)
        self.calls[i] = [0, t, t, None]
        self.day.dials += t >= self.m.warm_up_s
        self.tell(t, Told.DIALED, i)
        drawn, post = c.random(), c.uniform(1, 3)
        if drawn < self.p(t):
            ring = lognormal(c, 8, 0.6)
            self.at(t + post + ring, self.pick, i, True) if ring < RING_S else self.at(
                t + post + RING_S, self.lost, i, Told.NO_ANSWER
            )
            return
        drawn = c.random()
        if drawn < 0.4:
            ring = lognormal(c, 16, 0.35)
            self.at(t + post + ring, self.pick, i, False) if ring < RING_S else self.at(
                t + post + RING_S, self.lost, i, Told.NO_ANSWER
            )
        elif drawn < 0.8:
            self.at(t + post + RING_S, self.lost, i, Told.NO_ANSWER)
        elif drawn < 0.88:
            self.at(t + c.uniform(1.5, 3), self.lost, i, Told.BUSY)
        else:
            self.at(t + c.uniform(0.5, 2), self.lost, i, Told.INVALID)

    def lost(self, t, i, why) -> None:
        self.tell(t, why, i, 0, t - self.calls[i][1])
        del self.calls[i]

    def pick(self, t, i, human) -> None:
        one = self.calls[i]
        one[0], one[2], one[3] = 1, t, human
        self.tell(t, Told.PICKED_UP, i, 0, t - one[1])
        says = human != (self.c.random() < (0.02 if human else 0.05))
        delay = self.c.uniform(0.8, 1.8) if human else self.c.uniform(2, 4)
        self.at(t + delay, self.judged, i, says, delay)

    def judged(self, t, i, says_human, delay) -> None:
        if not says_human:
            self.tell(t, Told.MACHINE, i, 0, delay)
            del self.calls[i]
            return
        self.tell(t, Told.HUMAN, i, 0, delay)
        one = self.calls[i]
        one[0], one[2] = 2, t
        if self.free:
            self.join(t, i, self.free.pop(0))
        else:
            self.waiting.append(i)
            self.at(t + WAIT_S, self.abandon, i)

    def abandon(self, t, i) -> None:
        if i in self.waiting:
            self.waiting.remove(i)
            del self.calls[i]
            self.tell(t, Told.ABANDONED, i)
            if t >= self.m.warm_up_s:
                self.day.abandoned += 1
                self.day.answers.append((t, True))

    def spend(self, a, t) -> None:
        state, since = self.agents[a]
        seconds = max(0.0, t - max(since, self.m.warm_up_s))
        self.day.there_s += seconds
        if state in (Presence.TALK, Presence.WRAP_UP):
            self.day.busy_s += seconds
        elif state == Presence.FREE and t >= self.m.warm_up_s:
            self.day.wait_s += seconds
        self.agents[a][1] = t

    def join(self, t, i, a) -> None:
        human, wait = self.calls.pop(i)[3], 0.0
        self.tell(t, Told.CONNECTED, i, a, wait)
        if t >= self.m.warm_up_s:
            self.day.connected += 1
            self.day.waits += 1
            self.day.answers.append((t, False))
        self.spend(a, t)
        self.agents[a][0] = Presence.TALK
        c = self.c
        if not human:
            talk = c.uniform(5, 12)
        elif c.random() < 0.45:
            talk = lognormal(c, 25, 0.6) * self.pace[a]
        else:
            talk = lognormal(c, 261, 0.8) * self.pace[a]
        self.at(t + talk, self.talked, a, talk, i, human)

    def talked(self, t, a, talk, i, human) -> None:
        self.spend(a, t)
        self.agents[a][0] = Presence.WRAP_UP
        self.tell(t, Told.TALK_ENDED, i, a, talk)
        wrap = lognormal(self.c, 25, 0.6) * self.pace[a]
        self.at(t + wrap, self.wrapped, a, wrap, i, human)

    def wrapped(self, t, a, wrap, i, human) -> None:
        self.spend(a, t)
        self.agents[a][0] = Presence.FREE
        self.tell(t, Told.WRAPPED_UP, i, a, wrap)
        self.tell(t, Told.DISPOSED, i, a, 0.0 if human else 1.0)
        if self.waiting:
            self.join(t, self.waiting.pop(0), a)
        else:
            self.free.append(a)
