"""A day of a scenario: the engine and the loop of every day, with the scenario's people, agents, trunk and shocks around them."""

from collections.abc import Callable
from typing import Any

import msgspec

from dialer.core.engine import Engine
from dialer.core.events import ShutdownRequested
from dialer.core.ids import AgentId, CampaignId, LeadId, TrunkName, ZoneGroupId
from dialer.core.lead import Lead
from dialer.core.record import Record
from dialer.core.records import AgentChanged, RequestAnswered
from dialer.core.rules.machine_detection import AmdSettings
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.settings import CampaignSettings, TrunkSettings
from dialer.errors import RuleError
from dialer.loop import run
from dialer.simulation.day_result import AttemptRow, DayResult, Minute
from dialer.simulation.days import Course, agent_days, shift_of
from dialer.simulation.deciders import Deciders, Deciding
from dialer.simulation.garbage import no_search
from dialer.simulation.hopper import EndlessHopper, Hopper, MemoryHopper
from dialer.simulation.opening import Opening, is_of_opening, open_floor
from dialer.simulation.outages import Outage
from dialer.simulation.population import LEADS_A_CAMPAIGN, Everybody, Population
from dialer.simulation.reckoning import Reckoner
from dialer.simulation.scenario import (
    ENDLESS,
    AmdPreset,
    CampaignPlan,
    Mode,
    Scenario,
    TrunkShock,
    plans,
    settings_given,
)
from dialer.simulation.staff import Staff
from dialer.simulation.world import SimulatedWorld

DAY_AT = 1_700_006_400.0
"""2023-11-15 00:00 UTC, the midnight of the workspace: the counted day is a day to the engine, too, and the warm-up is the one before."""
_TRUNK = TrunkName("simulated")
_ENOUGH_LINES = 100_000
_GROUP = ZoneGroupId(1)
_ZONES: dict[ZoneGroupId, tuple[str, ...]] = {_GROUP: ("Etc/GMT-8",)}
"""Where it is 08:00 when the day begins."""
_OPENS_MIN = 8 * 60
_LONGEST_WRAP_UP_S = 120.0
"""The engine ends a wrap-up after this; one in a thousand would last longer."""


def simulate_day(
    scenario: Scenario,
    *,
    seed: int,
    mode: Mode | None = None,
    on_attempt: Callable[[AttemptRow], None] | None = None,
    on_minute: Callable[[Minute], None] | None = None,
) -> DayResult:
    """Simulate a day.

    Args:
        scenario: What it is like.
        seed: Decides all chance. The same one gives the same people, agents and drifts in every mode.
        mode: How to pace every campaign; None: as the scenario says.
        on_attempt: Is told of each attempt once it is over, those of the warm-up included.
        on_minute: Is told of each minute of the counted day.

    Raises:
        RuleError: If a campaign cannot be started so; the text says why.
    """
    day = _Day(scenario, seed, mode)
    day.reckoner.on_attempt, day.reckoner.on_minute = on_attempt, on_minute
    with no_search():
        run(Engine(), day.world)
    return day.result()


class _Day:
    """Everything around the engine."""

    def __init__(self, scenario: Scenario, seed: int, mode: Mode | None) -> None:
        self._seed = seed
        self._began_at = DAY_AT - scenario.warm_up_s
        self._course, self._days = Course(scenario, seed), agent_days(scenario, seed)
        campaigns = {CampaignId(number): plan for number, plan in enumerate(plans(scenario), 1)}
        self._everybody = self._people(scenario, campaigns)
        self.reckoner = Reckoner(
            day_at=DAY_AT,
            day_s=scenario.day_s,
            names={campaign_id: plan.name for campaign_id, plan in campaigns.items()},
            people=self._everybody,
        )
        self.world = SimulatedWorld(
            start_at=self._began_at,
            people=self._everybody,
            hoppers={one: self._hopper(one, plan.leads) for one, plan in campaigns.items()},
            outages=_outages(scenario),
            on_record=self._told,
        )
        self.world.deciders = Deciders(self.world.time, _deciding(scenario), seed=seed)
        self.world.telephony.tempo_of = self._tempo
        if self._course.has_lags:
            self.world.lag_at = lambda at: self._course.lag_s(at - DAY_AT)
        self._open(scenario, campaigns, mode)

    def _people(self, scenario: Scenario, campaigns: dict[CampaignId, CampaignPlan]) -> Everybody:
        populations = {
            campaign_id: Population(
                plan.people or scenario.people,
                scenario.amd,
                key=(self._seed, campaign_id),
                odds=lambda at: self._course.odds(at - DAY_AT),
            )
            for campaign_id, plan in campaigns.items()
        }
        retried = frozenset(one for one, plan in campaigns.items() if plan.leads != ENDLESS)
        return Everybody(populations, retried=retried)

    def _hopper(self, campaign_id: CampaignId, leads: int) -> Hopper:
        first = campaign_id * LEADS_A_CAMPAIGN
        if leads == ENDLESS:
            return EndlessHopper(campaign_id, self._lead, _ZONES, first=LeadId(first))
        return MemoryHopper(
            campaign_id, (self._lead(LeadId(first + number)) for number in range(leads)), _ZONES
        )

    def _lead(self, lead_id: LeadId) -> Lead:
        return Lead(
            lead_id=lead_id,
            zone_group=_GROUP,
            region="US",
            kind=NumberKind.FIXED_OR_MOBILE,
            score=self._everybody.score(lead_id),
        )

    def _open(self, scenario: Scenario, campaigns: dict[CampaignId, CampaignPlan], mode: Mode | None) -> None:
        trunk = TrunkSettings(
            name=_TRUNK,
            lines=scenario.lines or _ENOUGH_LINES,
            calls_per_second=scenario.calls_per_second,
            detects_machines=True,
        )
        opening = Opening(
            trunks=[trunk],
            campaigns=[
                _settings(scenario, campaign_id, plan, mode) for campaign_id, plan in campaigns.items()
            ],
            agents=scenario.agents,
        )
        if scenario.staff.roster:
            self.world.shifts = tuple(
                shift_of(AgentId(number), day, day_at=DAY_AT, day_s=scenario.day_s)
                for number, day in enumerate(self._days)
            )
        there = [AgentId(n) for n, day in enumerate(self._days) if DAY_AT + day.comes_s <= self._began_at]
        open_floor(self.world, opening, at=self._began_at, log_in=there)
        self._staff = Staff(
            self.world.time, DAY_AT, self._days, life_of=self._everybody.lives.get, tempo_of=self._tempo
        )
        self.world.time.at(ShutdownRequested(at=DAY_AT + scenario.day_s, finish_within_s=0))

    def _told(self, record: Record) -> None:
        if type(record) is AgentChanged:
            self._staff.changed(record)
        elif type(record) is RequestAnswered and not record.done and is_of_opening(record.request_id):
            raise RuleError(f"the day cannot begin: {record.text}")
        self.reckoner.take(record)

    def _tempo(self, agent_id: AgentId) -> float:
        return self._days[agent_id].tempo * self._course.handling(self.world.time.now - DAY_AT)

    def result(self) -> DayResult:
        virtual_s = self.world.time.now - self._began_at
        return self.reckoner.result(seed=self._seed, events=self.world.events_handled, virtual_s=virtual_s)


def _settings(
    scenario: Scenario, campaign_id: CampaignId, plan: CampaignPlan, mode: Mode | None
) -> CampaignSettings:
    mode = mode or Mode.parse(plan.mode or scenario.mode)
    always: dict[str, Any] = {
        "ring_s": scenario.ring_timeout_s,
        "wrap_up_s": _LONGEST_WRAP_UP_S,
        "window_opens_min": 0,
        "window_closes_min": _OPENS_MIN + round(scenario.day_s / 60),
    }
    if plan.leads == ENDLESS:
        always["retry"] = {}
    return msgspec.structs.replace(
        settings_given({**always, **scenario.settings, **plan.settings}),
        campaign_id=campaign_id,
        name=plan.name,
        trunk=_TRUNK,
        mode=mode.name,
        ratio=mode.ratio,
        amd=AmdSettings(on=scenario.amd is not AmdPreset.OFF, sample_share=0.0),
    )


def _deciding(scenario: Scenario) -> Deciding:
    staff = scenario.staff
    return Deciding(decide_s=staff.decide_s, variation=staff.decide_variation, skip_share=staff.skip_share)


def _outages(scenario: Scenario) -> tuple[Outage, ...]:
    """Return when the trunk fails; outages count from the beginning of the warm-up."""
    return tuple(
        Outage(
            trunk=_TRUNK,
            from_s=scenario.warm_up_s + shock.from_min * 60,
            until_s=scenario.warm_up_s + shock.until_min * 60,
        )
        for shock in scenario.shocks
        if isinstance(shock, TrunkShock)
    )
