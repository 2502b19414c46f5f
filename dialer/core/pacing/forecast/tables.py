"""What was learned, as tables to look chances up in: by how long a call has rung, or an agent has talked."""

import math
from typing import Final, NamedTuple

import numpy as np

from dialer.core.pacing.forecast.counts import each_of
from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.learned import WRAP_UP_WIDTH_S, Learned

HORIZONS: Final = 6
"""More gain nothing. Source: measured with 3 to 12."""
_FINE_S: Final = 0.1
_TINY: Final = 1e-6
_RARE: Final = 0.02
_BEFORE: Final = 30
"""Bins."""


class Tables(NamedTuple):
    """Chances by horizon; the last axis of each table is `HORIZONS` long unless said otherwise."""

    new: Floats
    """Of a call that is started now and that a person answers: that it needs an agent by then. One axis."""
    ringing: Floats
    """By half seconds since dialing, of calls that a person answers: that they have done so since and need an agent by then."""
    ringing_person: Floats
    """One axis: that a person has not picked up yet."""
    ringing_nobody: Floats
    """One axis: that a call that no person answers is not over yet."""
    person_at: Floats
    """One axis, by half seconds since dialing: that a person who picks up does so then."""
    machine_at: Floats
    """One axis: that no person answers, but a machine does so then."""
    detecting: Floats
    """By tenths of a second since the answer: that detection says by then that it is a person, of those it has not said so of yet."""
    detecting_person: Floats
    """One axis: that it has not said so of a person yet."""
    detecting_machine: Floats
    talking: Floats
    """By time of a talk, the cumulants of one agent's being free in time: time, cumulant, horizon."""
    wrapping_up: Floats
    """The same by time of a wrap-up."""


def horizons(learned: Learned) -> Floats:
    """Return how far ahead is looked: quantiles of the time from dialing until detection says that it is a person."""
    ring, said = learned.person_ring, learned.person_delay
    fine = np.repeat(ring.shares(), round(ring.width_s / _FINE_S)) * (_FINE_S / ring.width_s)
    total = np.cumsum(np.convolve(fine, said.shares()))
    wanted = (np.arange(HORIZONS) + 0.5) / HORIZONS
    found = (np.searchsorted(total, wanted) + 1) * _FINE_S
    return found.astype(np.float64)


def tables(learned: Learned, seconds: Floats, *, later_s: float) -> Tables:
    """Return the tables of what has been learned, and settled, so far.

    Args:
        learned: Of a campaign.
        seconds: The horizons.
        later_s: An agent who becomes free so much later than an answer is in time.
    """
    ring, said = learned.person_ring, learned.person_delay
    person, said_person = ring.shares(), said.shares()
    talk, wrap_up = learned.talk, learned.wrap_up.shares()
    machine, machines = learned.machine_ring.shares(), learned.machines.share
    stay = 1 - learned.leaving.share
    # That a person picks up after so long, and is known to be one by each horizon.
    ringing = _both_over(person, said_person, seconds, width_s=ring.width_s, then_width_s=said.width_s)
    return Tables(
        new=ringing[0],
        ringing=ringing,
        ringing_person=_left(person),
        ringing_nobody=machines * _left(machine) + (1 - machines) * _left(learned.other_ring.shares()),
        person_at=_smooth(person),
        machine_at=machines * _smooth(machine),
        detecting=_by(said_person, seconds, said.width_s),
        detecting_person=_left(said_person),
        detecting_machine=_left(learned.machine_delay.shares()),
        talking=each_of(stay * _free_after_talk(talk.shares(), wrap_up, seconds + later_s, talk.width_s)),
        wrapping_up=each_of(stay * _by(wrap_up, seconds + later_s, learned.wrap_up.width_s)),
    )


def _begun(shares: Floats, width_s: float) -> Floats:
    """Return where each bin begins."""
    begun: Floats = np.arange(len(shares)) * np.float64(width_s)
    return begun


def _left(shares: Floats) -> Floats:
    """Return by bin the share that is longer than its beginning; never 0."""
    left: Floats = np.maximum(_TINY, 1 - np.concatenate(([0.0], np.cumsum(shares)[:-1])))
    return left


def _smooth(shares: Floats) -> Floats:
    """Return shares averaged over neighbours, so that a bin nobody fell into yet proves nothing."""
    found: Floats = np.convolve(shares, [0.1, 0.2, 0.4, 0.2, 0.1], mode="same") + _TINY
    return found


def _below(shares: Floats, seconds: Floats, width_s: float) -> Floats:
    """Return the share below some durations, linear within bins."""
    edges = np.arange(len(shares) + 1) * width_s
    found: Floats = np.interp(seconds, edges, np.concatenate(([0.0], np.cumsum(shares))), left=0.0)
    return found


def _by(shares: Floats, seconds: Floats, width_s: float) -> Floats:
    """Return by bin, for what has lasted so long, the chance that it ends within each of some times."""
    begun = _begun(shares, width_s)
    left = np.maximum(_TINY, 1 - _below(shares, begun, width_s))
    later = 1 - _below(shares, begun[:, None] + seconds, width_s)
    return np.clip(1 - later / left[:, None], 0.0, 1.0)


def _both_over(
    first: Floats, then: Floats, seconds: Floats, *, width_s: float, then_width_s: float
) -> Floats:
    """Return by bin the share of what lasts longer, and is over together with something that begins then within each of some times."""
    ahead = math.ceil(float(seconds.max()) / width_s)
    padded, passed_s = (
        np.concatenate((first, np.zeros(ahead))),
        (np.arange(ahead) + 0.5) * np.float64(width_s),
    )
    columns = [
        np.correlate(padded, _below(then, horizon - passed_s, then_width_s), mode="valid")[: len(first)]
        for horizon in seconds.tolist()
    ]
    return np.stack(columns, axis=1)


def _free_after_talk(talk: Floats, wrap_up: Floats, seconds: Floats, width_s: float) -> Floats:
    """Return by how long a talk has lasted the chance that it and the wrap-up are over within each of some times."""
    left = _left(talk)
    over = _both_over(talk, wrap_up, seconds, width_s=width_s, then_width_s=WRAP_UP_WIDTH_S)
    found = np.clip(over / left[:, None], 0.0, 1.0)
    # Of what is longer than nearly every talk nothing is known but how it was before.
    last = int(np.searchsorted(-left, -_RARE))
    found[last:] = found[max(0, last - _BEFORE) : last].mean(axis=0) if last else 0.0
    return found
