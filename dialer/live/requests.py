"""How other processes ask a running floor for something: rows of the `request` table, and nothing else.

A request is taken up once, answered by the round that carries it out, and expires if no run takes it up in
time, so that nothing asked today happens tomorrow.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

import msgspec
from sqlalchemy import bindparam, literal_column, select, update

from dialer.core.events import AnyEvent, RequestReceived
from dialer.core.ids import RequestId
from dialer.core.requests import Request
from dialer.errors import ConfigError, StorageError
from dialer.live.clock import Clock
from dialer.live.definitions import Definitions
from dialer.live.threads import Died, start_thread
from dialer.storage.database import Database
from dialer.storage.rows import add_new
from dialer.storage.schema import RequestState, request

_logger = logging.getLogger(__name__)

CHANNEL: Final = "outdial_request"
"""What PostgreSQL tells runs of new requests on."""

# How often a run looks that is told of requests: a notice may be lost with its connection. A guess.
_LISTENING_POLL_S: Final = 1.0

# Unnoticed by a person, and a read of one short index costs 0.2 ms: 0.4 % of a core.
POLL_S: Final = 0.05

_ANSWER_POLL_S: Final = 0.02

# Written out rather than bound, because the partial index is used for the literal alone.
_PENDING = request.c.state == literal_column(f"'{RequestState.PENDING}'")
_WAITING = (
    select(request.c.id, request.c.body, request.c.expires_at)
    .where(_PENDING, request.c.workspace_id == bindparam("workspace"))
    .order_by(request.c.id)
)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request, `text` in words for people."""

    state: RequestState
    text: str


class Poller:
    """Puts requests on the run's queue, in a thread of its own, from construction until `close`."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        *,
        clock: Clock,
        post: Callable[[AnyEvent], None],
        busy: Callable[[], bool] = lambda: False,
        died: Died | None = None,
    ) -> None:
        """Start the thread.

        Args:
            database: Where requests are kept.
            definitions: Whose requests are read, and where to find what they are about.
            clock: The world's.
            post: Takes requests, each after what it is about, in this thread; must not wait.
            busy: Whether requests shall wait for now.
            died: Told if the thread ends by an unforeseen error: from then on nobody can ask for anything.
        """
        self._database = database
        self._definitions = definitions
        self._clock = clock
        self._post = post
        self._busy = busy
        self._posted: set[int] = set()
        self._notices = database.listen(CHANNEL)
        self._closing = threading.Event()
        self._thread = start_thread("requests", self._run, died=died or (lambda *_: None))

    def close(self) -> None:
        """End the thread; what it did not take up stays for the next run, or expires."""
        self._closing.set()
        if self._notices is not None:
            self._notices.wake()
        self._thread.join()
        if self._notices is not None:
            self._notices.close()

    def _run(self) -> None:
        while not self._wait():
            if self._busy():
                continue
            try:
                self._poll()
            except StorageError as error:
                _logger.warning("requests could not be read", extra={"cause": str(error)})

    def _wait(self) -> bool:
        """Wait until it is worth a look; return whether the end came meanwhile."""
        if self._notices is None:
            return self._closing.wait(POLL_S)
        self._notices.wait(_LISTENING_POLL_S)
        return self._closing.is_set()

    def _poll(self) -> None:
        with self._database.read() as connection:
            rows = connection.execute(_WAITING, {"workspace": self._definitions.workspace_id}).all()
        now = self._clock.now()
        expired: list[int] = []
        for request_id, body, expires_at in rows:
            if request_id in self._posted:
                continue
            if expires_at <= now:
                expired.append(request_id)
                continue
            self._take_up(request_id, body, now)
        # Those that are answered are pending no more and need not be remembered.
        self._posted &= {row.id for row in rows}
        if expired:
            _settle(self._database, expired, RequestState.EXPIRED, "no run took it up in time", at=now)

    def _take_up(self, request_id: int, body: str, now: float) -> None:
        try:
            asked = msgspec.json.decode(body, type=Request)
        except msgspec.DecodeError as error:
            _settle(self._database, [request_id], RequestState.REFUSED, f"not understood: {error}", at=now)
            return
        with self._database.read() as connection:
            about = self._definitions.of_request(connection, asked, at=now)
        self._posted.add(request_id)
        for event in about:
            self._post(event)
        self._post(RequestReceived(at=now, request_id=RequestId(request_id), request=asked))


def post_request(
    database: Database, workspace_id: int, asked: Request, *, who: str, key: str, expires_s: float
) -> RequestId:
    """Ask a run for something.

    Args:
        database: Where the run looks.
        workspace_id: Which run.
        asked: What for.
        who: Who asks, for the record.
        key: The idempotency key: asking again under the same key asks once.
        expires_s: How long the request waits for a run.

    Raises:
        ConfigError: If the key was used for another request.
        StorageError: If the database cannot be written.
    """
    now = Clock().now()
    body = msgspec.json.encode(asked).decode()
    query = select(request.c.id, request.c.body).where(
        request.c.workspace_id == workspace_id, request.c.idempotency_key == key
    )
    asking = {
        "workspace_id": workspace_id,
        "who": who,
        "kind": type(asked).__name__,
        "body": body,
        "idempotency_key": key,
        "made_at": now,
        "expires_at": now + expires_s,
    }
    with database.write() as connection:
        add_new(connection, request, asking)
        database.notify(connection, CHANNEL)
        known = connection.execute(query).one()
    if known.body != body:
        raise ConfigError(f"the key {key!r} was used for another request: use a new one")
    return RequestId(known.id)


def wait_for_answer(database: Database, request_id: RequestId) -> Answer:
    """Wait until a request is carried out, refused or expired, and return which.

    Raises:
        StorageError: If the database cannot be used.
    """
    clock = Clock()
    query = select(request.c.state, request.c.text, request.c.expires_at).where(request.c.id == request_id)
    while True:
        with database.read() as connection:
            row = connection.execute(query).one()
        if row.state != RequestState.PENDING:
            return Answer(state=RequestState(row.state), text=row.text)
        if clock.now() >= row.expires_at:
            text = "no run answered in time: start one with `dialer run`"
            _settle(database, [request_id], RequestState.EXPIRED, text, at=clock.now())
        time.sleep(_ANSWER_POLL_S)


def _settle(
    database: Database, request_ids: Iterable[int], state: RequestState, text: str, *, at: float
) -> None:
    change = update(request).where(_PENDING, request.c.id.in_(list(request_ids)))
    with database.write() as connection:
        connection.execute(change.values(state=state, text=text, answered_at=at))
