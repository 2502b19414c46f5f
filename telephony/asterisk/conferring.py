"""Who shall join the talk of others, until they have. Runs on the switch's one thread; times are monotonic.

Whoever joins goes through the dialplan into the bridge of one that is in it; whatever makes that bridge end sends each of them back
to where legs of their kind wait.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dialer.core.commands import Confer
from dialer.core.switch_events import BridgeFailed, LegsBridged, SwitchEvent
from telephony.asterisk import actions
from telephony.asterisk.joining import Answer, Wire
from telephony.asterisk.joins import CROSS_JOIN_S
from telephony.asterisk.legs import Leg


@dataclass(eq=False)
class _Order:
    command: Confer
    leg: Leg
    beside: Leg
    begun_at: float
    sent: bool = False

    @property
    def is_ready(self) -> bool:
        return not self.sent and self.leg.waits and self.beside.is_joined

    @property
    def is_made(self) -> bool:
        return self.sent and self.leg.is_joined and self.leg.place == self.beside.place


class Conferring:
    """The orders that are not done yet.

    Args:
        wire: The way to the servers.
        tell: Takes events, their times monotonic.
    """

    def __init__(self, wire: Wire, *, tell: Callable[[SwitchEvent], None]) -> None:
        self._wire = wire
        self._tell = tell
        self._orders: list[_Order] = []

    def order(self, command: Confer, leg: Leg | None, beside: Leg | None) -> None:
        """Let a leg join the talk of another, which is at the same server."""
        if leg is None or beside is None:
            self._tell(_failed(command, "a leg is gone"))
        elif leg.server != beside.server:
            where = f"one is at {leg.server}, the other at {beside.server}"
            self._tell(_failed(command, f"{where}: a talk of three is at one server"))
        else:
            self.forget(leg)
            self._orders.append(_Order(command, leg, beside, time.monotonic()))
            self.advance(leg)

    def advance(self, leg: Leg) -> None:
        """Do what the orders about a leg wait for."""
        for order in [one for one in self._orders if leg in (one.leg, one.beside)]:
            if order.is_ready:
                order.sent = True
                for action in actions.confer(order.leg.channel, order.beside.channel):
                    self._wire.send(order.leg.server, action, partial(self._answered, order))
            elif order.is_made:
                self._orders.remove(order)
                self._tell(
                    LegsBridged(
                        at=time.monotonic(),
                        customer_leg=order.command.leg_id,
                        agent_leg=order.command.beside,
                    )
                )

    def _answered(self, order: _Order, answer: Answer) -> None:
        if answer.refused is not None:
            self._fail(order, f"Asterisk refused it: {answer.refused}")

    def _fail(self, order: _Order, reason: str) -> None:
        if order in self._orders:
            self._orders.remove(order)
            self._tell(_failed(order.command, reason))

    def forget(self, leg: Leg) -> None:
        """Drop what was ordered about a leg without a word: another order takes its place."""
        self._orders = [one for one in self._orders if leg not in (one.leg, one.beside)]

    def ended(self, leg: Leg) -> None:
        """Give up what a leg that has ended was part of."""
        for order in [one for one in self._orders if leg in (one.leg, one.beside)]:
            self._fail(order, "a leg is gone")

    def tick(self, now: float) -> None:
        """Give up what was not made in time."""
        for order in [one for one in self._orders if now >= one.begun_at + CROSS_JOIN_S]:
            self._fail(order, "it was not made in time")


def _failed(command: Confer, reason: str) -> BridgeFailed:
    return BridgeFailed(
        at=time.monotonic(), customer_leg=command.leg_id, agent_leg=command.beside, reason=reason
    )
