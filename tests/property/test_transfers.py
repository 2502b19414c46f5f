"""Laws of the floor where agents call third parties to their talks, hand customers over and get them back, in any order."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.suitability import facts_of, unsuited
from dialer.core.allocation.workflow import WorkflowStep
from dialer.core.commands import Bridge, Confer
from dialer.core.events import AgentProfiled, Delivered, NotDelivered
from dialer.core.guest_states import GuestKind, GuestState
from dialer.core.ids import TaskId
from dialer.core.records import HandoverEnded, HandoverStarted
from dialer.core.requests import ArrangeTalk, CallThirdParty
from dialer.core.states import AgentState, CallState, EndCause
from dialer.core.switch_events import LegAnswered, LegEnded
from dialer.core.transfer_states import Arrangement, HandoverOutcome, TransferState, Way
from tests.property.test_floor import AGENTS, Floor

WANTED = (
    WorkflowStep(name="operation", kind=AgentKind.SEAT, skills={"loans": 3}),
    WorkflowStep(name="seat", kind=AgentKind.SEAT),
    WorkflowStep(name="anybody"),
)
WITH_AGENT = (TransferState.CALLING, TransferState.CONSULTING, TransferState.CONFERRING)


class Transfers(Floor):
    """Everything else that can happen does, too."""

    def __init__(self):
        self.given = {}  # handover that is not over -> the leg of who is given it
        self.delivered = set()
        super().__init__()

    @initialize(
        several=st.booleans(),
        phones=st.lists(st.integers(0, 2), min_size=AGENTS, max_size=AGENTS),
        thirds=st.lists(st.tuples(st.sampled_from(Way), st.booleans()), min_size=1, max_size=3),
    )
    def begin(self, several, phones, thirds):
        """Let there be talks, some of them with third parties."""
        super().begin(several, phones, AGENTS - 1, [])
        for agent, kind in enumerate((AgentKind.REMOTE, AgentKind.SEAT, AgentKind.SEAT), 1):
            profile = Profile(kind=kind, skills={"loans": agent})
            self.tell(AgentProfiled(at=self.script.at, agent_id=agent, profile=profile))
        talking = [
            agent.agent_id
            for agent in self.script.engine.workspace.agents.values()
            if agent.state is AgentState.TALKING
        ]
        for agent, (way, picks_up) in zip(talking, thirds, strict=False):
            self.call_outside(agent, way, dials=False, picks_up=picks_up)

    def take(self, commands):
        """Join with another agent only whom was given the record."""
        workspace = self.script.engine.workspace
        for command in commands:
            if isinstance(command, HandoverStarted):
                other = workspace.agents[command.to_agent_id]
                transfer = workspace.transfers.get(command.call_id)  # gone if it ended at once
                wanted = transfer.wanted if transfer is not None else None
                assert wanted is None or unsuited(wanted, facts_of(other.profile), {}) is None
                leg = other.leg_id
                self.given[command.handover_id] = leg
            elif isinstance(command, HandoverEnded):
                del self.given[command.handover_id]
                is_taken = command.outcome is HandoverOutcome.TAKEN
                assert not is_taken or command.handover_id in self.delivered, "a customer came before"
            elif isinstance(command, Bridge | Confer):
                self.check_order(command)
        super().take(commands)

    def check_order(self, ordered):
        legs = {ordered.customer_leg, ordered.agent_leg} if isinstance(ordered, Bridge) else {ordered.leg_id}
        for handover_id, leg in self.given.items():
            assert leg not in legs or handover_id in self.delivered, "joined before the record was there"

    @precondition(lambda self: self.given)
    @rule(data=st.data(), works=st.booleans(), late=st.booleans())
    def deliver(self, data, works, late):
        handover_id = data.draw(st.sampled_from(sorted(self.given)))
        if works:
            self.delivered.add(handover_id)
            self.tell(Delivered(at=self.script.at, handover_id=handover_id))
        else:
            self.tell(NotDelivered(at=self.script.at, handover_id=handover_id, reason="x"))
        if late:
            self.tell(Delivered(at=self.script.at, handover_id=handover_id))

    def call_outside(self, agent, way, *, dials, picks_up):
        self.guests += 1
        before = set(self.open)
        self.ask(CallThirdParty(agent_id=agent, way=way, guest_id=self.guests, dials=dials))
        for leg in sorted(set(self.open) - before) if picks_up else ():
            self.open[leg] = "up"
            self.tell(LegAnswered(at=self.script.at, leg_id=leg))
            while self.bridges:
                self.carry_out(self.bridges.pop(), works=True)

    @precondition(lambda self: self.any_agent(AgentState.TALKING))
    @rule(agent=st.integers(1, AGENTS), way=st.sampled_from(Way), dials=st.booleans(), picks_up=st.booleans())
    def call_third(self, agent, way, dials, picks_up):
        self.call_outside(agent, way, dials=dials, picks_up=picks_up)

    @precondition(lambda self: self.any_agent(AgentState.TALKING))
    @rule(agent=st.integers(1, AGENTS), to_agent=st.integers(1, AGENTS), way=st.sampled_from(Way))
    def call_agent(self, agent, to_agent, way):
        self.ask(CallThirdParty(agent_id=agent, way=way, to_agent=to_agent))

    @precondition(lambda self: self.any_agent(AgentState.TALKING))
    @rule(agent=st.integers(1, AGENTS), way=st.sampled_from(Way), wanted=st.sampled_from(WANTED))
    def seek(self, agent, way, wanted):
        self.ask(CallThirdParty(agent_id=agent, way=way, wanted=wanted))

    @precondition(lambda self: self.script.engine.workspace.transfers)
    @rule(data=st.data(), arrangement=st.sampled_from(Arrangement))
    def arrange(self, data, arrangement):
        transfers = sorted(self.script.engine.workspace.transfers.values(), key=lambda one: one.leg_id)
        agent = data.draw(st.sampled_from(transfers)).agent_id
        self.ask(ArrangeTalk(agent_id=agent, arrangement=arrangement))

    @precondition(lambda self: self.bridges)
    @rule(works=st.booleans())
    def bridge_newest(self, works):
        self.carry_out(self.bridges.pop(), works=works)

    @precondition(lambda self: self.script.engine.workspace.transfers)
    @rule(data=st.data(), cause=st.sampled_from([EndCause.CLEARED, EndCause.BUSY, EndCause.LOST]))
    def lose_third(self, data, cause):
        legs = sorted(one.leg_id for one in self.script.engine.workspace.transfers.values())
        leg = data.draw(st.sampled_from(legs))
        if self.open.pop(leg, None):
            self.tell(LegEnded(at=self.script.at, leg_id=leg, cause=cause))

    @invariant()
    def a_customer_without_an_agent_has_a_third_party_and_nobody_has_two(self):
        workspace = self.script.engine.workspace
        legs = [one.leg_id for one in workspace.transfers.values() if one.leg_id]
        assert len(legs) == len(set(legs))
        for call in workspace.calls.values():
            assert call.state is not CallState.TRANSFERRED or call.call_id in workspace.transfers
        for call_id, transfer in workspace.transfers.items():
            call, agent = workspace.calls[call_id], workspace.agents[transfer.agent_id]
            assert (transfer.state in WITH_AGENT) == (call.agent_id == transfer.agent_id)
            assert transfer.state not in WITH_AGENT or agent.state is AgentState.TALKING

    @invariant()
    def nobody_is_sought_beside_whom_somebody_suited_is_free(self):
        workspace = self.script.engine.workspace
        for transfer in workspace.transfers.values():
            call = workspace.calls[transfer.call_id]
            for agent in self.in_reach(call.server, call.cut_off) if not transfer.leg_id else ():
                is_other = agent.agent_id != transfer.agent_id
                assert not is_other or unsuited(transfer.wanted, facts_of(agent.profile), {}) is not None

    @invariant()
    def a_third_party_is_somebodys_or_on_the_way_out(self):
        workspace = self.script.engine.workspace
        wanted = {one.leg_id for one in workspace.transfers.values()}
        for guest in workspace.guests.values():
            is_third = guest.kind is GuestKind.THIRD
            assert not is_third or guest.leg_id in wanted or guest.state is GuestState.ENDING
        for transfer in workspace.transfers.values():
            if not transfer.leg_id:
                assert transfer.wanted is not None
                assert TaskId(transfer.call_id) in workspace.tasks
            elif transfer.to_agent is None:
                assert transfer.leg_id in workspace.guests
            else:
                assert workspace.agents[transfer.to_agent].leg_id == transfer.leg_id


Transfers.TestCase.settings = settings(max_examples=40, stateful_step_count=50)
TestTransfers = Transfers.TestCase
del Floor
