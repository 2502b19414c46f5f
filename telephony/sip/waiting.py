"""Legs that wait for a place in a worker, in the order in which they came. Times are monotonic."""

from typing import NamedTuple

from dialer.core.ids import LegId
from telephony.sip.call_ins import CallIn
from telephony.sip.crew import Crew
from telephony.sip.hands import Hand
from telephony.sip.protocol import Dial, Take

_LINE_WAIT_S = 1.0
_AGENT_WAIT_S = 10.0
"""A phone may wait for its worker to start; no customer is waiting."""


class _Waiting(NamedTuple):
    due_at: float
    trunk: str | None
    order: Dial | Take
    call_in: CallIn | None = None
    """The phone that a `Take` is for."""

    def send(self, hand: Hand) -> None:
        hand.send(self.order)
        if self.call_in is not None and isinstance(self.order, Take):
            self.call_in.pass_on(hand, self.order)

    def turn_away(self) -> None:
        if self.call_in is not None:
            self.call_in.turn_away()


class WaitingLegs:
    """The orders of legs that no worker has yet."""

    def __init__(self) -> None:
        self._entries: list[_Waiting] = []

    @property
    def legs(self) -> list[LegId]:
        """The legs, first come first."""
        return [entry.order.leg_id for entry in self._entries]

    @property
    def agents(self) -> int:
        """How many of them are agents' legs."""
        return sum(entry.trunk is None for entry in self._entries)

    def dial(self, trunk: str | None, order: Dial, now: float) -> None:
        """Let a leg wait that is to be dialed: a customer's through a trunk, an agent's through none."""
        wait_s = _AGENT_WAIT_S if trunk is None else _LINE_WAIT_S
        self._entries.append(_Waiting(now + wait_s, trunk, order))

    def take(self, leg_id: LegId, call_in: CallIn, now: float) -> None:
        """Let a leg wait whose phone has called in."""
        self._entries.append(_Waiting(now + _AGENT_WAIT_S, None, call_in.order(leg_id), call_in))

    def serve(self, crew: Crew, now: float) -> tuple[dict[LegId, Hand], list[LegId]]:
        """Give places to legs; return which worker has which now, and the legs that waited too long."""
        placed: dict[LegId, Hand] = {}
        late: list[_Waiting] = []
        left: list[_Waiting] = []
        for entry in self._entries:
            if hand := crew.free(entry.trunk, now):
                hand.take(entry.order.leg_id, now)
                entry.send(hand)
                placed[entry.order.leg_id] = hand
            elif now > entry.due_at:
                late.append(entry)
            else:
                left.append(entry)
        self._entries = left
        return placed, self._turned_away(late)

    def withdraw(self, leg_id: LegId) -> bool:
        """Let a leg wait no more; return whether it did."""
        withdrawn = [entry for entry in self._entries if entry.order.leg_id == leg_id]
        self._entries = [entry for entry in self._entries if entry.order.leg_id != leg_id]
        return bool(self._turned_away(withdrawn))

    def gave_up(self, call_in: str) -> list[LegId]:
        """A phone hung up; return its leg, which waits no more."""
        gone = [e for e in self._entries if e.call_in is not None and e.call_in.came.call_in == call_in]
        self._entries = [entry for entry in self._entries if entry not in gone]
        return [entry.order.leg_id for entry in gone]

    def clear(self) -> list[LegId]:
        """Let no leg wait any more; return them."""
        entries, self._entries = self._entries, []
        return self._turned_away(entries)

    @staticmethod
    def _turned_away(entries: list[_Waiting]) -> list[LegId]:
        for entry in entries:
            entry.turn_away()
        return [entry.order.leg_id for entry in entries]
