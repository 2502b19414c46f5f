"""What is made of the channels and the memory of an Asterisk that a run starts beside."""

import pytest

from dialer.core.states import CallState
from dialer.survivors import Survivor
from telephony.asterisk import survivors
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.messages import Message

UP, RINGING, DIALING = "6", "5", "3"


def channel(leg_id, kind="customer", *, state=UP, bridge="", context="dialer-customer", **variables):
    """Return a row of the answer to Status."""
    told = {"DIALER_LEG": leg_id, "DIALER_KIND": kind, **variables}
    headers = {
        "Uniqueid": channel_id(leg_id),
        "Channel": f"PJSIP/{leg_id}",
        "ChannelState": state,
        "BridgeID": bridge,
        "Context": context,
    }
    return Message(headers, {"Variable": tuple(f"{name}={value}" for name, value in told.items())})


def found(*rows):
    return {one.leg_id: one for _, one in survivors.legs("one", rows, at=0.0)}


@pytest.mark.parametrize(
    ("row", "state"),
    [
        pytest.param(channel("c", state=DIALING), CallState.DIALING, id="dialing"),
        pytest.param(channel("c", state=RINGING), CallState.RINGING, id="ringing"),
        pytest.param(channel("c", bridge="waiting"), CallState.ANSWERED, id="waiting"),
        pytest.param(channel("c", context="dialer-message"), CallState.MESSAGE, id="hearing the message"),
    ],
)
def test_a_customers_channel_tells_what_the_customer_does(row, state):
    assert found(row)["c"].state is state


def test_who_is_in_a_bridge_with_an_agent_talks_with_that_agent():
    there = found(channel("c", bridge="talk"), channel("a", "agent", bridge="talk"))

    assert {leg_id: (one.state, one.partner) for leg_id, one in there.items()} == {
        "c": (CallState.TALKING, "a"),
        "a": (CallState.TALKING, "c"),
    }


def test_customers_in_one_bridge_wait():
    there = found(channel("c", bridge="waiting"), channel("d", bridge="waiting"))

    assert {one.state for one in there.values()} == {CallState.ANSWERED}


def test_the_message_began_when_the_dialplan_says_so_while_it_is_heard():
    moments = {"DIALER_ANSWERED_AT": "100.000", "DIALER_ABANDONED_AT": "102.125"}
    hearing = found(channel("c", context="dialer-message", **moments))["c"]
    fetched = found(channel("c", bridge="waiting", **moments))["c"]

    assert (hearing.answered_at, hearing.waited_s) == (100.0, 2.125)
    assert (fetched.answered_at, fetched.waited_s) == (100.0, None)


def test_a_channel_of_somebody_else_is_no_leg():
    assert found(Message({"Uniqueid": "1.2", "Channel": "PJSIP/other", "ChannelState": UP})) == {}


def test_whom_the_dialplan_abandoned_is_remembered_with_the_times():
    rows = [
        Message({"Key": "/dialer-abandoned/run-1", "Val": "100.000 102.500"}),
        Message({"Key": "/dialer-abandoned/run-2", "Val": ""}),
    ]
    ended = CallState.ENDED

    assert survivors.abandoned(rows) == [
        Survivor(leg_id="run-1", state=ended, answered_at=100.0, abandoned_at=102.5),
        Survivor(leg_id="run-2", state=ended),
    ]


def test_who_still_hears_the_message_is_not_gone():
    known = survivors.abandoned([Message({"Key": f"/dialer-abandoned/{leg}", "Val": ""}) for leg in "ab"])

    assert [one.leg_id for one in survivors.gone(known, ["a", "x"])] == ["b"]
