"""What the parent believes of its workers, beside what they say they hold."""

import pytest

from dialer.config import SipConfig, TrunkConfig
from dialer.core.commands import Originate
from dialer.core.states import EndCause
from dialer.core.switch_events import AnomalySeen, LegAnswered, LegEnded, LegsOpen
from dialer.live.clock import Clock
from telephony.sip.exchange import Exchange
from telephony.sip.protocol import End, Pong, Told


class Worker:
    """What the exchange needs of a hand."""

    def __init__(self):
        self.legs, self.holds, self.bridges, self.orders = set(), frozenset(), (), []

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
