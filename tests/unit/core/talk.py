"""A talk on the floor of a test, and third parties in it."""

from dialer.core.commands import Bridge, CallGuest, Confer, Deliver
from dialer.core.events import Delivered
from dialer.core.ids import GuestId
from dialer.core.records import GuestEnded, JournalEntry, RequestAnswered
from dialer.core.requests import ArrangeTalk, CallThirdParty
from dialer.core.settings import TrunkSettings
from dialer.core.states import EndCause
from dialer.core.switch_events import BridgeFailed, LegAnswered, LegEnded, LegsBridged
from dialer.core.transfer_states import Arrangement, Way
from dialer.testing import TRUNK, Script, campaign, lead

ABLE = TrunkSettings(name=TRUNK, lines=50, calls_per_second=1000)
BLIND, CONSULT, CONFERENCE = Way
MERGE, COMPLETE, RETURN = Arrangement


class Talk:
    """A floor with a customer and an agent who talk, and maybe a third party."""

    def __init__(self, *, agents=1, trunk=ABLE, **settings):
        self.script = Script(campaign(**settings), trunk=trunk)
        self.agent, *self.others = self.script.log_in(agents)
        # The others wait until the talk has begun.
        (call,) = self.script.start([lead(1)])
        ordered = self.script.only(Bridge, self.script.answer(call))
        self.join(ordered.customer_leg, ordered.agent_leg)
        self.customer, self.attempt_id, self.call_id = call.leg_id, call.attempt_id, call.call_id
        self.third = None

    @property
    def call(self):
        return self.script.engine.workspace.calls.get(self.call_id)

    @property
    def transfer(self):
        return self.script.engine.workspace.transfers.get(self.call_id)

    @property
    def trunk(self):
        return self.script.engine.workspace.trunks[TRUNK]

    def join(self, one, other):
        return self.script.tell(LegsBridged(at=self.script.at, customer_leg=one, agent_leg=other))

    def fail(self, one, other):
        failed = BridgeFailed(at=self.script.at, customer_leg=one, agent_leg=other, reason="x")
        return self.script.tell(failed)

    def end(self, leg_id, cause=EndCause.CLEARED):
        return self.script.tell(LegEnded(at=self.script.at, leg_id=leg_id, cause=cause))

    def ask(self, way, **changes):
        wanted = changes or {"guest_id": GuestId(7), "dials": True}
        request = CallThirdParty(agent_id=self.agent.agent_id, way=way, **wanted)
        said = self.script.only(RequestAnswered, self.script.ask(request))
        called = self.script.all(CallGuest)
        self.third = called[-1].leg_id if called else None
        return said.done, said.text

    def arrange(self, arrangement):
        said = self.script.ask(ArrangeTalk(agent_id=self.agent.agent_id, arrangement=arrangement))
        answer = self.script.only(RequestAnswered, said)
        return answer.done, answer.text

    def answer(self):
        return self.script.tell(LegAnswered(at=self.script.at, leg_id=self.third))

    def with_third(self, way):
        """Have a third party called who picks up, and is joined."""
        assert self.ask(way)[0]
        ordered = self.answer()
        self.carry_out(ordered)
        return self

    def carry_out(self, commands):
        """Let the switch join as ordered."""
        for order in commands:
            if isinstance(order, Bridge):
                self.join(order.customer_leg, order.agent_leg)
            elif isinstance(order, Confer):
                self.join(order.leg_id, order.beside)
            elif isinstance(order, Deliver):
                self.carry_out(self.deliver(order.handover_id))

    def deliver(self, handover_id=None):
        """Let the record of the newest handover be there to read."""
        wanted = handover_id or self.script.all(Deliver)[-1].handover_id
        return self.script.tell(Delivered(at=self.script.at, handover_id=wanted))

    def outcome(self):
        (guest,) = self.script.all(GuestEnded)
        return guest.outcome

    def said(self):
        return [entry.detail for entry in self.script.all(JournalEntry) if entry.kind == "transfer"]


def with_agent(way):
    talk = Talk(agents=2)
    (other,) = talk.others
    before = len(talk.script.commands)
    assert talk.ask(way, to_agent=other.agent_id)[0]
    talk.carry_out(talk.script.commands[before:])
    return talk, other
