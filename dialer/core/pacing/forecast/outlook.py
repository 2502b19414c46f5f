"""What one campaign has come to and makes expect: its calls in the order of dialing, what they taught, and its price."""

import msgspec

from dialer.core.ids import CallId
from dialer.core.pacing.forecast.budget import Window
from dialer.core.pacing.forecast.evidence import Evidence
from dialer.core.pacing.forecast.learned import Learned
from dialer.core.pacing.forecast.price import Price

SETTLE_S = 60.0
"""How often what was observed is taken up. A guess: nothing that is learned changes faster, but the odds, which are always up to date."""


class Dialed(msgspec.Struct, kw_only=True):
    """A call whose outcome has not been learned yet."""

    at: float
    score: float = 0.0
    person: bool | None = None
    """Whether it came to need an agent; None: that is open."""


class Outlook(msgspec.Struct, kw_only=True):
    """Of one campaign; kept with the workspace."""

    learned: Learned = msgspec.field(default_factory=Learned)
    price: Price = msgspec.field(default_factory=Price)
    dialed: dict[CallId, Dialed] = msgspec.field(default_factory=dict)
    """In the order of dialing."""
    settled_at: float = 0.0
    """When what was observed was taken up last; anything that follows from it is as old."""

    def window(self, *, limit: float, abandoned: int, connected: int, to_come: float) -> Window:
        """Return a window of the rule, with what is known of the people in it.

        Args:
            limit: The share of live answers that may be abandoned.
            abandoned: Calls so far.
            connected: Calls so far, people or not.
            to_come: Answers that are expected in its rest.
        """
        human = self.learned.people.share
        counted = self.price.abandoned_of(abandoned, human=human)
        return Window(limit=limit, abandoned=counted, connected=connected, to_come=to_come, human=human)

    def settle(self, at: float, *, every_s: float = SETTLE_S) -> None:
        """Take up what was observed, if it is time."""
        if at >= self.settled_at + every_s or at < self.settled_at:
            self.learned.settle()
            self.settled_at = at

    def dial(self, call_id: CallId, *, at: float, score: float = 0.0) -> None:
        """A call begins."""
        self.dialed[call_id] = Dialed(at=at, score=score)

    def is_open(self, call_id: CallId) -> bool:
        """Return whether it is open if a call will need an agent."""
        known = self.dialed.get(call_id)
        return known is not None and known.person is None

    def person(self, call_id: CallId, evidence: Evidence) -> None:
        """A call needs an agent, as it turned out.

        Args:
            call_id: The call.
            evidence: What was known of it then.
        """
        self.learned.person_ring.add(evidence.rang_s)
        self.learned.person_delay.add(evidence.delay_s)
        self._resolve(call_id, person=True)

    def machine(self, call_id: CallId, *, rang_s: float, delay_s: float) -> None:
        """A machine answered, and no agent is needed."""
        self.learned.machine_ring.add(rang_s)
        self.learned.machine_delay.add(delay_s)
        self.learned.machines.add(so=True)
        self._resolve(call_id, person=False)

    def nobody(self, call_id: CallId, *, after_s: float) -> None:
        """Nobody answered, which was known so long after dialing."""
        self.learned.other_ring.add(after_s)
        self.learned.machines.add(so=False)
        self._resolve(call_id, person=False)

    def void(self, call_id: CallId) -> None:
        """A call told nothing of the people: the carrier failed, or we took it back."""
        if self.dialed.pop(call_id, None) is not None:
            self._learn()

    def _resolve(self, call_id: CallId, *, person: bool) -> None:
        if (one := self.dialed.get(call_id)) is not None:
            one.person = person
            self._learn()

    def _learn(self) -> None:
        """Learn the odds from calls that are resolved, as far as none before them is open."""
        while self.dialed:
            first = next(iter(self.dialed))
            one = self.dialed[first]
            if one.person is None:
                return
            self.learned.odds.learn(answered=one.person, dialed_at=one.at, score=one.score)
            del self.dialed[first]
