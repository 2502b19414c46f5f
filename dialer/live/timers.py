"""Timers of a live run: a heap in the engine's thread, which sleeps until the first is due."""

import heapq

from dialer.core.commands import StartTimer
from dialer.core.events import TimerFired


class Timers:
    """Started timers, earliest first. Stale ones fire too; the engine knows their generation."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, StartTimer]] = []

    def start(self, timer: StartTimer) -> None:
        """Have a timer fire when it is due."""
        heapq.heappush(self._heap, (timer.due_at, timer.generation, timer))

    def wait_s(self, now: float) -> float | None:
        """Return the seconds until the first timer is due; None: there is none."""
        return max(0.0, self._heap[0][0] - now) if self._heap else None

    def due(self, now: float) -> list[TimerFired]:
        """Return what is due, in order."""
        fired = []
        while self._heap and self._heap[0][0] <= now:
            timer = heapq.heappop(self._heap)[2]
            fired.append(TimerFired(at=now, timer_id=timer.timer_id, generation=timer.generation))
        return fired
