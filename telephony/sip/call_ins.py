"""Phones that call in and agents who are waited for: whoever comes first waits for the other.

A phone that called is held while the engine makes up its mind; a leg that the engine ordered for an agent who
calls in waits for the phone. Times are monotonic.
"""

import secrets
from collections.abc import Callable
from typing import NamedTuple

from dialer.core.ids import LegId
from telephony.sip.hands import Hand
from telephony.sip.protocol import CameIn, Pass, Take, TurnAway

HELD_S = 10.0
"""How long a phone hears nothing but that we try. A guess: far longer than the database and a new worker take."""
AWAITED_S = 60.0
"""How long a log-in waits for the phone's call before it is tried again. A guess: time to walk to the desk."""


class CallIn(NamedTuple):
    """A phone that waits, with the reception that holds it."""

    reception: Hand
    came: CameIn
    due_at: float

    def turn_away(self) -> None:
        """Let the phone hear that nobody is there."""
        self.reception.send(TurnAway(call_in=self.came.call_in))

    def pass_on(self, to: Hand, take: Take) -> None:
        """Let the reception send the phone's call to a worker that expects it."""
        self.reception.send(Pass(call_in=self.came.call_in, port=to.setup.sip_port, token=take.token))

    def order(self, leg_id: LegId) -> Take:
        """Return what the worker is told."""
        return Take(leg_id=leg_id, token=secrets.token_hex(16), host=self.came.host, port=self.came.port)


class CallIns:
    """Both kinds of waiting, by the name of the agent."""

    def __init__(self) -> None:
        self.called_in: Callable[[str], None] = lambda _: None
        """Takes the name of an agent whose phone called and for whom no leg waits yet."""
        self._held: dict[str, CallIn] = {}
        self._awaited: dict[str, tuple[LegId, float]] = {}

    @property
    def legs(self) -> list[LegId]:
        """The legs that wait for a phone."""
        return [leg_id for leg_id, _ in self._awaited.values()]

    def came(self, reception: Hand, came: CameIn, now: float) -> tuple[LegId, CallIn] | None:
        """Take in a call; return it with its leg if one waits, else hold it. The newest of a name counts."""
        call_in = CallIn(reception, came, now + HELD_S)
        if (before := self._held.pop(came.agent, None)) is not None:
            before.turn_away()
        if (awaited := self._awaited.pop(came.agent, None)) is not None:
            return awaited[0], call_in
        self._held[came.agent] = call_in
        self.called_in(came.agent)
        return None

    def want(self, leg_id: LegId, name: str, now: float) -> CallIn | None:
        """Return the held call of an agent, else let the leg wait for it."""
        if (held := self._held.pop(name, None)) is None:
            self._awaited[name] = (leg_id, now + AWAITED_S)
        return held

    def gave_up(self, call_in: str) -> None:
        """A phone hung up while it was held."""
        self._held = {name: one for name, one in self._held.items() if one.came.call_in != call_in}

    def withdraw(self, leg_id: LegId) -> bool:
        """Let a leg wait no more; return whether it did."""
        before = len(self._awaited)
        self._awaited = {name: one for name, one in self._awaited.items() if one[0] != leg_id}
        return len(self._awaited) < before

    def overdue(self, now: float) -> list[LegId]:
        """Turn away phones held too long; return legs that waited too long, which wait no more."""
        for name in [name for name, one in self._held.items() if now > one.due_at]:
            self._held.pop(name).turn_away()
        late = [leg_id for leg_id, due_at in self._awaited.values() if now > due_at]
        for leg_id in late:
            self.withdraw(leg_id)
        return late
