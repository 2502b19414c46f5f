"""What was learned, as tables to look chances up in: by how long a call has rung, or an agent has talked."""

from typing import Final, NamedTuple

import numpy as np

from dialer.core.pacing.forecast.durations import Floats
from dialer.core.pacing.forecast.learned import Learned

HORIZONS: Final = 6
"""More gain nothing. Source: measured with 3 to 12."""
LATER_S: Final = 1.6
"""An agent who becomes free so much later than an answer is in time, of the 2 s that the rule allows: the rest is for the
bridge and for what the forecast does not know. Source: measured with 1 to 2."""
_FINE_S: Final = 0.1
_TINY: Final = 1e-6


class Tables(NamedTuple):
    """Chances by horizon; the last axis of each table is `HORIZONS` long unless said otherwise."""

    seconds: Floats
    """Each horizon, counted from now."""
    new: Floats
    """Of a call that is started now and that a person answers: that it needs an agent by then."""
    ringing: Floats
    """By half seconds since dialing: that a person has picked up since and needs an agent by then."""
    ringing_person: Floats
    """One axis: that a person has not picked up yet."""
    ringing_machine: Floats
    ringing_other: Floats
    person_at: Floats
    """One axis, by half seconds since dialing: that a person who picks up does so then."""
    machine_at: Floats
    detecting: Floats
    """By tenths of a second since the answer: that detection says by then that it is a person, of those it has not said so of yet."""
    detecting_person: Floats
    """One axis: that it has not said so of a person yet."""
    detecting_machine: Floats
    talking: Floats
    """By seconds of a talk: that the agent is free in time."""
    wrapping_up: Floats
    delay_s: float
    """Mean time of detection of a person."""


def tables(learned: Learned) -> Tables:
    """Return the tables of what has been learned so far."""
    person, machine, other = (
        one.settle() for one in (learned.human_ring, learned.machine_ring, learned.other_ring)
    )
    said_person, said_machine = learned.human_delay.settle(), learned.machine_delay.settle()
    width_s = learned.human_ring.width_s
    seconds = _horizons(person, said_person, width_s)
    talk, wrap_up = learned.talk.settle(), learned.wrap_up.settle()
    stay = 1 - learned.leave_share
    return Tables(
        seconds=seconds,
        new=(np.arange(HORIZONS) + 0.5) / HORIZONS,
        ringing=_ringing(person, said_person, seconds, width_s),
        ringing_person=_left(person),
        ringing_machine=_left(machine),
        ringing_other=_left(other),
        person_at=_smooth(person),
        machine_at=_smooth(machine),
        detecting=_by(said_person, seconds, learned.human_delay.width_s),
        detecting_person=_left(said_person),
        detecting_machine=_left(said_machine),
        talking=stay * _free_after_talk(talk, wrap_up, seconds + LATER_S),
        wrapping_up=stay * _by(wrap_up, seconds + LATER_S, 1.0),
        delay_s=float((np.arange(len(said_person)) + 0.5) @ said_person) * learned.human_delay.width_s,
    )


def _left(shares: Floats) -> Floats:
    """Return by bin the share that is longer than its beginning; never 0."""
    return np.maximum(_TINY, 1 - np.concatenate(([0.0], np.cumsum(shares)[:-1])))


def _smooth(shares: Floats) -> Floats:
    """Return shares averaged over neighbours, so that a bin nobody fell into yet proves nothing."""
    return np.convolve(shares, [0.1, 0.2, 0.4, 0.2, 0.1], mode="same") + _TINY


def _below(shares: Floats, seconds: Floats, width_s: float) -> Floats:
    """Return the share below some durations, linear within bins."""
    edges = np.arange(len(shares) + 1) * width_s
    found: Floats = np.interp(seconds, edges, np.concatenate(([0.0], np.cumsum(shares))), left=0.0)
    return found


def _by(shares: Floats, seconds: Floats, width_s: float) -> Floats:
    """Return by bin, for what has lasted so long, the chance that it ends within each of some times."""
    begun = np.arange(len(shares)) * width_s
    left = np.maximum(_TINY, 1 - _below(shares, begun, width_s))
    later = 1 - _below(shares, begun[:, None] + seconds, width_s)
    return np.clip(1 - later / left[:, None], 0.0, 1.0)


def _horizons(person: Floats, said: Floats, width_s: float) -> Floats:
    """Return quantiles of the time from dialing until detection says that it is a person."""
    fine = np.repeat(person, round(width_s / _FINE_S)) * (_FINE_S / width_s)
    total = np.cumsum(np.convolve(fine, said))
    wanted = (np.arange(HORIZONS) + 0.5) / HORIZONS
    found: Floats = (np.searchsorted(total, wanted) + 1) * _FINE_S
    return found


def _ringing(person: Floats, said: Floats, seconds: Floats, width_s: float) -> Floats:
    """Return the chance of each bin of ringing that a person picks up after it and is known to be one by each horizon."""
    middles = (np.arange(len(person)) + 0.5) * width_s
    begun = np.arange(len(person)) * width_s
    to_come = middles[None, :] > begun[:, None]
    columns = [
        (to_come * person * _below(said, begun[:, None] + horizon - middles[None, :], _FINE_S)).sum(axis=1)
        for horizon in seconds
    ]
    return np.stack(columns, axis=1)


def _free_after_talk(talk: Floats, wrap_up: Floats, seconds: Floats) -> Floats:
    """Return by seconds of a talk the chance that it and the wrap-up are over within each of some times."""
    longest = int(np.ceil(seconds.max()))
    padded = np.concatenate((talk, np.zeros(longest)))
    left = _left(talk)
    columns = []
    for horizon in seconds:
        wrapped = _below(wrap_up, horizon - (np.arange(longest) + 0.5), 1.0)
        columns.append(np.correlate(padded, wrapped, mode="valid")[: len(talk)] / left)
    found = np.clip(np.stack(columns, axis=1), 0.0, 1.0)
    # Beyond what nearly every talk lasts nothing is known but how it was before.
    last = int(np.searchsorted(-left, -0.02))
    found[last:] = found[max(0, last - 60) : last].mean(axis=0) if last else 0.0
    return found
