"""What pacing has learned of a campaign: how long rings, detection, talks and wrap-ups take, and how often a person answers.

It is kept over the night and a restart; what belongs to calls in progress is not.
"""

import msgspec

from dialer.core.pacing.forecast.answer_odds import AnswerOdds
from dialer.core.pacing.forecast.durations import Durations, Share, blend
from dialer.core.pacing.forecast.evidence import Evidence, Kind, person

RING_WIDTH_S, RING_UNTIL_S = 0.5, 45.0
DELAY_WIDTH_S, DELAY_UNTIL_S = 0.1, 8.0
TALK_WIDTH_S, TALK_UNTIL_S = 2.0, 1200.0
WRAP_UP_WIDTH_S, WRAP_UP_UNTIL_S = 1.0, 300.0


def _ring(mean_s: float, variation: float) -> Durations:
    counts = blend([(20, mean_s, variation)], width_s=RING_WIDTH_S, until_s=RING_UNTIL_S)
    return Durations(width_s=RING_WIDTH_S, counts=counts)


def _delay(mean_s: float, variation: float) -> Durations:
    counts = blend([(20, mean_s, variation)], width_s=DELAY_WIDTH_S, until_s=DELAY_UNTIL_S)
    return Durations(width_s=DELAY_WIDTH_S, counts=counts)


class Learned(msgspec.Struct, kw_only=True):
    """Of one campaign. The priors are guesses that weigh as much as 20 calls."""

    odds: AnswerOdds = msgspec.field(default_factory=AnswerOdds)
    person_ring: Durations = msgspec.field(default_factory=lambda: _ring(10, 0.6))
    """From dialing until a person picks up."""
    machine_ring: Durations = msgspec.field(default_factory=lambda: _ring(18, 0.4))
    other_ring: Durations = msgspec.field(default_factory=lambda: _ring(20, 0.6))
    """From dialing until it is known that nobody answers."""
    person_delay: Durations = msgspec.field(default_factory=lambda: _delay(1.5, 0.4))
    """From the answer until detection says that it is a person."""
    machine_delay: Durations = msgspec.field(default_factory=lambda: _delay(3.0, 0.4))
    talk: Durations = msgspec.field(
        default_factory=lambda: Durations(
            width_s=TALK_WIDTH_S,
            counts=blend([(9, 30, 0.7), (11, 240, 0.9)], width_s=TALK_WIDTH_S, until_s=TALK_UNTIL_S),
        )
    )
    wrap_up: Durations = msgspec.field(
        default_factory=lambda: Durations(
            width_s=WRAP_UP_WIDTH_S,
            counts=blend([(20, 25, 0.7)], width_s=WRAP_UP_WIDTH_S, until_s=WRAP_UP_UNTIL_S),
        )
    )
    machines: Share = msgspec.field(default_factory=lambda: Share(of=10.0, so=4.0))
    """Of calls that no person answered, those that a machine did."""
    leaving: Share = msgspec.field(default_factory=lambda: Share(of=20.0, so=0.2))
    """Of wrap-ups, those after which the agent is not there for a call."""
    people: Share = msgspec.field(default_factory=lambda: Share(of=20.0, so=20.0))
    """Of those who were connected, people, by what was said of them afterwards."""
    spoken: Kind = msgspec.field(default_factory=lambda: Kind(rang=_ring(10, 0.6), delay=_delay(1.5, 0.4)))
    """Of those people, what was known before."""
    missed: Kind = msgspec.field(default_factory=lambda: Kind(rang=_ring(18, 0.4), delay=_delay(3.0, 0.4)))
    """Of the others, machines that detection took for people."""

    def disposed(self, evidence: Evidence | None, *, is_person: bool) -> None:
        """Learn from what was said of somebody who was connected."""
        self.people.add(so=is_person)
        if evidence is not None:
            (self.spoken if is_person else self.missed).add(evidence)

    def person(self, evidence: Evidence | None) -> float:
        """Return the chance that who needs an agent is a person; None: nothing more is known."""
        if evidence is None:
            return self.people.share
        return person(evidence, people=self.spoken, others=self.missed, share=self.people.share)

    def settle(self) -> None:
        """Take up what was observed since the last time."""
        for one in (
            self.person_ring,
            self.machine_ring,
            self.other_ring,
            self.person_delay,
            self.machine_delay,
            self.talk,
            self.wrap_up,
            self.machines,
            self.leaving,
            self.people,
            self.spoken,
            self.missed,
        ):
            one.settle()
