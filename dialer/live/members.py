"""Which agent a member of a queue is, asked of the database in a thread of its own; who is new becomes one."""

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue

from dialer.core.events import AnyEvent, MemberSeen
from dialer.core.ids import AgentId
from dialer.errors import StorageError
from dialer.live.clock import Clock
from dialer.live.threads import Died, start_thread
from dialer.members import MemberNews
from dialer.storage import agents
from dialer.storage.database import Database

_logger = logging.getLogger(__name__)

_AGAIN_S = 1.0


class Members:
    """Turns news of members into events, from construction until `close`.

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
        self._ids: dict[str, AgentId] = {}
        self._news: SimpleQueue[MemberNews | None] = SimpleQueue()
        self._thread = start_thread("members", self._run, died=died)

    def add(self, news: MemberNews) -> None:
        """Take what is new of a member; never waits."""
        self._news.put(news)

    def close(self) -> None:
        """End the thread."""
        self._news.put(None)
        self._thread.join()

    def _run(self) -> None:
        pending: dict[str, MemberNews] = {}
        while True:
            try:
                news = self._news.get(timeout=_AGAIN_S if pending else None)
            except Empty:
                news = None
            else:
                if news is None:
                    return
                pending[news.member] = news
            pending = {key: one for key, one in pending.items() if not self._told(one)}

    def _told(self, news: MemberNews) -> bool:
        try:
            agent_id = self._agent(news)
        except StorageError as error:
            _logger.warning("a member of a queue could not be looked up", extra={"cause": str(error)})
            return False
        self._post(
            MemberSeen(
                at=self._clock.now(),
                agent_id=agent_id,
                member=news.member,
                presence=news.presence,
                reason=news.reason,
                wrap_up_s=news.wrap_up_s,
                server=news.server,
            )
        )
        return True

    def _agent(self, news: MemberNews) -> AgentId:
        if news.address not in self._ids:
            with self._database.write() as connection:
                self._ids[news.address] = agents.of_member(
                    connection, self._workspace_id, news, at=self._clock.now()
                )
        return self._ids[news.address]
