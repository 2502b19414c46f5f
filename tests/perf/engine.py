"""What the engine costs: whole simulated calls, with pacing and the records made."""

from collections.abc import Iterator
from time import process_time

from dialer.core.settings import PacingMode
from dialer.simulation.floor import FloorSettings, simulate


def figures() -> Iterator[tuple[str, float, str]]:
    """Yield events per second of processor time, the best of three: noise only ever adds time.

    Events are those of the world (legs, timers, leads, requests); the ends of rounds are not counted.
    """
    floor = FloorSettings(agents=50, leads=6_000, mode=PacingMode.RATIO, ratio=2.0)
    best = 0.0
    for _ in range(3):
        before = process_time()
        world = simulate(floor)
        best = max(best, world.events_handled / (process_time() - before))
    yield "engine.events_per_s", best, "1/s"
