"""Which agent a member of a queue is, asked of the database in a thread of its own; who is new becomes one."""

import logging
from queue import Empty

from dialer.core.events import MemberSeen
from dialer.core.ids import AgentId
from dialer.errors import StorageError
from dialer.live.lookups import Lookups
from dialer.members import MemberNews
from dialer.storage import agents

_logger = logging.getLogger(__name__)

_AGAIN_S = 1.0


class Members(Lookups[MemberNews]):
    """Turns news of members into events, from construction until `close`."""

    thread_name = "members"

    def add(self, news: MemberNews) -> None:
        """Take what is new of a member; never waits."""
        self._asked.put(news)

    def _run(self) -> None:
        pending: dict[str, MemberNews] = {}
        ids: dict[str, AgentId] = {}
        while True:
            try:
                news = self._asked.get(timeout=_AGAIN_S if pending else None)
            except Empty:
                news = None
            else:
                if news is None:
                    return
                pending[news.member] = news
            pending = {key: one for key, one in pending.items() if not self._told(one, ids)}

    def _told(self, news: MemberNews, ids: dict[str, AgentId]) -> bool:
        try:
            agent_id = self._agent(news, ids)
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

    def _agent(self, news: MemberNews, ids: dict[str, AgentId]) -> AgentId:
        if news.address not in ids:
            with self._database.write() as connection:
                ids[news.address] = agents.of_member(
                    connection, self._workspace_id, news, at=self._clock.now()
                )
        return ids[news.address]
