"""Laws of pacing that hold in every mode: what the dialer is made for must never come before who is there and what is allowed."""

from bisect import bisect_left
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialer.core.engine import Engine
from dialer.core.events import RequestReceived, ShutdownRequested
from dialer.core.ids import AgentId, LeadId, RequestId, ZoneGroupId
from dialer.core.lead import Lead
from dialer.core.pacing.obstacles import MAX_LAG_S
from dialer.core.preview_states import PreviewTimeout
from dialer.core.records import AttemptEnded, AttemptStarted
from dialer.core.requests import Halt, LogOut, MakeReady, PauseAgent, PauseCampaign, StopCampaign
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.settings import CampaignSettings, PacingMode, TrunkSettings
from dialer.loop import run
from dialer.simulation.behaviour import People, Strangers
from dialer.simulation.floor import CAMPAIGN, ROUTE, START_AT, ZONES
from dialer.simulation.hopper import MemoryHopper
from dialer.simulation.opening import Opening, open_floor
from dialer.simulation.world import SimulatedWorld

LASTS_S = 300.0
LEADS = 300
EVERY_MODE = pytest.mark.parametrize(
    "mode", [mode for mode in PacingMode if mode is not PacingMode.AGENTLESS]
)
"""But that without agents, which invented people gave no consent to."""
BY_THEMSELVES = pytest.mark.parametrize(
    "mode", [mode for mode in PacingMode if mode not in (PacingMode.AGENTLESS, PacingMode.PREVIEW)]
)
"""Those in which no agent asks for a call, which leaves as soon as it is on record."""
SOME = settings(max_examples=4)
FEW = settings(max_examples=2)
SEEDS = st.integers(0, 2**31)
AGENTS = st.integers(1, 6)
INSTANTS = st.integers(10, 120)


class Floor:
    """Five minutes of a campaign whose people often pick up, in which things may be asked for."""

    def __init__(self, mode, *, agents=4, lines=20, calls_per_second=10.0, seed=1, ratio=2.0):
        self.records = []
        self.world = SimulatedWorld(
            start_at=START_AT,
            people=Strangers(People(human_share=0.4, talk_s=40.0), Random(seed)),
            hoppers={CAMPAIGN: MemoryHopper(CAMPAIGN, [lead(number) for number in range(LEADS)], ZONES)},
            on_record=self.records.append,
        )
        campaign = CampaignSettings(
            campaign_id=CAMPAIGN,
            trunk=ROUTE,
            mode=mode,
            ratio=ratio,
            preview_s=5.0,
            preview_timeout=PreviewTimeout.CALL,
            window_opens_min=0,
            window_closes_min=24 * 60,
        )
        trunk = TrunkSettings(name=ROUTE, lines=lines, calls_per_second=calls_per_second)
        opening = Opening(trunks=[trunk], campaigns=[campaign], agents=agents)
        open_floor(self.world, opening, at=START_AT, log_in=[AgentId(number) for number in range(agents)])

    def ask(self, after_s, *requests):
        """Have something asked for so long after the beginning."""
        for number, request in enumerate(requests):
            asked = RequestReceived(
                at=START_AT + after_s, request_id=RequestId(1000 + number), request=request
            )
            self.world.time.at(asked)

    def lag(self, since_s, until_s, lag_s):
        """Have rounds be on record late meanwhile."""
        self.world.lag_at = lambda at: lag_s if since_s <= at - START_AT < until_s else 0.0

    def call(self):
        """Let the day happen; return when calls were started, in seconds after the beginning."""
        self.world.time.at(ShutdownRequested(at=START_AT + LASTS_S, finish_within_s=0))
        run(Engine(), self.world)
        return [one.at - START_AT for one in self.records if isinstance(one, AttemptStarted)]


def lead(number):
    return Lead(
        lead_id=LeadId(number), zone_group=ZoneGroupId(1), region="US", kind=NumberKind.FIXED_OR_MOBILE
    )


def everybody(agents, make):
    return [make(AgentId(number)) for number in range(agents)]


@EVERY_MODE
def test_calls_are_started_where_nothing_forbids_it(mode):
    assert len(Floor(mode).call()) > 20


@EVERY_MODE
def test_without_agents_nobody_is_called(mode):
    assert Floor(mode, agents=0).call() == []


@EVERY_MODE
@SOME
@given(seed=SEEDS, agents=AGENTS, left_s=INSTANTS, leave=st.sampled_from(["pause", "log out"]))
@example(seed=0, agents=1, left_s=61, leave="pause")
def test_once_every_agent_paused_or_left_nobody_is_called_until_somebody_is_back(
    mode, seed, agents, left_s, leave
):
    floor, back_s = Floor(mode, agents=agents, seed=seed), left_s + 120
    floor.ask(
        left_s,
        *everybody(agents, lambda agent: PauseAgent(agent_id=agent, reason="break")),
        *(everybody(agents, lambda agent: LogOut(agent_id=agent)) if leave == "log out" else ()),
    )
    if leave == "pause":
        floor.ask(back_s, MakeReady(agent_id=AgentId(0)))
    started = floor.call()
    assert not [at for at in started if left_s < at < back_s]
    assert (leave == "log out") is not any(at >= back_s for at in started)


@EVERY_MODE
@SOME
@given(seed=SEEDS, agents=AGENTS, lines=st.integers(1, 8), rate=st.integers(1, 6), ratio=st.floats(1, 5))
def test_calls_exceed_neither_the_lines_nor_the_calls_per_second(mode, seed, agents, lines, rate, ratio):
    floor = Floor(mode, agents=agents, lines=lines, calls_per_second=float(rate), seed=seed, ratio=ratio)
    started = floor.call()
    assert all(number - bisect_left(started, at - 1 + 1e-6) < rate for number, at in enumerate(started))
    open_attempts = 0
    for record in floor.records:
        open_attempts += isinstance(record, AttemptStarted) - isinstance(record, AttemptEnded)
        assert open_attempts <= lines


@EVERY_MODE
@FEW
@given(seed=SEEDS, agents=AGENTS)
def test_the_same_seed_gives_the_same_records(mode, seed, agents):
    one, other = (Floor(mode, agents=agents, seed=seed) for _ in range(2))
    assert one.call() == other.call()
    assert one.records == other.records


@EVERY_MODE
@SOME
@given(
    seed=SEEDS,
    agents=AGENTS,
    stopped_s=INSTANTS,
    request=st.sampled_from(
        [PauseCampaign(campaign_id=CAMPAIGN), StopCampaign(campaign_id=CAMPAIGN), Halt()]
    ),
)
def test_a_campaign_that_is_paused_stopped_or_halted_starts_no_call_any_more(
    mode, seed, agents, stopped_s, request
):
    floor = Floor(mode, agents=agents, seed=seed)
    floor.ask(stopped_s, request)
    assert [at for at in floor.call() if at > stopped_s] == []


@BY_THEMSELVES
@SOME
@given(seed=SEEDS, agents=AGENTS, late_s=INSTANTS, lag_s=st.floats(MAX_LAG_S, 60, exclude_min=True))
def test_no_call_is_started_while_the_database_is_late_and_calls_go_on_afterwards(
    mode, seed, agents, late_s, lag_s
):
    floor, until_s = Floor(mode, agents=agents, seed=seed), late_s + 80
    floor.lag(late_s, until_s, lag_s)
    started = floor.call()
    assert [at for at in started if late_s <= at < until_s] == []
    assert any(at >= until_s for at in started)
