"""The world around the engine in property tests: what is open there, and what is needed to make things happen."""

from collections import Counter

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from dialer.core.allocation.capacity import Channel
from dialer.core.commands import (
    Bridge,
    CallAgent,
    CallGuest,
    Confer,
    HangUp,
    Originate,
    PlayMessage,
    StartTimer,
    Supervise,
    TakeCall,
)
from dialer.core.events import (
    AgentDefined,
    LeadsLoaded,
    LinkDefined,
    PresenceDefined,
    TrunkDefined,
)
from dialer.core.presence_states import ClientState
from dialer.core.requests import (
    StartCampaign,
)
from dialer.core.settings import ClientRule, LinkSettings, PacingMode, RecordingMode, TrunkSettings
from dialer.core.states import AgentState
from dialer.core.switch_events import (
    BridgeFailed,
    LegAnswered,
    LegsBridged,
)
from dialer.testing import CAMPAIGN, NEW_YORK, TRUNK, Script, campaign, lead

AGENTS = 4
LINES = 6
SERVERS = ("one", "two", "three")
LINKS = {("one", "two"): 1, ("one", "three"): 2}
"""The slots; there is no way between two and three."""


CLIENT_RULES = (
    ClientRule(client=ClientState.LOCKED, pause="away"),
    ClientRule(client=ClientState.IDLE, pause="idle", after_s=3.0),
)


class World(RuleBasedStateMachine):
    """Far ends, timers and orders that nothing has come of yet."""

    def __init__(self):
        super().__init__()
        self.open = {}  # leg id -> what the far end may do next
        self.timers = []
        self.bridges = []
        self.script = Script(
            campaign(
                mode=PacingMode.RATIO,
                ratio=2.0,
                wrap_up_s=5,
                trunk="both",
                default_disposition="machine",
                record=RecordingMode.ANNOUNCED,
            ),
            trunk=TrunkSettings(
                name=TRUNK,
                group="both",
                lines=LINES,
                calls_per_second=1000,
                breaker_faults=2,
                detects_machines=True,
            ),
        )
        other = TrunkSettings(name="other", group="both", lines=2, breaker_faults=2, probe_after_s=1)
        self.tell(TrunkDefined(at=self.script.at, trunk=other))
        self.tell(PresenceDefined(at=self.script.at, rules=CLIENT_RULES))
        self.servers = ("",)
        self.leads = 0
        self.guests = 0
        for number in range(1, AGENTS + 1):
            self.tell(AgentDefined(at=self.script.at, agent_id=number))
        self.ask(StartCampaign(campaign_id=CAMPAIGN))

    def tell(self, event):
        self.take(self.script.tell(event))

    def ask(self, request):
        self.take(self.script.ask(request))

    def take(self, commands):
        for command in commands:
            match command:
                case Originate() | CallAgent() | CallGuest():
                    assert command.leg_id not in self.open
                    self.open[command.leg_id] = "placed"
                case TakeCall():
                    self.open[command.leg_id] = "dialing"
                case Bridge() | Confer():
                    self.bridges.append(command)
                case Supervise():
                    guest = self.script.engine.workspace.guests[command.leg_id]
                    assert self.open.get(command.leg_id) in (None, "up"), "who does not listen hears a talk"
                    assert command.agent_leg == guest.beside
                case StartTimer():
                    self.timers.append(command)
                case HangUp() | PlayMessage():
                    assert command.leg_id

    def any_agent(self, *states):
        return any(agent.state in states for agent in self.script.engine.workspace.agents.values())

    def at(self, *stages):
        return [leg for leg, stage in self.open.items() if stage in stages]

    def leg(self, data, *stages):
        return data.draw(st.sampled_from(self.at(*stages)))

    def call_of(self, leg_id):
        workspace = self.script.engine.workspace
        known = workspace.legs.get(leg_id)
        return None if known is None else workspace.calls.get(known.call_id)

    def trunks(self):
        trunks = self.script.engine.workspace.trunks
        return {name: trunk.settings.server for name, trunk in trunks.items()}

    def in_reach(self, server, cut_off=()):
        """Return the free agents whom a customer at a server could have."""
        workspace = self.script.engine.workspace
        used = Counter(call.link for call in workspace.calls.values())
        open_to = {server} | {
            other
            for pair, slots in LINKS.items()
            for one, other in (pair, pair[::-1])
            if one == server and other not in cut_off and used[" ".join(sorted(pair))] < slots
            if not workspace.links[" ".join(sorted(pair))].out
        }
        if server in workspace.lost_servers:
            return []
        open_to -= set(workspace.lost_servers)
        agents = workspace.agents.values()
        return [one for one in agents if self.takes_calls(one) and one.server in open_to]

    def can_see(self, agent, call):
        """Return whether an agent can serve a call as far as its video goes."""
        has_video = agent.video_leg == agent.leg_id and Channel.VIDEO in agent.profile.channels
        return call.channel is not Channel.VIDEO or has_video

    def takes_calls(self, agent):
        """Return whether an agent is free for a call: writes not too much, and keeps free for nobody who writes."""
        engine = self.script.engine
        return (
            agent.state is AgentState.READY
            and Channel.VOICE in agent.profile.channels
            and agent.volume <= engine.workspace.limits.of(agent.profile).first
            and engine.allocator.claim_of(agent.agent_id) is None
        )

    def have_servers(self):
        """Let the trunks be at two of three servers; agents' phones may be at any."""
        self.servers = SERVERS
        trunks = list(self.script.engine.workspace.trunks.values())
        for trunk, server in zip(trunks, SERVERS, strict=False):
            moved = msgspec.structs.replace(trunk.settings, server=server)
            self.tell(TrunkDefined(at=self.script.at, trunk=moved))
        for servers, slots in LINKS.items():
            self.tell(LinkDefined(at=self.script.at, link=LinkSettings(servers=servers, slots=slots)))

    def pick_up(self, leg, server, *, talks):
        self.open[leg] = "up"
        self.tell(LegAnswered(at=self.script.at, leg_id=leg, server=server))
        ours = [one for one in self.bridges if isinstance(one, Bridge) and one.customer_leg == leg]
        for ordered in ours if talks else ():
            self.bridges.remove(ordered)
            self.tell(LegsBridged(at=self.script.at, customer_leg=leg, agent_leg=ordered.agent_leg))

    @rule(count=st.integers(1, 8))
    def load(self, count):
        loaded = tuple(lead(self.leads + number) for number in range(1, count + 1))
        self.leads += count
        self.tell(
            LeadsLoaded(
                at=self.script.at,
                campaign_id=CAMPAIGN,
                leads=loaded,
                zone_groups={NEW_YORK: ("America/New_York",)},
                remaining=True,
            )
        )

    @rule(after_s=st.floats(0, 3))
    def end_round(self, after_s):
        in_reach = {trunk: self.in_reach(server) for trunk, server in self.trunks().items()}
        before = len(self.script.all(Originate))
        self.take(self.script.end_round(after_s))
        for started in self.script.all(Originate)[before:]:
            assert in_reach[started.trunk], "a call was started with no agent free in its reach"

    def carry_out(self, ordered, *, works, dead=False):
        one, other = (
            (ordered.customer_leg, ordered.agent_leg)
            if isinstance(ordered, Bridge)
            else (ordered.leg_id, ordered.beside)
        )
        legs = {"customer_leg": one, "agent_leg": other}
        if works:
            self.tell(LegsBridged(at=self.script.at, **legs))
        else:
            self.tell(BridgeFailed(at=self.script.at, **legs, reason="x", dead_leg=other if dead else None))
