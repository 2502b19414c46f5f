"""Carries out orders to join, through a crossing where two servers are between. Runs on the switch's one thread; times are monotonic."""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Protocol

from dialer.asterisk_config import AsteriskServer
from dialer.core.commands import Bridge
from dialer.core.ids import LegId
from dialer.core.switch_events import BridgeFailed, LegsParted, SwitchEvent
from telephony.asterisk import actions
from telephony.asterisk.actions import Action
from telephony.asterisk.crossing import Crossing, Crossings
from telephony.asterisk.joins import CROSS_JOIN_S, JOIN_S, Join, Joins
from telephony.asterisk.legs import Leg
from telephony.asterisk.translate import Headers

EXPLAINED_S = 0.5
"""Within so long of a crossing's end it is told why it ended: that the customer or the agent is gone. Two servers tell it, in
any order. A guess, many times what their messages take."""


class Answer(Protocol):
    """What Asterisk answered to an action."""

    @property
    def refused(self) -> str | None:
        """Why it refused the action; None if it did not."""


Answered = Callable[[Answer], None]


class Wire(Protocol):
    """The way to the servers."""

    def is_up(self, server: str) -> bool:
        """Return whether actions reach a server now."""

    def send(self, server: str, action: Action, answered: Answered | None = None) -> None:
        """Send an action; its answer comes on the switch's thread, unless the connection breaks before."""


class Joining:
    """Who is being joined with whom, and through what.

    Args:
        servers: By name.
        wire: The way to them.
        tell: Takes events, their times monotonic.
        lose: Ends a leg whose server cannot be asked, with the reason.
    """

    def __init__(
        self,
        servers: Mapping[str, AsteriskServer],
        wire: Wire,
        *,
        tell: Callable[[SwitchEvent], None],
        lose: Callable[[Leg, str], None],
    ) -> None:
        self._servers = servers
        self._wire = wire
        self._tell = tell
        self._lose = lose
        self._joins = Joins()
        self.crossings = Crossings()

    def order(self, command: Bridge, customer: Leg, agent: Leg) -> None:
        """Join two legs."""
        now = time.monotonic()
        if customer.server == agent.server:
            within_s = CROSS_JOIN_S if customer.is_guest or agent.is_guest else JOIN_S
            self._begin(Join(command, customer, agent, now, within_s))
            return
        if reason := self._no_way(customer.server, agent.server):
            self._tell(not_bridged(command, now, reason))
            return
        crossing = self.crossings.begin(customer, agent, now)
        self._begin(Join(command, customer, agent, now, CROSS_JOIN_S, crossing))
        action = actions.cross(crossing.crossing_id, agent.server, video=customer.video and agent.video)
        self._wire.send(customer.server, action, partial(self._crossed, crossing))

    def take_over(self, found: Iterable[Crossing], ends: Iterable[Leg]) -> None:
        """Know the crossings of an earlier run through which somebody talks, and end what is left of the others."""
        for end in self.crossings.take_over(found, ends):
            self.end_stray(end.server, end.channel)

    def _no_way(self, one: str, other: str) -> str:
        for name in (one, other):
            if not self._servers[name].sip:
                where = f"the customer is at {one}, the agent at {other}"
                return f"{where}: set sip in [asterisk.servers.{name}] for a way between them"
            if not self._wire.is_up(name):
                return f"{name} cannot be reached"
        return ""

    def _begin(self, join: Join) -> None:
        for before in self._joins.order(join):
            self._leave(before)
        self.advance(join.customer)

    def advance(self, leg: Leg) -> None:
        """Do what the order about a leg waits for, if there is one."""
        join = self._joins.about(leg)
        if join is not None:
            self._advance(join)

    def _fetch(self, customer: Leg) -> None:
        """Have a customer wait in silence: see the dialplan for why nobody is joined who hears music."""
        customer.music, customer.place = False, None
        self._wire.send(customer.server, actions.fetch(customer.channel))

    def _advance(self, join: Join) -> None:
        if join.customer.music:
            self._fetch(join.customer)
        elif join.is_ready:
            join.ordered = True
            for leg in (one for one in (join.customer, join.agent) if not one.is_agent):
                self._wire.send(leg.server, actions.set_variable(leg.channel, "DIALER_JOINED", "1"))
            for pair in join.pairs:
                action = actions.join(pair.one.channel, pair.other.channel)
                self._wire.send(pair.one.server, action, partial(self._joined, join))
        elif join.is_made and self._joins.drop(join):
            self._leave_others(join)
            self._tell(join.made(time.monotonic()))
            if not join.agent.is_guest:
                self._wire.send(join.agent.server, actions.speak_to(join.agent.channel, actions.JOINED))

    def _joined(self, join: Join, answer: Answer) -> None:
        if answer.refused is not None:
            self._fail(join, f"Asterisk refused it: {answer.refused}")

    def _crossed(self, crossing: Crossing, answer: Answer) -> None:
        if answer.refused is not None and not crossing.near.ended:
            self.crossings.end(crossing.near, time.monotonic())
            self._gone(crossing, f"Asterisk refused the way to {crossing.agent.server}: {answer.refused}")

    def _fail(self, join: Join, reason: str) -> None:
        if self._joins.drop(join):
            self._leave(join)
            self._tell(join.failed(time.monotonic(), reason))

    # --- crossings ----------------------------------------------------------------------------------------

    def hear(self, server: str, headers: Headers, at: float) -> None:
        """Take in an event that is about no leg: it may be about an end of a crossing."""
        found = self.crossings.hear(server, headers, at)
        if found is None:
            return
        crossing, end = found
        if end.ended:
            self._gone(crossing, f"the leg between {crossing.near.server} and {crossing.far.server} ended")
        elif crossing.closing:
            if headers["Event"] == "Newchannel":  # it came after the order to end it
                self._wire.send(end.server, actions.hang_up(end.channel))
        elif (join := self._joins.through(crossing)) is not None:
            self._advance(join)

    def _gone(self, crossing: Crossing, reason: str) -> None:
        """An end is gone: the other one goes, too, and what the crossing was for is looked after."""
        join = self._joins.through(crossing)
        if join is not None:
            self._fail(join, reason)
        elif not crossing.closing:
            crossing.broke_at = time.monotonic()
        self._close(crossing)

    def _close(self, crossing: Crossing) -> None:
        crossing.closing = True
        for end in crossing.ends:
            if end.channel and not end.ended and not end.hung_up:
                end.hung_up = True
                self._wire.send(end.server, actions.hang_up(end.channel))
        if crossing.is_over and crossing.broke_at is None:
            self.crossings.forget(crossing)

    def _leave(self, join: Join) -> None:
        """End the way of an order that is no more."""
        if join.crossing is not None:
            self._close(join.crossing)

    def _leave_others(self, join: Join) -> None:
        """End the ways by which a customer and an agent were joined with others before."""
        for crossing in self.crossings:
            if crossing is not join.crossing and not {crossing.customer, crossing.agent}.isdisjoint(
                {join.customer, join.agent}
            ):
                crossing.broke_at = None
                self._close(crossing)

    def ended(self, leg: Leg, at: float) -> None:
        """Give up what a leg that has ended was part of."""
        for event in self._joins.ended(leg, at):
            self._tell(event)
        for crossing in self.crossings.about(leg):
            crossing.broke_at = None
            self._close(crossing)

    def end_missing(self, crossing: Crossing, end: Leg) -> None:
        """An end is gone without a word."""
        self.crossings.end(end, time.monotonic())
        self._gone(crossing, f"Asterisk at {end.server} has no such channel")

    def end_stray(self, server: str, channel: str) -> None:
        """End what was an end of a crossing that nobody needs any more."""
        self._wire.send(server, actions.hang_up(channel))

    def restarted(self, server: str) -> None:
        """A server has lost its channels."""
        for crossing, end in self.crossings.ends_at(server):
            self.end_missing(crossing, end)

    def part(self, leg: Leg) -> None:
        """Give up what was ordered about a leg, and the way by which it was joined with another server's."""
        join = self._joins.about(leg)
        if join is not None and self._joins.drop(join):
            self._leave(join)
        for crossing in self.crossings.about(leg):
            crossing.broke_at = None
            self._close(crossing)

    def other_end(self, leg: Leg, server: str) -> Leg | None:
        """Return whom a leg is joined with through a crossing to a server; None: nobody."""
        for crossing in self.crossings.about(leg):
            other = crossing.agent if leg is crossing.customer else crossing.customer
            if other.server == server and not crossing.closing:
                return other
        return None

    def tick(self, now: float, legs: Iterable[Leg]) -> None:
        """Fetch customers who hear something instead of waiting; give up what was not made in time, and what broke."""
        for join in self._joins.stuck(now):
            self._fetch(join.customer)
        for join in self._joins.found(now, legs):
            join.ordered = True
            self._advance(join)
        for join in self._joins.overdue(now):
            self._leave(join)
            self._tell(join.failed(now, "the bridge was not made in time"))
        for crossing in self.crossings:
            if crossing.broke_at is not None and now >= crossing.broke_at + EXPLAINED_S:
                crossing.broke_at = None
                self._close(crossing)
                self._mourn(crossing)

    def _mourn(self, crossing: Crossing) -> None:
        """A talk has lost its crossing: whoever is at a server that is away is lost with it; else they are apart."""
        customer, agent = crossing.customer, crossing.agent
        away = [leg for leg in (customer, agent) if not self._wire.is_up(leg.server)]
        for leg in away:
            self._lose(leg, f"{leg.server} is away, and the leg to it has ended")
        if not away:
            reason = f"the leg between {customer.server} and {agent.server} ended"
            at = time.monotonic()
            self._tell(LegsParted(at=at, customer_leg=customer.leg_id, agent_leg=agent.leg_id, reason=reason))


def not_bridged(command: Bridge, at: float, reason: str, dead_leg: LegId | None = None) -> BridgeFailed:
    """Return the event for an order that cannot be carried out."""
    return BridgeFailed(
        at=at,
        customer_leg=command.customer_leg,
        agent_leg=command.agent_leg,
        reason=reason,
        dead_leg=dead_leg,
    )
