"""Which agent a phone that called in belongs to, asked of the database in a thread of its own.

The switch knows a name; the engine wants an id, and must know an agent who was added since the run began.
"""

import logging
from collections.abc import Callable
from queue import SimpleQueue

from dialer.core.events import AgentCalledIn, AgentDefined, AnyEvent
from dialer.errors import StorageError
from dialer.live.clock import Clock
from dialer.live.threads import Died, start_thread
from dialer.loop import CALLS_IN
from dialer.storage import agents
from dialer.storage.database import Database

_logger = logging.getLogger(__name__)


class CallIns:
    """Turns names into events, from construction until `close`.

    Args:
        database: Where agents are kept.
        workspace_id: Whose agents.
        clock: The world's.
        post: Takes the events, in this thread.
        died: Told if the thread ends by an unforeseen error.
    """

    def __init__(
        self,
        database: Database,
        workspace_id: int,
        *,
        clock: Clock,
        post: Callable[[AnyEvent], None],
        died: Died,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._clock = clock
        self._post = post
        self._names: SimpleQueue[str | None] = SimpleQueue()
        self._thread = start_thread("call-ins", self._run, died=died)

    def add(self, name: str) -> None:
        """Take the name of an agent whose phone called; never waits."""
        self._names.put(name)

    def close(self) -> None:
        """End the thread."""
        self._names.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (name := self._names.get()) is not None:
            try:
                self._tell(name)
            except StorageError as error:
                _logger.warning("a call-in could not be looked up", extra={"cause": str(error)})

    def _tell(self, name: str) -> None:
        with self._database.read() as connection:
            found = [
                row.agent_id
                for row in agents.every(connection, self._workspace_id)
                if row.name == name and row.phone.startswith(CALLS_IN)
            ]
        if not found:
            _logger.warning(
                "a phone called in whose agent is none who calls in: `dialer agent add --calls-in`"
            )
        for agent_id in found:
            self._post(AgentDefined(at=self._clock.now(), agent_id=agent_id))
            self._post(AgentCalledIn(at=self._clock.now(), agent_id=agent_id))
