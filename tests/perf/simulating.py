"""How much faster than a real day a simulated one goes, with the full engine, loop and timers, and what a pacing decision costs.

The floors are stationary ones of docs/pacing.md, paced by forecast twice a second. Each is simulated in a process of its own, so that
its memory is its own. Speeds are virtual seconds over seconds of processor time; one core does all the work.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from random import Random
from resource import RUSAGE_SELF, getrusage
from time import process_time
from typing import TypeVar

from dialer.core.commands import AnyCommand
from dialer.core.engine import Engine
from dialer.core.events import RoundEnded, ShutdownRequested
from dialer.core.ids import AgentId, CampaignId, LeadId, TrunkName, ZoneGroupId
from dialer.core.lead import Lead
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.settings import CampaignSettings, PacingMode, TrunkSettings
from dialer.loop import run
from dialer.simulation.behaviour import People, Strangers
from dialer.simulation.day import simulate_day
from dialer.simulation.floor import START_AT
from dialer.simulation.hopper import EndlessHopper
from dialer.simulation.opening import Opening, open_floor
from dialer.simulation.scenario import Mode, read_scenario
from dialer.simulation.world import SimulatedWorld

T = TypeVar("T")

PREDICTIVE = Mode(PacingMode.PREDICTIVE)
SMALL, MIDDLE, LARGE = 20, 500, 15_000
WARM_S = 60.0
"""Not counted where single decisions are: nobody is logged in yet, or nothing is learned."""


def figures() -> Iterator[tuple[str, float, str]]:
    """Yield speeds, memory in megabytes (of 1,000,000 bytes), and decisions' costs with how they grow against the floor."""
    small = {"agents": SMALL, "hours": 2, "people": {"answer_share": 0.25}}
    speed = max(_alone(_simulated, small)[0] for _ in range(3))
    yield f"simulate.speedup_{SMALL}", speed, "1"
    large = {"agents": LARGE, "hours": 1 / 30, "warm_up_min": 2, "people": {"answer_share": 0.2}}
    speed, megabytes = _alone(_simulated, large)
    yield f"simulate.speedup_{LARGE}", speed, "1"
    yield f"simulate.rss_mb_{LARGE}", megabytes, "MB"
    spent = {
        agents: _alone(_decision_us, agents, seconds)
        for agents, seconds in ((SMALL, 1800.0), (MIDDLE, 300.0), (LARGE, 75.0))
    }
    for agents, value in spent.items():
        yield f"pacing.decision_us_{agents}", value, "us"
    yield "pacing.decision_growth_over_linear", spent[LARGE] / spent[SMALL] / (LARGE / SMALL), "ratio"


def _alone(work: Callable[..., T], *given: object) -> T:
    """Do something in a process that has done nothing else."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def _simulated(raw: dict[str, object]) -> tuple[float, float]:
    """Return how much faster than a real one a day went, and the most memory that it took."""
    scenario = read_scenario(raw)
    before = process_time()
    day = simulate_day(scenario, seed=1, mode=PREDICTIVE)
    return day.virtual_s / (process_time() - before), getrusage(RUSAGE_SELF).ru_maxrss / 1e3


# --- decisions -----------------------------------------------------------------------------------------


class _TimedWorld(SimulatedWorld):
    """Knows what the ends of rounds took at which pacing ran, the calls included that it started."""

    engine: Engine
    decisions = 0
    spent_s = 0.0
    _began = 0.0

    def end_round(self) -> RoundEnded:
        ended = super().end_round()
        self._began = process_time()
        return ended

    def execute(self, commands: Sequence[AnyCommand]) -> None:
        took_s = process_time() - self._began
        if self.engine.workspace.paced_at == self.time.now > START_AT + WARM_S:
            self.decisions += 1
            self.spent_s += took_s
        super().execute(commands)


def _decision_us(agents: int, seconds: float) -> float:
    """Return the mean cost of a decision of a floor, in microseconds."""
    campaign = CampaignSettings(
        campaign_id=CampaignId(1),
        trunk=TrunkName("simulated"),
        mode=PacingMode.PREDICTIVE,
        window_opens_min=0,
        window_closes_min=24 * 60,
        retry={},
    )
    trunk = TrunkSettings(name=campaign.trunk, lines=100_000, calls_per_second=1000.0, detects_machines=True)
    group = ZoneGroupId(1)

    def lead(lead_id: LeadId) -> Lead:
        return Lead(lead_id=lead_id, zone_group=group, region="US", kind=NumberKind.FIXED_OR_MOBILE)

    hopper = EndlessHopper(campaign.campaign_id, lead, {group: ("America/New_York",)}, first=LeadId(1))
    world = _TimedWorld(
        start_at=START_AT,
        people=Strangers(People(), Random(1)),
        hoppers={campaign.campaign_id: hopper},
    )
    opening = Opening(trunks=[trunk], campaigns=[campaign], agents=agents)
    open_floor(world, opening, at=START_AT, log_in=[AgentId(number) for number in range(agents)])
    world.time.at(ShutdownRequested(at=START_AT + WARM_S + seconds, finish_within_s=0))
    world.engine = Engine()
    run(world.engine, world)
    return 1e6 * world.spent_s / world.decisions
