"""The dialplan that `dialer asterisk config` writes, in a real Asterisk: what it does while no dialer says anything."""

from importlib.resources import files

import pytest

from dialer.config import Config, SipConfig, TrunkConfig
from telephony.sip.emulator.log import Bye
from tests.asterisk import NAME, Sessions, asterisk
from tests.integration.scripted_caller import Player
from tests.stores import wait_until

NUMBER = "+12125550100"
# Half a second, so that a message is soon over.
SHORT = files("telephony.sip") / "audio" / "tone_done.wav"


@pytest.fixture(scope="module")
def carrier(tmp_path_factory):
    directory = tmp_path_factory.mktemp("carrier")
    (directory / "behaviour.toml").write_text(
        f'[[rule]]\nnumbers = ["{NUMBER}"]\nkind = "person"\nring_s = 0.1\n'
    )
    with Player("carrier", directory / "log", "--behaviour", str(directory / "behaviour.toml")) as one:
        yield one


@pytest.fixture(scope="module")
def instance(carrier):
    trunk = TrunkConfig(host="127.0.0.1", port=carrier.port, server=NAME)
    with asterisk(config=Config(sip=SipConfig(safe_harbour=SHORT), trunks={"carrier": trunk})) as one:
        yield one


@pytest.fixture
def sessions(instance):
    with Sessions(instance) as two:
        yield two


def call(sessions, leg, context="dialer-customer", **variables):
    """Call the number, and wait until it waits."""
    sessions.do(
        "Originate",
        Channel=f"PJSIP/{NUMBER}@carrier",
        ChannelId=leg,
        Context=context,
        Exten="s",
        Priority="1",
        Async="true",
        Variable=variables,
    )
    return sessions.event("BridgeEnter", leg)["Channel"]


def heard_message(sessions, leg, message="safe-harbour", *, since=0):
    told = sessions.event("UserEvent", leg, since=since)
    assert told["UserEvent"] == "DialerMessage"
    assert told["Message"] == message
    assert sessions.event("Hangup", leg, since=since)["Cause"] == "16"


def waits(sessions, leg):
    """Return how often a leg entered a bridge."""
    return sum(
        told.headers["Event"] == "BridgeEnter" and told.headers["Uniqueid"] == leg for told in sessions.told
    )


def talk(sessions, customer, agent):
    sessions.do("Setvar", Channel=customer, Variable="DIALER_JOINED", Value="1")
    assert sessions.do("Bridge", Channel1=customer, Channel2=agent, Tone="no").refused is None
    for leg in (customer, agent):
        sessions.event("BridgeEnter", leg, BridgeTechnology="simple_bridge")


def test_a_customer_whom_nobody_joins_hears_the_message_and_is_hung_up(sessions, carrier):
    before = len([event for event in carrier.events() if isinstance(event, Bye)])
    call(sessions, "wait-1", DIALER_WAIT_S="1")
    heard_message(sessions, "wait-1")
    wait_until(lambda: len([event for event in carrier.events() if isinstance(event, Bye)]) == before + 1)


def test_a_wait_in_which_the_dialer_showed_that_it_lives_is_longer(sessions):
    call(sessions, "lives-1", DIALER_WAIT_S="2")
    sessions.do("Setvar", Variable="DIALER_BEAT", Value="lives-1")
    heard_message(sessions, "lives-1")
    assert waits(sessions, "lives-1") == 2
    call(sessions, "dead-1", DIALER_WAIT_S="2")
    heard_message(sessions, "dead-1")
    assert waits(sessions, "dead-1") == 1


def test_a_message_that_there_is_not_ends_the_call_all_the_same(sessions):
    call(sessions, "wait-2", DIALER_WAIT_S="1", DIALER_MESSAGE="nothing")
    heard_message(sessions, "wait-2", "nothing")


def test_a_talk_may_outlast_the_wait_and_who_loses_the_agent_waits_again(sessions):
    call(sessions, "agent-1", "dialer-agent")
    call(sessions, "talk-1", DIALER_WAIT_S="1")
    talk(sessions, "talk-1", "agent-1")
    call(sessions, "longer-1", DIALER_WAIT_S="2")
    # Longer than the wait of who talks, by that of another.
    sessions.event("BridgeLeave", "longer-1")
    since = len(sessions.told)
    sessions.do("Hangup", Channel="agent-1")
    assert sessions.event("BridgeEnter", "talk-1", since=since)["BridgeTechnology"] == "holding_bridge"
    heard_message(sessions, "talk-1", since=since)


def test_an_agent_is_back_and_waits_after_a_talk(sessions):
    call(sessions, "agent-2", "dialer-agent")
    call(sessions, "talk-2")
    talk(sessions, "talk-2", "agent-2")
    since = len(sessions.told)
    sessions.do("Hangup", Channel="talk-2")
    assert sessions.event("BridgeEnter", "agent-2", since=since)["BridgeTechnology"] == "holding_bridge"
    sessions.do("Hangup", Channel="agent-2")


def test_a_word_to_an_agent_does_not_end_the_talk(sessions):
    channel = call(sessions, "agent-3", "dialer-agent")
    call(sessions, "talk-3")
    talk(sessions, "talk-3", "agent-3")
    since = len(sessions.told)
    sessions.do(
        "Originate",
        Channel="Local/s@dialer-whisper/n",
        Application="ChanSpy",
        Data=f"{channel},qwE",
        Async="true",
        Variable={"DIALER_MESSAGE": "tone-done", "DIALER_LEG": "agent-3"},
    )
    sessions.wait_for(lambda told: told.get("Leg") == "agent-3", since=since)
    assert not [one for one in sessions.told[since:] if one.headers["Event"] == "BridgeLeave"]
    sessions.do("Hangup", Channel="talk-3")
    sessions.do("Hangup", Channel="agent-3")


def test_who_is_held_hears_that_the_call_goes_on_and_can_be_joined(sessions):
    call(sessions, "agent-4", "dialer-agent")
    call(sessions, "held-4")
    since = len(sessions.told)
    sessions.do("Redirect", Channel="held-4", Context="dialer-hold", Exten="s", Priority="1")
    sessions.event("BridgeEnter", "held-4", since=since, Context="dialer-hold")
    assert sessions.event("MusicOnHoldStart", "held-4", since=since)["Class"] == "dialer-hold"
    talk(sessions, "held-4", "agent-4")
    sessions.do("Hangup", Channel="held-4")
    sessions.do("Hangup", Channel="agent-4")


def test_a_recording_is_made_and_what_nobody_needs_is_refused(sessions, instance):
    call(sessions, "agent-5", "dialer-agent")
    call(sessions, "talk-5")
    talk(sessions, "talk-5", "agent-5")
    assert sessions.do("MixMonitor", Channel="talk-5", File="talk-5.wav", Options="b").refused is None
    sessions.do("Hangup", Channel="talk-5")
    sessions.event("Hangup", "talk-5")
    sessions.do("Hangup", Channel="agent-5")
    assert (instance.home / "spool" / "monitor" / "talk-5.wav").stat().st_size > 0
    for action in ("Command", "UserEvent", "QueueAdd"):
        assert sessions.do(action).refused == "Permission denied"


def test_a_carrier_that_ends_silent_calls_after_five_seconds_keeps_who_waits_longer(sessions):
    call(sessions, "patient", DIALER_WAIT_S="7")

    heard_message(sessions, "patient")
