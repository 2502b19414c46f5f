"""What is made of the channels that a server lists."""

import time

import pytest

from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import TrunkConfig
from dialer.core.commands import CallAgent, HangUp
from dialer.live.clock import Clock
from dialer.phone_hosts import PhoneHosts
from telephony.asterisk.audit import Audit
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.exchange import Exchange


class Wire:
    """Keeps what is sent, but what is sent while it is cut."""

    def __init__(self):
        self.sent = []
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
        post=lambda _: None,
        phone_hosts=PhoneHosts(("127.0.0.1",)),
    )


def test_who_was_hung_up_while_the_connection_was_cut_is_hung_up_afterwards(exchange, wire):
    exchange.place(CallAgent(leg_id="run-1", agent_id=1), "sip:anna@127.0.0.1:5080")
    row = {"Uniqueid": channel_id("run-1"), "Channel": "PJSIP/dialer-agents-1", "ChannelState": "6"}
    exchange.heard("one", [row | {"Event": "Newchannel"}], time.monotonic())
    wire.cut = True
    exchange.execute(HangUp(leg_id="run-1"))
    wire.cut = False
    Audit(exchange).resume("one", [row], asked_at=time.monotonic())
    assert wire.sent[1:] == [{"Action": "Hangup", "Channel": "PJSIP/dialer-agents-1", "Cause": "16"}]
