"""What a floor came to, from the records of its rounds: the same reckoning for an invented day and a real one."""

from collections.abc import Iterable

import msgspec

from dialer.core.ids import AgentId
from dialer.core.record import Record
from dialer.core.records import AgentChanged, AttemptEnded, AttemptStarted
from dialer.core.states import AgentState, Outcome

_AWAY = frozenset({AgentState.LOGGED_OUT, AgentState.LOGGING_IN})
_HANDLING = frozenset({AgentState.TALKING, AgentState.RECONNECTING, AgentState.WRAP_UP})


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """Of a stretch of time that begins with the first attempt."""

    attempts: int = 0
    """Those that began."""
    connected: int = 0
    """Talks that began."""
    abandoned: int = 0
    handled_s: float = 0.0
    """Agents' seconds of talk and wrap-up."""
    logged_in_s: float = 0.0

    @property
    def utilisation(self) -> float:
        """Talk and wrap-up, as a share of the time logged in. Source: docs/glossary."""
        return self.handled_s / self.logged_in_s if self.logged_in_s else 0.0

    @property
    def abandonment(self) -> float:
        """Calls abandoned, as a share of those abandoned or connected."""
        answered = self.abandoned + self.connected
        return self.abandoned / answered if answered else 0.0


def measure(records: Iterable[Record], *, seconds: float) -> Measures:
    """Return what the first `seconds` from the first attempt on came to.

    Args:
        records: All of a run, in order; agents may have logged in before.
        seconds: What happens later counts for nothing; the records may end sooner.
    """
    tally = _Tally(seconds)
    for record in records:
        if not tally.take(record):
            break
    return tally.measures()


class _Tally:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._from_at = self._last_at = float("inf")
        self._until_at = float("inf")
        self._state: dict[AgentId, tuple[AgentState, float]] = {}
        self._spent: dict[AgentState, float] = {}
        self._attempts = self._connected = self._abandoned = 0

    def take(self, record: Record) -> bool:
        """Count a record; return whether it was of the stretch or before it."""
        if record.at >= self._until_at:
            self._last_at = self._until_at
            return False
        if isinstance(record, AttemptStarted):
            if self._attempts == 0:
                self._from_at, self._until_at = record.at, record.at + self._seconds
            self._attempts += 1
        elif isinstance(record, AttemptEnded):
            self._abandoned += record.outcome is Outcome.ABANDONED
        elif isinstance(record, AgentChanged) and record.begins:
            self._leave(record.agent_id, record.at)
            self._state[record.agent_id] = (record.state, record.at)
            self._connected += record.state is AgentState.TALKING
        self._last_at = record.at
        return True

    def _leave(self, agent_id: AgentId, at: float) -> None:
        if agent_id in self._state:
            state, since = self._state.pop(agent_id)
            self._spent[state] = self._spent.get(state, 0.0) + max(0.0, at - max(since, self._from_at))

    def measures(self) -> Measures:
        """Return the counts, states that go on included."""
        for agent_id in list(self._state):
            self._leave(agent_id, self._last_at)
        return Measures(
            attempts=self._attempts,
            connected=self._connected,
            abandoned=self._abandoned,
            handled_s=sum(seconds for state, seconds in self._spent.items() if state in _HANDLING),
            logged_in_s=sum(seconds for state, seconds in self._spent.items() if state not in _AWAY),
        )
