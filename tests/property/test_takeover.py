"""A run that is killed beside a switch that lives: whatever survives, the next run ends every call and frees every agent."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.engine import Engine
from dialer.core.events import (
    AgentDefined,
    AttemptLeftOpen,
    CallFound,
    CampaignDefined,
    RequestReceived,
    RunStarted,
    TrunkDefined,
)
from dialer.core.lead import Lead
from dialer.core.records import AttemptEnded, AttemptStarted
from dialer.core.requests import LogIn
from dialer.core.rules.number_kinds import NumberKind
from dialer.core.settings import CampaignSettings, PacingMode, TrunkSettings
from dialer.core.states import AgentState, CallState, CampaignState, Outcome
from dialer.core.switch_events import LegAnswered, LegRinging
from dialer.simulation.behaviour import People, Strangers
from dialer.simulation.floor import CAMPAIGN, START_AT, ZONES
from dialer.simulation.hopper import MemoryHopper
from dialer.simulation.world import SimulatedWorld

AGENTS, LEADS = 4, 30
AUDIT_S = 3.0
OVER_S = 12 * 3600.0
PEOPLE = People(human_share=0.7, busy_share=0.1, machine_share=0.1, talk_s=40.0)
TRUNK = TrunkSettings(name="simulated", lines=20, calls_per_second=100)
SETTINGS = CampaignSettings(
    campaign_id=CAMPAIGN,
    trunk="simulated",
    mode=PacingMode.RATIO,
    ratio=2.5,
    window_opens_min=0,
    window_closes_min=24 * 60,
)


class Floor:
    """A switch that goes on, and the runs beside it."""

    def __init__(self, seed):
        leads = [Lead(lead_id=n, zone_group=1, region="US", kind=NumberKind.MOBILE) for n in range(LEADS)]
        self.records = []
        self.world = SimulatedWorld(
            start_at=START_AT,
            people=Strangers(PEOPLE, Random(seed)),
            hoppers={CAMPAIGN: MemoryHopper(CAMPAIGN, leads, ZONES)},
            on_record=self.records.append,
        )
        self.time = self.world.time
        self.engine = Engine()
        self.runs = 1
        self.tell(RunStarted(at=START_AT, instance="run1"))
        self.define()
        for number in range(AGENTS):
            self.tell(AgentDefined(at=START_AT, agent_id=number))
            asked = LogIn(agent_id=number, ready=True)
            self.tell(RequestReceived(at=START_AT, request_id=number, request=asked))
        self.audit(START_AT)

    def define(self):
        self.tell(TrunkDefined(at=self.time.now, trunk=TRUNK))
        self.tell(CampaignDefined(at=self.time.now, campaign=SETTINGS, state=CampaignState.RUNNING))

    def tell(self, event):
        self.time.post(event)

    def audit(self, _):
        self.tell(self.world.telephony.open_legs())
        self.time.later(AUDIT_S, self.audit)

    def run(self, until):
        while self.time.now < until and (events := self.time.next_instant(until)):
            commands = [command for event in events for command in self.engine.handle(event)]
            commands += self.engine.handle(self.world.end_round())
            self.world.execute(commands)

    def die(self, for_s):
        """Let the switch go on alone; return the legs it rings and connects meanwhile."""
        heard = {LegRinging: {}, LegAnswered: {}}
        until = self.time.now + for_s
        while events := self.time.next_instant(until):
            for event in events:
                if type(event) in heard:
                    heard[type(event)][event.leg_id] = event.at
        self.time.now = until
        return heard

    def start_again(self, heard):
        """Tell a new engine what `dialer.live.recovery` would find in the database and at the switch."""
        before, self.engine = self.engine.workspace, Engine()
        at, switch = self.time.now, self.world.telephony.open_legs()
        self.runs += 1
        self.tell(RunStarted(at=at, instance=f"run{self.runs}"))
        self.define()
        # Leads that were claimed, and whose attempt did not begin, go back uncounted.
        self.world._hoppers[CAMPAIGN].give_back(
            [lead.lead_id for c in before.campaigns.values() for lead in c.buffer]
        )
        for agent in before.agents.values():
            alive = agent.leg_id if agent.leg_id in switch.legs else None
            leg = before.legs.get(alive)
            up = alive in heard[LegAnswered] or (leg is not None and leg.answered_at is not None)
            self.tell(
                AgentDefined(at=at, agent_id=agent.agent_id, state=agent.state, leg_id=alive, phone_up=up)
            )
        partners = dict(switch.bridges)
        events = [self.found(before, call, heard, partners, switch.legs) for call in before.calls.values()]
        for event in sorted(events, key=lambda event: getattr(event, "state", "") != CallState.TALKING):
            self.tell(event)

    def found(self, before, call, heard, partners, legs):
        leg = before.legs[call.leg_id]
        answered_at = leg.answered_at or heard[LegAnswered].get(call.leg_id)
        facts = {
            "at": self.time.now,
            "attempt_id": call.attempt.attempt_id,
            "call_id": call.call_id,
            "campaign_id": CAMPAIGN,
            "lead": call.attempt.lead,
            "started_at": call.started_at,
        }
        if call.leg_id not in legs:
            return AttemptLeftOpen(**facts, answered_at=answered_at if call.bridged_at is None else None)
        if answered_at is not None:
            state = CallState.TALKING if call.leg_id in partners else CallState.ANSWERED
        else:
            rings = leg.ringing_at or heard[LegRinging].get(call.leg_id)
            state = CallState.RINGING if rings else CallState.DIALING
        return CallFound(
            **facts,
            leg_id=call.leg_id,
            trunk=call.trunk,
            state=state,
            ringing_at=leg.ringing_at or heard[LegRinging].get(call.leg_id),
            answered_at=answered_at,
            bridged_at=call.bridged_at,
            agent_leg=partners.get(call.leg_id),
        )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    killed=st.lists(
        st.tuples(st.floats(2.0, 200.0), st.sampled_from([0.0, 0.5, 5.0, 60.0])), min_size=1, max_size=3
    ),
)
def test_whoever_survives_a_killed_run_is_served_and_nothing_is_lost(seed, killed):
    floor = Floor(seed)
    for after_s, for_s in killed:
        floor.run(floor.time.now + after_s)
        talking = {call.leg_id for call in floor.engine.workspace.calls.values() if call.state == "talking"}
        heard = floor.die(for_s)
        floor.start_again(heard)
        joined = dict(floor.world.telephony.open_legs().bridges)
        floor.run(floor.time.now + 0.001)
        kept = {
            call.leg_id: floor.engine.workspace.agents[call.agent_id].leg_id
            for call in floor.engine.workspace.calls.values()
            if call.state == "talking"
        }
        assert {leg: kept.get(leg) for leg in talking & joined.keys()} == {
            leg: joined[leg] for leg in talking & joined.keys()
        }
    floor.run(START_AT + OVER_S)

    workspace = floor.engine.workspace
    assert not workspace.calls
    assert {agent.state for agent in workspace.agents.values()} <= {AgentState.READY, AgentState.LOGGED_OUT}
    assert set(floor.world.telephony.open_legs().legs) == set(workspace.legs)
    assert len(workspace.legs) == sum(agent.leg_id is not None for agent in workspace.agents.values())
    started = [record.attempt_id for record in floor.records if isinstance(record, AttemptStarted)]
    ended = [record for record in floor.records if isinstance(record, AttemptEnded)]
    assert sorted(started) == sorted(record.attempt_id for record in ended)
    assert {record.lead_id for record in ended} == set(range(LEADS))
    for record in ended:
        if record.answered_at is not None and record.bridged_at is None:
            assert record.outcome in (Outcome.ABANDONED, Outcome.HUNG_UP_WAITING, Outcome.FAILED)
