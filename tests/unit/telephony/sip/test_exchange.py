"""What the parent believes of its workers, beside what they say they hold."""

from types import SimpleNamespace

import pytest

from dialer.config import SipConfig, TrunkConfig
from dialer.core.commands import Bridge, CallGuest, Confer, LeaveTalk, Originate, PlayMessage, Supervise
from dialer.core.guest_states import Supervision
from dialer.core.messages import Message
from dialer.core.states import EndCause
from dialer.core.switch_events import (
    AnomalySeen,
    BridgeFailed,
    LegAnswered,
    LegEnded,
    LegsBridged,
    LegsOpen,
    OriginateRefused,
)
from dialer.live.clock import Clock
from telephony.sip.exchange import Exchange
from telephony.sip.protocol import CrossSilent, End, Expect, Join, Leave, Part, Play, Pong, Told


class Worker:
    """What the exchange needs of a hand."""

    def __init__(self):
        self.legs, self.holds, self.bridges, self.orders = set(), frozenset(), (), []
        self.setup = SimpleNamespace(cross_port=5071)

    def take(self, leg_id, now):
        self.legs.add(leg_id)

    def send(self, order):
        self.orders.append(order)


class Crew:
    """One worker, always free."""

    def __init__(self):
        self.hands = [Worker()]

    def free(self, trunk, now):
        return self.hands[0]


class Parent:
    """An exchange with one worker."""

    def __init__(self):
        self.events, self.crew = [], Crew()
        self.worker = self.crew.hands[0]
        trunks = {"main": TrunkConfig(host="127.0.0.1")}
        self.exchange = Exchange(
            SipConfig(), trunks, clock=Clock(), post=self.events.append, note=lambda *_: None
        )

    def place(self, leg_id):
        facts = {"call_id": "c-1", "attempt_id": "a-1", "lead_id": 1, "trunk": "main"}
        self.exchange.place(Originate(leg_id=leg_id, **facts), "+12125550100")
        self.exchange.serve_waiting(self.crew, 0.0)

    def call_guest(self, leg_id):
        command = CallGuest(leg_id=leg_id, guest_id=1, beside="a-1", trunk="main")
        self.exchange.place(command, "+12125550101")
        self.exchange.serve_waiting(self.crew, 0.0)

    def execute(self, command):
        """Return what the worker is told then, but for orders to dial."""
        before = len(self.worker.orders)
        self.exchange.execute(command)
        return self.worker.orders[before:]

    def tell(self, event):
        """Return what is told on when a worker tells something."""
        before = len(self.events)
        self.exchange.heard(self.worker, Told(event=event))
        return self.events[before:]

    def pong(self, *legs, bridges=()):
        self.exchange.heard(self.worker, Pong(legs=legs, bridges=bridges))

    def audit(self):
        """Return what is told besides the legs that are open, and those."""
        before = len(self.events)
        self.exchange.audit(self.crew.hands)
        *others, news = self.events[before:]
        assert isinstance(news, LegsOpen)
        return others, news


@pytest.fixture
def parent():
    return Parent()


def test_legs_and_bridges_are_told_as_the_workers_hold_them(parent):
    parent.place("x-1")
    parent.pong("x-1", bridges=[("x-1", "x-9")])
    others, news = parent.audit()
    assert (others, news.legs, news.bridges) == ([], ("x-1",), (("x-1", "x-9"),))


def test_a_leg_that_waits_for_a_place_is_among_them(parent):
    parent.crew.free = lambda trunk, now: None
    parent.place("x-1")
    assert parent.audit()[1].legs == ("x-1",)


def test_a_leg_that_its_worker_does_not_hold_at_two_audits_is_lost(parent):
    parent.place("x-1")
    assert parent.audit()[0] == []
    (anomaly, ended), news = parent.audit()
    assert isinstance(anomaly, AnomalySeen)
    assert isinstance(ended, LegEnded)
    assert (ended.leg_id, ended.cause, news.legs) == ("x-1", EndCause.LOST, ())


def test_a_leg_that_its_worker_took_up_late_is_kept(parent):
    parent.place("x-1")
    parent.audit()
    parent.pong("x-1")
    assert parent.audit()[0] == []
    assert parent.audit()[0] == []


def test_a_leg_that_a_worker_holds_for_nobody_is_hung_up(parent):
    parent.pong("y-1")
    assert parent.audit()[0] == []
    assert isinstance(parent.audit()[0][0], AnomalySeen)
    assert parent.worker.orders == [End(leg_id="y-1")]


def test_a_leg_whose_end_was_told_is_held_by_nobody(parent):
    parent.place("x-1")
    parent.pong("x-1")
    parent.exchange.heard(parent.worker, Told(event=LegAnswered(at=1.0, leg_id="x-1")))
    ended = LegEnded(at=1.0, leg_id="x-1", cause=EndCause.CLEARED)
    parent.exchange.heard(parent.worker, Told(event=ended))
    for _ in range(3):
        assert parent.audit()[0] == []


@pytest.fixture
def talk(parent):
    """A customer and an agent who are joined, and a third party and a supervisor who are up."""
    for leg_id in ("c-1", "a-1"):
        parent.place(leg_id)
    for leg_id in ("t-1", "s-1"):
        parent.call_guest(leg_id)
    parent.execute(Bridge(call_id="call-1", customer_leg="c-1", agent_leg="a-1"))
    return parent


def kinds(orders):
    return [type(order) for order in orders]


def supervise(talk, leg_id="s-1", agent="a-1"):
    return talk.execute(Supervise(leg_id=leg_id, agent_leg=agent, mode=Supervision.LISTEN))


def test_a_third_party_goes_to_the_hub_of_the_talk_by_a_token_that_both_workers_are_told(talk):
    expect, join = talk.execute(Confer(leg_id="t-1", beside="c-1"))

    assert (type(expect), type(join), expect.token) == (Expect, Join, join.token)
    assert (expect.agent_leg, join.named, join.cross_port) == ("a-1", "c-1", 5071)


@pytest.mark.parametrize(
    ("leg_id", "beside", "dead"),
    [
        pytest.param("nobody", "c-1", "nobody", id="the-third-party"),
        pytest.param("t-1", "nobody", "nobody", id="the-talk"),
    ],
)
def test_nobody_joins_whose_leg_or_talk_is_gone(talk, leg_id, beside, dead):
    assert talk.execute(Confer(leg_id=leg_id, beside=beside)) == []

    failed = talk.events[-1]
    assert (type(failed), failed.customer_leg, failed.agent_leg, failed.dead_leg) == (
        BridgeFailed,
        leg_id,
        beside,
        dead,
    )


def test_whoever_is_held_leaves_the_talk_and_hears_the_tone(talk):
    hold = PlayMessage(leg_id="c-1", message=Message.HOLD, repeat=True)

    assert kinds(talk.execute(hold)) == [Leave, Play]
    assert kinds(talk.execute(PlayMessage(leg_id="c-1", message=Message.RECORDING))) == [Play]


def test_leaving_is_ordered_of_legs_that_there_are(talk):
    assert talk.execute(LeaveTalk(leg_id="a-1")) == [Leave(leg_id="a-1")]
    assert talk.execute(LeaveTalk(leg_id="nobody")) == []


def test_of_a_supervisors_joins_nothing_is_told_and_one_that_fails_ends_the_leg(talk):
    assert kinds(supervise(talk)) == [Expect, Join]
    legs = {"customer_leg": "s-1", "agent_leg": "a-1"}

    assert talk.tell(LegsBridged(at=1.0, **legs)) == []
    assert talk.tell(BridgeFailed(at=1.0, reason="too late", **legs)) == []
    assert talk.worker.orders[-1] == End(leg_id="s-1", cause=EndCause.LOST)


def test_a_supervisor_of_nobody_is_hung_up_and_nobody_supervises_nobody(talk):
    assert supervise(talk, agent="nobody") == [End(leg_id="s-1")]
    assert supervise(talk, leg_id="nobody") == []


def test_a_supervisors_leg_ends_with_the_agents_and_the_third_partys_does_not(talk):
    supervise(talk)
    talk.execute(Confer(leg_id="t-1", beside="c-1"))
    before = len(talk.worker.orders)
    talk.tell(LegEnded(at=1.0, leg_id="a-1", cause=EndCause.CLEARED))

    assert talk.worker.orders[before:] == [End(leg_id="s-1")]


@pytest.mark.parametrize(
    ("silent", "lost"),
    [
        pytest.param("c-1", "a-1", id="the-customers-side-costs-the-agent"),
        pytest.param("t-1", "t-1", id="a-third-partys-the-third-party"),
        pytest.param("s-1", "s-1", id="a-supervisors-the-supervisor"),
    ],
)
def test_a_side_that_falls_silent_costs_whom_the_talk_can_spare(talk, silent, lost):
    supervise(talk)
    talk.execute(Confer(leg_id="t-1", beside="c-1"))
    talk.exchange.heard(talk.worker, CrossSilent(customer_leg=silent, agent_leg="a-1"))

    assert talk.worker.orders[-1] == End(leg_id=lost, cause=EndCause.LOST)
    assert talk.events[-1].kind == "cross_leg_silent"


def test_a_side_that_falls_silent_after_its_talk_costs_nobody(talk):
    talk.execute(LeaveTalk(leg_id="c-1"))
    before = len(talk.worker.orders)
    talk.exchange.heard(talk.worker, CrossSilent(customer_leg="c-1", agent_leg="a-1"))

    assert talk.worker.orders[before:] == []


def test_a_dead_workers_legs_are_taken_from_those_who_had_a_cross_leg_with_them(talk):
    talk.execute(Confer(leg_id="t-1", beside="c-1"))
    dead = Worker()
    dead.legs = {"t-1"}
    before = len(talk.worker.orders)
    talk.exchange.lost(dead)

    assert talk.worker.orders[before:] == [Part(leg_id="a-1", partner="t-1")]
    assert talk.events[-1].cause is EndCause.LOST


def test_a_guest_for_whom_there_is_no_place_is_refused(parent):
    parent.crew.free = lambda trunk, now: None
    parent.call_guest("t-1")
    parent.exchange.refuse_waiting()

    assert [type(event) for event in parent.events] == [OriginateRefused]
