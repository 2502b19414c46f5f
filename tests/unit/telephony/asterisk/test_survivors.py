"""What is made of the channels and the memory of an Asterisk that a run starts beside."""

import pytest

from dialer.core.states import CallState
from dialer.survivors import Survivor
from telephony.asterisk import survivors
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.crossing import Crossings
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


def end(crossing_id, bridge, *, near):
    """Return a row of the answer to Status for an end of a crossing."""
    uniqueid = channel_id(crossing_id) if near else "1700000000.7"
    headers = {"Channel": f"PJSIP/{'near' if near else 'far'}", "ChannelState": UP, "BridgeID": bridge}
    return Message({**headers, "Uniqueid": uniqueid, "Context": "dialer-cross", "Exten": crossing_id})


def between_servers(*more, agent_bridge="there"):
    """Return what is left of a customer at one server who was joined with an agent at another."""
    rows = {
        "one": [channel("run-5", bridge="here"), end("run-5-x2", "here", near=True)],
        "two": [channel("run-3", "agent", bridge="there"), end("run-5-x2", agent_bridge, near=False), *more],
    }
    return survivors.left(rows, at=0.0)


def test_who_is_joined_with_an_agent_at_another_server_talks_with_that_agent():
    left = between_servers()
    (crossing,) = left.crossings

    assert {one.leg_id: (one.state, one.partner) for _, one in left.legs} == {
        "run-5": (CallState.TALKING, "run-3"),
        "run-3": (CallState.TALKING, "run-5"),
    }
    assert (crossing.customer.leg_id, crossing.agent.leg_id) == ("run-5", "run-3")
    assert [(one.server, one.channel, one.is_joined) for one in crossing.ends] == [
        ("one", "PJSIP/near", True),
        ("two", "PJSIP/far", True),
    ]


def test_through_a_crossing_with_an_end_that_nobody_is_joined_with_nobody_talks():
    left = between_servers(agent_bridge="crossings")

    assert (left.crossings, len(left.ends)) == ([], 2)
    assert {one.state for _, one in left.legs} == {CallState.ANSWERED}


def test_an_end_without_the_other_is_of_no_use_and_a_new_crossing_is_named_otherwise():
    left = between_servers(end("run-5-x9", "crossings", near=False))
    (customer, _), (agent, _) = left.legs
    crossings = Crossings()
    useless = crossings.take_over(left.crossings, left.ends)

    assert [one.leg_id for one in useless] == ["run-5-x9"]
    assert [one.crossing_id for one in crossings] == ["run-5-x2"]
    assert crossings.begin(customer, agent, 0.0).crossing_id == "run-5-x10"


def test_a_crossing_that_was_taken_over_is_heard_of():
    left = between_servers()
    crossings = Crossings()
    crossings.take_over(left.crossings, left.ends)
    gone = {"Event": "Hangup", "Uniqueid": "1700000000.7", "Cause": "16"}
    crossing, far = crossings.hear("two", gone, 1.0)

    assert crossing is left.crossings[0]
    assert (far, far.ended) == (crossing.far, True)
