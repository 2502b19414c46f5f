"""What is made of the channels that a server lists."""

import time

import pytest

from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import TrunkConfig
from dialer.core.commands import CallAgent, HangUp
from dialer.core.states import CallState, EndCause
from dialer.core.switch_events import LegAnswered, LegEnded
from dialer.live.clock import Clock
from dialer.phone_hosts import PhoneHosts
from dialer.survivors import Survivor
from telephony.asterisk.audit import Audit
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.exchange import Exchange
from telephony.asterisk.legs import Leg, Place
from telephony.asterisk.messages import Message


class Wire:
    """Keeps what is sent, but what is sent while it is cut."""

    def __init__(self):
        self.sent = []
        self.told = []
        self.cut = False

    def is_up(self, server):
        return not self.cut

    def send(self, server, action, answered=None):
        if not self.cut:
            self.sent.append(action)


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def exchange(wire):
    trunks = {"carrier": TrunkConfig(host="127.0.0.1", server="one")}
    return Exchange(
        AsteriskConfig(servers={"one": AsteriskServer()}),
        trunks,
        wire=wire,
        clock=Clock(),
        post=wire.told.append,
        phone_hosts=PhoneHosts(("127.0.0.1",)),
    )


ROW = {"Uniqueid": channel_id("run-1"), "Channel": "PJSIP/dialer-agents-1", "ChannelState": "6"}
HANG_UP = {"Action": "Hangup", "Channel": "PJSIP/dialer-agents-1", "Cause": "16"}


def called(exchange):
    exchange.place(CallAgent(leg_id="run-1", agent_id=1), "sip:anna@127.0.0.1:5080")
    exchange.heard("one", [ROW | {"Event": "Newchannel"}], time.monotonic())


def resume(exchange, *found, remembered=()):
    Audit(exchange).resume("one", found, remembered=remembered, asked_at=time.monotonic())


def test_who_was_hung_up_while_the_connection_was_cut_is_hung_up_afterwards(exchange, wire):
    called(exchange)
    wire.cut = True
    exchange.execute(HangUp(leg_id="run-1"))
    wire.cut = False
    resume(exchange, Message(ROW))
    assert wire.sent[1:] == [HANG_UP]


def test_who_was_hung_up_in_vain_is_hung_up_again(exchange, wire):
    called(exchange)
    exchange.execute(HangUp(leg_id="run-1"))
    Audit(exchange).compare("one", [ROW], asked_at=time.monotonic())
    assert wire.sent[1:] == [HANG_UP, HANG_UP]


def test_who_was_not_hung_up_is_left_alone(exchange, wire):
    called(exchange)
    Audit(exchange).compare("one", [ROW], asked_at=time.monotonic())
    assert wire.sent[1:] == []


def rings(exchange):
    exchange.legs.add(Leg("run-2", "one", False, 0.0, channel="PJSIP/carrier-1", dialing=True, rang=True))


def in_context(context, *moments, bridge=""):
    names = ("DIALER_ANSWERED_AT", "DIALER_ABANDONED_AT")
    variables = {"DIALER_LEG": "run-2", "DIALER_KIND": "customer", **dict(zip(names, moments, strict=False))}
    headers = ROW | {"Uniqueid": channel_id("run-2"), "Context": context, "BridgeID": bridge}
    return Message(headers, {"Variable": tuple(f"{name}={value}" for name, value in variables.items())})


def answers(wire):
    return [
        (told.answered_at, told.waited_s)
        for told in wire.told
        if isinstance(told, LegAnswered) and told.leg_id == "run-2"
    ]


def test_who_was_abandoned_while_the_connection_was_cut_and_is_gone_is_told_before_the_end(exchange, wire):
    rings(exchange)
    left = Survivor(leg_id="run-2", state=CallState.ENDED, answered_at=100.0, abandoned_at=102.5)
    resume(exchange, remembered=[left])

    assert answers(wire) == [(100.0, 2.5)]
    assert isinstance(wire.told[-1], LegEnded)
    assert wire.told[-1].cause is EndCause.LOST


def test_who_rang_while_the_connection_was_cut_and_is_gone_never_answered(exchange, wire):
    rings(exchange)
    resume(exchange, remembered=[Survivor(leg_id="run-9", state=CallState.ENDED, answered_at=1.0)])

    assert answers(wire) == []


@pytest.mark.parametrize(
    ("there", "answer"),
    [
        pytest.param(
            in_context("dialer-message", "100.0", "102.5"), (100.0, 2.5), id="and hears the message"
        ),
        pytest.param(in_context("dialer-customer", "100.0", bridge="b"), (100.0, None), id="and waits"),
        pytest.param(in_context("dialer-customer"), (None, None), id="nobody knows when"),
    ],
)
def test_who_answered_while_the_connection_was_cut_is_told_with_what_is_known(exchange, wire, there, answer):
    rings(exchange)
    resume(exchange, there)
    resume(exchange, there)

    assert answers(wire) == [answer]


def test_an_endpoint_that_is_not_there_is_the_carriers_fault_and_is_named(exchange, wire):
    exchange.place(CallAgent(leg_id="run-1", agent_id=1), "sip:anna@127.0.0.1:5080")
    failed = {
        "Event": "OriginateResponse",
        "ActionID": "originate-run-1",
        "Response": "Failure",
        "Reason": "0",
    }
    exchange.heard("one", [failed | {"Channel": "PJSIP/anna@nobody"}], time.monotonic())
    exchange.tick(time.monotonic() + 30)
    end = wire.told[-1]
    assert end.cause is EndCause.CARRIER_FAULT
    assert "no channel for PJSIP/anna@nobody: is there such an endpoint" in end.text


def test_a_talk_that_began_just_before_its_server_was_lost_goes_on_in_the_audits(exchange, wire):
    for number, is_agent in ((1, False), (2, True)):
        exchange.legs.add(
            Leg(f"run-{number}", "one", is_agent, 0.0, channel=f"PJSIP/{number}", answered=True)
        )
    audit = Audit(exchange)
    rows = [{"Uniqueid": channel_id(f"run-{number}"), "BridgeId": "waits"} for number in (1, 2)]
    audit.compare("one", rows[:1], asked_at=time.monotonic())
    enters = {"Event": "BridgeEnter", "BridgeUniqueid": "talk", "BridgeTechnology": "simple_bridge"}
    exchange.heard("one", [row | enters for row in rows], time.monotonic())

    audit.lost("one")
    audit.tell()

    assert wire.told[-1].bridges == (("run-1", "run-2"),)


def test_agents_whose_customers_all_went_while_the_connection_was_cut_wait_and_are_not_joined(exchange):
    talks = (Leg("run-1", "one", True, 0.0), Leg("run-2", "one", True, 0.0))
    for leg in talks:
        leg.place = Place(f"the talk of {leg.leg_id}", False)
        exchange.legs.add(leg)
    resume(
        exchange,
        *(
            Message(
                {"Uniqueid": channel_id(leg.leg_id), "ChannelState": "6", "BridgeID": "where agents wait"}
            )
            for leg in talks
        ),
    )
    assert [leg.place for leg in talks] == [Place("where agents wait", True)] * 2


def test_an_agent_who_consulted_another_is_joined_with_them_still(exchange):
    both = (Leg("run-1", "one", True, 0.0), Leg("run-2", "one", True, 0.0))
    for leg in both:
        leg.place = Place("their talk", False)
        exchange.legs.add(leg)
    resume(
        exchange,
        *(
            Message({"Uniqueid": channel_id(leg.leg_id), "ChannelState": "6", "BridgeID": "their talk"})
            for leg in both
        ),
    )
    assert [leg.place for leg in both] == [Place("their talk", False)] * 2
