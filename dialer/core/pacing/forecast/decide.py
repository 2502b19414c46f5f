"""How many calls to start for campaigns that share agents: one race over all their calls in progress.

A campaign may start one more as long as the risk that an answer more finds nobody is below its price. A call that a free agent
is there for, whom no call in progress needs, is always started.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from dialer.core.pacing.forecast.budget import Window, budget
from dialer.core.pacing.forecast.counts import Count
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.margin import margin
from dialer.core.pacing.forecast.outlook import Outlook

SCARCE = 0.2
"""How many may be abandoned of the answers that are still to come in a window that bears none.

With a free agent for each call in progress a team of five loses 9 points of utilisation, with a risk of 0.3 % only 6: little
risk buys most. Source: measured; of 0 to 0.3 the best that left no more days above the limit.
"""
_LAST = 60.0
"""Answers over which that is spread at least: shared out over those that are still to come alone, the last of a day were called at a risk of
a fifth, and whole days ended above the limit in their last ten minutes."""
_MANY = 17
"""Calls that may be abandoned in a window: where it is fewer, one more breaks the limit more often. Source: measured; with 2 agents, whose
windows bear seven, it takes days above the limit from 7 % to 4 %, and costs 0.1 to 0.3 points of utilisation."""
CERTAIN = 0.95
"""No price allows a risk above this: a call is only started if somebody is free or forecast to be."""


AT_ONCE = 2.0
"""Answers by which a campaign may be before others that share its agents, while those can start no call."""


class Entrant(NamedTuple):
    """A campaign in the race."""

    free: float
    """Agents who are free for it."""
    supply: Count
    """How many of its agents become free."""
    demand: Count
    """How many of its agents calls in progress will need, of other campaigns, too."""
    next_calls: Sequence[Floats]
    """Of each call that it may start, in turn, the chances by horizon that it needs an agent; those after the last are like it."""
    turn: float
    """The answers expected of the calls that it has started, by weight: whoever has the fewest starts the next one."""
    step: float
    """By how much a call more adds to that."""
    weight: float
    """By which it shares with others."""
    at_most: int
    """Calls that it has leads and lines for."""
    in_progress: float
    """Calls in progress that may need its agents, and agents who are left to callers."""
    knows: bool
    """Whether enough calls have told how many people answer; before, none is started ahead of agents."""
    price: float
    """The risk that one call more may carry; 0: none may."""
    is_spent: bool
    """Whether its window bears no call more abandoned."""
    own: int
    """Its own calls in progress."""
    forecasts: bool
    """False: its calls are started for free agents alone and not here, but it is waited for."""
    shares: Sequence[float]
    """Of what each entrant's calls need, the share that its agents are expected to take."""


class Decision(NamedTuple):
    """How many calls a campaign starts, and why."""

    at_hand: int
    """Calls for agents who are free and whom no call in progress may need."""
    ahead: int
    """Calls more, for agents who are expected to be free."""
    risk: float
    """That an answer more than those that are expected now finds nobody: what the next call would carry."""
    held: bool = False
    """Whether it had its share, and may start no call ahead of agents until another has its own."""

    @property
    def calls(self) -> int:
        """Return how many calls that are together."""
        return self.at_hand + self.ahead


def decide(race: Sequence[Entrant], *, at_most: int) -> list[Decision]:
    """Return how many calls each campaign starts, together not more than `at_most`."""
    margins = [margin(one.free, one.supply, one.demand) for one in race]
    decided = [Decision(0, 0, one.risk()) for one in margins]
    in_progress = [one.in_progress for one in race]
    for _ in range(at_most):
        ready = [
            index for index, one in enumerate(race) if one.forecasts and decided[index].calls < one.at_most
        ]
        at_hand = {index for index in ready if in_progress[index] < race[index].free}
        able = at_hand.union(index for index in ready if decided[index].risk < race[index].price)
        unable = [index for index in range(len(race)) if index not in able]
        for index in [*able - at_hand]:
            if any(_holds(race, decided, one, index) for one in unable):
                decided[index] = decided[index]._replace(held=True)
                able.remove(index)
        if not able:
            break
        index = min(sorted(able), key=lambda one: _turn(race[one], decided[one]))
        call = race[index].next_calls[min(decided[index].calls, len(race[index].next_calls) - 1)]
        decided[index] = decided[index]._replace(
            at_hand=decided[index].at_hand + (index in at_hand),
            ahead=decided[index].ahead + (index not in at_hand),
        )
        for other, entrant in enumerate(race):
            if share := entrant.shares[index]:
                margins[other].call(call, share)
                in_progress[other] += share
                decided[other] = decided[other]._replace(risk=margins[other].risk())
    return decided


def _turn(entrant: Entrant, decision: Decision) -> float:
    return entrant.turn + decision.calls * entrant.step


def _holds(race: Sequence[Entrant], decided: Sequence[Decision], other: int, index: int) -> bool:
    """Return whether a campaign that can start no call keeps another, whose calls need its agents, from starting more.

    Where each called up to its own price, the one with the highest took every agent: the risk was above the prices of all
    others, who had no answer by which theirs could rise. And calls of one that may have nobody abandoned any more came to the risk
    that another then took.
    """
    behind, calls = race[other], decided[other].calls
    is_waiting = calls < behind.at_most and _can_have_its_share(behind, race[index])
    far = is_waiting and _turn(behind, decided[other]) + AT_ONCE < _turn(race[index], decided[index])
    at_risk = behind.forecasts and behind.is_spent and behind.own + calls > 0
    return (far or at_risk) and behind.shares[index] > 0


def _can_have_its_share(one: Entrant, other: Entrant) -> bool:
    """Return whether a campaign has agents enough at work for its share of the answers: who has few is waited for in vain."""
    own, others = (each.free + each.supply.expected for each in (one, other))
    return are_its_share(own, others, weight=one.weight, other_weight=other.weight)


def are_its_share(own: float, others: float, *, weight: float, other_weight: float) -> bool:
    """Return whether a campaign's agents are enough for its share of the answers beside another with so many agents."""
    return own > 0 and own * (weight + other_weight) >= others * weight


class Allowed(NamedTuple):
    """What a call of a campaign may carry."""

    risk: float
    is_spent: bool
    """Whether its window bears no call more abandoned."""


def risk_allowed(outlook: Outlook, window: Window, *, at: float, at_stake: float) -> Allowed:
    """Return the risk that a call of a campaign may carry.

    Args:
        outlook: The campaign's.
        window: Its window.
        at: Now.
        at_stake: Answers that the calls in progress may bring beyond the agents who are free.
    """
    if not outlook.learned.odds.known(at):
        return Allowed(0.0, is_spent=False)
    left = budget(window)
    if not bears_one(window, today=outlook.price.answers, at_stake=at_stake):
        return Allowed(scarce(window.to_come, whole=left.whole), is_spent=True)
    return Allowed(min(CERTAIN, outlook.price.risk(left.target, window.limit)), is_spent=False)


def scarce(to_come: float, *, whole: float) -> float:
    """Return the risk that a call may carry in a window that bears no call more abandoned.

    Args:
        to_come: Answers expected in the rest of the window.
        whole: How many calls may be abandoned in all of it.
    """
    return SCARCE * min(1.0, whole / _MANY) ** 2 / max(_LAST, to_come)


def bears_one(window: Window, *, today: int, at_stake: float) -> bool:
    """Return whether a window is sure to have answers enough that one more call may be abandoned.

    Args:
        window: It.
        today: The answers of this day, by which those to come are expected.
        at_stake: Answers that the calls in progress may bring beyond the agents who are free.

    Source: measured; small teams have a day's answers in the dozens, of which 3 % is one or two calls.
    """
    to_come, counted = window.to_come, window.abandoned.counted()
    low = max(0.0, to_come * (0.95 - 1.3 / math.sqrt(today + 4)) - 1.3 * math.sqrt(to_come))
    spare = window.limit * (counted + window.human * (window.connected + low)) - counted
    return spare >= 1 + min(3.0, at_stake / 2)
