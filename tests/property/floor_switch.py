"""What a switch tells the engine in property tests."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dialer.core.allocation.capacity import Channel
from dialer.core.commands import (
    Bridge,
)
from dialer.core.events import (
    ServerLost,
    ServerRegained,
    TimerFired,
)
from dialer.core.records import (
    AttemptEnded,
)
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import (
    AnnouncementHeard,
    CallerArrived,
    LegClassified,
    LegDialing,
    LegEnded,
    LegRinging,
    LegShowsVideo,
    LegsOpen,
    LegsParted,
    LegSpoke,
    MessagePlayed,
    OriginateRefused,
    RecordingFailed,
)
from dialer.testing import CAMPAIGN, TRUNK, lead
from tests.property.floor_world import SERVERS, World


class Switch(World):
    """Far ends, carriers and servers that do what they like."""

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
                channel=data.draw(st.sampled_from([Channel.VOICE, Channel.VOICE, Channel.VIDEO])),
            )
        )

    @precondition(lambda self: self.at("up"))
    @rule(data=st.data())
    def show_video(self, data):
        self.tell(LegShowsVideo(at=self.script.at, leg_id=self.leg(data, "up")))

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
