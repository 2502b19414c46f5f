"""Laws of the floor, over any order of events: the engine against a world that does what it likes."""

from collections import Counter

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

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
    CampaignDefined,
    LeadsLoaded,
    LinkDefined,
    ServerLost,
    ServerRegained,
    TimerFired,
    TrunkDefined,
)
from dialer.core.guest_states import GuestKind, GuestState, Supervision
from dialer.core.records import (
    AttemptDisposed,
    AttemptEnded,
    AttemptStarted,
    CallStarted,
    GuestCalled,
    GuestEnded,
    InboundEnded,
    InboundStarted,
    JournalEntry,
    RecordingEnded,
    RecordingStarted,
)
from dialer.core.requests import (
    Dispose,
    EndWrapUp,
    Halt,
    LogIn,
    LogOut,
    MakeReady,
    PauseAgent,
    PauseCampaign,
    RecordCall,
    Resume,
    StartCampaign,
    SuperviseAgent,
)
from dialer.core.rules.machine_detection import AmdSettings, Reaction, Verdict
from dialer.core.settings import LinkSettings, PacingMode, RecordingMode, TrunkSettings
from dialer.core.states import AgentState, CallState, EndCause, RecordingMove, RecordingState, TrunkState
from dialer.core.switch_events import (
    AnnouncementHeard,
    BridgeFailed,
    CallerArrived,
    LegAnswered,
    LegClassified,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegsBridged,
    LegsOpen,
    LegsParted,
    LegSpoke,
    MessagePlayed,
    OriginateRefused,
    RecordingFailed,
)
from dialer.core.workspace import Workspace
from dialer.testing import CAMPAIGN, NEW_YORK, TRUNK, Script, campaign, lead

AGENTS = 4
LINES = 6
SERVERS = ("one", "two", "three")
LINKS = {("one", "two"): 1, ("one", "three"): 2}
"""The slots; there is no way between two and three."""


class Floor(RuleBasedStateMachine):
    """What a switch, people and requests can do, in any order."""

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
                calls_guests=True,
                detects_machines=True,
            ),
        )
        other = TrunkSettings(name="other", group="both", lines=2, breaker_faults=2, probe_after_s=1)
        self.tell(TrunkDefined(at=self.script.at, trunk=other))
        self.servers = ("",)
        self.leads = 0
        self.guests = 0
        for number in range(1, AGENTS + 1):
            self.tell(AgentDefined(at=self.script.at, agent_id=number))
        self.ask(StartCampaign(campaign_id=CAMPAIGN))

    @initialize(
        several=st.booleans(),
        phones=st.lists(st.integers(0, 2), min_size=1, max_size=AGENTS),
        answers=st.integers(0, AGENTS + 1) | st.none(),
    )
    def begin(self, several, phones, answers):
        """Let some agents be there, and some calls have been dialed, of which the first are answered and talk."""
        if several:
            self.have_servers()
        for agent, server in enumerate(phones, 1):
            self.log_in(agent, ready=True)
            (leg,) = self.at("placed")
            self.pick_up(leg, self.servers[server % len(self.servers)], talks=False)
        if answers is None:
            return
        self.load(8)
        self.end_round(0.25)
        for number, leg in enumerate(self.at("placed")):
            self.open[leg] = "dialing"
            self.tell(LegDialing(at=self.script.at, leg_id=leg))
            if number < answers:
                self.pick_up(leg, self.call_of(leg).server, talks=True)

    def have_servers(self):
        """Let the trunks be at two of three servers; agents' phones may be at any."""
        self.servers = SERVERS
        trunks = list(self.script.engine.workspace.trunks.values())
        for trunk, server in zip(trunks, SERVERS, strict=False):
            moved = msgspec.structs.replace(trunk.settings, server=server)
            self.tell(TrunkDefined(at=self.script.at, trunk=moved))
        for servers, slots in LINKS.items():
            self.tell(LinkDefined(at=self.script.at, link=LinkSettings(servers=servers, slots=slots)))

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

    @precondition(lambda self: self.any_agent(AgentState.LOGGED_OUT))
    @rule(agent=st.integers(1, AGENTS), ready=st.booleans())
    def log_in(self, agent, ready):
        self.ask(LogIn(agent_id=agent, ready=ready))

    @precondition(lambda self: self.any_agent(*set(AgentState) - {AgentState.LOGGED_OUT}))
    @rule(agent=st.integers(1, AGENTS), request=st.sampled_from([LogOut, MakeReady]))
    def change_agent(self, agent, request):
        self.ask(request(agent_id=agent))

    @precondition(lambda self: self.any_agent(*set(AgentState) - {AgentState.LOGGED_OUT}))
    @rule(agent=st.integers(1, AGENTS))
    def pause(self, agent):
        self.ask(PauseAgent(agent_id=agent, reason="lunch"))

    @precondition(lambda self: self.any_agent(AgentState.TALKING, AgentState.WRAP_UP))
    @rule(agent=st.integers(1, AGENTS), code=st.sampled_from(["sale", "callback", "do_not_call"]))
    def dispose(self, agent, code):
        self.ask(Dispose(agent_id=agent, code=code))

    @precondition(lambda self: self.any_agent(AgentState.WRAP_UP))
    @rule(agent=st.integers(1, AGENTS))
    def end_wrap_up(self, agent):
        self.ask(EndWrapUp(agent_id=agent))

    @precondition(lambda self: self.any_agent(AgentState.TALKING))
    @rule(agent=st.integers(1, AGENTS), move=st.sampled_from(RecordingMove), consented=st.booleans())
    def record(self, agent, move, consented):
        if move is not RecordingMove.ANNOUNCE:
            self.ask(RecordCall(agent_id=agent, move=move, consented=consented))

    @precondition(lambda self: self.any_agent(*set(AgentState) - {AgentState.LOGGED_OUT}))
    @rule(agent=st.integers(1, AGENTS), mode=st.sampled_from(Supervision), picks_up=st.booleans())
    def supervise(self, agent, mode, picks_up):
        self.guests += 1
        before = set(self.open)
        self.ask(SuperviseAgent(agent_id=agent, mode=mode, guest_id=self.guests))
        for leg in sorted(set(self.open) - before) if picks_up else ():
            self.open[leg] = "up"
            self.tell(LegAnswered(at=self.script.at, leg_id=leg))

    @precondition(lambda self: self.script.engine.workspace.guests)
    @rule(agent=st.integers(1, AGENTS), mode=st.sampled_from(Supervision))
    def change_supervision(self, agent, mode):
        self.ask(SuperviseAgent(agent_id=agent, mode=mode))

    @precondition(lambda self: self.script.engine.workspace.guests.keys() & self.open.keys())
    @rule(data=st.data())
    def lose_guest(self, data):
        guests = sorted(self.script.engine.workspace.guests.keys() & self.open.keys())
        leg = data.draw(st.sampled_from(guests))
        del self.open[leg]
        self.tell(LegEnded(at=self.script.at, leg_id=leg, cause=EndCause.CLEARED))

    @precondition(lambda self: self.at("up"))
    @rule(data=st.data())
    def lose_recording(self, data):
        leg = self.leg(data, "up")
        call = self.call_of(leg)
        file = call.file if call is not None else ""
        self.tell(RecordingFailed(at=self.script.at, leg_id=leg, file=file or "x.wav", reason="x"))

    @rule(hold=st.booleans())
    def change_settings(self, hold):
        (only,) = self.script.engine.workspace.campaigns.values()
        held = msgspec.structs.replace(only.settings, hold_wrap_up=hold)
        self.tell(CampaignDefined(at=self.script.at, campaign=held))

    @rule(amd=st.booleans(), machine=st.sampled_from(list(Reaction)))
    def change_detection(self, amd, machine):
        (only,) = self.script.engine.workspace.campaigns.values()
        listening = AmdSettings(on=amd, machine=machine, message="hello", sample_share=0.5)
        self.tell(
            CampaignDefined(at=self.script.at, campaign=msgspec.structs.replace(only.settings, amd=listening))
        )

    @precondition(lambda self: self.at("up"))
    @rule(
        data=st.data(), verdict=st.sampled_from(list(Verdict)), cause=st.sampled_from(["MAXWORDS-4-3", "x"])
    )
    def classify(self, data, verdict, cause):
        leg = self.leg(data, "up")
        self.tell(LegSpoke(at=self.script.at, leg_id=leg))
        self.tell(LegClassified(at=self.script.at, leg_id=leg, verdict=verdict, cause=cause))

    @precondition(lambda self: self.at("dialing", "ringing", "up"))
    @rule(data=st.data(), means=st.sampled_from([EndCause.SWITCHED_OFF, EndCause.CARRIER_FAULT]))
    def announce(self, data, means):
        leg = self.leg(data, "dialing", "ringing", "up")
        self.tell(AnnouncementHeard(at=self.script.at, leg_id=leg, means=means, said="x"))

    @precondition(lambda self: self.at("up"))
    @rule(data=st.data(), keys=st.sampled_from(["1", "5", "6", "9", "#", "*0", "*1", "**", "A"]))
    def press(self, data, keys):
        leg = self.leg(data, "up")
        for digit in keys:
            self.tell(LegDigit(at=self.script.at, leg_id=leg, digit=digit))

    @rule(
        request=st.sampled_from(
            [Halt(), *3 * [Resume()], PauseCampaign(campaign_id=1), *3 * [StartCampaign(campaign_id=1)]]
        )
    )
    def change_campaign(self, request):
        self.ask(request)

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
        return [one for one in agents if one.state is AgentState.READY and one.server in open_to]

    @precondition(lambda self: self.at("placed"))
    @rule(data=st.data())
    def dial(self, data):
        leg = self.leg(data, "placed")
        self.open[leg] = "dialing"
        self.tell(LegDialing(at=self.script.at, leg_id=leg))

    @precondition(lambda self: self.script.all(AttemptEnded))
    @rule(data=st.data())
    def call_back(self, data):
        """Somebody whose attempt is over calls one of our numbers."""
        over = {record.attempt_id: record.lead_id for record in self.script.all(AttemptEnded)}
        attempt_id = data.draw(st.sampled_from(sorted(over)))
        self.tell(
            CallerArrived(
                at=self.script.at,
                arrival="x",
                attempt_id=attempt_id,
                campaign_id=CAMPAIGN,
                lead=lead(over[attempt_id]),
                trunk=data.draw(st.sampled_from([TRUNK, "other", "unknown"])),
                caller_id="+12125550199",
            )
        )

    @precondition(lambda self: self.at("dialing", "ringing"))
    @rule(data=st.data(), code=st.sampled_from([180, 183]))
    def ring(self, data, code):
        leg = self.leg(data, "dialing", "ringing")
        self.open[leg] = "ringing"
        self.tell(LegRinging(at=self.script.at, leg_id=leg, sip_code=code))

    @precondition(lambda self: self.at("dialing", "ringing"))
    @rule(data=st.data(), talks=st.booleans())
    def answer(self, data, talks):
        leg = self.leg(data, "dialing", "ringing")
        call = self.call_of(leg)
        known = (call.server,) if call is not None and not call.inbound else self.servers
        self.pick_up(leg, data.draw(st.sampled_from(known)), talks=talks)

    def pick_up(self, leg, server, *, talks):
        self.open[leg] = "up"
        self.tell(LegAnswered(at=self.script.at, leg_id=leg, server=server))
        ours = [one for one in self.bridges if isinstance(one, Bridge) and one.customer_leg == leg]
        for ordered in ours if talks else ():
            self.bridges.remove(ordered)
            self.tell(LegsBridged(at=self.script.at, customer_leg=leg, agent_leg=ordered.agent_leg))

    def call_of(self, leg_id):
        workspace = self.script.engine.workspace
        known = workspace.legs.get(leg_id)
        return None if known is None else workspace.calls.get(known.call_id)

    @precondition(lambda self: self.at("dialing", "ringing", "up"))
    @rule(data=st.data(), cause=st.sampled_from(list(EndCause)), code=st.sampled_from([None, 408, 503]))
    def end(self, data, cause, code):
        leg = self.leg(data, "dialing", "ringing", "up")
        del self.open[leg]
        self.tell(LegEnded(at=self.script.at, leg_id=leg, cause=cause, sip_code=code))

    @precondition(lambda self: self.at("dialing"))
    @rule(data=st.data())
    def fail(self, data):
        leg = self.leg(data, "dialing")
        del self.open[leg]
        self.tell(LegEnded(at=self.script.at, leg_id=leg, cause=EndCause.CARRIER_FAULT, sip_code=503))

    @precondition(lambda self: self.at("placed"))
    @rule(data=st.data(), reason=st.sampled_from(["no_line", "not_recorded", "do_not_call", "number_in_use"]))
    def refuse(self, data, reason):
        leg = self.leg(data, "placed")
        del self.open[leg]
        self.tell(OriginateRefused(at=self.script.at, leg_id=leg, reason=reason))

    @precondition(lambda self: self.any_agent(AgentState.TALKING, AgentState.RECONNECTING))
    @rule(data=st.data())
    def part(self, data):
        ordered = data.draw(st.sampled_from(self.script.all(Bridge)))
        legs = {"customer_leg": ordered.customer_leg, "agent_leg": ordered.agent_leg}
        self.tell(LegsParted(at=self.script.at, **legs, reason="x"))

    @precondition(lambda self: self.servers == SERVERS)
    @rule(server=st.sampled_from(SERVERS), kind=st.sampled_from([ServerLost, ServerRegained, ServerRegained]))
    def lose_server(self, server, kind):
        self.tell(kind(at=self.script.at, server=server))

    @precondition(lambda self: self.bridges)
    @rule(data=st.data(), works=st.booleans(), dead=st.booleans())
    def bridge(self, data, works, dead):
        ordered = self.bridges.pop(data.draw(st.integers(0, len(self.bridges) - 1)))
        self.carry_out(ordered, works=works, dead=dead)

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

    @precondition(lambda self: self.at("up"))
    @rule(data=st.data())
    def message_played(self, data):
        leg = self.leg(data, "up")
        self.tell(MessagePlayed(at=self.script.at, leg_id=leg))

    @rule(data=st.data(), after_s=st.sampled_from([0.0, 3.0, 30.0]))
    def audit(self, data, after_s):
        some = st.lists(st.sampled_from(sorted(self.open) or ["nobody-1"]), unique=True)
        legs = data.draw(st.just(sorted(self.open)) | some)
        bridges = self.script.all(Bridge)
        ordered = data.draw(st.just(bridges) | st.lists(st.sampled_from(bridges))) if bridges else []
        joined = tuple((one.customer_leg, one.agent_leg) for one in ordered)
        for _ in range(2):
            self.script.at += after_s
            self.tell(LegsOpen(at=self.script.at, legs=tuple(legs), bridges=joined))

    @precondition(lambda self: self.timers)
    @rule(data=st.data())
    def timer(self, data):
        due = self.timers.pop(data.draw(st.integers(0, len(self.timers) - 1)))
        at = max(due.due_at, self.script.at) if due.due_at < self.script.at + 60 else self.script.at
        self.tell(TimerFired(at=at, timer_id=due.timer_id, generation=due.generation))

    @invariant()
    def no_agent_is_in_two_calls(self):
        workspace = self.script.engine.workspace
        held = [call.agent_id for call in workspace.calls.values() if call.agent_id is not None]
        assert len(held) == len(set(held))

    @invariant()
    def agents_and_calls_agree(self):
        workspace = self.script.engine.workspace
        consulted = {transfer.to_agent for transfer in workspace.transfers.values()}
        for agent in workspace.agents.values():
            if agent.agent_id in consulted:
                assert agent.state in (AgentState.RESERVED, AgentState.TALKING)
                assert agent.call_id is None
                continue
            busy = agent.state in (AgentState.RESERVED, AgentState.TALKING)
            may_be = busy or agent.state is AgentState.RECONNECTING
            assert busy <= (agent.call_id is not None) <= may_be
            assert agent.call_id is None or workspace.calls[agent.call_id].agent_id == agent.agent_id
        for call in workspace.calls.values():
            served = call.state in (CallState.CONNECTING, CallState.TALKING, CallState.HELD)
            assert served == (call.agent_id is not None)

    @invariant()
    def the_queues_are_what_a_sort_from_scratch_gives(self):
        workspace = self.script.engine.workspace
        ready = [a for a in workspace.agents.values() if a.state is AgentState.READY]
        for server in self.servers:
            free = sorted((a.free_since, a.agent_id) for a in ready if a.server == server)
            assert workspace.free_at.get(server, []) == free
        assert workspace.free_agents == sum(a.server not in workspace.lost_servers for a in ready)
        waiting = [c for c in workspace.calls.values() if c.state is CallState.ANSWERED]
        assert workspace.waiting == sorted((c.waiting_since, c.call_id) for c in waiting)
        for call in waiting:
            assert not self.in_reach(call.server, call.cut_off), "a customer waits while an agent is free"

    @invariant()
    def whoever_is_joined_across_servers_holds_a_slot_and_nobody_else(self):
        workspace = self.script.engine.workspace
        for call in workspace.calls.values():
            joined = call.state in (CallState.CONNECTING, CallState.TALKING)
            agent = workspace.agents[call.agent_id] if joined else None
            across = agent is not None and agent.server != call.server
            assert call.link == (" ".join(sorted((call.server, agent.server))) if across else "")
        used = Counter(call.link for call in workspace.calls.values())
        for name, link in workspace.links.items():
            assert link.used == used[name] <= link.settings.slots

    @invariant()
    def counts_never_drift(self):
        workspace = self.script.engine.workspace
        on_the_way = (CallState.REQUESTED, CallState.DIALING, CallState.RINGING, CallState.CLASSIFYING)
        (only,) = workspace.campaigns.values()
        in_flight = Counter(call.server for call in workspace.calls.values() if call.state in on_the_way)
        assert only.in_flight == in_flight.total()
        assert {server: calls for server, calls in only.in_flight_at.items() if calls} == in_flight
        assert only.open_attempts == len(workspace.calls)
        used = Counter(call.trunk for call in workspace.calls.values())
        used += Counter(guest.trunk for guest in workspace.guests.values())
        for name, trunk in workspace.trunks.items():
            inbound = sum(call.inbound for call in workspace.calls.values() if call.trunk == name)
            assert trunk.lines_used == used[name]
            assert used[name] - inbound <= trunk.settings.lines

    @invariant()
    def a_trunk_is_probed_by_one_call_and_tried_once_an_attempt(self):
        workspace = self.script.engine.workspace
        for name, trunk in workspace.trunks.items():
            assert (trunk.state is TrunkState.PROBING) == (trunk.probe is not None)
            assert trunk.probe is None or workspace.calls[trunk.probe].trunk == name
        calls = [*self.script.all(AttemptStarted), *self.script.all(CallStarted)]
        assert len(calls) == len({(call.attempt_id, call.trunk) for call in calls})

    @invariant()
    def every_attempt_that_is_not_open_has_ended_once(self):
        started = [record.attempt_id for record in self.script.all(AttemptStarted)]
        ended = [record.attempt_id for record in self.script.all(AttemptEnded)]
        still_open = [
            call.attempt_id for call in self.script.engine.workspace.calls.values() if not call.inbound
        ]
        assert sorted(ended + still_open) == sorted(started)

    @invariant()
    def every_inbound_call_that_is_not_open_has_ended_once(self):
        started = [record.call_id for record in self.script.all(InboundStarted)]
        ended = [record.call_id for record in self.script.all(InboundEnded)]
        still_open = [call.call_id for call in self.script.engine.workspace.calls.values() if call.inbound]
        assert sorted(ended + still_open) == sorted(started)

    @invariant()
    def a_talk_is_remembered_until_nobody_can_dispose_of_it(self):
        for agent in self.script.engine.workspace.agents.values():
            assert agent.talk is None or agent.state in (AgentState.WRAP_UP, AgentState.RECONNECTING)
            assert agent.state is not AgentState.READY or (agent.pause_next, agent.log_out_next) == (
                None,
                False,
            )

    @invariant()
    def an_attempt_has_the_fate_of_its_last_disposition_and_never_an_earlier_one_after_it(self):
        chosen, settled = {}, {}
        for record in self.script.all((AttemptDisposed, AttemptEnded)):
            if isinstance(record, AttemptDisposed):
                assert record.ended == (record.attempt_id in settled)
                chosen[record.attempt_id] = record
            if isinstance(record, AttemptEnded) or record.ended:
                settled[record.attempt_id] = record
        for attempt_id, last in chosen.items():
            if attempt_id in settled:
                assert settled[attempt_id].promised == last.promised
                assert (settled[attempt_id].retry_at is None) == (last.retry_at is None)

    @invariant()
    def who_talked_was_disposed_of_once_the_wrap_up_is_over(self):
        workspace = self.script.engine.workspace
        wraps_up = {agent.talk.attempt_id for agent in workspace.agents.values() if agent.talk}
        disposed = {record.attempt_id for record in self.script.all(AttemptDisposed)}
        # Whose agent was lost in mid-talk: maybe nobody is left to say what came of it.
        lost = {
            e.attempt_id for e in self.script.all(JournalEntry) if e.kind in ("agent_lost", "held", "parted")
        }
        for record in self.script.all(AttemptEnded):
            assert record.bridged_at is None or record.attempt_id in wraps_up | disposed | lost

    @invariant()
    def only_talks_are_recorded_each_into_a_file_of_its_own(self):
        running = {call.file for call in self.script.engine.workspace.calls.values() if call.file}
        begun = [record.file for record in self.script.all(RecordingStarted)]
        over = [record.file for record in self.script.all(RecordingEnded)]
        assert len(begun) == len(set(begun))
        assert sorted([*over, *running]) == sorted(begun)
        for call in self.script.engine.workspace.calls.values():
            assert not call.file or call.bridged_at is not None
            assert not call.file or call.recording in (RecordingState.ON, RecordingState.PAUSED)

    @invariant()
    def every_guest_has_a_leg_and_ends_once(self):
        workspace = self.script.engine.workspace
        legs = workspace.legs.values()
        assert sorted(workspace.guests) == sorted(
            leg.leg_id for leg in legs if leg.call_id is None and leg.agent_id is None
        )
        called = [record.guest_id for record in self.script.all(GuestCalled)]
        ended = [record.guest_id for record in self.script.all(GuestEnded)]
        still_there = [guest.guest_id for guest in workspace.guests.values()]
        assert len(called) == len(set(called))
        assert sorted(ended + still_there) == sorted(called)

    @invariant()
    def an_agents_phone_has_one_supervisor_at_most_who_goes_with_it(self):
        workspace = self.script.engine.workspace
        supervisors = [guest for guest in workspace.guests.values() if guest.kind is GuestKind.SUPERVISOR]
        there = [guest for guest in supervisors if guest.state is not GuestState.ENDING]
        supervised = [guest.beside for guest in there]
        assert len(supervised) == len(set(supervised))
        # The phone of who logged out is still known until it is hung up.
        assert {guest.beside for guest in there} <= workspace.legs.keys()

    @invariant()
    def what_the_engine_remembers_survives_json(self):
        workspace = self.script.engine.workspace
        assert Workspace.from_json(workspace.to_json()) == workspace


Floor.TestCase.settings = settings(max_examples=80, stateful_step_count=60)
TestFloor = Floor.TestCase
