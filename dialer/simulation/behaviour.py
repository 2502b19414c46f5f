"""Invented people: what happens to a call, and when. Simple on purpose; the shares are parameters."""

import math
from random import Random

import msgspec

from dialer.core.commands import Originate
from dialer.core.rules.machine_detection import AmdSettings, Verdict
from dialer.core.states import EndCause


class Hearing(msgspec.Struct, frozen=True, kw_only=True):
    """What detection hears of an answered call, and says. Durations in seconds from the answer."""

    verdict: Verdict
    cause: str
    after_s: float
    spoke_after_s: float = 0.3


class CallPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The life of one call, decided when it is dialed. Durations in seconds."""

    post_dial_s: float = 1.0
    """From dialing to the first ringing, or to the failure."""
    ring_s: float | None = None
    """From ringing to the answer; None: nobody picks up."""
    failure: EndCause | None = None
    announces: EndCause | None = None
    """What an announcement says that is heard instead of ringing, or after the answer if there is one."""
    sip_code: int | None = None
    patience_s: float = math.inf
    """How long a person waits for somebody to speak."""
    talk_s: float = math.inf
    is_machine: bool = False
    is_person: bool = False
    """Whether a person is called who picks up; a lead that is neither never does."""
    wrap_up_s: float | None = None
    """How long an agent who ends wrap-ups writes after the talk; None: until the line of business ends it."""
    disposition: str = ""
    """What such an agent says came of the talk; empty: nothing."""
    beep_after_s: float = 0.0
    """From the answer to a machine's beep."""
    hearing: Hearing | None = None
    """Of a call that is listened to; None: nothing is ever said of it."""


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares and means of a population, for floors that need no scenario: a simple form of the stationary model (docs/pacing.md)."""

    human_share: float = 0.2
    machine_share: float = 0.32
    busy_share: float = 0.064
    invalid_share: float = 0.096
    human_ring_s: float = 8.0
    machine_ring_s: float = 16.0
    refusal_share: float = 0.45
    """Of people: those whose talk is a refusal."""
    refusal_s: float = 25.0
    talk_s: float = 261.0
    """Of the others."""
    machine_talk_s: float = 8.0
    patience_s: float = 6.0
    greeting_s: float = 12.0
    """Of a machine, to its beep."""
    human_misjudged_share: float = 0.02
    machine_misjudged_share: float = 0.05

    def plan(self, chance: Random) -> CallPlan:
        """Draw one call."""
        drawn = chance.random()
        post_dial_s = chance.uniform(1, 3)
        if drawn < self.human_share:
            return CallPlan(
                post_dial_s=post_dial_s,
                ring_s=_lognormal(chance, self.human_ring_s, 0.6),
                talk_s=self._talk_s(chance),
                is_person=True,
                patience_s=chance.expovariate(1 / self.patience_s) + 1,
            )
        drawn -= self.human_share
        if drawn < self.machine_share:
            return CallPlan(
                post_dial_s=post_dial_s,
                ring_s=_lognormal(chance, self.machine_ring_s, 0.35),
                talk_s=self.machine_talk_s,
                is_machine=True,
                beep_after_s=self.greeting_s,
            )
        drawn -= self.machine_share
        if drawn < self.busy_share:
            return CallPlan(post_dial_s=chance.uniform(1.5, 3), failure=EndCause.BUSY, sip_code=486)
        drawn -= self.busy_share
        if drawn < self.invalid_share:
            return CallPlan(post_dial_s=chance.uniform(0.5, 2), failure=EndCause.UNALLOCATED, sip_code=404)
        return CallPlan(post_dial_s=post_dial_s)

    def _talk_s(self, chance: Random) -> float:
        if chance.random() < self.refusal_share:
            return _lognormal(chance, self.refusal_s, 0.6)
        return _lognormal(chance, self.talk_s, 0.8)


class Strangers:
    """People drawn one after the other from one stream, whoever is called. Fits `dialer.simulation.world.Crowd`."""

    def __init__(self, people: People, chance: Random) -> None:
        self._people = people
        self._chance = chance

    def plan(self, command: Originate, *, at: float) -> CallPlan:  # noqa: ARG002 - anybody, at any time
        """Return the life of a call."""
        plan = self._people.plan(self._chance)
        if command.amd is None:
            return plan
        heard = hearing(self._people, plan, command.amd, self._chance)
        return msgspec.structs.replace(plan, hearing=heard)


def hearing(people: People, plan: CallPlan, amd: AmdSettings, chance: Random) -> Hearing:
    """Draw what detection says of a call; a person's verdict needs the silence after the greeting."""
    misjudged = people.machine_misjudged_share if plan.is_machine else people.human_misjudged_share
    says_machine = plan.is_machine != (chance.random() < misjudged)
    if says_machine:
        words = amd.max_words
        cause = f"MAXWORDS-{words + 1}-{words}"
        return Hearing(verdict=Verdict.MACHINE, cause=cause, after_s=chance.uniform(1.2, 1.8))
    silence_ms = amd.after_greeting_silence_ms
    after_s = chance.uniform(0.7, 1.7) + silence_ms / 1000
    return Hearing(verdict=Verdict.HUMAN, cause=f"HUMAN-{silence_ms}-{silence_ms}", after_s=after_s)


def _lognormal(chance: Random, mean: float, variation: float) -> float:
    """Draw from a lognormal distribution given by its mean and coefficient of variation."""
    sigma2 = math.log(1 + variation * variation)
    return chance.lognormvariate(math.log(mean) - sigma2 / 2, math.sqrt(sigma2))
