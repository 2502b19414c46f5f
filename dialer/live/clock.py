"""The one clock: the epoch, anchored once on the monotonic clock, so that it never decreases."""

import time


class Clock:
    """Tells the time in seconds since the epoch; steps of the system's clock do not show."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Return the present."""
        return time.monotonic() + self._offset

    def at(self, monotonic_s: float) -> float:
        """Return the epoch time of a monotonic reading of this machine, of any process."""
        return monotonic_s + self._offset
