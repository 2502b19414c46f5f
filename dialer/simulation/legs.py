"""The legs of a simulated switch, and who hears whom: found without a look at all the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count

from dialer.core.ids import AgentId, LegId
from dialer.simulation.behaviour import CallPlan


class Kind(Enum):
    """Whose a leg is."""

    CUSTOMER = 1
    AGENT = 2
    GUEST = 3


@dataclass(slots=True, eq=False)
class Leg:
    """One channel, and what is to become of it."""

    leg_id: LegId
    plan: CallPlan
    kind: Kind = Kind.CUSTOMER
    server: str = ""
    agent_id: AgentId | None = None
    """Whose phone's it is."""
    answered_at: float | None = None
    ended: bool = False
    called: bool = False
    """Whether it came by itself: who calls has patience, whatever is played meanwhile."""
    bridges: int = 0
    """Counts bridges, so that what was planned for an earlier one is void."""
    supervised: LegId | None = None
    """The agent's leg that a guest's hears; `Legs` alone changes this and the room."""
    room: int | None = None
    """Who is in the same one hears it; None: it hears nobody."""
    opt_out_key: str = ""
    """The key that ends what is played to it."""
    played: int = 0
    """Counts what is played, so that what was planned for an earlier recording is void."""

    @property
    def answered(self) -> bool:
        """Return whether somebody picked up."""
        return self.answered_at is not None


class Legs:
    """All legs that are up or on the way, in the order in which they came."""

    def __init__(self) -> None:
        self._legs: dict[LegId, Leg] = {}
        self._numbers = count(1)
        self._rooms: dict[int, list[Leg]] = {}
        self._hearing: dict[LegId, list[Leg]] = {}

    def __len__(self) -> int:
        return len(self._legs)

    def __iter__(self) -> Iterator[Leg]:
        return iter(self._legs.values())

    def __contains__(self, leg_id: LegId) -> bool:
        return leg_id in self._legs

    def get(self, leg_id: LegId) -> Leg | None:
        """Return a leg; None if it is over."""
        return self._legs.get(leg_id)

    def add(self, leg: Leg) -> None:
        """Let a leg be there."""
        self._legs[leg.leg_id] = leg

    def remove(self, leg: Leg) -> Sequence[Leg]:
        """Let a leg be over; return the guests who heard it."""
        del self._legs[leg.leg_id]
        self.leave(leg)
        self._hear_no_more(leg)
        return self._hearing.pop(leg.leg_id, ())

    def hear(self, guest: Leg, agent: LegId) -> None:
        """Let a guest hear what an agent's leg does."""
        self._hear_no_more(guest)
        guest.supervised = agent
        self._hearing.setdefault(agent, []).append(guest)

    def _hear_no_more(self, guest: Leg) -> None:
        if guest.supervised is not None and guest in self._hearing.get(guest.supervised, ()):
            self._hearing[guest.supervised].remove(guest)

    def join(self, *legs: Leg) -> None:
        """Let legs hear each other, and nobody else."""
        number = next(self._numbers)
        for leg in legs:
            self._enter(leg, number)

    def join_beside(self, leg: Leg, beside: Leg) -> None:
        """Let a leg be in the talk that another is in."""
        if beside.room is not None:
            self._enter(leg, beside.room)

    def _enter(self, leg: Leg, room: int) -> None:
        self.leave(leg)
        leg.room = room
        self._rooms.setdefault(room, []).append(leg)

    def leave(self, leg: Leg) -> None:
        """Let a leg hear nobody."""
        if leg.room is None:
            return
        inside = self._rooms[leg.room]
        inside.remove(leg)
        if not inside:
            del self._rooms[leg.room]
        leg.room = None

    def together(self, leg: Leg) -> Sequence[Leg]:
        """Return who hears a leg, itself included; nobody if it is in no talk."""
        return () if leg.room is None else self._rooms[leg.room]

    def talks(self) -> Iterator[Sequence[Leg]]:
        """Yield who hears each other, the talk that began first at first."""
        for _, inside in sorted(self._rooms.items()):
            yield sorted(inside, key=lambda leg: leg.leg_id)
