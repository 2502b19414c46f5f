"""Who is ordered to be joined with whom, and what workers are told to bring it about. Pure.

One leg of a talk is its hub: the agent's, by the words of the order. The hub's worker mixes; everybody else is a spoke with a
cross-leg to it. So each leg but the hub needs one cross-leg, however many talk, and an agent's worker has places for three.
"""

from collections.abc import Iterator
from typing import NamedTuple

from dialer.core.commands import Bridge, Confer, Supervise
from dialer.core.ids import LegId
from telephony.sip.protocol import Expect, Join, Leave, Order

_TRIES = 4
"""To let a supervisor in. A guess; what makes a try fail is over within milliseconds."""


class Way(NamedTuple):
    """How a spoke's worker reaches the hub's."""

    port: int
    token: str


class _Spoke(NamedTuple):
    hub: LegId
    named: LegId
    """Whom events name beside the spoke."""


class Gone(NamedTuple):
    """What a leg that has ended leaves behind."""

    partners: tuple[LegId, ...]
    """Who had a cross-leg with it."""
    supervisors: tuple[LegId, ...]
    """Those of them who were there for it alone."""


class Talks:
    """The joins that are ordered, made or not, by spoke."""

    def __init__(self) -> None:
        self._spokes: dict[LegId, _Spoke] = {}
        self._supervised: dict[LegId, LegId] = {}
        self._orders: dict[LegId, list[Supervise]] = {}
        """Of supervisors, as often as it was tried to let them in."""
        """Agents' legs by their supervisors'."""
        self.guests: set[LegId] = set()
        """The legs of who was called to a talk."""

    def hub(self, leg_id: LegId) -> LegId:
        """Return the hub of a leg's talk; one that is in no talk would be its own."""
        spoke = self._spokes.get(leg_id)
        return leg_id if spoke is None else spoke.hub

    def bridge(self, command: Bridge, way: Way) -> Iterator[tuple[LegId, Order]]:
        """Join two alone; yield which leg's worker is told what, in this order."""
        customer, agent = command.customer_leg, command.agent_leg
        self._part(customer)
        self._part(agent)
        self._spokes[customer] = _Spoke(agent, agent)
        tone = agent not in self.guests
        # In this order: a cross-leg must not come before it is expected.
        yield agent, Expect(agent_leg=agent, customer_leg=customer, token=way.token, tone=tone)
        yield customer, _join(customer, agent, agent, way)

    def confer(self, command: Confer, way: Way) -> Iterator[tuple[LegId, Order]]:
        """Let one more into a talk."""
        leg, hub = command.leg_id, self.hub(command.beside)
        self._part(leg)
        self._spokes[leg] = _Spoke(hub, command.beside)
        yield hub, Expect(agent_leg=hub, customer_leg=leg, token=way.token, adds=True)
        yield leg, _join(leg, hub, command.beside, way)

    def supervise(self, command: Supervise, way: Way) -> Iterator[tuple[LegId, Order]]:
        """Let somebody hear an agent's talks, or change how."""
        leg, agent = command.leg_id, command.agent_leg
        self._supervised[leg] = agent
        self._orders.setdefault(leg, []).append(command)
        yield (
            agent,
            Expect(agent_leg=agent, customer_leg=leg, token=way.token, adds=True, mode=command.mode),
        )
        yield leg, _join(leg, agent, agent, way, listens=True)

    def leave(self, leg_id: LegId) -> Iterator[tuple[LegId, Order]]:
        """Take a leg out of its talk."""
        self._part(leg_id)
        yield leg_id, Leave(leg_id=leg_id)

    def is_supervisor(self, leg_id: LegId) -> bool:
        """Return whether a leg is a supervisor's: nobody waits for news of its joins."""
        return leg_id in self._supervised

    def let_in(self, leg_id: LegId) -> None:
        """Take in that a supervisor hears the talk."""
        self._orders.pop(leg_id, None)

    def to_be_tried(self, leg_id: LegId) -> Supervise | None:
        """Return the order to let a supervisor in who was not, None if that was tried often enough.

        On a busy machine the cross-leg may be there before the agent's worker was told to expect it.
        """
        orders = self._orders.get(leg_id, [])
        return orders[-1] if 0 < len(orders) < _TRIES else None

    def failed(self, leg_id: LegId, named: LegId) -> None:
        """Take in that a join was not made."""
        spoke = self._spokes.get(leg_id)
        if spoke is not None and spoke.named == named:
            del self._spokes[leg_id]

    def at_fault(self, leg_id: LegId, hub: LegId) -> LegId | None:
        """Return whose leg counts as lost when a cross-leg falls silent; None if it is needed no more.

        A talk goes on without a supervisor or a third party; of a customer and an agent, the customer is kept.
        """
        if self._supervised.get(leg_id) == hub:
            return leg_id
        if self.hub(leg_id) != hub or leg_id == hub:
            return None
        return leg_id if leg_id in self.guests and hub not in self.guests else hub

    def ended(self, leg_id: LegId) -> Gone:
        """Forget a leg."""
        supervisors = tuple(one for one, agent in self._supervised.items() if agent == leg_id)
        spokes = tuple(one for one, spoke in self._spokes.items() if spoke.hub == leg_id)
        own = self._spokes.get(leg_id)
        self._orders.pop(leg_id, None)
        hubs = [self._supervised.pop(leg_id, None), None if own is None else own.hub]
        self._part(leg_id)
        for one in supervisors:
            del self._supervised[one]
        self.guests.discard(leg_id)
        return Gone((*(hub for hub in hubs if hub is not None), *spokes, *supervisors), supervisors)

    def _part(self, leg_id: LegId) -> None:
        """Forget the joins of a leg, as spoke and as hub."""
        self._spokes = {one: spoke for one, spoke in self._spokes.items() if leg_id not in (one, spoke.hub)}


def _join(leg: LegId, hub: LegId, named: LegId, way: Way, *, listens: bool = False) -> Join:
    return Join(
        customer_leg=leg, agent_leg=hub, named=named, cross_port=way.port, token=way.token, listens=listens
    )
