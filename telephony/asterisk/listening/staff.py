"""The listeners' processes: started, told what concerns them all, and replaced when they die. Runs on the switch's one thread.

They share the sockets at which Asterisk's connections arrive, so that whichever has time takes the next. All of them know
every leg that is awaited.
"""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping

from dialer.errors import ConfigError
from telephony.asterisk.listening.protocol import AnyOrder, Learn, Made, decode_report
from telephony.audio.findings import Ears
from telephony.sip import protocol
from telephony.sip.protocol import Pipe

LINES_EACH = 200
"""Lines for which there is one listener: with all of them being dialed at once it has half a core to do. Source: measured with
twenty calls, 2.5 ms for a second of audio, 2.8 ms with fifty recordings."""

_AGAIN_S = 1.0
"""Between a listener's death and its successor. A guess: what killed it may kill the next."""
_RELEASED_S = 5.0
"""For so long a port is asked for that the listeners of a killed run may hold: they end within a fraction of a second."""
_END_S = 2.0
_BUFFER = 1 << 16
"""Bytes of a connection that may wait here: 4 s of audio. Who is later than that would hear too late."""

_logger = logging.getLogger(__name__)


class Staff:
    """Listeners that know what the trunks' calls are listened for.

    Args:
        ears: By trunk.
        lines: Of those trunks.
    """

    def __init__(self, ears: Mapping[str, Ears], lines: int) -> None:
        self._ears = ears
        self._wanted = min(-(-lines // LINES_EACH), os.cpu_count() or 1)
        self._doors: dict[str, socket.socket] = {}
        self._crew: list[_Hand] = []
        self._start_at = 0.0

    def open(self, address: str, *, setting: str) -> str:
        """Listen at `HOST:PORT`, of which port 0 is any; return the address as it became.

        Raises:
            ConfigError: If it cannot be listened at; names the setting.
        """
        host, _, port = address.rpartition(":")
        if address not in self._doors:
            self._doors[address] = _listen(host, int(port), setting)
        return f"{host}:{self._doors[address].getsockname()[1]}"

    def send(self, order: AnyOrder) -> None:
        """Tell all of them; never waits."""
        for hand in self._crew:
            hand.pipe.send(order)

    def tick(self, now: float) -> list[Made]:
        """Start who is missing; return what was made out since the last time."""
        for hand in list(self._crew):
            if hand.pipe.closed or hand.process.poll() is not None:
                self._bury(hand, now)
        while len(self._crew) < self._wanted and now >= self._start_at:
            try:
                self._crew.append(_Hand(list(self._doors.values()), self._ears))
            except OSError as error:
                self._start_at = now + _AGAIN_S
                _logger.warning("a listener does not start", extra={"reason": str(error)})
        return [report for hand in self._crew for report in hand.heard()]

    def close(self) -> None:
        """End them, and let go of the sockets."""
        for hand in self._crew:
            hand.pipe.close()
        for hand in self._crew:
            hand.end()
        self._crew = []
        for door in self._doors.values():
            door.close()

    def _bury(self, hand: "_Hand", now: float) -> None:
        self._crew.remove(hand)
        hand.pipe.close()
        hand.end()
        self._start_at = now + _AGAIN_S
        _logger.warning("a listener died", extra={"status": hand.process.returncode})


class _Hand:
    """One process."""

    def __init__(self, doors: list[socket.socket], ears: Mapping[str, Ears]) -> None:
        ours, theirs = protocol.pair()
        with theirs:
            shared = [theirs.fileno(), *(door.fileno() for door in doors)]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "telephony.asterisk.listening.listener", *map(str, shared)],
                pass_fds=shared,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
        self.pipe: Pipe[Made] = Pipe(ours, decode_report)
        for trunk, each in ears.items():
            self.pipe.send(Learn(trunk=trunk, ears=each))

    def heard(self) -> list[Made]:
        self.pipe.flush()
        return self.pipe.receive()

    def end(self) -> None:
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _listen(host: str, port: int, setting: str) -> socket.socket:
    until = time.monotonic() + _RELEASED_S
    while True:
        try:
            door = socket.create_server((host, port), backlog=1_024)
        except OSError as error:
            if port == 0 or time.monotonic() > until:
                raise ConfigError(
                    f"{setting}: cannot listen at {host}:{port} ({error.strerror}): name an address of this machine that "
                    "Asterisk reaches, and a port that nobody has"
                ) from error
            time.sleep(0.1)
        else:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            door.setblocking(False)
            return door
