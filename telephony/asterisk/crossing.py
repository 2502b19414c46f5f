"""The way from a customer at one server to an agent at another: a SIP leg between the two, a crossing. Pure; times are monotonic.

Each of its ends is a channel and is read as a leg's is, but nothing of it is told. The near end stands for the agent at the
customer's server, the far end for the customer at the agent's. Both carry the crossing's id as their extension: by it the far
end is known when it comes, and each of them in a list of channels. The near end's channel has the crossing's id, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialer.core.ids import LegId
from dialer.core.states import EndCause
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.legs import Leg, Place
from telephony.asterisk.translate import Headers, Legs

CONTEXT = "dialer-cross"
"""Where either end waits to be joined, in the dialplan that `dialer asterisk config` writes."""

_NUMBER = "-x"
"""What stands before a crossing's number, after its customer's leg."""

ENDPOINT = "dialer-to-"
"""What the endpoint for another server begins with, before its name."""


@dataclass(eq=False)
class Crossing:
    """A leg between two servers, from its order until neither end is known any more."""

    customer: Leg
    agent: Leg
    near: Leg
    far: Leg
    closing: bool = False
    """Whether it is to end: what becomes of it is of no interest any more."""
    broke_at: float | None = None
    """When an end was gone that nobody had ended, so far as was known."""

    @property
    def crossing_id(self) -> LegId:
        """Its id, which both ends share."""
        return self.near.leg_id

    @property
    def ends(self) -> tuple[Leg, Leg]:
        """The near and the far end."""
        return self.near, self.far

    @property
    def is_over(self) -> bool:
        """Whether neither end is there, nor will come: a far end does not come once the near one is gone."""
        return self.near.ended and (self.far.ended or not self.far.channel)


def end_of(server: str, row: Headers, at: float) -> Leg | None:
    """Return the end of a crossing that a channel of a server's list is, None if it is none."""
    if row.get("Context") != CONTEXT:
        return None
    crossing_id, uniqueid = LegId(row.get("Exten", "")), row.get("Uniqueid", "")
    bridge, is_near = row.get("BridgeId", ""), uniqueid == channel_id(crossing_id)
    return Leg(
        crossing_id,
        server,
        is_near,
        at,
        channel=row.get("Channel", ""),
        uniqueid="" if is_near else uniqueid,
        place=Place(bridge, True) if bridge else None,
    )


def talks(ends: Sequence[Leg], legs: Iterable[Leg]) -> Iterator[Crossing]:
    """Yield the crossings through which a customer and an agent hear each other, by the bridges that all of them are in."""
    inside = {(leg.server, leg.place.bridge): leg for leg in legs if leg.place is not None}
    far_ends = {end.leg_id: end for end in ends if not end.is_agent}
    for near in ends:
        far = far_ends.get(near.leg_id) if near.is_agent else None
        if far is None:
            continue
        customer, agent = _beside(near, inside), _beside(far, inside)
        if customer is not None and not customer.is_agent and agent is not None and agent.is_agent:
            yield Crossing(customer, agent, near, far)


def _beside(end: Leg, inside: Mapping[tuple[str, str], Leg]) -> Leg | None:
    return None if end.place is None else inside.get((end.server, end.place.bridge))


class Crossings:
    """The crossings that are not over."""

    def __init__(self) -> None:
        self._open: dict[LegId, Crossing] = {}
        self._ends: dict[str, Legs] = {}
        self._made = 0
        self._instances: set[str] = set()

    def __iter__(self) -> Iterator[Crossing]:
        return iter(list(self._open.values()))

    def begin(self, customer: Leg, agent: Leg, now: float) -> Crossing:
        """Know a crossing, before its Originate leaves."""
        self._made += 1
        self._instances.add(_instance_of(customer.leg_id))
        crossing_id = LegId(f"{customer.leg_id}{_NUMBER}{self._made}")
        near = Leg(crossing_id, customer.server, True, now)
        far = Leg(crossing_id, agent.server, False, now)
        self._open[crossing_id] = crossing = Crossing(customer, agent, near, far)
        self._at(near.server).add(near)
        return crossing

    def take_over(self, found: Iterable[Crossing], ends: Iterable[Leg]) -> list[Leg]:
        """Know crossings of an earlier run; return those of all its ends that are of no use.

        Args:
            found: Those through which somebody talks.
            ends: All that there are.
        """
        used: set[Leg] = set()
        for crossing in found:
            self._instances.add(_instance_of(crossing.crossing_id))
            self._open[crossing.crossing_id] = crossing
            used |= set(crossing.ends)
            for end in crossing.ends:
                self._at(end.server).add(end)
        ends = list(ends)
        self._made = max(self._made, *(_number_of(end.leg_id) for end in ends), 0)
        return [end for end in ends if end not in used]

    def _at(self, server: str) -> Legs:
        return self._ends.setdefault(server, Legs())

    def about(self, leg: Leg) -> list[Crossing]:
        """Return the crossings that are for a customer or an agent."""
        return [one for one in self if leg in (one.customer, one.agent)]

    def hear(self, server: str, headers: Headers, at: float) -> tuple[Crossing, Leg] | None:
        """Take in an event; return which end it is about, None if it is about none."""
        self._greet(server, headers)
        found = self._at(server).hear(headers, at)
        if found is None:
            return None
        end, _ = found
        return self._open[end.leg_id], end

    def _greet(self, server: str, headers: Headers) -> None:
        """Know the far end when its channel comes."""
        if headers.get("Event") != "Newchannel" or headers.get("Context") != CONTEXT:
            return
        crossing = self._open.get(LegId(headers.get("Exten", "")))
        if crossing is not None and crossing.far.server == server and not crossing.far.channel:
            crossing.far.uniqueid = headers.get("Uniqueid", "")
            self._at(server).add(crossing.far)

    def end(self, end: Leg, at: float) -> None:
        """Count an end as gone that Asterisk does not have."""
        self._at(end.server).end(end, at, EndCause.LOST, "")

    def forget(self, crossing: Crossing) -> None:
        """Know a crossing no more that is over."""
        self._open.pop(crossing.crossing_id, None)

    def ends_at(self, server: str) -> list[tuple[Crossing, Leg]]:
        """Return the ends at a server that are there or were ordered."""
        return [
            (crossing, end)
            for crossing in self
            for end in crossing.ends
            if end.server == server and not end.ended and (end.channel or end is crossing.near)
        ]

    def is_stray(self, row: Headers) -> bool:
        """Return whether a channel of a server's list is an end of this run's that nobody needs."""
        if row.get("Context") != CONTEXT:
            return False
        crossing_id = row.get("Exten", "")
        crossing = self._open.get(LegId(crossing_id))
        if crossing is None:
            return _instance_of(crossing_id) in self._instances
        return crossing.closing


def _instance_of(leg_id: str) -> str:
    """Return which run made a leg or a crossing."""
    return leg_id.partition("-")[0]


def _number_of(crossing_id: str) -> int:
    number = crossing_id.rpartition(_NUMBER)[2]
    return int(number) if number.isascii() and number.isdigit() else 0
