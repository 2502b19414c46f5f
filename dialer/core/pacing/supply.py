"""The agents who are free, as calls in flight are counted against them: each is supply once, whoever it is that needs one.

Campaigns ask for agents of their own sets, which may overlap, and at servers between which a limited number can be joined. Calls
are placed only as long as every call in flight could have an agent, or its share of one, of its own. Whoever fits the fewest campaigns is
counted first; that finds room for everybody whenever sets are equal, apart or one within the other, and errs on the side of
fewer calls when they overlap otherwise.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import NamedTuple

from dialer.core.ids import CampaignId, SetId

_ROUNDING = 1e-9


class Rank(IntEnum):
    """Where agents are whom nobody else in flight will need, best first."""

    NEAR = 0  # at the server itself
    ACROSS = 1  # at another, with a slot left
    NOWHERE = 2


class Group(NamedTuple):
    """Free agents who are alike: at one server, in the same of the sets that campaigns ask for."""

    server: str
    sets: frozenset[SetId]


class Claim(NamedTuple):
    """What one call of a campaign asks for."""

    set_id: SetId
    share: float
    """Of an agent, in (0, 1]: one over the calls per agent."""


class Supply:
    """The free agents of an instant, as calls are placed.

    Args:
        free: How many agents are free.
        slots: Returns how many customers more may be joined between two servers.
        claims: What a call of each campaign asks for.
    """

    def __init__(
        self,
        free: Mapping[Group, int],
        slots: Callable[[str, str], int],
        claims: Mapping[CampaignId, Claim],
    ) -> None:
        self._left = {group: float(count) for group, count in free.items() if count > 0}
        self._slots_left = slots
        self._slots: dict[tuple[str, str], float] = {}
        self._claims = claims
        self._groups = {
            set_id: sorted(
                (group for group in self._left if set_id in group.sets),
                key=lambda group: (len(group.sets), group.server, sorted(group.sets)),
            )
            for set_id in {claim.set_id: None for claim in claims.values()}
        }

    @property
    def is_empty(self) -> bool:
        """Return whether nobody is free."""
        return not self._left

    def left(self, set_id: SetId) -> float:
        """Return how many agents of a set are left, wherever they are."""
        return sum(self._left[group] for group in self._groups[set_id])

    def hold(self, set_id: SetId, agents: float, *, server: str | None) -> None:
        """Count agents as needed, as far as there are any: near a customer first, elsewhere only while slots are left."""
        for at_hand in (True, False):
            for group in self._groups.get(set_id, ()):
                if (server is None or group.server == server) is at_hand:
                    agents -= self._take(group, agents, server=None if at_hand else server)
                    if agents <= _ROUNDING:
                        return

    def place(self, campaign_id: CampaignId, server: str, calls: int = 1) -> None:
        """Count calls of a campaign at a server."""
        claim = self._claims[campaign_id]
        self.hold(claim.set_id, calls * claim.share, server=server)

    def rank(self, campaign_id: CampaignId, server: str) -> Rank:
        """Return who would take the next call of a campaign at a server."""
        claim = self._claims[campaign_id]
        near = across = 0.0
        for group in self._groups[claim.set_id]:
            if group.server == server:
                near += self._left[group]
            else:
                across += min(self._left[group], self._slots_between(server, group.server))
        if near + _ROUNDING >= claim.share:
            return Rank.NEAR
        return Rank.ACROSS if near + across + _ROUNDING >= claim.share else Rank.NOWHERE

    def _take(self, group: Group, agents: float, *, server: str | None) -> float:
        most = self._left[group]
        if server is not None:
            most = min(most, self._slots_between(server, group.server))
        taken = min(agents, most)
        self._left[group] -= taken
        if server is not None and taken:
            self._slots[_pair(server, group.server)] -= taken
        return taken

    def _slots_between(self, one: str, other: str) -> float:
        pair = _pair(one, other)
        if pair not in self._slots:
            self._slots[pair] = float(self._slots_left(one, other))
        return self._slots[pair]


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)
