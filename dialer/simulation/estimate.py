"""A scenario like what is on record of a campaign: who was called, how long they took, how many agents were there.

What is recorded too seldom to say anything keeps the default of the stationary model (docs/pacing.md), and is named.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import msgspec

from dialer.core.rules.dispositions import Flag
from dialer.core.rules.machine_detection import Verdict
from dialer.core.settings import CampaignSettings
from dialer.core.states import AgentState, Outcome
from dialer.errors import ConfigError
from dialer.simulation.fitting import Cut, cut_lognormal, lognormal, short_and_long, uniform
from dialer.simulation.history import History, PastAttempt, Period
from dialer.simulation.scenario import AmdPreset, PeopleSettings, Scenario

NEEDED_ATTEMPTS = 500
NEEDED_PEOPLE = 100
"""So many people are counted to within a tenth of their share (one standard error); fewer make a scenario of chance."""
NEEDED_VALUES = 30
"""So many durations give a mean to within a fifth of the spread. A guess at what is enough."""
_PAUSE_S = 1800.0
"""Nobody is called for so long: the campaign did not run meanwhile. A guess."""
_NIGHT_S = 4 * 3600.0
"""Nobody is called for so long: another day. A guess."""

_PEOPLE = frozenset({Outcome.CONNECTED, Outcome.ABANDONED, Outcome.HUNG_UP_WAITING})
_GIVEN_UP = frozenset({Outcome.MACHINE, Outcome.MESSAGE_LEFT})
_RANG_OUT = frozenset({Outcome.NO_ANSWER, Outcome.DECLINED})
_SAYS_NOTHING = frozenset({Outcome.CANCELLED, Outcome.UNKNOWN, Outcome.CALLBACK, Outcome.OVERFLOWED})
_HANDLING = frozenset({AgentState.TALKING, AgentState.RECONNECTING, AgentState.WRAP_UP})
_THERE = _HANDLING | {AgentState.READY, AgentState.RESERVED}


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record, in the words of what is simulated."""

    attempts: int
    people: int
    days: int
    utilisation: float
    abandonment_rate: float


class Estimated(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario, and what it comes from."""

    scenario: Scenario
    recorded: Recorded
    defaults: tuple[str, ...]
    """What was recorded too seldom, and is that of the stationary model instead."""


def estimate(
    history: History, settings: CampaignSettings, *, name: str, lines: int | None = None
) -> Estimated:
    """Return a scenario like a campaign's history.

    Args:
        history: What is on record.
        settings: The campaign's.
        name: The campaign's.
        lines: Those of its trunks; None: as many as are ever needed.

    Raises:
        ConfigError: If there is too little to estimate anything from; the text says how much is needed.
    """
    attempts = [one for one in history.attempts if one.outcome not in _SAYS_NOTHING]
    people = [one for one in attempts if _is_person(one)]
    if len(attempts) < NEEDED_ATTEMPTS or len(people) < NEEDED_PEOPLE:
        raise ConfigError(
            f"campaign {name!r} has {len(attempts)} attempts on record, {len(people)} of them answered by people: "
            f"at least {NEEDED_ATTEMPTS} attempts and {NEEDED_PEOPLE} people are needed to estimate a scenario; "
            "let it run longer, or simulate one that comes with the dialer (`dialer simulate --list`)"
        )
    stretches = _stretches(attempts)
    days = _days(stretches)
    called_s = sum(until_at - from_at for from_at, until_at in stretches)
    there_s = _within(history.periods, stretches, _THERE)
    handled_s = _within(history.periods, stretches, _HANDLING)
    fitted = _Fitted(attempts, history.periods, settings.ring_s)
    scenario = Scenario(
        name=name,
        agents=max(1, round(there_s / called_s)),
        hours=min(max(round(called_s / days / 3600, 2), 1.0), 12.0),
        lines=lines,
        amd=AmdPreset.ASTERISK if settings.amd.on else AmdPreset.OFF,
        ring_timeout_s=settings.ring_s,
        people=fitted.people(),
        settings={"connect_within_s": settings.connect_within_s},
    )
    abandoned = sum(one.outcome is Outcome.ABANDONED for one in people)
    connected = sum(one.outcome is Outcome.CONNECTED for one in people)
    recorded = Recorded(
        attempts=len(attempts),
        people=len(people),
        days=days,
        utilisation=handled_s / there_s if there_s else 0.0,
        abandonment_rate=abandoned / max(1, abandoned + connected),
    )
    return Estimated(scenario=scenario, recorded=recorded, defaults=tuple(fitted.defaults))


def _is_person(one: PastAttempt) -> bool:
    return one.outcome in _PEOPLE and one.said is not Flag.MACHINE


def _is_machine(one: PastAttempt) -> bool:
    return one.outcome in _GIVEN_UP or (one.outcome in _PEOPLE and one.said is Flag.MACHINE)


def _stretches(attempts: Sequence[PastAttempt]) -> list[tuple[float, float]]:
    """Return from when to when people were called without a pause."""
    found = [(attempts[0].started_at, attempts[0].started_at)]
    for one in attempts:
        from_at, until_at = found[-1]
        if one.started_at - until_at > _PAUSE_S:
            found.append((one.started_at, one.ended_at))
        else:
            found[-1] = (from_at, max(until_at, one.ended_at))
    return found


def _days(stretches: Sequence[tuple[float, float]]) -> int:
    return 1 + sum(after[0] - before[1] > _NIGHT_S for before, after in pairwise(stretches))


def _within(
    periods: Iterable[Period], stretches: Sequence[tuple[float, float]], states: frozenset[AgentState]
) -> float:
    """Return how long agents were in some states, in seconds, while people were called."""
    spent_s = 0.0
    for period in periods:
        if period.state in states:
            for from_at, until_at in stretches:
                spent_s += max(0.0, min(period.until_at, until_at) - max(period.from_at, from_at))
    return spent_s


class _Fitted:
    """Distributions of a history, and those that nothing fits."""

    def __init__(self, attempts: Sequence[PastAttempt], periods: Sequence[Period], ring_s: float) -> None:
        self._attempts = attempts
        self._persons = [one for one in attempts if _is_person(one)]
        self._machines = [one for one in attempts if _is_machine(one)]
        self._others = [one for one in attempts if not _is_person(one) and not _is_machine(one)]
        self._wrap_ups = [
            one.until_at - one.from_at
            for one in periods
            if one.state is AgentState.WRAP_UP and one.of_campaign and one.until_at > one.from_at
        ]
        self.defaults: list[str] = []
        self._person_ring = self._ring("person_ring", self._persons, ring_s)
        self._machine_ring = self._ring("machine_ring", self._machines, ring_s)

    def people(self) -> PeopleSettings:
        """Return who was called."""
        return msgspec.structs.replace(
            PeopleSettings(), **self._shares(), **self._before_the_answer(), **self._after_the_answer()
        )

    def _shares(self) -> dict[str, float]:
        """Return the shares, of all who would pick up if it rang for long enough.

        Those people whom detection took for machines are put back among the people.
        """
        misjudged = self._people_given_up()
        seen = len(self._persons) + misjudged
        machines_seen = max(len(self._machines) - misjudged, 0.0)
        people = _of_all(seen, self._person_ring)
        others = max(len(self._attempts) - people, 1.0)
        busy = sum(one.outcome is Outcome.BUSY for one in self._others)
        failed = sum(one.outcome not in _RANG_OUT for one in self._others) - busy
        missed = sum(one.outcome in _PEOPLE and one.verdict is Verdict.HUMAN for one in self._machines)
        return {
            "answer_share": min(people / len(self._attempts), 0.999),
            "machine_share": min(_of_all(machines_seen, self._machine_ring), others - busy - failed) / others,
            "busy_share": busy / others,
            "invalid_share": failed / others,
            "person_misjudged_share": misjudged / seen,
            "machine_misjudged_share": min(missed / machines_seen, 1.0) if machines_seen else 0.0,
        }

    def _people_given_up(self) -> float:
        """Return how many people were given up for machines, by what agents say of the machines they were given to try."""
        tried = [one for one in self._attempts if one.verdict is Verdict.MACHINE and one.bridged]
        people = sum(one.said is Flag.PERSON for one in tried)
        known = people + sum(one.said is Flag.MACHINE for one in tried)
        given_up = sum(one.outcome in _GIVEN_UP for one in self._attempts)
        return given_up * people / known if known >= NEEDED_VALUES else 0.0

    def _before_the_answer(self) -> dict[str, object]:
        found: dict[str, object] = {}
        rang = [one for one in self._attempts if one.ringing_at is not None]
        delays = [one.ringing_at - one.started_at for one in rang if one.ringing_at is not None]
        self._put(found, "post_dial_s", delays, uniform)
        for kind, outcome in (("busy_after_s", {Outcome.BUSY}), ("invalid_after_s", None)):
            ended = [one for one in self._others if _ended_so(one, outcome)]
            self._put(found, kind, [one.ended_at - one.started_at for one in ended], uniform)
        for kind, ring in (("person_ring", self._person_ring), ("machine_ring", self._machine_ring)):
            if ring is not None:
                found |= {f"{kind}_s": ring.whole.mean_s, f"{kind}_variation": ring.whole.variation}
        return found

    def _after_the_answer(self) -> dict[str, object]:
        found: dict[str, object] = {}
        talks = [one.talk_s for one in self._persons if one.talk_s is not None]
        if self._is_enough("talk_s", talks):
            fit = short_and_long(talks)
            found |= {
                "refusal_share": fit.refusal_share,
                "refusal_s": fit.refusal.mean_s,
                "refusal_variation": fit.refusal.variation,
                "talk_s": fit.talk.mean_s,
                "talk_variation": fit.talk.variation,
            }
        self._put_lognormal(found, "wrap_up", self._wrap_ups)
        listened = [one.talk_s for one in self._machines if one.talk_s is not None]
        self._put(found, "machine_talk_s", listened, uniform)
        for kind, attempts in (("person_verdict_s", self._persons), ("machine_verdict_s", self._machines)):
            verdicts = [one.verdict_s for one in attempts if one.verdict_s is not None]
            if verdicts:
                self._put(found, kind, verdicts, uniform)
        found["patience_s"] = self._patience_s()
        return found

    def _patience_s(self) -> float | None:
        """Return how long people wait on average: all of their waiting over how many gave up, as waits are cut off by agents.

        Source:
            The maximum likelihood of a censored exponential: A. Mandelbaum and S. Zeltyn, "Data-stories about (im)patient
            customers in tele-queues", Queueing Systems 75 (2013) 115-146.
        """
        waited_s = sum(max(0.0, (one.wait_s or 0.0) - (one.verdict_s or 0.0)) for one in self._persons)
        gave_up = sum(one.outcome is Outcome.HUNG_UP_WAITING for one in self._persons)
        return waited_s / gave_up if gave_up >= NEEDED_VALUES and waited_s > 0 else None

    def _ring(self, kind: str, attempts: Sequence[PastAttempt], ring_s: float) -> Cut | None:
        """Return how long it rings, whoever would have picked up after the limit included."""
        rings = [one.ring_s for one in attempts if one.ring_s is not None]
        return cut_lognormal(rings, ring_s) if self._is_enough(f"{kind}_s", rings) else None

    def _put_lognormal(self, found: dict[str, object], kind: str, values: Sequence[float]) -> None:
        if self._is_enough(f"{kind}_s", values):
            fit = lognormal(values)
            found |= {f"{kind}_s": fit.mean_s, f"{kind}_variation": fit.variation}

    def _put(
        self,
        found: dict[str, object],
        kind: str,
        values: Sequence[float],
        fit: Callable[[Sequence[float]], object],
    ) -> None:
        if self._is_enough(kind, values):
            found[kind] = fit(values)

    def _is_enough(self, kind: str, values: Sequence[float]) -> bool:
        if len(values) >= NEEDED_VALUES:
            return True
        self.defaults.append(kind)
        return False


def _of_all(seen: float, ring: Cut | None) -> float:
    return seen if ring is None else seen / ring.seen_share


def _ended_so(one: PastAttempt, outcomes: set[Outcome] | None) -> bool:
    """Return whether an attempt ended by one of some outcomes; None: by none that waits for anybody."""
    if outcomes is not None:
        return one.outcome in outcomes
    return one.outcome is not Outcome.BUSY and one.outcome not in _RANG_OUT
