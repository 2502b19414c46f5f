"""What queueing theory says of a floor, in closed form.

Time is counted in mean service times unless a name says `_s`; `load` is arrivals in one of them (erlangs).
"""

from dataclasses import dataclass
from math import exp, factorial, isinf

import numpy as np

LONGEST_QUEUE = 2_000
"""Where the states of a queue whose callers have patience are cut; at the loads here what is beyond weighs less than 1e-12."""


def erlang_b(servers, load):
    """Return the share of calls that are lost because every server is taken.

    Source:
        A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
        exchanges", 1917; by the recursion on the number of servers.
    """
    lost = 1.0
    for count in range(1, servers + 1):
        lost = load * lost / (count + load * lost)
    return lost


def erlang_c(servers, load):
    """Return the share of calls that wait, all of them patient. Source: A. K. Erlang, 1917."""
    lost = erlang_b(servers, load)
    return servers * lost / (servers - load * (1 - lost))


def waits_longer(servers, load, than):
    """Return the share of patient calls that wait longer than so many mean service times."""
    return erlang_c(servers, load) * exp(-(servers - load) * than)


def mean_wait(servers, load):
    """Return the mean wait of patient calls."""
    return erlang_c(servers, load) / (servers - load)


@dataclass(frozen=True)
class Impatient:
    """A queue whose callers hang up when their patience is over."""

    gives_up: float
    """Share of calls that do."""
    waiting: float
    """Mean number of calls that wait."""
    busy: float
    """Mean number of servers that are taken."""


def erlang_a(servers, load, patience):
    """Return what becomes of calls with exponential patience of a mean.

    Source:
        C. Palm, "Research on telephone traffic carried by full availability groups", Tele, 1957: the stationary distribution of
        the birth and death process, state by state.
    """
    if isinf(patience):
        waiting = load * mean_wait(servers, load)
        return Impatient(gives_up=0.0, waiting=waiting, busy=load)
    counts = np.arange(LONGEST_QUEUE)
    leave = np.minimum(counts, servers) + np.maximum(counts - servers, 0) / patience
    weight = np.concatenate(([0.0], np.cumsum(np.log(load / leave[1:]))))
    share = np.exp(weight - weight.max())
    share /= share.sum()
    waiting = float(share @ np.maximum(counts - servers, 0))
    return Impatient(
        gives_up=waiting / patience / load,
        waiting=waiting,
        busy=float(share @ np.minimum(counts, servers)),
    )


def mean_wait_of_any(load, variation):
    """Return the mean wait at one server, for service times of any distribution by its coefficient of variation.

    Source:
        F. Pollaczek, 1930; A. Y. Khinchine, 1932.
    """
    return load * (1 + variation**2) / (2 * (1 - load))


def poisson(count, mean):
    """Return the chance of a count.

    Source:
        Calls in progress where nobody waits, whatever the distribution of their length (M/G/inf): Palm, 1943.
    """
    return exp(-mean) * mean**count / factorial(count)


def at_most(count, mean):
    """Return the chance of a Poisson count of at most so many."""
    return sum(poisson(one, mean) for one in range(count + 1))
