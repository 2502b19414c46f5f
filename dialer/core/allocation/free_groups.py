"""How many agents could take a call at once, counted by server and by the agent sets that pacing asks for."""

from collections import Counter
from collections.abc import Collection, Mapping

from dialer.core.allocation.needs import Sets
from dialer.core.ids import AgentId, SetId

Group = tuple[str, tuple[SetId, ...]]
"""A server, and the sets that its agents are in, of those that were ever asked for."""


class FreeGroups:
    """Counts, kept up as agents become free and stop being so.

    Args:
        sets: Who is in which agent set.
    """

    def __init__(self, sets: Sets) -> None:
        self._sets = sets
        self._group_of: dict[AgentId, Group] = {}
        self._counts: Counter[Group] = Counter()
        self._wanted: dict[SetId, None] = {}

    def put(self, agent_id: AgentId, server: str) -> None:
        """Count an agent as free, at a server."""
        self.discard(agent_id)
        wanted = tuple(set_id for set_id in self._sets.of_agent(agent_id) if set_id in self._wanted)
        self._group_of[agent_id] = (server, wanted)
        self._counts[server, wanted] += 1

    def discard(self, agent_id: AgentId) -> None:
        """Count an agent no more, if it is counted."""
        group = self._group_of.pop(agent_id, None)
        if group is not None:
            self._counts[group] -= 1
            if not self._counts[group]:
                del self._counts[group]

    def counts(self, wanted: Collection[SetId] = ()) -> Mapping[Group, int]:
        """Return how many are free in each group; from now on told apart by the sets that are wanted, too."""
        for set_id in wanted:
            if set_id not in self._wanted:
                self._wanted[set_id] = None
                for agent_id in self._sets.members(set_id):
                    if agent_id in self._group_of:
                        self.put(agent_id, self._group_of[agent_id][0])
        return self._counts

    def group_of(self, agent_id: AgentId) -> Group | None:
        """Return the group that an agent is counted in, None if it is in none."""
        return self._group_of.get(agent_id)

    def wants(self, set_id: SetId) -> bool:
        """Return whether it is counted who is free in a set."""
        return set_id in self._wanted

    def drop_set(self, set_id: SetId) -> None:
        """Forget a set that is no more."""
        self._wanted.pop(set_id, None)
