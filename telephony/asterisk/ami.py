"""One connection to Asterisk's manager interface: pyst2's `Manager` with its API kept and its machinery replaced.

Kept: `login`, `originate`, `command` and the other helpers, `register_event`, `Event`, `ManagerMsg`, the exceptions. Replaced:

| stock pyst2 | here |
| --- | --- |
| one `recv` a byte; three threads and three queues | one thread, whole pieces |
| replies in order of arrival, whoever asked | replies by ActionID: `submit` gives a `Future` |
| waits for ever | a limit for connection, greeting, reply, sending and close |
| line ends and commas in values pass | refused or escaped, in `telephony.asterisk.messages` |
| a repeated header overwrites | all values are kept |
| `status will follow` in anybody's name stops the reading | lists are collected by ActionID, nothing waits for a word |
| a raising callback ends all others silently | it is logged, the others go on |
| nobody is told of a lost connection | every waiting action fails, `on_close` is told |

An object is good for one connection.
"""

import errno
import logging
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait

from asterisk.manager import (
    Event,
    Manager,
    ManagerAuthException,
    ManagerException,
    ManagerMsg,
    ManagerSocketException,
)

from telephony.asterisk import wire
from telephony.asterisk.messages import Message, NotManagerError, Splitter, Value, format_action
from telephony.asterisk.originate import originate_action

_logger = logging.getLogger(__name__)

Sink = Callable[[Sequence[Message]], None]
Callback = Callable[[Event, Manager], object]

REPLY_S = 10.0
"""Asterisk answers within milliseconds, also at 400 calls a second; a guess that leaves room for a machine that swaps."""

_FAREWELL_S = 2.0


class Reply(ManagerMsg):
    """What Asterisk answered to an action, for a list with its items.

    Attributes:
        message: As it came, with repeated headers.
        headers: By name; of a repeated one the first value.
        data: The output of `Command`, or the lines that are no header.
        items: The events that make up a list, without the one that ends it.
    """

    def __init__(self, message: Message, items: Sequence[Message] = ()) -> None:
        self.message = message
        self.headers = dict(message.headers)
        self.data = "\n".join(message.values("Output") or message.text)
        self.items = tuple(items)
        self.response = [f"{name}: {value}\r\n" for name in message.headers for value in message.values(name)]

    @property
    def refused(self) -> str | None:
        """Why Asterisk refused the action; None if it did not."""
        return self.headers.get("Message", "") if self.headers.get("Response") == "Error" else None


class _Waiting:
    """An action without its whole reply."""

    __slots__ = ("began", "future", "items")

    def __init__(self, future: Future[Reply]) -> None:
        self.future = future
        self.began: Message | None = None
        self.items: list[Message] = []


def new_future() -> Future[Reply]:
    """Return what a reply will go to; it cannot be cancelled, for nobody takes back what has been written."""
    future: Future[Reply] = Future()
    future.set_running_or_notify_cancel()
    return future


def _forget(_: object) -> None:
    """Leave it at that."""


class Ami(Manager):
    """A connection to one manager interface. `submit` and `send_action` may be called from any thread.

    Args:
        on_events: Takes the events of one read, in order, on the reader's thread.
        on_close: Told once, on the reader's thread, why an established connection ended.
        reply_s: How long `send_action` and the helpers wait.
    """

    def __init__(
        self,
        *,
        on_events: Sink = _forget,
        on_close: Callable[[str], None] = _forget,
        reply_s: float = REPLY_S,
    ) -> None:
        # Not pyst2's own, which makes threads and queues that nobody here uses, and warns of what it does.
        self.title: str | None = None
        self.version: str | None = None
        self.hostname = socket.gethostname()
        self._event_callbacks: dict[str, list[Callback]] = {}
        self._on_events = on_events
        self._on_close = on_close
        self._reply_s = reply_s
        self._id = secrets.token_hex(4)
        self._seqlock, self._seq = threading.Lock(), 1
        self._lock = threading.Lock()
        self._waiting: dict[str, _Waiting] = {}
        self._wire: wire.Wire | None = None
        self._up = False
        self._closing = False
        self._splitter = Splitter()
        self._reader: threading.Thread | None = None

    def __del__(self) -> None:
        """Do nothing: the reader holds this object as long as there is something to end."""

    def connected(self) -> bool:
        """Whether actions can be sent."""
        return self._up

    def next_id(self) -> str:
        """Return an ActionID that no other connection uses: its action comes back in their events too."""
        return f"{self._id}-{self.next_seq()}"

    def connect(
        self, host: str, port: int = 5038, *, timeout_s: float = 5.0, tls: ssl.SSLContext | None = None
    ) -> Reply:
        """Connect and read the greeting.

        Args:
            host: Name or address, IPv4 or IPv6.
            port: Of TCP.
            timeout_s: For the connection, for TLS and for the greeting, each.
            tls: How to check Asterisk's certificate; None for a plain connection.

        Raises:
            ManagerSocketException: If nobody is there, or it does not greet as the manager interface.
            ManagerException: If this object has been connected before.
        """
        if self._wire is not None:
            raise ManagerException("an object is good for one connection; make a new one")
        try:
            self._wire = wire.dial(host, port, timeout_s=timeout_s, tls=tls)
        except OSError as error:
            raise ManagerSocketException(error.errno, f"{host}:{port}: {error}") from error
        try:
            first = self._await_greeting(self._wire, timeout_s)
        except (OSError, NotManagerError) as error:
            self._wire.close()
            raise ManagerSocketException(getattr(error, "errno", None), f"{host}:{port}: {error}") from error
        self._up = True
        self._reader = threading.Thread(target=self._read, args=(self._wire, first), name="ami", daemon=True)
        self._reader.start()
        return Reply(Message({"Response": "Generated Header"}, text=(f"{self.title}/{self.version}",)))

    def _await_greeting(self, line: wire.Wire, timeout_s: float) -> list[Message]:
        until = time.monotonic() + timeout_s
        while True:
            data = line.read(max(until - time.monotonic(), 0.0))
            if not data:
                raise NotManagerError(
                    "the far end hung up without a greeting: it is no manager interface, or is full"
                )
            messages = self._splitter.feed(data)
            if self._splitter.greeting is not None:
                self.title, self.version = self._splitter.greeting
                return messages

    def submit(self, cdict: Mapping[str, Value] | None = None, **headers: Value) -> Future[Reply]:
        """Send an action and return at once; the future ends with its reply or with a `ManagerException`.

        Args:
            cdict: Headers by name, and with `headers` those of the action; `ActionID` if there is none.
            headers: More of them.

        Raises:
            UnsafeTextError: If the action cannot be carried as it is; nothing was sent.
            ManagerException: If there is no connection, or an action with this ActionID waits for its reply.
        """
        action = {"ActionID": self.next_id(), **(cdict or {}), **headers}
        future = new_future()
        self.post(str(action["ActionID"]), format_action(action), future)
        return future

    def post(self, action_id: str, data: bytes, future: Future[Reply]) -> None:
        """Send an action that is written already; its reply goes to a `new_future`.

        Raises:
            ManagerException: As `submit`; the future is left as it was.
        """
        with self._lock:
            if not self._up or self._wire is None:
                raise ManagerException("Not connected")
            if action_id in self._waiting:
                raise ManagerException(f"an action with the ActionID {action_id} waits for its reply")
            self._waiting[action_id] = _Waiting(future)
        try:
            self._wire.write(data, self._reply_s)
        except OSError as error:
            # Nothing can follow half an action; the reader fails it and all others, and tells of the end.
            _logger.debug("an action was not sent whole", exc_info=error)
            self._wire.hang_up()

    def send_action(self, cdict: Mapping[str, Value] | None = None, **headers: Value) -> Reply:
        """Send an action and wait for its reply.

        Raises:
            UnsafeTextError: If the action cannot be carried as it is; nothing was sent.
            ManagerSocketException: If the reply does not come in time, or the connection ends before it.
            ManagerException: If there is no connection, or a callback asks, which would wait for itself.
        """
        if threading.current_thread() is self._reader:
            raise ManagerException("a callback cannot wait for a reply: it is who reads it; use submit")
        future = self.submit(cdict, **headers)
        try:
            return future.result(self._reply_s)
        except TimeoutError as error:
            raise ManagerSocketException(errno.ETIMEDOUT, f"no reply within {self._reply_s} s") from error

    def hang_up(self) -> None:
        """End the connection at once."""
        self._closing = True
        if self._wire is not None:
            self._wire.hang_up()

    def close(self) -> None:
        """Log off and end the connection, whatever the far end does. If it answers, it has read all that was written before."""
        self._closing = True
        reader, is_here = self._reader, threading.current_thread() is self._reader
        if self._up and not is_here:
            try:
                wait([self.submit(Action="Logoff")], _FAREWELL_S)
            except ManagerException:
                _logger.debug("the connection ended before its log-off")
        self.hang_up()
        if reader is not None and not is_here:
            reader.join(_FAREWELL_S)

    def login(self, username: str, secret: str, *, events: bool = True) -> Reply:
        """Log in.

        Args:
            username: A section of `manager.conf`.
            secret: Its secret.
            events: Whether this connection gets events.

        Raises:
            ManagerAuthException: If Asterisk refuses.
            ManagerException: As `send_action`.
        """
        names = {"Username": username, "Secret": secret, "Events": "on" if events else "off"}
        reply = self.send_action(names, Action="Login")
        if reply.refused is not None:
            raise ManagerAuthException(reply.refused)
        return reply

    def originate(self, channel: str, *given: Value, **options: Value) -> Reply:
        """Originate a call, with pyst2's arguments, and `channel_id`, `other_channel_id`, `codecs`.

        Raises:
            TypeError: If an option is none of Originate's.
            ManagerException: As `send_action`.
        """
        return self.send_action(originate_action(channel, *given, **options))

    def _read(self, line: wire.Wire, first: Sequence[Message]) -> None:
        reason = "the far end hung up"
        try:
            self._hear(first)
            while data := line.read():
                self._hear(self._splitter.feed(data))
        except (OSError, NotManagerError) as error:
            reason = str(error)
        finally:
            self._end(line, "closed here" if self._closing else reason)

    def _end(self, line: wire.Wire, reason: str) -> None:
        line.hang_up()
        with self._lock:
            self._up = False
            left, self._waiting = self._waiting, {}
        line.close()
        for waiting in left.values():
            waiting.future.set_exception(ManagerSocketException(0, f"Connection Terminated: {reason}"))
        self._guard(self._on_close, reason)

    def _hear(self, messages: Sequence[Message]) -> None:
        events = [
            message
            for message in messages
            # Most events belong to no action; asking that here saves a call for each.
            if ("Event" in message.headers and "ActionID" not in message.headers)
            or not self._is_answer(message)
        ]
        if not events:
            return
        self._guard(self._on_events, events)
        if self._event_callbacks:
            for event in events:
                self._call_back(event)

    def _is_answer(self, message: Message) -> bool:
        """Take a message that belongs to an action; whether it did, or belongs to one that nobody waits for any more."""
        headers = message.headers
        is_reply = "Response" in headers and "Event" not in headers
        waiting = self._waiting.get(headers.get("ActionID", ""))
        if waiting is None:
            return "Event" not in headers
        place = headers.get("EventList", "").lower()
        if is_reply and place == "start":
            waiting.began = message
        elif is_reply:
            self._settle(message, waiting)
        elif waiting.began is None:
            # An event may overtake the reply: a call that fails at once does.
            return False
        elif place in {"complete", "cancelled"}:
            self._settle(waiting.began, waiting)
        else:
            waiting.items.append(message)
        return True

    def _settle(self, message: Message, waiting: _Waiting) -> None:
        with self._lock:
            self._waiting.pop(message.headers["ActionID"], None)
        waiting.future.set_result(Reply(message, waiting.items))

    def _call_back(self, message: Message) -> None:
        named = self._event_callbacks.get(message.headers["Event"], [])
        event = None
        for callback in [*named, *self._event_callbacks.get("*", [])]:
            event = event or Event(Reply(message))
            if self._guard(callback, event, self):
                return

    def _guard(self, callback: Callable[..., object], *given: object) -> object:
        try:
            return callback(*given)
        except Exception:
            _logger.exception("a callback of a manager connection failed")
            return None
