"""What Asterisk says is there, compared with what we believe. Runs on the switch's one thread; times are monotonic."""

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, permutations, product
from typing import NamedTuple

from dialer.core.commands import HangUp
from dialer.core.ids import LegId
from dialer.core.switch_events import LegsOpen
from dialer.survivors import Survivor
from telephony.asterisk import survivors
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.exchange import Exchange
from telephony.asterisk.legs import Leg, Place
from telephony.asterisk.messages import Message
from telephony.asterisk.translate import Headers

AUDIT_S = 3.0
"""What is open is told so often: what two audits find is repaired within 6 s."""

_UP = "6"


class Stray(NamedTuple):
    """A channel of this run's that nobody owns."""

    server: str
    channel: str


class Audit:
    """The lists of channels that the servers gave last."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._missing: set[LegId] = set()
        self._strays: dict[LegId, Stray] = {}
        self._told: dict[str, tuple[tuple[LegId, LegId], ...]] = {}
        self._missing_ends: set[tuple[str, LegId]] = set()

    def stray(self, leg_id: LegId) -> Stray | None:
        """Return a channel that nobody owns."""
        return self._strays.get(leg_id)

    def compare(self, server: str, rows: Sequence[Headers], *, asked_at: float) -> None:
        """Take in a server's list; what it lacks twice is lost, what was hung up and is there is hung up again."""
        there = {self._exchange.legs.id_of(row.get("Uniqueid", "")): row for row in rows}
        mine = [leg for leg in self._exchange.legs if leg.server == server]
        missing = {leg.leg_id for leg in mine if leg.leg_id not in there and leg.placed_at < asked_at}
        for leg in mine:
            if leg.leg_id in missing & self._missing:
                self._exchange.end_lost(leg)
        self._hang_up_again(mine, there)
        elsewhere = {leg.leg_id for leg in self._exchange.legs if leg.server != server}
        self._missing = missing | (self._missing & elsewhere)
        ends = self._see_ends(server, rows, asked_at=asked_at)
        self._told[server] = tuple(_joined([*mine, *(end for end, _ in ends)], there | _rows(ends)))
        self._strays = {leg_id: one for leg_id, one in self._strays.items() if one.server != server}
        instances = {leg.leg_id.rpartition("-")[0] for leg in self._exchange.legs}
        known = {leg.leg_id for leg in mine}
        self._strays |= {
            leg_id: Stray(server, row.get("Channel", ""))
            for leg_id, row in there.items()
            if leg_id not in known and leg_id.rpartition("-")[0] in instances
        }

    def lost(self, server: str) -> None:
        """Go by what a server told last, for as long as it cannot be asked: a talk may have begun after its last list."""
        mine = [leg for leg in self._exchange.legs if leg.server == server]
        ends = [end for _, end in self._exchange.joining.crossings.ends_at(server)]
        rows = {leg.leg_id: {"BridgeId": leg.place.bridge} for leg in [*mine, *ends] if leg.place is not None}
        self._told[server] = tuple(_joined([*mine, *ends], rows))

    def _hang_up_again(self, legs: Sequence[Leg], there: Mapping[LegId, Headers]) -> None:
        """Repeat orders that came to nothing: with the connection, or in Asterisk while it moved the channel to a bridge."""
        for leg in legs:
            if leg.hung_up and leg.leg_id in there:
                self._exchange.execute(HangUp(leg_id=leg.leg_id))

    def _see_ends(
        self, server: str, rows: Sequence[Headers], *, asked_at: float
    ) -> list[tuple[Leg, Headers]]:
        """Return the ends of crossings in a server's list; what it lacks twice is gone, what nobody needs is hung up."""
        joining = self._exchange.joining
        by_id = {row.get("Uniqueid", ""): row for row in rows}
        seen, missing = [], set()
        for crossing, end in joining.crossings.ends_at(server):
            if (row := by_id.get(end.uniqueid or channel_id(end.leg_id))) is not None:
                seen.append((end, row))
            elif end.placed_at < asked_at:
                key = (server, end.leg_id)
                if key in self._missing_ends:
                    joining.end_missing(crossing, end)
                else:
                    missing.add(key)
        self._missing_ends = missing | {key for key in self._missing_ends if key[0] != server}
        for row in rows:
            if joining.crossings.is_stray(row):
                joining.end_stray(server, row.get("Channel", ""))
        return seen

    def resume(
        self, server: str, found: Sequence[Message], *, remembered: Sequence[Survivor], asked_at: float
    ) -> None:
        """Catch up with what a server did while it could not tell.

        Args:
            server: Its name.
            found: Its answer to Status.
            remembered: Whom its dialplan abandoned.
            asked_at: When it was asked, monotonic.
        """
        rows = [survivors.as_listed(row) for row in found]
        known = {one.leg_id: one for one in remembered}
        known |= {one.leg_id: one for _, one in survivors.legs(server, found, at=asked_at)}
        there = {self._exchange.legs.id_of(row.get("Uniqueid", "")): row for row in rows}
        mine = [leg for leg in self._exchange.legs if leg.server == server and leg.placed_at < asked_at]
        ends = self._see_ends(server, rows, asked_at=asked_at)
        everybody = [*mine, *(end for end, _ in ends)]
        pairs = {leg_id for pair in _joined(everybody, there | _rows(ends)) for leg_id in pair}
        for leg in mine:
            if (row := there.get(leg.leg_id)) is None:
                if leg.leg_id in known:
                    self._exchange.catch_up(leg, known[leg.leg_id])
                self._exchange.end_lost(leg)
                continue
            bridge = row.get("BridgeId", "")
            leg.channel = row.get("Channel", leg.channel)
            leg.place = Place(bridge, leg.leg_id not in pairs) if bridge else None
            if row.get("ChannelState") == _UP:
                leg.waited = True
                self._exchange.catch_up(leg, known.get(leg.leg_id))
        self._hang_up_again(mine, there)

    def tell(self) -> None:
        """Tell what is open."""
        legs = tuple(leg.leg_id for leg in self._exchange.legs)
        told = [pair for pairs in self._told.values() for pair in pairs]
        agents_of = {one: other for one, other in told if one not in legs}
        # A customer is with the near end of a crossing, an agent with its far end: through it with each other.
        pairs = ((one, agents_of.get(other, other)) for one, other in told)
        bridges = tuple(pair for pair in pairs if set(pair) <= set(legs))
        self._exchange.tell(LegsOpen(at=time.monotonic(), legs=(*legs, *self._strays), bridges=bridges))


def _rows(ends: Sequence[tuple[Leg, Headers]]) -> dict[LegId, Headers]:
    return {end.leg_id: row for end, row in ends}


def _joined(legs: Sequence[Leg], rows: Mapping[LegId, Headers]) -> Iterator[tuple[LegId, LegId]]:
    """Yield who is in a bridge with whom; in holding bridges everybody is with their own kind."""
    placed = [(rows[leg.leg_id].get("BridgeId", ""), leg) for leg in legs if leg.leg_id in rows]
    for bridge, group in groupby(sorted(placed, key=lambda one: one[0]), key=lambda one: one[0]):
        if bridge:
            yield from _pairs(bridge, [leg for _, leg in group])


def _pairs(bridge: str, inside: Sequence[Leg]) -> Iterator[tuple[LegId, LegId]]:
    guests = [leg.leg_id for leg in inside if leg.is_guest]
    agents = [leg.leg_id for leg in inside if leg.is_agent]
    customers = [leg.leg_id for leg in inside if not (leg.is_agent or leg.is_guest)]
    if customers and agents:
        yield from product(customers, agents)
    else:
        yield from product(customers or guests, guests if customers else agents)
    # Agents wait together, too; what was known of a leg may be older than what is listed now.
    if all(leg.place == Place(bridge, False) for leg in inside):
        yield from permutations(agents, 2)
