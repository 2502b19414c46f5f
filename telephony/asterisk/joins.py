"""Who is joined with whom, and who shall be. Pure; times are monotonic.

A customer and an agent of one server are one pair of channels in one bridge; those of two servers are two, with the ends of a
crossing between them.

Asterisk joins whatever it is told to: a second customer sent to an agent takes the place of the first. So the order to join
leaves only when the customer is in a bridge of ours and the agent waits for one. Channels are taken from holding bridges and
not from the dialplan's applications, where Asterisk may leak a channel. Source: measured with 22.10, 6 of 990 under load.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dialer.core.commands import Bridge
from dialer.core.ids import LegId
from dialer.core.switch_events import BridgeFailed, LegsBridged, SwitchEvent
from telephony.asterisk.crossing import Crossing
from telephony.asterisk.legs import Leg

JOIN_S = 1.5
"""A join that is not made by now fails, as the SIP adapter's does: the customer goes to the next agent."""

CROSS_JOIN_S = 2.5
"""The same for one through a crossing, for which an INVITE goes to the other server first, and for one with a third party, who
may have to leave another talk first. A guess: whatever makes it so slow makes the next agent's slow, too; shorter than the
engine waits for a bridge, 5 s."""

SEEN_S = 0.3
"""Who is found joined with nobody else for so long, before anything was ordered, needs no order: two are left of three. A
guess, many times what Asterisk takes to part the others of a talk of three when one hangs up."""

FETCH_S = 0.3
"""Who comes back from an agent who has gone is in the holding bridge again within milliseconds; who is not, hears a message. A
guess between the two."""


class Pair(NamedTuple):
    """Two channels of one server that are to hear each other."""

    one: Leg
    other: Leg
    """Is taken from where it waits only."""

    @property
    def is_ready(self) -> bool:
        """Whether both are where they can be taken from."""
        return self.one.place is not None and not self.one.music and self.other.waits

    @property
    def is_made(self) -> bool:
        """Whether both are in one bridge."""
        place = self.one.place
        return place is not None and not place.holding and place == self.other.place


@dataclass(eq=False)
class Join:
    """An order to join two legs, until it is done or fails."""

    command: Bridge
    customer: Leg
    agent: Leg
    begun_at: float
    within_s: float
    crossing: Crossing | None = None
    """The way between them, if they are at two servers."""
    ordered: bool = False
    fetched: bool = False
    seen_at: float | None = None
    """Since when the two are found joined already."""

    @property
    def due_at(self) -> float:
        """When it fails."""
        return self.begun_at + self.within_s

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """What is to be joined, the customer's first."""
        if self.crossing is None:
            return (Pair(self.customer, self.agent),)
        return Pair(self.customer, self.crossing.near), Pair(self.crossing.far, self.agent)

    @property
    def is_ready(self) -> bool:
        """Whether it may be ordered now: nobody is taken from where they wait before everybody can be."""
        return not self.ordered and all(pair.is_ready for pair in self.pairs)

    @property
    def is_made(self) -> bool:
        """Whether customer and agent hear each other."""
        return self.ordered and all(pair.is_made for pair in self.pairs)

    def failed(self, at: float, reason: str, dead_leg: LegId | None = None) -> BridgeFailed:
        """Return the event for its failure."""
        return BridgeFailed(
            at=at,
            customer_leg=self.command.customer_leg,
            agent_leg=self.command.agent_leg,
            reason=reason,
            dead_leg=dead_leg,
        )

    def made(self, at: float) -> LegsBridged:
        """Return the event for its success."""
        return LegsBridged(at=at, customer_leg=self.command.customer_leg, agent_leg=self.command.agent_leg)


class Joins:
    """The orders that are not done yet, by customer."""

    def __init__(self) -> None:
        self._orders: dict[LegId, Join] = {}

    def order(self, join: Join) -> list[Join]:
        """Take an order; return what was ordered for its customer or its agent before, which it replaces."""
        replaced = [one for leg in (join.customer, join.agent) if (one := self.about(leg)) is not None]
        replaced = list(dict.fromkeys(replaced))
        for one in replaced:
            del self._orders[one.customer.leg_id]
        self._orders[join.customer.leg_id] = join
        return replaced

    def through(self, crossing: Crossing) -> Join | None:
        """Return the order that waits for a crossing."""
        return next((join for join in self._orders.values() if join.crossing is crossing), None)

    def about(self, leg: Leg) -> Join | None:
        """Return the order that a leg is part of."""
        return next((join for join in self._orders.values() if leg in (join.customer, join.agent)), None)

    def drop(self, join: Join) -> bool:
        """Forget an order; return whether it was still open."""
        if self._orders.get(join.customer.leg_id) is not join:
            return False
        del self._orders[join.customer.leg_id]
        return True

    def ended(self, leg: Leg, at: float) -> Iterator[SwitchEvent]:
        """Give up what a leg that has ended was to be part of; the customer's own end says so by itself."""
        join = self.about(leg)
        if join is not None and self.drop(join) and leg is join.agent:
            yield join.failed(at, "the agent's leg ended", leg.leg_id)

    def stuck(self, now: float) -> list[Join]:
        """Return, once, the orders whose customer left the holding bridge and does not come back by itself."""
        found = [
            join
            for join in self._orders.values()
            if not (join.ordered or join.fetched or join.customer.place is not None)
            and join.customer.waited
            and not (join.customer.is_agent or join.customer.is_guest)  # those wait by themselves
            and now >= join.begun_at + FETCH_S
        ]
        for join in found:
            join.fetched = True
        return found

    def found(self, now: float, legs: Iterable[Leg]) -> list[Join]:
        """Return the orders of those who are joined with each other alone, and were before."""
        there = [leg.place for leg in legs if leg.is_joined]
        done = []
        for join in self._orders.values():
            alone = all(pair.is_made and there.count(pair.one.place) <= len(pair) for pair in join.pairs)
            if join.ordered or not alone:
                join.seen_at = None
            elif join.seen_at is None:
                join.seen_at = now
            elif now >= join.seen_at + SEEN_S:
                done.append(join)
        return done

    def overdue(self, now: float) -> list[Join]:
        """Return, and forget, what was not done in time."""
        late = [join for join in self._orders.values() if now >= join.due_at]
        for join in late:
            self.drop(join)
        return late
