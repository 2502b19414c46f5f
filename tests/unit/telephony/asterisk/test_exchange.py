"""What becomes of agents' phones when their server is away: they wait for it, or are called through the next one."""

import time

import pytest

from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.core.commands import CallAgent
from dialer.core.events import ServerLost, ServerRegained
from dialer.core.states import EndCause
from dialer.core.switch_events import LegEnded, OriginateRefused
from dialer.live.clock import Clock
from dialer.phone_hosts import PhoneHosts
from telephony.asterisk.exchange import NO_SWITCH, Exchange

PHONE = "sip:anna@127.0.0.1:5080"


class Wire:
    """Knows which server each order went to."""

    def __init__(self):
        self.up = {"one", "two"}
        self.sent_to = []
        self.told = []

    def is_up(self, server):
        return server in self.up

    def send(self, server, action, answered=None):
        self.sent_to.append(server)


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def make(wire):
    def with_limit(given_up_after_s=None):
        one = AsteriskServer(given_up_after_s=given_up_after_s)
        return Exchange(
            AsteriskConfig(servers={"one": one, "two": AsteriskServer()}),
            {},
            wire=wire,
            clock=Clock(),
            post=wire.told.append,
            phone_hosts=PhoneHosts(("127.0.0.1",)),
        )

    return with_limit


def call(exchange, leg_id="run-1", address=PHONE):
    exchange.place(CallAgent(leg_id=leg_id, agent_id=1), address)


def lose(exchange, wire):
    wire.up.discard("one")
    exchange.lost("one", "the far end hung up")


def ends(wire):
    return [(told.leg_id, told.cause) for told in wire.told if isinstance(told, LegEnded)]


def test_phones_are_called_by_the_first_server_and_by_the_next_while_that_is_away(make, wire):
    exchange = make()
    call(exchange)
    lose(exchange, wire)
    call(exchange, "run-2")
    assert wire.sent_to == ["one", "two"]


def test_a_phone_that_is_registered_at_a_server_is_called_by_no_other(make, wire):
    exchange = make()
    lose(exchange, wire)
    call(exchange, address="sip:anna@one")
    assert isinstance(wire.told[-1], OriginateRefused)
    assert wire.told[-1].reason == NO_SWITCH


def test_legs_of_a_server_that_is_away_wait_for_it(make, wire):
    exchange = make()
    call(exchange)
    lose(exchange, wire)
    exchange.tick(time.monotonic() + 3600)
    assert ends(wire) == []


def test_legs_of_a_server_that_has_been_away_for_as_long_as_it_may_are_lost_once(make, wire):
    exchange = make(given_up_after_s=1000)
    call(exchange)
    lose(exchange, wire)
    exchange.tick(time.monotonic() + 500)
    assert ends(wire) == []
    for after_s in (1001, 1002):
        exchange.tick(time.monotonic() + after_s)
    assert ends(wire) == [("run-1", EndCause.LOST)]


def test_a_server_that_is_back_is_not_given_up(make, wire):
    exchange = make(given_up_after_s=1000)
    call(exchange)
    lose(exchange, wire)
    wire.up.add("one")
    exchange.tick(time.monotonic() + 1001)
    exchange.regained("one")
    exchange.tick(time.monotonic() + 1002)
    assert ends(wire) == []
    news = [type(told) for told in wire.told if isinstance(told, ServerLost | ServerRegained)]
    assert news == [ServerLost, ServerRegained]
