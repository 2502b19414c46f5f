"""What a simulated day is like: a TOML file, read and checked, with the place of each mistake.

Every default is that of the stationary model (docs/pacing.md), so that an empty file is a scenario.
"""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

import msgspec

from dialer.core.settings import CampaignSettings, PacingMode
from dialer.errors import ConfigError
from dialer.toml_errors import in_words

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Open = Annotated[float, msgspec.Meta(gt=0, lt=1)]
"""A share that is neither nothing nor all."""
Positive = Annotated[float, msgspec.Meta(gt=0)]
AtLeast0 = Annotated[float, msgspec.Meta(ge=0)]
Variation = Annotated[float, msgspec.Meta(ge=0, le=5)]
"""Coefficient of variation: standard deviation over mean."""
Range = tuple[AtLeast0, AtLeast0]
"""From and to; uniform between."""
DayMinute = Annotated[float, msgspec.Meta(ge=-240, le=24 * 60)]
"""Minutes after the counted day began; less than 0 is in the warm-up."""

ENDLESS = 0
"""The number of leads of a list that never runs dry."""


class Mode(msgspec.Struct, frozen=True):
    """How calls are paced: a mode, and for `ratio` its calls per free agent."""

    name: PacingMode
    ratio: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `progressive`, `ratio:2` and the like.

        Raises:
            ConfigError: If there is no such mode, or the ratio is none.
        """
        name, _, ratio = text.strip().partition(":")
        known = [str(mode) for mode in PacingMode]
        if name not in known:
            raise ConfigError(f"there is no pacing mode {name!r}: there are {', '.join(known)}")
        mode = PacingMode(name)
        if mode is not PacingMode.RATIO:
            if ratio:
                raise ConfigError(f"{text!r}: only `ratio` takes a number, such as ratio:2")
            return cls(mode)
        try:
            calls = float(ratio)
        except ValueError as error:
            raise ConfigError(f"{text!r}: say how many calls per free agent, such as ratio:2") from error
        if not 1 <= calls <= 10:
            raise ConfigError(f"{text!r}: calls per free agent are 1 to 10")
        return cls(mode, calls)

    def __str__(self) -> str:
        return f"{self.name}:{self.ratio:g}" if self.name is PacingMode.RATIO else str(self.name)


class AmdPreset(StrEnum):
    """How machine detection listens."""

    OFF = "off"
    MODEL = "model"  # the delays of docs/pacing.md; the clock starts at the verdict
    ASTERISK = "asterisk"  # those measured with Asterisk's AMD; the clock starts at the end of the greeting


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class PeopleSettings(_Table, frozen=True, kw_only=True):
    """Who is called, and for how long they talk. Lognormal distributions by mean and variation. Source: docs/pacing.md."""

    answer_share: Open = 0.2
    """A call that is dialed reaches a person who picks up sooner or later."""
    odds_deviation: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.0
    """Standard deviation of the logarithm of leads' own answer odds, the same at each try: a list that is called again and again is
    left with those who seldom pick up. `answer_share` is the mean at the first try."""
    odds_known: bool = False
    """Whether the list says each lead's own odds, as `--score-attribute` reads them: the most that scores can be worth."""
    machine_share: Share = 0.4
    """Of those who are no persons, as the next two; the rest of them never pick up."""
    busy_share: Share = 0.08
    invalid_share: Share = 0.12
    post_dial_s: Range = (1.0, 3.0)
    busy_after_s: Range = (1.5, 3.0)
    invalid_after_s: Range = (0.5, 2.0)
    person_ring_s: Positive = 8.0
    person_ring_variation: Variation = 0.6
    machine_ring_s: Positive = 16.0
    machine_ring_variation: Variation = 0.35
    refusal_share: Share = 0.45
    """Of the people talked with."""
    refusal_s: Positive = 25.0
    refusal_variation: Variation = 0.6
    talk_s: Positive = 261.0
    """Of the others."""
    talk_variation: Variation = 0.8
    wrap_up_s: Positive = 25.0
    wrap_up_variation: Variation = 0.6
    machine_talk_s: Range = (5.0, 12.0)
    """How long an agent listens to a machine."""
    patience_s: Positive | None = None
    """How long people wait for a voice on average, exponentially, from where their clock starts; absent: as long as it takes."""
    person_verdict_s: Range | None = None
    """From the answer to what detection says of a person; absent: as it listens."""
    machine_verdict_s: Range | None = None
    """Of a machine."""
    person_misjudged_share: Share = 0.02
    """Of people, those whom detection takes for machines."""
    machine_misjudged_share: Share = 0.05

    def __post_init__(self) -> None:
        if self.machine_share + self.busy_share + self.invalid_share > 1:
            raise ValueError("machine_share, busy_share and invalid_share are more than 1 together")


class CampaignPlan(_Table, frozen=True, kw_only=True):
    """One `[[campaigns]]`; campaigns share all agents and lines."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$")]
    leads: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] = ENDLESS
    """How long its list is; each is called again by the retry rules. 0: it never runs dry, and nobody is called twice."""
    mode: str = ""
    """Empty: the scenario's."""
    people: PeopleSettings | None = None
    """Absent: the scenario's."""
    settings: dict[str, Any] = {}
    """Any settings of a campaign, such as `ring_s`, instead of the scenario's."""


class AgentsSettings(_Table, frozen=True, kw_only=True):
    """What the agents' day is like. All of the defaults are those of the stationary model: nobody ever leaves."""

    variation: Variation = 0.15
    """By how much agents differ in how long they talk and write."""
    breaks: Annotated[int, msgspec.Meta(ge=0, le=8)] = 0
    """Short ones in a full day, each somewhere within its own part of the day; half of them in a half shift."""
    break_min: Positive = 15.0
    lunch_min: AtLeast0 = 0.0
    lunch_spread_min: AtLeast0 = 45.0
    """Begins so long before or after the middle of the day, at most."""
    half_shift_share: Share = 0.0
    """Of the agents, those who are there in the morning only, or in the afternoon only: every other one of them."""
    late_s: AtLeast0 = 0.0
    """Agents come so late to the beginning of their shift, at most; never to the warm-up of the stationary model."""
    decide_s: Positive = 15.0
    """How long they read a lead that they are shown before the call. Guesses, as the next two are (`dialer.simulation.deciders`)."""
    decide_variation: Variation = 0.6
    skip_share: Share = 0.1
    """Of such leads, those that they do not want called."""
    roster: bool = False
    """Whether the dialer knows shifts and breaks beforehand."""


class DriftSettings(_Table, frozen=True, kw_only=True):
    """How the day changes while nobody looks."""

    answer_odds: AtLeast0 = 0.0
    """Standard deviation that the logarithm of the answer odds has after 8 hours, by a random walk from the day's beginning."""
    steps: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """Sudden changes of the answer odds on a day, at any time."""
    step_odds: AtLeast0 = 0.0
    """Standard deviation of the logarithm of such a change."""
    handle: AtLeast0 = 0.0
    """Standard deviation that the logarithm of talk and wrap-up times has after 8 hours, by a random walk."""


class AnswerShock(_Table, frozen=True, kw_only=True, tag_field="kind", tag="answers"):
    """The answer odds are multiplied."""

    from_min: DayMinute
    until_min: DayMinute = 24 * 60
    factor: Positive


class TrunkShock(_Table, frozen=True, kw_only=True, tag_field="kind", tag="trunk"):
    """The carrier refuses every call."""

    from_min: DayMinute
    until_min: DayMinute


class AgentsShock(_Table, frozen=True, kw_only=True, tag_field="kind", tag="agents"):
    """Agents leave together, and come back together; whoever talks leaves after the wrap-up."""

    from_min: DayMinute
    until_min: DayMinute
    share: Share


class DatabaseShock(_Table, frozen=True, kw_only=True, tag_field="kind", tag="database"):
    """Rounds are on record late, and calls leave as late."""

    from_min: DayMinute
    until_min: DayMinute
    lag_s: Positive


Shock = AnswerShock | TrunkShock | AgentsShock | DatabaseShock


class Scenario(_Table, frozen=True, kw_only=True):
    """A day, of which `hours` count after the warm-up."""

    name: str = ""
    agents: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 20
    mode: str = "progressive"
    """As `Mode.parse` reads it."""
    hours: Annotated[float, msgspec.Meta(gt=0, le=23)] = 8.0
    warm_up_min: Annotated[float, msgspec.Meta(ge=0, le=240)] = 30.0
    lines: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Absent: more than are ever needed."""
    calls_per_second: Positive = 1000.0
    amd: AmdPreset = AmdPreset.MODEL
    ring_timeout_s: Positive = 26.0
    people: PeopleSettings = PeopleSettings()
    staff: AgentsSettings = AgentsSettings()
    drift: DriftSettings = DriftSettings()
    shocks: tuple[Shock, ...] = ()
    campaigns: tuple[CampaignPlan, ...] = ()
    """Empty: one whose list never runs dry."""
    settings: dict[str, Any] = {}
    """Any settings of campaigns, such as `connect_within_s`."""

    def __post_init__(self) -> None:
        names = [one.name for one in self.campaigns]
        if len(set(names)) < len(names):
            raise ValueError("two campaigns have the same name")

    @property
    def warm_up_s(self) -> float:
        """Return what passes before anything counts."""
        return self.warm_up_min * 60

    @property
    def day_s(self) -> float:
        """Return what counts."""
        return self.hours * 3600


_OWN = frozenset({"campaign_id", "trunk", "name", "mode", "ratio", "amd", "dispositions"})
"""Settings that a scenario says in other words."""


def plans(scenario: Scenario) -> tuple[CampaignPlan, ...]:
    """Return the campaigns, at least one."""
    return scenario.campaigns or (CampaignPlan(name="campaign"),)


def settings_given(given: dict[str, Any]) -> CampaignSettings:
    """Return campaign settings with some of them given, of no campaign in particular.

    Raises:
        ConfigError: If they are none.
    """
    if own := sorted(_OWN & given.keys()):
        raise ConfigError(f"settings.{own[0]}: is said by the scenario itself, not in its settings")
    raw = {"campaign_id": 1, "trunk": "", **given}
    try:
        return msgspec.convert(raw, CampaignSettings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"settings.{in_words(error, raw, CampaignSettings, convert=_convert)}") from error


def load_scenario(path: Path) -> Scenario:
    """Read a file.

    Raises:
        ConfigError: If it cannot be read or used; the text names the place.
    """
    try:
        raw = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a scenario's TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        return read_scenario({"name": path.stem, **raw})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def read_scenario(raw: dict[str, Any]) -> Scenario:
    """Return the scenario that tables say.

    Raises:
        ConfigError: If they say none; the text names the place.
    """
    try:
        scenario: Scenario = _convert(raw, Scenario)
    except msgspec.ValidationError as error:
        raise ConfigError(in_words(error, raw, Scenario, convert=_convert)) from error
    Mode.parse(scenario.mode)
    for plan in plans(scenario):
        settings_given({**scenario.settings, **plan.settings})
        if plan.mode:
            Mode.parse(plan.mode)
    return scenario


def _convert(value: Any, kind: Any) -> Any:
    return msgspec.convert(value, kind)
