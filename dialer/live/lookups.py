"""What a run must look up before the engine can be told: done in a thread of its own, as the database may be slow."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from queue import SimpleQueue
from typing import ClassVar, Generic, TypeVar

from dialer.core.events import AnyEvent
from dialer.live.clock import Clock
from dialer.live.threads import Died, start_thread
from dialer.storage.database import Database

Question = TypeVar("Question")


class Lookups(ABC, Generic[Question]):
    """Turns questions into events, from construction until `close`.

    Args:
        database: Where agents are kept.
        workspace_id: Whose agents.
        clock: The world's.
        post: Takes the events, in this thread.
        died: Told if the thread ends by an unforeseen error.
    """

    thread_name: ClassVar[str]

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
        self._asked: SimpleQueue[Question | None] = SimpleQueue()
        self._thread = start_thread(self.thread_name, self._run, died=died)

    def close(self) -> None:
        """End the thread."""
        self._asked.put(None)
        self._thread.join()

    @abstractmethod
    def _run(self) -> None:
        """Answer until `_asked` gives None."""
