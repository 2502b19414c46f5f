"""The connections of FastAGI: one thread each, so many and no more, each with its deadline, all ended by `close`.

Whatever happens to one question happens to that one alone.
"""

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Final

from asterisk.agi import AGIException, AGIHangup

from dialer.agi_config import AgiConfig
from dialer.errors import ConfigError, DialerError
from dialer.live.threads import Died, start_thread
from telephony.asterisk.agi.channel import Channel
from telephony.asterisk.agi.gate import Admission, admission
from telephony.asterisk.agi.wire import Wire

_logger = logging.getLogger(__name__)

Handler = Callable[[Channel], Mapping[str, str]]
"""Answers a question by the channel variables that are to be set; raises `DialerError` if it cannot."""

VERDICT: Final = "DIALER_AGI"
"""The variable that is set last: `ok`, `failed` or `unknown`. Without it nobody answered."""

_BACKLOG: Final = 4_096
"""Connections that wait to be taken, without a thread or a file of ours: Asterisk gives up after 2 s who cannot even
wait (`MAX_AGI_CONNECT` of res_agi.c)."""

_PATIENCE_S: Final = 2.0
"""When none of the questions that are being answered has ended for so long, further ones are refused. A guess: lookups
take milliseconds, so these are log-ins, which take half a minute."""

_JOIN_S: Final = 5.0
_NO_ROOM_S: Final = 0.1


class AgiServer:
    """Answers dialplans, from construction until `close`."""

    def __init__(self, config: AgiConfig, handlers: Mapping[str, Handler], *, died: Died) -> None:
        """Listen.

        Args:
            config: Where, for whom, how many at a time.
            handlers: By name, each called in a thread of its own.
            died: Told if the listening thread ends by an unforeseen error.

        Raises:
            ConfigError: If the address cannot be listened at, or the secret cannot be read.
        """
        self._config = config
        self._secret = config.secret()
        self._handlers = handlers
        self._lock = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._slots = threading.Semaphore(config.connections)
        self._jammed = False
        self._closing = threading.Event()
        self._listener = _listen(config)
        self._thread = start_thread("agi", self._accept, died=died)

    @property
    def port(self) -> int:
        """Return the port it listens at."""
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Take no more questions and cut those that are open; returns when the threads have ended."""
        self._closing.set()
        _shut(self._listener)
        self._cut()
        self._thread.join()
        self._listener.close()
        for thread in self._cut():
            thread.join(_JOIN_S)

    def _cut(self) -> list[threading.Thread]:
        with self._lock:
            open_now = dict(self._open)
        for connection in open_now:
            _shut(connection)
        return list(open_now.values())

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, (host, *_) = self._listener.accept()
            except OSError as error:
                if not self._closing.is_set():
                    _logger.warning("a question could not be taken", extra={"cause": str(error)})
                    self._closing.wait(_NO_ROOM_S)
                continue
            self._take(connection, host)

    def _take(self, connection: socket.socket, host: str) -> None:
        why = None
        if not self._config.allows(host):
            why = "its host is not in asterisk.agi.allowed_hosts"
        elif not self._find_slot():
            why = "asterisk.agi.connections are being answered, and none ends"
        if why is not None:
            _logger.warning("a question was refused", extra={"host": host, "cause": why})
            connection.close()
            return
        thread = threading.Thread(target=self._serve, args=(connection, host), name="agi-call", daemon=True)
        with self._lock:
            self._open[connection] = thread
        thread.start()

    def _find_slot(self) -> bool:
        """Wait for a question to end, unless none has since the last time."""
        found = self._slots.acquire(timeout=0.0 if self._jammed else _PATIENCE_S)
        self._jammed = not found
        return found

    def _serve(self, connection: socket.socket, host: str) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._answer(Channel(Wire(connection, deadline_s=self._config.deadline_s)), host)
        except AGIHangup:
            _logger.debug("the caller hung up")
        except (AGIException, OSError) as error:
            _logger.warning("a question was not answered", extra={"host": host, "cause": str(error)})
        except Exception:
            _logger.exception("a question was not answered", extra={"host": host})
        finally:
            connection.close()
            with self._lock:
                del self._open[connection]
            self._slots.release()

    def _answer(self, channel: Channel, host: str) -> None:
        script = channel.env.get("agi_network_script", "")
        verdict, name = admission(script, self._secret, self._handlers)
        if verdict is Admission.STRANGER:
            _logger.warning("a question was refused", extra={"host": host, "cause": "wrong secret"})
            return
        if verdict is Admission.UNKNOWN:
            _logger.warning("a question is unknown", extra={"host": host, "question": name[:40]})
            channel.set_variable(VERDICT, "unknown")
            return
        try:
            answer = self._handlers[name](channel)
        except DialerError as error:
            _logger.warning("a question was not answered", extra={"question": name, "cause": str(error)})
            channel.set_variable(VERDICT, "failed")
            return
        channel.set_variables({**answer, VERDICT: "ok"})


def _listen(config: AgiConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.bind, config.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"asterisk.agi: cannot listen at {config.bind} port {config.port}: {error.strerror}; choose another port"
        ) from error
    return listener


def _shut(connection: socket.socket) -> None:
    """Wake whoever waits at a socket."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _logger.debug("a connection was closed already")
