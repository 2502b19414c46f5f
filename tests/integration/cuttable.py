"""A connection between two processes that a test can cut: bytes pass, until they do not."""

import contextlib
import socket
import threading

HOST = "127.0.0.1"


class Cuttable:
    """Takes connections at `port` and passes them on; while it is cut it takes none."""

    def __init__(self, to_port: int) -> None:
        self._to = (HOST, to_port)
        self._listening = socket.create_server((HOST, 0))
        self.port = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._changing = threading.Lock()
        self._cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End everything."""
        self.cut()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def cut(self) -> None:
        """End every connection, and those that come from now on."""
        with self._changing:
            self._cut = True
            ended, self._open = self._open, []
        for one in ended:
            _end(one)

    def mend(self) -> None:
        """Pass connections on again."""
        with self._changing:
            self._cut = False

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._to)
            except OSError:
                near.close()
                continue
            with self._changing:
                refused = self._cut
                if not refused:
                    self._open += [near, far]
            if refused:
                _end(near)
                _end(far)
                continue
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    _end(one)
    _end(other)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
