"""The people of a scenario: what happens to the n-th lead, drawn from the seed and n alone.

Nothing is drawn from one shared stream, so that two modes of pacing, or two runs with one agent more, meet the same people: who
lead 7 is, and how long it rings, waits, talks and leaves to write, is the same in all of them. Only the answer odds of the hour are not
the lead's own: each lead has a number between 0 and 1, and is a person while the answer share is above it.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from dialer.core.commands import Originate
from dialer.core.ids import AttemptId, CampaignId, LeadId
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import EndCause
from dialer.simulation.behaviour import CallPlan, Hearing
from dialer.simulation.scenario import AmdPreset, PeopleSettings

LEADS_A_CAMPAIGN = 1_000_000_000
"""How far the numbers of campaigns' leads are apart."""
_BLOCK = 256
"""Leads drawn at once."""
_KEPT = 128
"""Blocks kept; retries come back to old ones."""
_EVERY_TRY = 1_000_000_000
"""Stands for the number of the try in what is a lead's own."""
_SILENCE_S = 0.8
"""After a greeting, by which Asterisk's AMD knows a person."""

Floats = NDArray[np.float64]


class _Drawn(NamedTuple):
    """All chances of one try at a lead; uniform between 0 and 1 unless it is said."""

    person: float
    other: float
    post_dial: float
    failure: float
    person_ring_s: float
    machine_ring_s: float
    misjudged: float
    verdict: float
    refuses: float
    """Other than 0 of who does."""
    talk_s: float
    machine_talk: float
    wrap_up_s: float
    patience: float
    """Exponential, mean 1."""


T = TypeVar("T")


class _Blocks(Generic[T]):
    """Something of each try at each lead, drawn for many at once, and again if it was forgotten meanwhile."""

    def __init__(self, draw: Callable[[int, int], list[T]]) -> None:
        self._draw = draw
        self._blocks: OrderedDict[tuple[int, int], list[T]] = OrderedDict()

    def at(self, number: int, tries: int) -> T:
        index, place = divmod(number, _BLOCK)
        block = self._blocks.get((tries, index))
        if block is None:
            block = self._blocks[tries, index] = self._draw(tries, index)
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        return block[place]


class Population:
    """The leads of one campaign.

    Args:
        people: What they are like.
        amd: How detection listens.
        key: The seed, and which campaign it is.
        odds: Returns by what the logarithm of the answer odds is changed at a time, seconds since the epoch.
    """

    def __init__(
        self,
        people: PeopleSettings,
        amd: AmdPreset,
        *,
        key: tuple[int, int],
        odds: Callable[[float], float],
    ) -> None:
        self._people = people
        self._key = key
        self._odds = odds
        self._usual_odds = middle_odds(people.answer_share, people.odds_deviation)
        self._hearing = {AmdPreset.OFF: None, AmdPreset.MODEL: _model, AmdPreset.ASTERISK: _asterisk}[amd]
        self._tries = _Blocks(self._draw)
        self._own_odds = _Blocks(self._draw_odds)

    def score(self, number: int) -> float:
        """Return what the list says of a lead's own odds, numbered from 0."""
        return self._own_odds.at(number, _EVERY_TRY) if self._people.odds_known else 0.0

    def plan(self, number: int, tries: int, *, at: float) -> CallPlan:
        """Return the life of a call.

        Args:
            number: Which lead of the campaign it is, from 0.
            tries: How often it was called before.
            at: When it is dialed.
        """
        drawn = self._tries.at(number, tries)
        people = self._people
        odds = self._usual_odds + self._odds(at)
        if people.odds_deviation:
            odds += self._own_odds.at(number, _EVERY_TRY)
        if drawn.person * (1 + math.exp(-odds)) < 1:
            return self._person(drawn)
        other = drawn.other - people.machine_share
        if other < 0:
            return CallPlan(
                post_dial_s=_between(people.post_dial_s, drawn.post_dial),
                ring_s=drawn.machine_ring_s,
                talk_s=_between(people.machine_talk_s, drawn.machine_talk),
                is_machine=True,
                hearing=self._heard(drawn, is_machine=True),
                wrap_up_s=drawn.wrap_up_s,
                disposition="machine",
            )
        other -= people.busy_share
        if other < 0:
            busy_s = _between(people.busy_after_s, drawn.failure)
            return CallPlan(post_dial_s=busy_s, failure=EndCause.BUSY, sip_code=486)
        if other < people.invalid_share:
            invalid_s = _between(people.invalid_after_s, drawn.failure)
            return CallPlan(post_dial_s=invalid_s, failure=EndCause.UNALLOCATED, sip_code=404)
        return CallPlan(post_dial_s=_between(people.post_dial_s, drawn.post_dial))

    def _person(self, drawn: _Drawn) -> CallPlan:
        people = self._people
        hearing = self._heard(drawn, is_machine=False)
        patience_s = math.inf
        if people.patience_s is not None:
            patience_s = drawn.patience * people.patience_s + (hearing.after_s if hearing else 0.0)
        return CallPlan(
            post_dial_s=_between(people.post_dial_s, drawn.post_dial),
            ring_s=drawn.person_ring_s,
            talk_s=drawn.talk_s,
            patience_s=patience_s,
            hearing=hearing,
            is_person=True,
            wrap_up_s=drawn.wrap_up_s,
            disposition="not_interested" if drawn.refuses else "sale",
        )

    def _heard(self, drawn: _Drawn, *, is_machine: bool) -> Hearing | None:
        if self._hearing is None:
            return None
        people = self._people
        misjudged = people.machine_misjudged_share if is_machine else people.person_misjudged_share
        heard = self._hearing(drawn.verdict, is_machine, drawn.misjudged < misjudged)
        span = people.machine_verdict_s if is_machine else people.person_verdict_s
        return heard if span is None else replace(heard, after_s=_between(span, drawn.verdict))

    def _draw_odds(self, tries: int, index: int) -> list[float]:
        normal = np.random.default_rng([*self._key, tries, index]).standard_normal(_BLOCK)
        own: list[float] = (normal * self._people.odds_deviation).tolist()
        return own

    def _draw(self, tries: int, index: int) -> list[_Drawn]:
        people = self._people
        chance = np.random.default_rng([*self._key, tries, index])
        uniform = chance.random((8, _BLOCK))
        normal = chance.standard_normal((4, _BLOCK))
        refuses = uniform[6] < people.refusal_share
        refusal = lognormal(normal[2], people.refusal_s, people.refusal_variation)
        talk = lognormal(normal[2], people.talk_s, people.talk_variation)
        columns: dict[str, Floats] = {
            "person": uniform[0],
            "other": uniform[1],
            "post_dial": uniform[2],
            "failure": uniform[3],
            "person_ring_s": lognormal(normal[0], people.person_ring_s, people.person_ring_variation),
            "machine_ring_s": lognormal(normal[1], people.machine_ring_s, people.machine_ring_variation),
            "misjudged": uniform[4],
            "verdict": uniform[5],
            "refuses": refuses.astype(np.float64),
            "talk_s": np.where(refuses, refusal, talk),
            "machine_talk": uniform[7],
            "wrap_up_s": lognormal(normal[3], people.wrap_up_s, people.wrap_up_variation),
            "patience": chance.standard_exponential(_BLOCK),
        }
        return [_Drawn(*row) for row in np.stack([columns[name] for name in _Drawn._fields], axis=1).tolist()]


def middle_odds(share: float, deviation: float) -> float:
    """Return the mean of normal log-odds whose shares are `share` on average.

    Source:
        Bisection of the Gauss-Hermite quadrature of the logistic-normal mean; 32 points are exact to 1e-6 up to a deviation of 2.
    """
    points, weights = np.polynomial.hermite.hermgauss(32)
    spread = math.sqrt(2) * deviation * points
    low, high = -20.0 - 4 * deviation, 20.0 + 4 * deviation
    for _ in range(60):
        middle = (low + high) / 2
        mean = float(np.sum(weights / (1 + np.exp(-middle - spread)))) / math.sqrt(math.pi)
        low, high = (middle, high) if mean < share else (low, middle)
    return middle


def lognormal(normal: Floats, mean: float, variation: float) -> Floats:
    """Return lognormal values.

    Args:
        normal: Standard normal values, any shape.
        mean: Of the lognormal distribution.
        variation: Its coefficient of variation.
    """
    sigma2 = math.log1p(variation * variation)
    return np.exp(math.log(mean) - sigma2 / 2 + math.sqrt(sigma2) * normal)


def _between(span: tuple[float, float], share: float) -> float:
    return span[0] + (span[1] - span[0]) * share


# --- machine detection -------------------------------------------------------------------------------


_HUMAN = "HUMAN-0-0"
"""Without a silence after the greeting, so that the rule's clock starts at the verdict."""
_MACHINE = "MAXWORDS-4-3"


def _model(share: float, is_machine: bool, misjudged: bool) -> Hearing:
    after_s = 2.0 + 2.0 * share if is_machine else 0.8 + share
    return _hearing(is_machine != misjudged, after_s, human=_HUMAN)


def _asterisk(share: float, is_machine: bool, misjudged: bool) -> Hearing:
    """Return a verdict as Asterisk 22.10 gives it: words make a machine, the silence after a greeting a person."""
    says_machine = is_machine != misjudged
    after_s = 1.2 + 0.6 * share if says_machine else 0.7 + share + _SILENCE_S
    return _hearing(says_machine, after_s, human="HUMAN-800-800")


def _hearing(says_machine: bool, after_s: float, *, human: str) -> Hearing:
    verdict, cause = (Verdict.MACHINE, _MACHINE) if says_machine else (Verdict.HUMAN, human)
    return Hearing(verdict=verdict, cause=cause, after_s=after_s, spoke_after_s=math.inf)


# --- all campaigns -----------------------------------------------------------------------------------


class Everybody:
    """The leads of all campaigns, and the lives of attempts that are open. Fits `dialer.simulation.world.Crowd`.

    Args:
        populations: By campaign.
        retried: Campaigns whose leads are called more than once.
    """

    def __init__(self, populations: dict[CampaignId, Population], *, retried: frozenset[CampaignId]) -> None:
        self._populations = populations
        self._retried = retried
        self._tries: dict[LeadId, int] = {}
        self.lives: dict[AttemptId, CallPlan] = {}
        """Of attempts that were dialed, until whoever reads it takes them out."""

    def score(self, lead_id: LeadId) -> float:
        """Return by how much a lead's log-odds exceed the others', as far as its list says it."""
        campaign, number = divmod(lead_id, LEADS_A_CAMPAIGN)
        return self._populations[CampaignId(campaign)].score(number)

    def plan(self, command: Originate, *, at: float) -> CallPlan:
        """Return the life of a call; one more call of the same attempt finds the same."""
        attempt_id, lead_id = command.attempt_id, command.lead_id
        if attempt_id is None or lead_id is None:
            return CallPlan()
        life = self.lives.get(attempt_id)
        if life is None:
            campaign, number = divmod(lead_id, LEADS_A_CAMPAIGN)
            campaign_id, tries = CampaignId(campaign), 0
            if campaign_id in self._retried:
                tries = self._tries.get(lead_id, 0)
                self._tries[lead_id] = tries + 1
            life = self._populations[campaign_id].plan(number, tries, at=at)
            self.lives[attempt_id] = life
        return life
