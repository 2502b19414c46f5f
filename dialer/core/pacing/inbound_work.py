"""How many agents callers will need soon who have not called yet: pacing leaves those to them."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from dialer.core.allocation import routing
from dialer.core.ids import SetId
from dialer.core.states import AgentState
from dialer.core.step import Step

LOOK_BACK_S = 600.0
"""The rate is that of the last minutes. Source: long enough for some 20 calls at 120 an hour, short enough to follow the
half hours by which call centres plan; a guess within that."""

HORIZON_S = 15.0
"""How far ahead is looked: an outbound call that is started now needs its agent after so long. A guess: post-dial delay and
three rings; measured answer times settle it."""


SAFETY = 1.0
"""Standard deviations. A guess: with 1, simulated floors with a third to a half of inbound work abandoned fewer of their outbound
calls than the usual 3 %, and served nine callers of ten within 20 s."""


def recent(arrivals: Sequence[float], *, at: float) -> list[float]:
    """Return the arrivals that count still; they are in order."""
    return list(arrivals[bisect_left(arrivals, at - LOOK_BACK_S) :])


def expected_calls(arrivals: Sequence[float], *, at: float, since: float) -> float:
    """Return how many callers are to be expected within the horizon.

    Args:
        arrivals: When callers came, in order.
        at: Now.
        since: When watching began; what was not watched tells nothing.

    Source:
        The mean of a Poisson process of the rate observed, as arrivals of many independent callers are one
        (Palm and Khintchine).
    """
    watched_s = min(LOOK_BACK_S, max(at - since, HORIZON_S))
    return len(recent(arrivals, at=at)) / watched_s * HORIZON_S


def agents_to_keep(expected: float, *, to_be_free: float) -> int:
    """Return how many of the agents who are free now are to be left to callers.

    Args:
        expected: Callers within the horizon.
        to_be_free: Agents who become free within it, as `becoming_free` says.

    Source:
        Callers less agents who become free is the difference of two Poisson counts (Skellam, 1946): its variance is
        the sum of both means. `SAFETY` standard deviations above its mean are kept.
    """
    above = SAFETY * math.sqrt(expected + to_be_free) if expected else 0.0
    return math.ceil(max(0.0, expected - to_be_free + above) - 0.5)


def becoming_free(busy: int, *, handle_s: float) -> float:
    """Return how many of the agents who are busy become free within the horizon, at the mean handle time."""
    return busy * min(1.0, HORIZON_S / handle_s)


def rates(step: Step) -> Iterator[tuple[SetId, float]]:
    """Yield how many callers a second call the queues that were called lately, and who serves them."""
    for queue in step.workspace.queues.values():
        if queue.arrivals:
            expected = expected_calls(queue.arrivals, at=step.at, since=queue.since_at)
            yield routing.first_set(step, queue.settings), expected / HORIZON_S


_BUSY = frozenset({AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP})


def kept(step: Step) -> Iterator[tuple[SetId, int]]:
    """Yield how many free agents of which sets are to be left to callers of queues."""
    called = [queue for queue in step.workspace.queues.values() if queue.arrivals]
    if not called:
        return
    busy = sum(agent.state in _BUSY for agent in step.workspace.agents.values())
    for queue in called:
        expected = expected_calls(queue.arrivals, at=step.at, since=queue.since_at)
        # Shared out evenly: which line gets them is not known before. A guess.
        to_be_free = becoming_free(busy, handle_s=queue.handle_s) / len(called)
        yield routing.first_set(step, queue.settings), agents_to_keep(expected, to_be_free=to_be_free)
