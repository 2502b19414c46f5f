"""Two connections to one Asterisk, made anew whenever they are lost: one acts, the other is told events.

Two, so that the reply to a bridge never waits behind events. One thread keeps them: it logs in, writes what is submitted, asks
whether the far end still answers, and tries again. Whoever uses a session never waits for it.
"""

import logging
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from itertools import count
from queue import Empty, SimpleQueue
from typing import NamedTuple

from asterisk.manager import ManagerAuthException, ManagerException

from dialer.asterisk_config import AsteriskServer
from dialer.errors import ConfigError
from dialer.live.threads import Died, start_thread
from telephony.asterisk.ami import Ami, Reply, Sink, new_future
from telephony.asterisk.messages import Message, UnsafeTextError, Value, format_action

_logger = logging.getLogger(__name__)

CONNECT_S = 5.0
"""For a connection, for TLS and for the greeting, each. A guess: a packet may be lost twice."""

PING_S = 3.0
"""Asked so often, on both connections, and so long is waited for the answer. A guess: at 400 calls a second it takes 30 ms."""

BOOT_S = 60.0
"""From log-in to FullyBooted. A guess: with a hundred modules it takes half a second."""

LONGEST_PAUSE_S = 30.0
_FAREWELL_S = 5.0
_CLOSED = "closed here"


def pause_s(failures: int) -> float:
    """Return how long to wait after so many failures in a row, at least one: 1, 2, 4 s and so on.

    The longest is a guess: seconds of calls lost to a server that is back, against what asking costs one that is not.
    """
    return min(2.0 ** min(failures - 1, 10), LONGEST_PAUSE_S)


class _Pair:
    """The connections of one life: made together, lost together."""

    def __init__(
        self,
        note: Callable[["_Booted | _Ended"], None],
        on_events: Callable[["_Pair", Sequence[Message]], None],
    ) -> None:
        self._note = note
        self._on_events = on_events
        self._booted = False
        self.told = Ami(on_events=self._hear, on_close=self._end, reply_s=CONNECT_S)
        self.acting = Ami(on_close=self._end, reply_s=CONNECT_S)

    @property
    def both(self) -> tuple[Ami, Ami]:
        return self.told, self.acting

    def ping(self) -> list[Future[Reply]]:
        """Ask both whether they answer; a lost one says so by itself."""
        try:
            return [ami.submit(Action="Ping") for ami in self.both]
        except ManagerException:
            return []

    def _hear(self, batch: Sequence[Message]) -> None:
        if not self._booted and any(event.headers["Event"] == "FullyBooted" for event in batch):
            self._booted = True
            self._note(_Booted(self))
        self._on_events(self, batch)

    def _end(self, reason: str) -> None:
        self._note(_Ended(self, reason))


class _Order(NamedTuple):
    action_id: str
    data: bytes
    future: Future[Reply]


class _Booted(NamedTuple):
    pair: _Pair


class _Ended(NamedTuple):
    pair: _Pair
    reason: str


class _Close(NamedTuple):
    """What was submitted before is written first."""


class Session:
    """One Asterisk server, as long as the run lives.

    What it tells, it tells one at a time, on threads of its own: nothing of a connection before `on_up`, nothing after `on_down`.

    Args:
        server: Where it is, and who logs in.
        on_events: Takes events in order, those of one read at once.
        on_up: Told when both connections are logged in and Asterisk is fully booted, with the time at which Asterisk started as
            it writes it: if it is another than before, every call of before is gone, else the calls went on meanwhile.
        on_down: Told why, when a connection is lost and whenever it cannot be made.
        died: Told if the thread ends by an unforeseen error.
        ping_s: See `PING_S`.
    """

    def __init__(
        self,
        server: AsteriskServer,
        *,
        on_events: Sink,
        on_up: Callable[[str], None],
        on_down: Callable[[str], None],
        died: Died | None = None,
        ping_s: float = PING_S,
    ) -> None:
        self._server = server
        self._ping_s = ping_s
        self._on_events = on_events
        self._on_up = on_up
        self._on_down = on_down
        self._died = died or (lambda *_: None)
        self._inbox: SimpleQueue[_Order | _Booted | _Ended | _Close] = SimpleQueue()
        self._telling = threading.Lock()
        self._changing = threading.Lock()
        self._pair: _Pair | None = None
        self._password = ""
        self._tls: ssl.SSLContext | None = None
        # Other connections' actions come back in their events: nobody else uses these ids.
        self._id, self._numbers = secrets.token_hex(4), count(1)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_up(self) -> bool:
        """Whether actions reach the server now."""
        return self._pair is not None

    def start(self) -> None:
        """Begin to connect; returns at once.

        Raises:
            ConfigError: If the password or the certificates cannot be used.
        """
        self._password = self._server.password()
        try:
            format_action({"Secret": self._password})
        except UnsafeTextError as error:
            raise ConfigError(f"the password of the manager users cannot be used: {error}") from None
        self._tls = _tls(self._server)
        self._thread = start_thread("asterisk", self._keep, died=self._died)

    def submit(self, action: Mapping[str, Value]) -> Future[Reply]:
        """Send an action in its turn; returns at once.

        Args:
            action: Headers by name; gets an `ActionID` if it has none.

        Returns:
            What ends with the reply, on a thread of the session's, or with a `ManagerException`: at once if the server is away.

        Raises:
            UnsafeTextError: If the action cannot be carried as it is.
        """
        named = {"ActionID": f"{self._id}-{next(self._numbers)}", **action}
        order = _Order(str(named["ActionID"]), format_action(named), new_future())
        with self._changing:
            if self._pair is not None:
                self._inbox.put(order)
                return order.future
        order.future.set_exception(ManagerException("Not connected"))
        return order.future

    def close(self) -> None:
        """Write what was submitted, log off and end; waits for that, a few seconds at most."""
        self._closing.set()
        self._inbox.put(_Close())
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_FAREWELL_S)

    def _keep(self) -> None:
        failures = 0
        while not self._closing.is_set():
            pair = _Pair(self._inbox.put, self._hear)
            try:
                started_at = self._log_in(pair)
                self._go_up(pair, started_at)
                failures = 0
                reason = self._serve(pair)
            except ManagerException as error:
                reason = str(error.args[-1])
            failures += 1
            self._go_down(pair, reason)
            self._closing.wait(pause_s(failures))

    def _log_in(self, pair: _Pair) -> str:
        server = self._server
        for ami, username in ((pair.told, server.events_username), (pair.acting, server.username)):
            ami.connect(server.host, server.port, timeout_s=CONNECT_S, tls=self._tls)
            try:
                ami.login(username, self._password, events=ami is pair.told)
            except ManagerAuthException as error:
                # Asterisk says the same to an address that it does not let in.
                remedy = "check its password, and that its `permit` in manager.conf lists this machine"
                raise ManagerException(f"{username}: {error}: {remedy}") from error
        self._await_boot(pair)
        status: Reply = pair.acting.send_action(Action="CoreStatus")
        if status.refused is not None:
            raise ManagerException(
                f"{server.username} may not ask for CoreStatus: give it `write = reporting`"
            )
        return " ".join(status.headers.get(name, "") for name in ("CoreStartupDate", "CoreStartupTime"))

    def _await_boot(self, pair: _Pair) -> None:
        until = time.monotonic() + BOOT_S
        while True:
            match self._next(until):
                case _Booted(one) if one is pair:
                    return
                case _Ended(one, reason) if one is pair:
                    raise ManagerException(reason)
                case _Close():
                    raise ManagerException(_CLOSED)
                case None:
                    raise ManagerException(
                        f"Asterisk is not fully booted after {BOOT_S:g} s, or {self._server.events_username} has no `read = system`"
                    )

    def _serve(self, pair: _Pair) -> str:
        """Write and ask until it is over; return why it is."""
        pings: list[Future[Reply]] = []
        due_at = time.monotonic()
        while True:
            if time.monotonic() >= due_at:
                if not all(ping.done() for ping in pings):
                    return f"no reply to a ping within {self._ping_s:g} s"
                pings = pair.ping()
                due_at = time.monotonic() + self._ping_s
            note = self._next(due_at)
            if isinstance(note, _Order):
                self._write(pair, note)
            elif isinstance(note, _Ended) and note.pair is pair:
                return note.reason
            elif isinstance(note, _Close):
                for ami in pair.both:
                    ami.close()
                return _CLOSED

    def _write(self, pair: _Pair, order: _Order) -> None:
        try:
            pair.acting.post(order.action_id, order.data, order.future)
        except ManagerException as error:
            order.future.set_exception(error)

    def _next(self, until: float) -> "_Order | _Booted | _Ended | _Close | None":
        try:
            return self._inbox.get(timeout=max(until - time.monotonic(), 0.0))
        except Empty:
            return None

    def _hear(self, pair: _Pair, batch: Sequence[Message]) -> None:
        with self._telling:
            if self._pair is pair:
                self._on_events(batch)

    def _go_up(self, pair: _Pair, started_at: str) -> None:
        with self._telling:
            with self._changing:
                self._pair = pair
            self._on_up(started_at)

    def _go_down(self, pair: _Pair, reason: str) -> None:
        for ami in pair.both:
            ami.hang_up()
        with self._telling:
            with self._changing:
                self._pair = None
            while not self._inbox.empty():
                if isinstance(left := self._inbox.get(), _Order):
                    left.future.set_exception(ManagerException("Not connected"))
            if not self._closing.is_set():
                _logger.warning(
                    "Asterisk is not connected", extra={"host": self._server.host, "reason": reason}
                )
                self._on_down(reason)


def _tls(server: AsteriskServer) -> ssl.SSLContext | None:
    if not server.tls:
        return None
    try:
        return ssl.create_default_context(cafile=server.tls_ca)
    except OSError as error:
        raise ConfigError(f"{server.tls_ca} holds no certificates that can be used: {error}") from error
