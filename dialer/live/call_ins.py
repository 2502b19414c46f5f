"""Which agent a phone that called in belongs to, asked of the database in a thread of its own.

The switch knows a name; the engine wants an id, and must know an agent who was added since the run began.
"""

import logging
from typing import NamedTuple

from dialer.call_back import CallBack
from dialer.core.addresses import CALLS_IN
from dialer.core.events import AgentCalledIn, AgentDefined
from dialer.core.ids import AgentId, CallId
from dialer.errors import StorageError
from dialer.live.lookups import Lookups
from dialer.storage import agents, queue_calls
from dialer.storage.inbound import call_back

_logger = logging.getLogger(__name__)


class _QueueCall(NamedTuple):
    call_id: CallId
    arrival: str
    server: str


class CallIns(Lookups[str | AgentId | CallBack | _QueueCall]):
    """Turns names into events, from construction until `close`."""

    thread_name = "call-ins"

    def add(self, agent: str | AgentId) -> None:
        """Take the name or the id of an agent whose phone called; never waits."""
        self._asked.put(agent)

    def add_call_back(self, call: CallBack) -> None:
        """Take a call of a lead; never waits."""
        self._asked.put(call)

    def add_queue_call(self, call_id: CallId, arrival: str, server: str) -> None:
        """Take a call of a queue, by its key, what the switch calls it, and where it is; never waits."""
        self._asked.put(_QueueCall(call_id, arrival, server))

    def _run(self) -> None:
        while (call := self._asked.get()) is not None:
            try:
                if isinstance(call, CallBack):
                    self._tell_of_call_back(call)
                elif isinstance(call, _QueueCall):
                    self._tell_of_queue_call(call)
                else:
                    self._tell(call)
            except StorageError as error:
                _logger.warning("a call-in could not be looked up", extra={"cause": str(error)})

    def _tell_of_call_back(self, call: CallBack) -> None:
        with self._database.read() as connection:
            event = call_back(connection, self._workspace_id, call, at=self._clock.now())
        if event is not None:
            self._post(event)

    def _tell_of_queue_call(self, call: _QueueCall) -> None:
        with self._database.read() as connection:
            event = queue_calls.arrived(
                connection,
                self._workspace_id,
                call.call_id,
                arrival=call.arrival,
                server=call.server,
                at=self._clock.now(),
            )
        if event is not None:
            self._post(event)

    def _tell(self, agent: str | AgentId) -> None:
        with self._database.read() as connection:
            found = [
                row
                for row in agents.every(connection, self._workspace_id)
                if agent == (row.name if isinstance(agent, str) else row.agent_id)
                and row.phone.startswith(CALLS_IN)
            ]
        if not found:
            _logger.warning(
                "a phone called in whose agent is none who calls in: `dialer agent add --calls-in`"
            )
        for row in found:
            self._post(AgentDefined(at=self._clock.now(), agent_id=row.agent_id, profile=row.profile))
            self._post(AgentCalledIn(at=self._clock.now(), agent_id=row.agent_id))
