"""A floor that somebody else runs: what happened and what is there as rows of numbers, in; how many calls to start, out."""

from collections import OrderedDict
from collections.abc import Sequence
from enum import IntEnum

from dialer.core.pacing.forecast.policy import Decision, Policy, View

AgentRow = Sequence[float]
"""State and seconds in it."""
CallRow = Sequence[float]
"""Id, state, seconds since dialing, seconds in the state."""
EventRow = Sequence[float]
"""When, what, call, agent, value."""


class AgentIs(IntEnum):
    """States of agents."""

    OFF = 0
    FREE = 1
    TALKING = 2
    WRAPPING_UP = 3
    BREAK = 4


class CallIs(IntEnum):
    """States of calls."""

    RINGING = 0
    DETECTING = 1
    WAITING = 2


class Happened(IntEnum):
    """What events are about."""

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


class _Dialed:
    __slots__ = ("at", "human", "picked_up_at")

    def __init__(self, at: float) -> None:
        self.at = at
        self.picked_up_at: float | None = None
        self.human: bool | None = None


class Served:
    """Keeps what the policy must know of calls that are not over."""

    def __init__(self, policy: Policy, *, day_end: float) -> None:
        self.policy = policy
        self.day_end = day_end
        self._dialed: OrderedDict[int, _Dialed] = OrderedDict()
        """In the order of dialing, until their outcome has been learned."""
        self._wrapped_at: float = -1.0

    def decide(
        self, at: float, agents: Sequence[AgentRow], calls: Sequence[CallRow], events: Sequence[EventRow]
    ) -> Decision:
        for event in events:
            self._hear(*event)
        ringing, detecting, waiting = [], [], 0
        for _, state, since_dial, since in calls:
            if state == CallIs.RINGING:
                ringing.append(since_dial)
            elif state == CallIs.DETECTING:
                detecting.append((since_dial - since, since))
            else:
                waiting += 1
        return self.policy.decide(
            View(
                at=at,
                free=sum(state == AgentIs.FREE for state, _ in agents),
                talking=[since for state, since in agents if state == AgentIs.TALKING],
                wrapping_up=[since for state, since in agents if state == AgentIs.WRAPPING_UP],
                ringing=ringing,
                detecting=detecting,
                waiting=waiting,
                left_s=max(0.0, self.day_end - at),
            )
        )

    def _hear(self, at: float, what: int, call: int, agent: int, value: float) -> None:
        learned, policy = self.policy.learned, self.policy
        if what == Happened.DIALED:
            self._dialed[call] = _Dialed(at)
        elif what == Happened.PICKED_UP:
            if (one := self._dialed.get(call)) is not None:
                one.picked_up_at = at
        elif what in (Happened.BUSY, Happened.NO_ANSWER, Happened.INVALID):
            learned.other_ring.add(value)
            learned.others += 1
            self._resolve(call, human=False)
        elif what in (Happened.HUMAN, Happened.MACHINE):
            self._judged(call, value, human=what == Happened.HUMAN)
        elif what in (Happened.CONNECTED, Happened.ABANDONED):
            gone = what == Happened.ABANDONED
            policy.abandoned += gone
            policy.connected += not gone
            left = self.policy.budget_at(View(at, 0, (), (), (), (), 0, max(0.0, self.day_end - at)))
            policy.price.learn(abandoned=gone, target=left.target, at=at)
        elif what == Happened.TALK_ENDED:
            learned.talk.add(value)
        elif what == Happened.WRAPPED_UP:
            learned.wrap_up.add(value)
            learned.wrap_ups += 1
        elif what in (Happened.LOGGED_OUT, Happened.BREAK):
            learned.breaks += 1
        elif what == Happened.DISPOSED:
            learned.connected += 1
            learned.humans_connected += value == 0
        elif what == Happened.DAY:
            policy.connected = policy.abandoned = 0
            policy.price.begin_day(at)

    def _judged(self, call: int, delay_s: float, *, human: bool) -> None:
        one, learned = self._dialed.get(call), self.policy.learned
        if one is None or one.picked_up_at is None:
            return
        (learned.human_ring if human else learned.machine_ring).add(one.picked_up_at - one.at)
        (learned.human_delay if human else learned.machine_delay).add(delay_s)
        learned.machines += not human
        self._resolve(call, human=human)

    def _resolve(self, call: int, *, human: bool) -> None:
        if (one := self._dialed.get(call)) is None:
            return
        one.human = human
        while self._dialed:
            first, oldest = next(iter(self._dialed.items()))
            if oldest.human is None:
                return
            self.policy.learned.odds.learn(answered=oldest.human, dialed_at=oldest.at)
            del self._dialed[first]
