"""What a service manager is told: that the run is up, that it lives, that it ends.

Source: sd_notify(3), systemd.service(5). Without a service manager nothing is told to anybody.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Final

from dialer.live.threads import Died, start_thread

_logger = logging.getLogger(__name__)

# Ending the SIP workers and writing what waits takes this much longer than the talks, at the most.
_CLOSING_S: Final = 60.0


def notify(*facts: str) -> None:
    """Tell the service manager facts such as `READY=1`; what it does not hear is logged and costs nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = f"\0{address[1:]}"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as to:
            to.sendto("\n".join(facts).encode(), address)
    except OSError as error:
        _logger.warning("the service manager was not told", extra={"cause": str(error)})


def notify_ready() -> None:
    """Tell that calls can be placed."""
    notify("READY=1", "STATUS=calls can be placed")


def notify_ending(finish_within_s: float) -> None:
    """Tell that the run ends, and how long it may take, so that talks are not cut off."""
    longest_s = finish_within_s + _CLOSING_S
    notify(
        "STOPPING=1", f"EXTEND_TIMEOUT_USEC={longest_s * 1e6:.0f}", "STATUS=no new calls, talks may finish"
    )


def watchdog_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """Return how often the service manager wants to hear of this process; None if it does not."""
    wanted = environment.get("WATCHDOG_USEC", "")
    of = environment.get("WATCHDOG_PID", str(os.getpid()))
    return int(wanted) / 1e6 if wanted.isdigit() and int(wanted) and of == str(os.getpid()) else None


class Watchdog:
    """Tells that the run lives as long as the engine's thread answers, from construction until `close`.

    Without a service manager that watches, it does nothing.
    """

    def __init__(self, ask: Callable[[Callable[[], None]], None], *, died: Died) -> None:
        """Start the thread.

        Args:
            ask: Has the engine's thread call what it is given.
            died: Told if the thread dies.
        """
        self._ask = ask
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        if (within_s := watchdog_s()) is not None:
            # Half of it, as the manual advises.
            self._thread = start_thread("watchdog", lambda: self._watch(within_s / 2), died=died)

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, every_s: float) -> None:
        while not self._closing.wait(every_s):
            self._ask(lambda: notify("WATCHDOG=1"))
