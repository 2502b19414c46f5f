"""A customer at one Asterisk and an agent at another: joined by the leg between them that `dialer asterisk config` writes."""

import pytest

from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import Config, TrunkConfig
from telephony.asterisk.crossing import ENDPOINT
from telephony.sip.emulator.log import Segment
from tests.asterisk import Sessions, asterisk
from tests.integration.scripted_caller import Player
from tests.integration.sipp_carrier import free_port

CUSTOMER, AGENT = "+12125550100", "+12125550101"


@pytest.fixture
def carrier(tmp_path):
    behaviour = tmp_path / "behaviour.toml"
    behaviour.write_text(f'[[rule]]\nnumbers = ["{CUSTOMER}", "{AGENT}"]\nkind = "person"\nring_s = 0.1\n')
    with Player("carrier", tmp_path / "log", "--behaviour", str(behaviour)) as one:
        yield one


@pytest.fixture
def two(carrier):
    """Servers that know each other, each with a trunk to the carrier."""
    servers = {name: AsteriskServer(sip=f"127.0.0.1:{free_port()}") for name in ("one", "two")}
    trunks = {
        name: TrunkConfig(host="127.0.0.1", port=carrier.port, server=name, endpoint="carrier")
        for name in servers
    }
    config = Config(asterisk=AsteriskConfig(servers=servers), trunks=trunks)
    with (
        asterisk(config=config, name="one") as one,
        asterisk(config=config, name="two") as other,
        Sessions(one) as here,
        Sessions(other) as there,
    ):
        yield here, there


def call(sessions, leg, channel, context):
    sessions.do(
        "Originate", Channel=channel, ChannelId=leg, Context=context, Exten="s", Priority="1", Async="true"
    )
    sessions.event("BridgeEnter", leg)


def join(sessions, one, other):
    for leg in (one, other):
        sessions.do("Setvar", Channel=leg, Variable="DIALER_JOINED", Value="1")
    assert sessions.do("Bridge", Channel1=one, Channel2=other, Tone="no").refused is None


def test_a_customer_here_and_an_agent_there_hear_each_other_and_both_outlive_the_leg_between(two, carrier):
    here, there = two
    call(here, "t-1", f"PJSIP/{CUSTOMER}@carrier", "dialer-customer")
    call(there, "t-2", f"PJSIP/{AGENT}@carrier", "dialer-agent")
    call(here, "t-3", f"PJSIP/t-3@{ENDPOINT}two", "dialer-cross")
    came = there.wait_for(lambda told: told["Event"] == "BridgeEnter" and told["Exten"] == "t-3")
    join(here, "t-1", "t-3")
    join(there, came["Uniqueid"], "t-2")
    here.event("BridgeEnter", "t-1", BridgeTechnology="simple_bridge")
    there.event("BridgeEnter", "t-2", BridgeTechnology="simple_bridge")
    since_here, since_there = len(here.told), len(there.told)
    # A segment is written once its tone has ended: let both be heard first.
    call(here, "t-4", f"PJSIP/{CUSTOMER}@carrier", "dialer-customer")
    here.event("BridgeLeave", "t-4")
    here.do("Hangup", Channel="t-3")
    for number in (CUSTOMER, AGENT):
        carrier.await_event(Segment, lambda event, number=number: event.number == number)
    assert here.event("BridgeEnter", "t-1", since=since_here)["BridgeTechnology"] == "holding_bridge"
    assert there.event("BridgeEnter", "t-2", since=since_there)["BridgeTechnology"] == "holding_bridge"
    there.wait_for(lambda told: told["Event"] == "Hangup" and told["Uniqueid"] == came["Uniqueid"])
