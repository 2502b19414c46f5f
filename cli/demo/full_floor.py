"""The leads that fill a floor: every agent talks for a minute while the rest of the lines ring.

Calls go out for free agents only, so all of them at once is reached once: each agent's share of calls is dialed,
one of them is answered, the others ring until they are given up. Whom to call, and what the numbers do, follows
from that; the talks last long enough for the last of them to have begun a minute before the first one ends.
"""

import math
from typing import Any

from telephony.sip.emulator.behaviour import Kind

HELD_S = 60.0
"""So long a full floor is held."""
RING_S = 76.0
"""When the ringing lines are given up: after the last talk."""

# All calls are placed before the first answer, and answered within three seconds.
_ANSWER_S = (4.0, 7.0)
_TALK_S = (HELD_S + 5.0, HELD_S + 6.0)
# Area codes of the United States that the fixture's cities leave free, a hundred fictional numbers in each.
_AREAS = (
    *("201", "205", "207", "208", "209", "210", "215", "217", "218", "219"),
    *("224", "225", "228", "229", "231", "234", "239", "240", "248", "251"),
)
MOST = 100 * len(_AREAS)
"""How many lines can be filled."""


def rules(agents: int, lines: int) -> tuple[dict[str, Any], ...]:
    """Return the carrier's rules for numbers that fill so many lines, so many of them with talks.

    Raises:
        ValueError: If there are not enough fictional numbers.
    """
    called = numbers(lines)
    talks = {"kind": Kind.PERSON, "ring_s": _ANSWER_S, "talk_s": _TALK_S, "numbers": called[:agents]}
    rings = {"kind": Kind.NO_ANSWER, "numbers": called[agents:]}
    return (talks, rings) if lines > agents else (talks,)


def numbers(count: int) -> list[str]:
    """Return fictional numbers that no fixture's city has.

    Raises:
        ValueError: If there are not enough of them.
    """
    if count > MOST:
        raise ValueError(f"there are {MOST} fictional numbers to fill lines with")
    return [f"+1{_AREAS[index // 100]}55501{index % 100:02}" for index in range(count)]


def lines_of(agents: int, ratio: float) -> int:
    """Return how many lines so many agents fill: what pacing calls for all of them at once."""
    return math.floor(agents * ratio + 1e-9)
