"""A worker process as its parent sees it: its pipe, its places, and whether it lives."""

import contextlib
import os
import subprocess
import sys

from dialer.core.ids import LegId
from telephony.sip import protocol
from telephony.sip.protocol import AnyReport, Order, Ping, Pipe, SetUp

START_S = 15.0
"""A worker that is not ready by then never will be: 0.9 s is the worst that was measured, under load."""
_SPACING_S = 0.05
"""PJSIP aborts at 64 calls set up in a second, its sockets being freed late; 20, and as many cross-legs, are safe."""


class Hand:
    """One worker. `trunk` is None if it serves an agent.

    Raises:
        OSError: If no process can be started.
    """

    def __init__(self, setup: SetUp, *, trunk: str | None, now: float) -> None:
        self.trunk = trunk
        self.setup = setup
        self.ready = False
        self.legs: set[LegId] = set()
        """Those that have a place here."""
        self.holds: frozenset[LegId] = frozenset()
        """Those it said it holds, when it spoke last."""
        self.bridges: tuple[tuple[LegId, LegId], ...] = ()
        self.error = ""
        self._places = 2 if trunk is not None else 1
        self._next_at = self._pinged_at = 0.0
        self._heard_at = self._started_at = now
        role = "worker" if setup.desk is None else "reception"
        ours, theirs = protocol.pair()
        self._stderr, stderr = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(stderr, True)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"telephony.sip.{role}", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
        os.close(stderr)
        self.pipe: Pipe[AnyReport] = Pipe(ours, protocol.decode_report)
        self.send(setup)

    def send(self, order: Order) -> None:
        """Give an order; never waits."""
        self.pipe.send(order)

    def take(self, leg_id: LegId, now: float) -> None:
        """Give a place to a leg."""
        self.legs.add(leg_id)
        self._next_at = now + _SPACING_S

    def idle_since(self, now: float) -> float | None:
        """Return since when a leg could have been taken, None if none can be now."""
        free = self.ready and len(self.legs) < self._places and now >= self._next_at
        return self._next_at if free else None

    @property
    def free_places(self) -> int:
        """Return how many more legs fit, now or when it is ready."""
        return self._places - len(self.legs)

    def heard(self, now: float) -> None:
        """Take note that it spoke."""
        self._heard_at = now

    def keep_alive(self, now: float) -> bool:
        """Ping it when due; return False if it must be given up."""
        if self.pipe.closed or self.process.poll() is not None:
            return False
        if not self.ready:
            return now - self._started_at < START_S
        if now - self._heard_at > protocol.SILENCE_S:
            return False
        if now - self._pinged_at >= protocol.PING_S:
            self._pinged_at = now
            self.send(Ping())
        return True

    def words(self) -> str:
        """Return what it wrote to its standard error since the last time."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self._stderr, 1 << 16).decode(errors="replace").strip()
        return ""

    def bury(self, *, within_s: float = 0.0) -> None:
        """End it, if it does not end by itself in time, and let go of it."""
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process.wait()
        self.pipe.close()
        os.close(self._stderr)
