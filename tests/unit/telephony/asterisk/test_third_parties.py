"""What is asked of an Asterisk for third parties in a talk, when, and what is told of it."""

import time
from itertools import count

import pytest

from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import TrunkConfig
from dialer.core.commands import Bridge, CallGuest, Confer, LeaveTalk, PlayMessage
from dialer.core.messages import Message
from dialer.core.states import EndCause
from dialer.core.switch_events import BridgeFailed, LegEnded, LegsBridged, LegsOpen
from dialer.live.clock import Clock
from dialer.phone_hosts import PhoneHosts
from telephony.asterisk.audit import Audit
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.exchange import Exchange
from telephony.asterisk.legs import Leg, Place

TALK, OTHER_TALK = Place("talk", holding=False), Place("other", holding=False)


class Floor:
    """An exchange with a customer, an agent and a third party, and what it sends and tells."""

    def __init__(self):
        self.sent, self.told, self._ids = [], [], count(1)
        self.exchange = Exchange(
            AsteriskConfig(servers={"one": AsteriskServer()}),
            {"carrier": TrunkConfig(host="127.0.0.1", server="one", caller_id="+12125550199")},
            wire=self,
            clock=Clock(),
            post=self.told.append,
            phone_hosts=PhoneHosts(("127.0.0.1",)),
        )
        self.customer = self.leg("c-1", TALK)
        self.agent = self.leg("a-1", TALK, is_agent=True)
        self.third = self.leg("t-1", Place("guests", holding=True), is_guest=True)

    def is_up(self, server):
        return True

    def send(self, server, action, answered=None):
        self.sent.append(action)

    def leg(self, leg_id, place, **kind):
        leg = Leg(leg_id, "one", kind.get("is_agent", False), 0.0, channel=f"PJSIP/{leg_id}", place=place)
        leg.is_guest, leg.answered, leg.waited = kind.get("is_guest", False), True, True
        self.exchange.legs.add(leg)
        return leg

    def enters(self, leg, bridge, technology="simple_bridge"):
        headers = {"Event": "BridgeEnter", "Uniqueid": channel_id(leg.leg_id), "BridgeUniqueid": bridge}
        self.exchange.heard("one", [headers | {"BridgeTechnology": technology}], time.monotonic())

    def waits(self, leg, where):
        self.enters(leg, where, "holding_bridge")

    def asked(self, action):
        return [one for one in self.sent if one["Action"] == action]

    def all(self, kind):
        return [event for event in self.told if isinstance(event, kind)]


@pytest.fixture
def floor():
    return Floor()


def call_by(floor, number, caller_id=""):
    floor.exchange.place(
        CallGuest(leg_id="t-9", guest_id=1, beside="c-1", trunk="carrier", caller_id=caller_id), number
    )


def test_a_number_is_called_through_its_trunk_with_the_campaigns_caller_id(floor):
    call_by(floor, "+12125550123", "+12125550111")
    (called,) = floor.asked("Originate")

    assert called["Channel"] == "PJSIP/+12125550123@carrier"
    assert (called["CallerID"], called["Context"]) == ("<+12125550111>", "dialer-guest")
    assert called["Variable"]["DIALER_KIND"] == "guest"


@pytest.mark.parametrize(
    "number",
    [
        "",
        "anna",
        "+1212555\r\nX: y",
        "+12125550123,x",
        "${EXTEN}",
        "+1&PJSIP/2",
        "sip:x@127.0.0.1",
        "+" + "1" * 99,
    ],
)
def test_what_is_no_number_reaches_nothing_of_asterisk(floor, number):
    call_by(floor, number)
    (end,) = floor.all(LegEnded)

    assert (floor.sent, end.cause) == ([], EndCause.INVALID_FORMAT)


def test_a_third_party_joins_a_talk_by_the_dialplan_and_has_joined_once_in_its_bridge(floor):
    floor.exchange.execute(Confer(leg_id="t-1", beside="c-1"))
    asked = [(one["Action"], one.get("Value", one.get("Context"))) for one in floor.sent]
    before = floor.all(LegsBridged)
    floor.enters(floor.third, "talk")

    assert asked == [("Setvar", "PJSIP/c-1"), ("Redirect", "dialer-conference")]
    assert before == []
    (made,) = floor.all(LegsBridged)
    assert (made.customer_leg, made.agent_leg) == ("t-1", "c-1")


def test_who_joins_waits_for_the_talk_and_not_for_ever(floor):
    floor.waits(floor.customer, "customers")
    floor.exchange.execute(Confer(leg_id="t-1", beside="c-1"))
    before = list(floor.sent)
    floor.exchange.tick(time.monotonic() + 10)

    assert before == []
    (failed,) = floor.all(BridgeFailed)
    assert (failed.customer_leg, failed.agent_leg) == ("t-1", "c-1")


def test_nobody_joins_whose_leg_has_ended(floor):
    floor.exchange.execute(Confer(leg_id="t-1", beside="x-9"))

    assert [event.reason for event in floor.all(BridgeFailed)] == ["a leg is gone"]


def test_a_customer_is_joined_with_a_third_party_once_that_one_has_left_the_agent(floor):
    floor.waits(floor.customer, "customers")
    for leg in (floor.agent, floor.third):
        floor.enters(leg, "consult")
    floor.exchange.execute(LeaveTalk(leg_id="a-1"))
    floor.exchange.execute(Bridge(call_id="1", customer_leg="c-1", agent_leg="t-1"))
    before = floor.asked("Bridge")
    floor.waits(floor.third, "guests")

    assert before == []
    assert floor.asked("Bridge") == [{"Action": "Bridge", "Channel1": "PJSIP/c-1", "Channel2": "PJSIP/t-1"}]
    told = [(one["Channel"], one["Variable"]) for one in floor.asked("Setvar")]
    assert told == [("PJSIP/c-1", "DIALER_JOINED"), ("PJSIP/t-1", "DIALER_JOINED")]


def test_no_join_crosses_with_a_customers_way_to_where_one_is_held(floor):
    floor.exchange.execute(PlayMessage(leg_id="c-1", message=Message.HOLD, repeat=True))
    floor.exchange.execute(Bridge(call_id="1", customer_leg="c-1", agent_leg="t-1"))
    before = floor.asked("Bridge")
    floor.waits(floor.customer, "customers")

    assert (before, len(floor.asked("Bridge"))) == ([], 1)


def test_two_who_are_left_of_three_count_as_joined_if_they_stay_so(floor):
    floor.exchange.execute(Bridge(call_id="1", customer_leg="c-1", agent_leg="a-1"))
    now = time.monotonic()
    floor.exchange.tick(now)
    before = floor.all(LegsBridged)
    floor.exchange.tick(now + 0.5)

    assert (before, len(floor.all(LegsBridged)), floor.asked("Bridge")) == ([], 1, [])


def test_two_do_not_count_as_joined_while_the_third_is_with_them(floor):
    floor.enters(floor.third, "talk")
    floor.exchange.execute(Bridge(call_id="1", customer_leg="c-1", agent_leg="a-1"))
    now = time.monotonic()
    for at in (now, now + 0.5):
        floor.exchange.tick(at)

    assert floor.all(LegsBridged) == []


@pytest.mark.parametrize(
    ("together", "pairs"),
    [
        pytest.param("c a t", {("c-1", "a-1")}, id="three"),
        pytest.param("c t", {("c-1", "t-1")}, id="handed-over"),
        pytest.param("t a", {("t-1", "a-1")}, id="consult"),
        pytest.param("b a", {("b-1", "a-1"), ("a-1", "b-1")}, id="another-agent"),
    ],
)
def test_an_audit_tells_who_is_with_the_third_party(floor, together, pairs):
    floor.leg("b-1", TALK, is_agent=True)
    audit = Audit(floor.exchange)
    rows = [
        {"Uniqueid": channel_id(f"{name}-1"), "BridgeId": "talk" if name in together.split() else name}
        for name in "cabt"
    ]
    audit.compare("one", rows, asked_at=time.monotonic())
    audit.tell()

    assert set(floor.all(LegsOpen)[-1].bridges) == pairs
