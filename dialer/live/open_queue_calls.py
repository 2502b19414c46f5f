"""Which calls of queues go on that an earlier run left, which are over, and who is still to be called back."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, update

from dialer.core.ids import CallId, LegId, QueueName, TrunkName
from dialer.core.queue_events import CallbackLeft, QueueCallFound
from dialer.core.states import CallState, Outcome
from dialer.storage.queue_tables import queue_call
from dialer.storage.schema import recording
from dialer.survivors import Survivor


class OpenQueueCalls(msgspec.Struct, kw_only=True):
    """Open calls of queues, each with what the switch knows of its leg, and callbacks that were promised."""

    calls: list[Any]
    lives: dict[LegId, Survivor]
    trunks: Collection[str]
    queues: Collection[str]
    promised: list[Any]
    tries: Counter[str]
    """Calls that were made in vain to somebody, by the call by which they asked for it."""
    files: dict[str, tuple[int, str]]
    """How many recordings a call has, and the one that is not over."""

    def goes_on(self, row: Any) -> bool:
        """Return whether a call is still up, and the run knows what it is of."""
        found = self.lives.get(row.leg_id)
        return (
            found is not None
            and found.state is not CallState.ENDED
            and row.trunk in self.trunks
            and row.queue in self.queues
        )

    @property
    def ids(self) -> list[str]:
        """Return the calls that go on."""
        return [row.id for row in self.calls if self.goes_on(row)]

    @property
    def legs(self) -> list[LegId]:
        """Return the legs that go on."""
        return [row.leg_id for row in self.calls if self.goes_on(row)]

    def events(self, *, at: float) -> Iterator[QueueCallFound | CallbackLeft]:
        """Yield what the engine must know, first who talks, so that no other takes the agent."""
        going_on = [row for row in self.calls if self.goes_on(row)]
        for row in sorted(going_on, key=lambda row: self.lives[row.leg_id].state is not CallState.TALKING):
            yield self._found(row, at)
        being_called = {row.callback_of for row in going_on}
        for row in self.promised:
            if row.id not in being_called:
                yield CallbackLeft(
                    at=at,
                    call_id=CallId(row.id),
                    queue=QueueName(row.queue),
                    waiting_since=row.waiting_since,
                    region=row.region,
                    attributes=json.loads(row.attributes),
                    tries=self.tries[row.id],
                )

    def _found(self, row: Any, at: float) -> QueueCallFound:
        survivor = self.lives[row.leg_id]
        recordings, file = self.files.get(row.id, (0, ""))
        return QueueCallFound(
            at=at,
            call_id=CallId(row.id),
            queue=QueueName(row.queue),
            leg_id=survivor.leg_id,
            trunk=TrunkName(row.trunk),
            state=survivor.state,
            inbound=row.inbound,
            started_at=row.taken_at,
            waiting_since=row.waiting_since,
            region=row.region,
            has_number=row.number is not None,
            attributes=json.loads(row.attributes),
            answered_at=survivor.answered_at,
            bridged_at=row.bridged_at,
            agent_leg=survivor.partner,
            callback_of=None if row.callback_of is None else CallId(row.callback_of),
            disposition=row.disposition or "",
            recordings=recordings,
            file=file,
        )


def read(
    connection: Connection,
    workspace_id: int,
    survivors: Sequence[Survivor],
    *,
    trunks: Collection[str],
    queues: Collection[str],
) -> OpenQueueCalls:
    """Compare what is open with what the switch holds; calls of trunks and queues that are gone count as over."""
    kept = queue_call.c
    ours = kept.workspace_id == workspace_id
    rows = connection.execute(
        select(queue_call).where(ours, kept.ended_at.is_(None)).order_by(kept.started_at)
    )
    promised = connection.execute(
        select(queue_call)
        .where(ours, kept.callback_asked_at.is_not(None), kept.callback_fate.is_(None))
        .order_by(kept.waiting_since)
    ).all()
    tried = select(kept.callback_of, func.count().label("calls")).where(
        ours, kept.callback_of.in_([row.id for row in promised]), kept.outcome != Outcome.CANCELLED
    )
    return OpenQueueCalls(
        calls=list(rows),
        lives={one.leg_id: one for one in survivors},
        trunks=trunks,
        queues=queues,
        promised=list(promised),
        tries=Counter(
            {row.callback_of: row.calls for row in connection.execute(tried.group_by(kept.callback_of))}
        ),
        files=_files(connection, workspace_id),
    )


def _files(connection: Connection, workspace_id: int) -> dict[str, tuple[int, str]]:
    kept = recording.c
    open_calls = select(queue_call.c.id).where(
        queue_call.c.workspace_id == workspace_id, queue_call.c.ended_at.is_(None)
    )
    files: dict[str, tuple[int, str]] = {}
    query = select(recording).where(kept.queue_call_id.in_(open_calls)).order_by(kept.started_at)
    for row in connection.execute(query):
        number, _ = files.get(row.queue_call_id, (0, ""))
        files[row.queue_call_id] = (number + 1, row.id if row.ended_at is None else "")
    return files


def close(connection: Connection, workspace_id: int, work: OpenQueueCalls, *, at: float) -> None:
    """Close the rows of calls that are over: nobody knows what became of them, or they never reached a run."""
    kept = queue_call.c
    over = (kept.workspace_id == workspace_id, kept.ended_at.is_(None), kept.id.not_in(work.ids))
    for is_taken, outcome in (
        (kept.leg_id.is_not(None), Outcome.UNKNOWN),
        (kept.leg_id.is_(None), Outcome.OVERFLOWED),
    ):
        connection.execute(update(queue_call).where(*over, is_taken).values(ended_at=at, outcome=outcome))
