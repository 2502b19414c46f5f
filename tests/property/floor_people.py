"""What agents, supervisors and administrators ask of the engine in property tests."""

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dialer.core.events import (
    CampaignDefined,
)
from dialer.core.guest_states import Supervision
from dialer.core.presence_states import ClientMove, PausedBy
from dialer.core.requests import (
    ClientTold,
    Dispose,
    EndWrapUp,
    Halt,
    LogIn,
    LogOut,
    MakeReady,
    MoreTime,
    PauseAgent,
    PauseCampaign,
    RecordCall,
    Resume,
    StartCampaign,
    SuperviseAgent,
)
from dialer.core.rules.machine_detection import AmdSettings, Reaction
from dialer.core.settings import WrapUp
from dialer.core.states import AgentState, RecordingMove
from dialer.core.switch_events import (
    LegAnswered,
    LegDigit,
)
from tests.property.floor_world import AGENTS, World


class People(World):
    """Requests, keys and settings, in any order."""

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

    @precondition(lambda self: self.any_agent(*set(AgentState) - {AgentState.LOGGED_OUT}))
    @rule(agent=st.integers(1, AGENTS), what=st.sampled_from(ClientMove))
    def tell_of_client(self, agent, what):
        before = self.script.engine.workspace.agents[agent]
        by_hand = before.paused_by is PausedBy.REQUEST
        self.ask(ClientTold(agent_id=agent, what=what))
        assert not by_hand or before.paused_by is PausedBy.REQUEST

    @precondition(lambda self: self.any_agent(AgentState.TALKING, AgentState.WRAP_UP))
    @rule(agent=st.integers(1, AGENTS), code=st.sampled_from(["sale", "callback", "do_not_call"]))
    def dispose(self, agent, code):
        self.ask(Dispose(agent_id=agent, code=code))

    @precondition(lambda self: self.any_agent(AgentState.WRAP_UP))
    @rule(agent=st.integers(1, AGENTS), seconds=st.sampled_from([1.0, 3.0]))
    def lengthen_wrap_up(self, agent, seconds):
        self.ask(MoreTime(agent_id=agent, seconds=seconds))

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

    @rule(mode=st.sampled_from(WrapUp), more_s=st.sampled_from([0.0, 4.0]))
    def change_settings(self, mode, more_s):
        (only,) = self.script.engine.workspace.campaigns.values()
        held = msgspec.structs.replace(only.settings, wrap_up=mode, wrap_up_more_s=more_s)
        self.tell(CampaignDefined(at=self.script.at, campaign=held))

    @rule(amd=st.booleans(), machine=st.sampled_from(list(Reaction)))
    def change_detection(self, amd, machine):
        (only,) = self.script.engine.workspace.campaigns.values()
        listening = AmdSettings(on=amd, machine=machine, message="hello", sample_share=0.5)
        self.tell(
            CampaignDefined(at=self.script.at, campaign=msgspec.structs.replace(only.settings, amd=listening))
        )

    @rule(
        request=st.sampled_from(
            [Halt(), *3 * [Resume()], PauseCampaign(campaign_id=1), *3 * [StartCampaign(campaign_id=1)]]
        )
    )
    def change_campaign(self, request):
        self.ask(request)

    @precondition(lambda self: self.at("up"))
    @rule(data=st.data(), keys=st.sampled_from(["1", "5", "6", "9", "#", "*0", "*1", "**", "A"]))
    def press(self, data, keys):
        leg = self.leg(data, "up")
        for digit in keys:
            self.tell(LegDigit(at=self.script.at, leg_id=leg, digit=digit))
