"""A switch that forgets to tell: whatever gets lost, audits bring every agent and call on within a minute."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.engine import Engine
from dialer.core.events import AgentDefined, CampaignDefined, RequestReceived, RunStarted, TrunkDefined
from dialer.core.lead import Lead
from dialer.core.records import AgentChanged, AttemptEnded, AttemptStarted
from dialer.core.requests import LogIn, StartCampaign
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.settings import CampaignSettings, PacingMode, TrunkSettings
from dialer.core.states import AgentState, CallState
from dialer.core.switch_events import LegsOpen
from dialer.simulation.behaviour import People, Strangers
from dialer.simulation.floor import CAMPAIGN, START_AT, ZONES
from dialer.simulation.hopper import MemoryHopper
from dialer.simulation.telephony import SimulatedTelephony
from dialer.simulation.world import SimulatedWorld

AGENTS, LEADS = 3, 12
AUDIT_S = 3.0
STUCK_S = 60.0
OVER_S = 6 * 3600.0
PEOPLE = People(human_share=0.7, busy_share=0.1, machine_share=0.1, talk_s=20.0)

_MAY_LAST = {AgentState.LOGGED_OUT, AgentState.READY, AgentState.PAUSED}


class Forgetful:
    """Fits `Schedule`: loses a share of what the switch tells, for the first half hour."""

    def __init__(self, time, chance, loss):
        self._time, self._chance, self._loss = time, chance, loss

    @property
    def now(self):
        return self._time.now

    def later(self, delay_s, action):
        self._time.later(delay_s, action)

    def post(self, event):
        if self._chance.random() >= self._loss or self._time.now > START_AT + 1800:
            self._time.post(event)


class Floor:
    """An engine under audits; agents who are logged out come back."""

    def __init__(self, seed, loss):
        chance = Random(seed)
        leads = [Lead(lead_id=n, zone_group=1, region="US", kind=NumberKind.MOBILE) for n in range(LEADS)]
        self.engine = Engine()
        self.records = []
        self.world = SimulatedWorld(
            start_at=START_AT,
            people=Strangers(PEOPLE, chance),
            hoppers={CAMPAIGN: MemoryHopper(CAMPAIGN, leads, ZONES)},
            on_record=self.take,
        )
        self.time = self.world.time
        schedule = Forgetful(self.time, Random(seed + 1), loss)
        self.switch = SimulatedTelephony(schedule, lambda *_: PEOPLE.plan(chance))
        self.world.telephony = self.switch
        self.since = {}
        self._requests = 0

    def take(self, record):
        self.records.append(record)
        if isinstance(record, AgentChanged) and record.state is AgentState.LOGGED_OUT:
            self.time.later(5, lambda _: self.ask(LogIn(agent_id=record.agent_id, ready=True)))

    def ask(self, request):
        self._requests += 1
        self.time.post(RequestReceived(at=self.time.now, request_id=self._requests, request=request))

    def audit(self, _):
        self.time.post(self.switch.open_legs())
        self.time.later(AUDIT_S, self.audit)

    def run(self):
        trunk = TrunkSettings(name="simulated", lines=20, calls_per_second=100)
        campaign = CampaignSettings(
            campaign_id=CAMPAIGN,
            trunk="simulated",
            mode=PacingMode.RATIO,
            ratio=2.0,
            window_opens_min=0,
            window_closes_min=24 * 60,
        )
        self.time.post(RunStarted(at=START_AT, instance="x"))
        self.time.post(TrunkDefined(at=START_AT, trunk=trunk))
        self.time.post(CampaignDefined(at=START_AT, campaign=campaign))
        for number in range(AGENTS):
            self.time.post(AgentDefined(at=START_AT, agent_id=number))
            self.ask(LogIn(agent_id=number, ready=True))
        self.ask(StartCampaign(campaign_id=CAMPAIGN))
        self.time.later(AUDIT_S, self.audit)
        while self.time.now < START_AT + OVER_S and (events := self.world.next_round()) is not None:
            handled = [*events]
            commands = [command for event in handled for command in self.engine.handle(event)]
            commands += self.engine.handle(self.world.end_round())
            self.world.execute(commands)
            self.check(any(isinstance(event, LegsOpen) for event in handled))

    def check(self, audited):
        """Say who is in a state for too long; a talk may last as long as both are joined."""
        joined = {leg for pair in self.switch.open_legs().bridges for leg in pair}
        workspace = self.engine.workspace
        things = [*workspace.agents.values(), *workspace.calls.values()]
        now = {}
        for thing in things:
            really = thing.state in (AgentState.TALKING, CallState.TALKING) and thing.leg_id in joined
            if thing.state not in _MAY_LAST and not really:
                name = getattr(thing, "call_id", None) if hasattr(thing, "lead") else thing.agent_id
                now[name, thing.state] = self.since.get((name, thing.state), self.time.now)
        self.since = now
        stuck = {key: self.time.now - at for key, at in now.items() if self.time.now - at > STUCK_S}
        assert not stuck, stuck


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), loss=st.sampled_from([0.0, 0.02, 0.1, 0.3]))
def test_no_agent_and_no_call_is_stuck_when_news_get_lost(seed, loss):
    floor = Floor(seed, loss)
    floor.run()
    started = [record.attempt_id for record in floor.records if isinstance(record, AttemptStarted)]
    ended = [record.attempt_id for record in floor.records if isinstance(record, AttemptEnded)]
    assert sorted(started) == sorted(ended)
    last = {record.lead_id: record for record in floor.records if isinstance(record, AttemptEnded)}
    assert set(last) == set(range(LEADS))
