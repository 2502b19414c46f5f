"""How long callers of a queue may have to wait, by what its last talks took. Pure."""

LEARNING_SHARE = 0.1
"""The weight of the last talk in the mean. A guess: the last twenty talks make nine tenths of it."""


def place(ranks: list[float], rank: float) -> int:
    """Return the place of one who waits, 1 for the first; `ranks` are those of everybody who waits."""
    return 1 + sum(other < rank for other in ranks)


def expected_wait_s(place: int, *, handle_s: float, agents: int) -> float | None:
    """Return how long somebody has to wait at a place of the line; None: nobody serves it.

    All agents are busy, or there were no wait; they become free `agents / handle_s` times a second.

    Source:
        Whitt, "Predicting queueing delays", Management Science 45 (6), 1999, with no abandonment: the mean
        wait behind k others is (k + 1) times the mean service time over the servers.
    """
    return None if agents <= 0 else place * handle_s / agents


def learned(handle_s: float, last_s: float) -> float:
    """Return the mean handle time once another talk is over."""
    return handle_s + LEARNING_SHARE * (last_s - handle_s)
