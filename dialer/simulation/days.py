"""What a day does to agents and answers while nobody looks: shifts, breaks, drifts, steps and shocks. All drawn beforehand.

Times are seconds after the counted day began; less than 0 is in the warm-up.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dialer.core.ids import AgentId
from dialer.core.shift import Shift
from dialer.simulation.population import lognormal
from dialer.simulation.scenario import (
    AgentsSettings,
    AgentsShock,
    AnswerShock,
    DatabaseShock,
    Scenario,
    Shock,
)

_STREAM_AGENTS, _STREAM_ANSWERS, _STREAM_HANDLING = 1_000_001, 1_000_002, 1_000_003
"""Beside the seed, so that they are no campaign's stream."""
_GRID_S = 60.0
"""Drifts go in steps of this length."""
_FULL_S = 8 * 3600.0
"""What the standard deviations of drifts are for."""
_CHANCES = 16
"""Numbers drawn for each agent."""


class Absence(NamedTuple):
    """An agent goes, as soon as there is no call and no wrap-up any more."""

    from_s: float
    lasts_s: float
    """Counted from when the agent went."""
    until_s: float = -math.inf
    """Not back before."""
    is_pause: bool = True
    """Whether it is a pause; else the agent logs out."""
    reason: str = "break"


class AgentDay(NamedTuple):
    """One agent's day."""

    comes_s: float
    tempo: float
    """By what talks and wrap-ups are longer than another's."""
    absences: tuple[Absence, ...]
    """In order; the last one may be for good."""


def agent_days(scenario: Scenario, seed: int) -> list[AgentDay]:
    """Return the day of each agent; that of one does not depend on how many there are."""
    return [_agent_day(scenario, seed, number) for number in range(scenario.agents)]


def _agent_day(scenario: Scenario, seed: int, number: int) -> AgentDay:
    chance = np.random.default_rng([seed, _STREAM_AGENTS, number])
    tempo = float(lognormal(chance.standard_normal(1), 1.0, scenario.staff.variation)[0])
    drawn: list[float] = chance.random(_CHANCES).tolist()
    late_s = drawn[0] * scenario.staff.late_s
    begins_s, ends_s = _shift(scenario, number)
    absences = _breaks(scenario.staff, begins_s, ends_s, drawn[1:]) if scenario.staff.breaks else []
    absences += _lunch(scenario, begins_s, ends_s, drawn[-1])
    absences += _shocked(scenario.shocks, number, scenario.agents)
    if ends_s < scenario.day_s:
        absences.append(Absence(ends_s, math.inf, is_pause=False, reason="the shift is over"))
    comes_s = (begins_s if begins_s > 0 else -scenario.warm_up_s) + late_s
    return AgentDay(comes_s, tempo, tuple(sorted(one for one in absences if one.from_s >= comes_s)))


def _shift(scenario: Scenario, number: int) -> tuple[float, float]:
    """Return from when until when an agent is there; half shifts are spread evenly over the agents."""
    share = scenario.staff.half_shift_share
    before, after = math.floor(number * share), math.floor((number + 1) * share)
    if after == before:
        return 0.0, scenario.day_s
    middle_s = scenario.day_s / 2
    return (0.0, middle_s) if before % 2 == 0 else (middle_s, scenario.day_s)


def _breaks(staff: AgentsSettings, begins_s: float, ends_s: float, drawn: Sequence[float]) -> list[Absence]:
    is_half = staff.half_shift_share > 0 and ends_s - begins_s < _FULL_S * 0.75
    breaks = staff.breaks // 2 if is_half else staff.breaks
    lasts_s = staff.break_min * 60
    part_s = (ends_s - begins_s) / max(1, breaks)
    latest_s = max(0.0, part_s - lasts_s)
    return [
        Absence(begins_s + index * part_s + latest_s * (0.1 + 0.8 * share), lasts_s)
        for index, share in zip(range(breaks), drawn, strict=False)
    ]


def _lunch(scenario: Scenario, begins_s: float, ends_s: float, share: float) -> list[Absence]:
    staff = scenario.staff
    if staff.lunch_min <= 0 or ends_s - begins_s < scenario.day_s:
        return []
    from_s = scenario.day_s / 2 + (2 * share - 1) * staff.lunch_spread_min * 60
    return [Absence(from_s, staff.lunch_min * 60, reason="lunch")]


def _shocked(shocks: Sequence[Shock], number: int, agents: int) -> list[Absence]:
    """Return when an agent leaves together with others: those of the lowest numbers, as all are alike."""
    return [
        Absence(shock.from_min * 60, 0.0, shock.until_min * 60, is_pause=False, reason="all leave")
        for shock in shocks
        if isinstance(shock, AgentsShock) and number < round(shock.share * agents)
    ]


def shift_of(agent_id: AgentId, day: AgentDay, *, day_at: float, day_s: float) -> Shift:
    """Return what a roster says of an agent's day; that all leave together stands in none."""
    planned = [one for one in day.absences if one.is_pause]
    ends_s = next((one.from_s for one in day.absences if math.isinf(one.lasts_s)), day_s)
    breaks = tuple((day_at + one.from_s, day_at + one.from_s + one.lasts_s) for one in planned)
    return Shift(agent_id=agent_id, begins_at=day_at + day.comes_s, ends_at=day_at + ends_s, breaks=breaks)


class Course:
    """How answers, talks and the database go over a day."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        drift = scenario.drift
        self._from_s = -scenario.warm_up_s
        cells = math.ceil((scenario.day_s - self._from_s) / _GRID_S) + 1
        answers = np.random.default_rng([seed, _STREAM_ANSWERS])
        self._odds = _walk(answers, cells, drift.answer_odds)
        for at_s, size in zip(answers.random(drift.steps), answers.standard_normal(drift.steps), strict=True):
            self._odds[math.floor(at_s * cells) :] += size * drift.step_odds
        self._handling: list[float] = np.exp(
            _walk(np.random.default_rng([seed, _STREAM_HANDLING]), cells, drift.handle)
        ).tolist()
        self._answers = [one for one in scenario.shocks if isinstance(one, AnswerShock)]
        self._lags = [one for one in scenario.shocks if isinstance(one, DatabaseShock)]

    @property
    def has_lags(self) -> bool:
        """Return whether rounds are ever late."""
        return bool(self._lags)

    def odds(self, at_s: float) -> float:
        """Return by what the logarithm of the answer odds is changed."""
        shocks = sum(
            math.log(one.factor) for one in self._answers if one.from_min * 60 <= at_s < one.until_min * 60
        )
        return float(self._odds[self._cell(at_s)]) + shocks

    def handling(self, at_s: float) -> float:
        """Return by what talks and wrap-ups are longer."""
        return self._handling[self._cell(at_s)]

    def lag_s(self, at_s: float) -> float:
        """Return how late rounds are on record."""
        now = (one.lag_s for one in self._lags if one.from_min * 60 <= at_s < one.until_min * 60)
        return max(now, default=0.0)

    def _cell(self, at_s: float) -> int:
        return min(len(self._handling) - 1, max(0, math.floor((at_s - self._from_s) / _GRID_S)))


def _walk(
    chance: np.random.Generator, cells: int, deviation: float
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return a random walk that begins with 0 and has the deviation after 8 hours."""
    steps = chance.standard_normal(cells) * (deviation * math.sqrt(_GRID_S / _FULL_S))
    steps[0] = 0.0
    return np.cumsum(steps)
