"""What progressive pacing reaches, in closed form: a renewal process of dials.

Whenever an agent is free and stands for no call in flight, a call is placed; when one fails, the next is placed in the same
instant. So for each agent there is always either a talk with its wrap-up or exactly one call in flight, which that agent, or
another in exchange, will take. Calls are alike and independent: a call takes D seconds in flight and reaches an agent with
probability c, who is then busy for B seconds. Dials between two talks are a geometric number of mean 1/c, so by Wald's equation
an agent waits

    W = E[D] / c,    and is busy for the share    U = E[B] / (E[B] + W)

of the time, by the renewal reward theorem: whatever the distributions, and however many agents there are. Source: W. L. Smith,
"Renewal theory and its ramifications", 1958; A. Wald, 1944.

One agent's dials are seconds apart, so pacing, which looks every 0.25 s at most, delays none; with many agents some calls leave
later, by no more than that.
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

from dialer.simulation.telephony import BRIDGE_S


@dataclass(frozen=True)
class Lognormal:
    """A distribution by its mean and coefficient of variation."""

    mean: float
    variation: float

    @property
    def _sigma(self):
        return sqrt(log(1 + self.variation**2))

    def _normal(self, limit, shift):
        return NormalDist().cdf((log(limit / self.mean) + self._sigma**2 / 2) / self._sigma - shift)

    def up_to(self, limit):
        """Return the share that is no longer than a limit."""
        return self._normal(limit, 0.0)

    def mean_up_to(self, limit):
        """Return the mean of what is cut at a limit."""
        return self.mean * self._normal(limit, self._sigma) + limit * (1 - self.up_to(limit))


@dataclass(frozen=True)
class Kind:
    """Calls that go alike."""

    share: float
    """Of all dials."""
    connects: float
    """Share of these that reach an agent."""
    takes_s: float
    """Mean time in flight."""
    keeps_s: float = 0.0
    """Mean time that one that reaches an agent keeps him, without the wrap-up."""


@dataclass(frozen=True)
class Progressive:
    """One call for each agent who is free."""

    connects: float
    """Share of dials that reach an agent."""
    wait_s: float
    """From the end of a wrap-up to the next talk."""
    busy_s: float

    @property
    def utilisation(self):
        return self.busy_s / (self.busy_s + self.wait_s)


def progressive(kinds, wrap_up_s, *, late_s=0.0):
    """Return what an agent's day comes to, if each call leaves so much later than it could."""
    connects = sum(one.share * one.connects for one in kinds)
    wait_s = (sum(one.share * one.takes_s for one in kinds) + late_s) / connects + BRIDGE_S
    busy_s = sum(one.share * one.connects * one.keeps_s for one in kinds) / connects + wrap_up_s
    return Progressive(connects, wait_s, busy_s)


MEAN_POST_DIAL_S, MEAN_BUSY_S, MEAN_INVALID_S = 2.0, 2.25, 1.25
"""Of the uniform delays of `dialer.simulation.behaviour.People`."""


@dataclass(frozen=True)
class Listening:
    """What machine detection does to a call that was answered."""

    connects: float
    takes_s: float


AT_ONCE = Listening(connects=1.0, takes_s=0.0)


def people_listened_to(people, silence_s):
    """Return what becomes of people whom detection listens to; who hears nobody hangs up when patience is over.

    The verdict comes after V = U(0.7, 1.7) + silence, or U(1.2, 1.8) if it is wrong; patience lasts 1 s and then exponentially.
    """
    right = _outlasted(people.patience_s, 0.7 + silence_s, 1.7 + silence_s)
    wrong = _outlasted(people.patience_s, 1.2, 1.8)
    share = people.human_misjudged_share
    return Listening(
        connects=(1 - share) * right.connects,
        takes_s=(1 - share) * right.takes_s + share * wrong.takes_s,
    )


def _outlasted(patience_s, low_s, high_s):
    """Return the share who wait for U(low, high) >= 1, and how long they all wait for it on average."""

    def patient(until_s):
        return exp(-(until_s - 1) / patience_s)

    share = patience_s * (patient(low_s) - patient(high_s)) / (high_s - low_s)
    return Listening(connects=share, takes_s=1 + patience_s * (1 - share))


def machines_listened_to(people, silence_s, sample_share):
    """Return what becomes of machines: taken for people, or sent to an agent as a sample, or hung up."""
    wrong = people.machine_misjudged_share
    return Listening(
        connects=wrong + (1 - wrong) * sample_share,
        takes_s=wrong * (1.2 + silence_s) + (1 - wrong) * 1.5,
    )


def kinds_of(people, ring_s, *, person=AT_ONCE, machine=AT_ONCE):
    """Return how the calls of invented people go, when a number may ring for so long."""
    nobody = 1 - people.human_share - people.machine_share - people.busy_share - people.invalid_share
    talk_s = people.refusal_share * people.refusal_s + (1 - people.refusal_share) * people.talk_s
    return [
        _answered(people.human_share, Lognormal(people.human_ring_s, 0.6), ring_s, person, keeps_s=talk_s),
        _answered(
            people.machine_share,
            Lognormal(people.machine_ring_s, 0.35),
            ring_s,
            machine,
            keeps_s=people.machine_talk_s,
        ),
        Kind(people.busy_share, 0.0, MEAN_BUSY_S),
        Kind(people.invalid_share, 0.0, MEAN_INVALID_S),
        Kind(nobody, 0.0, MEAN_POST_DIAL_S + ring_s),
    ]


def _answered(share, rings, ring_s, then, *, keeps_s):
    picked_up = rings.up_to(ring_s)
    return Kind(
        share,
        connects=picked_up * then.connects,
        takes_s=MEAN_POST_DIAL_S + rings.mean_up_to(ring_s) + picked_up * then.takes_s,
        keeps_s=keeps_s,
    )
