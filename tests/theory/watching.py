"""What is watched of a simulated floor, from its records alone: how many agents are busy, who waited how long."""

from bisect import bisect_left
from dataclasses import dataclass, field

from dialer.core.queue_records import QueueCallEnded, QueueCallTaken
from dialer.core.records import AgentChanged
from dialer.core.states import AgentState, Outcome
from dialer.simulation.floor import START_AT

BUSY = frozenset({AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP})
HANDLING = frozenset({AgentState.TALKING, AgentState.WRAP_UP})


class Watch:
    """Takes a floor's records in.

    Args:
        doing: The states of agents who count as busy.
    """

    def __init__(self, doing=BUSY):
        self._doing = doing
        self._state = {}
        self._changed_at, self._busy = [START_AT], [0]
        self._talks_at = []
        self._came = {}
        self._ended = {}

    def __call__(self, record):
        match record:
            case AgentChanged(begins=True):
                self._agent(record.agent_id, record.state, record.at)
            case QueueCallTaken():
                self._came[record.call_id] = record.at
            case QueueCallEnded():
                self._ended[record.call_id] = record

    def _agent(self, agent_id, state, at):
        was, self._state[agent_id] = self._state.get(agent_id), state
        if state is AgentState.TALKING:
            self._talks_at.append(at)
        if (was in self._doing) is not (state in self._doing):
            self._changed_at.append(at)
            self._busy.append(self._busy[-1] + (1 if state in self._doing else -1))

    def batches(self, count, *, since_s, until_s):
        """Return what was seen in so many stretches of equal length between two moments, in seconds from the beginning.

        Callers belong to the stretch in which they came.
        """
        length = (until_s - since_s) / count
        edges = [START_AT + since_s + number * length for number in range(count + 1)]
        calls = [[] for _ in range(count)]
        for call_id, came_at in self._came.items():
            if edges[0] <= came_at < edges[-1]:
                calls[min(int((came_at - edges[0]) / length), count - 1)].append(self._ended[call_id])
        return [
            Seen(seconds=length, spent=self._spent(start, end), calls=mine, talks=self._talks(start, end))
            for start, end, mine in zip(edges, edges[1:], calls, strict=False)
        ]

    def _talks(self, start, end):
        return bisect_left(self._talks_at, end) - bisect_left(self._talks_at, start)

    def _spent(self, start, end):
        spent = {}
        for number in range(max(0, bisect_left(self._changed_at, start) - 1), len(self._changed_at)):
            since = self._changed_at[number]
            until = self._changed_at[number + 1] if number + 1 < len(self._changed_at) else end
            if since >= end:
                break
            seconds = max(0.0, min(until, end) - max(since, start))
            spent[self._busy[number]] = spent.get(self._busy[number], 0.0) + seconds
        return spent


@dataclass(frozen=True)
class Seen:
    """One stretch of a run, or the whole of it."""

    seconds: float
    spent: dict[int, float]
    """Of those, by how many agents were busy."""
    calls: list[QueueCallEnded] = field(default_factory=list)
    talks: int = 0

    @property
    def mean_busy(self):
        return sum(count * spent for count, spent in self.spent.items()) / self.seconds

    @property
    def mean_square_busy(self):
        return sum(count**2 * spent for count, spent in self.spent.items()) / self.seconds

    def at_most_busy(self, count):
        """Return the share of the time in which at most so many agents were busy."""
        return sum(spent for busy, spent in self.spent.items() if busy <= count) / self.seconds

    def waited_longer(self, than_s):
        """Return the share of calls that did."""
        return sum(call.wait_s > than_s for call in self.calls) / len(self.calls)

    @property
    def mean_wait_s(self):
        return sum(call.wait_s for call in self.calls) / len(self.calls)

    @property
    def gave_up_share(self):
        return sum(call.outcome is Outcome.HUNG_UP_WAITING for call in self.calls) / len(self.calls)

    def idle_s(self, agents):
        """Return the mean wait of an agent between two talks."""
        return (agents - self.mean_busy) * self.seconds / self.talks
