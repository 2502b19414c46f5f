"""Lines of text to and from one Asterisk channel, all within one deadline; it knows nothing of what they say."""

import socket
import time
from collections.abc import Callable
from typing import Final

MAX_LINE: Final = 16_384
"""Most bytes of a line. Source: eight times what Asterisk reads at once itself (`AGI_BUF_LEN` of res_agi.c)."""


class Wire:
    """A file as pyst2 wants one, over a socket.

    Args:
        connection: Stays the caller's to close.
        deadline_s: Seconds until every read and write fails, however lively the other end is.
        clock: Seconds that never go back.
    """

    def __init__(
        self, connection: socket.socket, *, deadline_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._until = clock() + deadline_s
        self._read = bytearray()

    def readline(self) -> str:
        """Return the next line with its line feed; empty at the end.

        Raises:
            OSError: If the connection broke, a line never ends, or (`TimeoutError`) the deadline has passed.
        """
        while (end := self._read.find(b"\n")) < 0:
            if len(self._read) > MAX_LINE:
                raise ConnectionAbortedError(f"a line of more than {MAX_LINE} bytes")
            self._hurry()
            if not (some := self._connection.recv(4_096)):
                return ""
            self._read += some
        line = self._read[: end + 1]
        del self._read[: end + 1]
        return line.decode("utf-8", "replace")

    def write(self, text: str) -> None:
        """Send text.

        Raises:
            OSError: As of `readline`.
        """
        self._hurry()
        self._connection.sendall(text.encode("utf-8", "replace"))

    def flush(self) -> None:
        """Do nothing: what is written has left."""

    def _hurry(self) -> None:
        left_s = self._until - self._clock()
        if left_s <= 0:
            raise TimeoutError("the deadline has passed")
        self._connection.settimeout(left_s)
