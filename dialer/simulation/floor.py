"""A whole simulated floor, ready to run: agents, campaigns, lists of invented leads."""

from collections.abc import Callable, Sequence
from random import Random

import msgspec

from dialer.core.commands import CallAgent, Originate, OriginateCommand
from dialer.core.engine import Engine
from dialer.core.events import (
    ShutdownRequested,
)
from dialer.core.ids import AgentId, CampaignId, LeadId, TrunkName, ZoneGroupId
from dialer.core.lead import Lead
from dialer.core.record import Record
from dialer.core.rules.machine_detection import AmdSettings
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.settings import (
    DEFAULT_RETRY,
    CampaignSettings,
    LinkSettings,
    PacingMode,
    RetryRule,
    TrunkSettings,
)
from dialer.core.shift import Shift
from dialer.core.states import Outcome
from dialer.loop import Log, run
from dialer.simulation.behaviour import People, Strangers
from dialer.simulation.callers import Callers, calls_of
from dialer.simulation.deciders import USUAL, Deciders, Deciding
from dialer.simulation.hopper import MemoryHopper
from dialer.simulation.opening import Opening, open_floor
from dialer.simulation.outages import Outage
from dialer.simulation.world import SimulatedWorld

CAMPAIGN = CampaignId(1)
ROUTE = TrunkName("simulated")
ZONES: dict[ZoneGroupId, tuple[str, ...]] = {ZoneGroupId(1): ("America/New_York",)}
_LEADS_A_CAMPAIGN = 10_000_000
"""How far the numbers of campaigns' leads are apart."""
_CALLED_S = 3600.0
"""So long queues are called where the run has no end of its own."""
START_AT = 1_700_053_200.0
"""2023-11-15 08:00 in New York."""


class OtherCampaign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign beside the first, which shares its agents and is like it in all that is not said here."""

    leads: int = 100
    mode: PacingMode = PacingMode.PROGRESSIVE
    ratio: float = 1.0
    wrap_up_s: float = 25.0


class FloorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is simulated."""

    agents: int = 5
    leads: int = 100
    mode: PacingMode = PacingMode.PROGRESSIVE
    ratio: float = 1.0
    wrap_up_s: float = 25.0
    ring_s: float = 25.0
    retry: dict[Outcome, RetryRule] = msgspec.field(default_factory=lambda: dict(DEFAULT_RETRY))
    default_disposition: str = ""
    """What every talk is disposed of as; simulated agents choose nothing."""
    amd: AmdSettings = AmdSettings()
    seed: int = 1
    lines: int = 1000
    people: People = People()
    trunks: tuple[TrunkSettings, ...] = ()
    """All of the group `simulated`; empty: one trunk of that name, with `lines`."""
    links: tuple[LinkSettings, ...] = ()
    """The ways between the servers of `trunks` and `phones_at`."""
    phones_at: tuple[str, ...] = ("",)
    """Servers, to which the agents' phones are dealt out in turn."""
    outages: tuple[Outage, ...] = ()
    deciding: Deciding = USUAL
    """How agents decide about leads that they are shown."""
    preview_s: float = 60.0
    others: tuple[OtherCampaign, ...] = ()
    shifts: tuple[Shift, ...] = ()
    """The roster, in seconds from the beginning; agents who are ready work on when their shifts end."""
    callers: tuple[Callers, ...] = ()
    """Who calls queues, until `seconds` are over."""
    seconds: float | None = None
    """When the run ends, if its leads last so long; None: when they are called."""


class _Servers:
    """Where each leg is."""

    def __init__(self, trunks: Sequence[TrunkSettings], phones_at: Sequence[str]) -> None:
        self._trunks = {trunk.name: trunk.server for trunk in trunks}
        self._phones_at = phones_at

    def of(self, command: OriginateCommand) -> str:
        match command:
            case Originate(trunk=trunk):
                return self._trunks[trunk]
            case CallAgent(agent_id=agent_id):
                return self._phones_at[agent_id % len(self._phones_at)]
        return ""  # a guest's: nobody chooses by it


def simulate(
    settings: FloorSettings, *, log: Log | None = None, on_record: Callable[[Record], None] | None = None
) -> SimulatedWorld:
    """Run a floor until its campaign is complete, or its time is over; return its world, for the counts."""
    campaigns = _campaigns(settings)
    trunks = settings.trunks or (
        TrunkSettings(name=ROUTE, lines=settings.lines, calls_per_second=1000, detects_machines=True),
    )
    world = SimulatedWorld(
        start_at=START_AT,
        people=Strangers(settings.people, Random(settings.seed)),
        hoppers={
            campaign.campaign_id: MemoryHopper(
                campaign.campaign_id, _leads(campaign.campaign_id, count), ZONES
            )
            for campaign, count in campaigns
        },
        outages=settings.outages,
        on_record=on_record,
    )
    world.deciders = Deciders(world.time, settings.deciding, seed=settings.seed)
    world.shifts = tuple(_from_start(shift) for shift in settings.shifts)
    world.telephony.server_of = _Servers(trunks, settings.phones_at).of
    opening = Opening(
        trunks=trunks,
        links=settings.links,
        queues=[callers.queue for callers in settings.callers],
        campaigns=[campaign for campaign, _ in campaigns],
        agents=settings.agents,
    )
    open_floor(world, opening, at=START_AT, log_in=[AgentId(n) for n in range(settings.agents)])
    _let_call(world, settings)
    if settings.seconds is not None:
        world.time.at(ShutdownRequested(at=START_AT + settings.seconds, finish_within_s=0))
    run(Engine(), world, log)
    return world


def _from_start(shift: Shift) -> Shift:
    return Shift(
        agent_id=shift.agent_id,
        begins_at=START_AT + shift.begins_at,
        ends_at=START_AT + shift.ends_at,
        breaks=tuple((START_AT + since, START_AT + until) for since, until in shift.breaks),
    )


def _let_call(world: SimulatedWorld, settings: FloorSettings) -> None:
    for callers in settings.callers:
        chance = Random(f"{settings.seed} {callers.queue.name}")
        seconds = settings.seconds or _CALLED_S
        for event, plan in calls_of(callers, chance, start_at=START_AT, seconds=seconds):
            world.call_us(event, plan)


def _campaigns(settings: FloorSettings) -> list[tuple[CampaignSettings, int]]:
    """Return the campaigns, and how many leads each has."""
    first = CampaignSettings(
        campaign_id=CAMPAIGN,
        trunk=ROUTE,
        mode=settings.mode,
        ratio=settings.ratio,
        wrap_up_s=settings.wrap_up_s,
        ring_s=settings.ring_s,
        retry=settings.retry,
        default_disposition=settings.default_disposition,
        amd=settings.amd,
        preview_s=settings.preview_s,
        window_opens_min=0,
        window_closes_min=24 * 60,
    )
    others = [
        msgspec.structs.replace(
            first,
            campaign_id=CampaignId(number),
            mode=other.mode,
            ratio=other.ratio,
            wrap_up_s=other.wrap_up_s,
        )
        for number, other in enumerate(settings.others, CAMPAIGN + 1)
    ]
    return [(first, settings.leads), *zip(others, (other.leads for other in settings.others), strict=True)]


def _leads(campaign_id: CampaignId, count: int) -> list[Lead]:
    first = (campaign_id - CAMPAIGN) * _LEADS_A_CAMPAIGN
    return [
        Lead(lead_id=LeadId(number), zone_group=ZoneGroupId(1), region="US", kind=NumberKind.FIXED_OR_MOBILE)
        for number in range(first, first + count)
    ]
