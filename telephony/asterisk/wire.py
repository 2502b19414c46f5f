"""A connection to Asterisk that one thread reads while others write, plain or through TLS."""

import select
import socket
import ssl
import threading

_PIECE = 256 * 1024
"""Bytes taken at once. Source: one `recv` a byte, as pyst2 does, costs 0.5-0.8 ms of processor an event."""


class Wire:
    """Bytes to and from one far end. Nothing here waits longer than it is told.

    Args:
        sock: Connected; this object's from now on.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        # A TLS connection bears one call at a time; none of them waits, so neither thread keeps the other long.
        self._turn = threading.Lock()
        self._sending = threading.Lock()

    def read(self, timeout_s: float | None = None) -> bytes:
        """Return what has come, waiting for it; nothing at the end of the connection.

        Raises:
            TimeoutError: If nothing comes in time.
            OSError: If the connection broke.
        """
        while True:
            try:
                with self._turn:
                    return self._sock.recv(_PIECE)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._wait(select.POLLIN, timeout_s)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT, timeout_s)

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all of it, in one piece with regard to other writers.

        Raises:
            TimeoutError: If the far end does not take it in time; a part of it may have left.
            OSError: If the connection broke.
        """
        left = memoryview(data)
        with self._sending:
            while left:
                try:
                    with self._turn:
                        left = left[self._sock.send(left) :]
                except (BlockingIOError, ssl.SSLWantWriteError):
                    self._wait(select.POLLOUT, timeout_s)
                except ssl.SSLWantReadError:
                    self._wait(select.POLLIN, timeout_s)

    def hang_up(self) -> None:
        """End the connection, so that whoever reads or writes comes back; idempotent."""
        try:
            # Not the TLS socket's own, which would hand the reader bare ciphertext.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        """Give the descriptor back; only the reader does, for a number that another file has by then is nobody's to read."""
        self._sock.close()

    def _wait(self, for_what: int, timeout_s: float | None) -> None:
        poll = select.poll()
        try:
            poll.register(self._sock, for_what)
        except ValueError as error:
            raise ConnectionAbortedError("the connection is closed") from error
        if not poll.poll(None if timeout_s is None else timeout_s * 1000):
            raise TimeoutError("the far end is silent; if it speaks TLS, we must too")


def dial(host: str, port: int, *, timeout_s: float, tls: ssl.SSLContext | None = None) -> Wire:
    """Connect over IPv4 or IPv6.

    Args:
        host: Name or address.
        port: Of TCP.
        timeout_s: For the connection and again for TLS.
        tls: How to check the far end; None for a plain connection.

    Raises:
        OSError: If nobody is there, in time, or it is not whom it should be.
    """
    sock = socket.create_connection((host, port), timeout_s)
    try:
        # Actions are small and many: each shall leave when it is written.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            sock = tls.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    return Wire(sock)
