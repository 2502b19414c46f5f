"""Whatever order Asterisk tells things in, and however often: each leg is answered at most once and ends exactly once."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.core.ids import LegId
from dialer.core.switch_events import LegAnswered, LegDialing, LegEnded
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.legs import Leg
from telephony.asterisk.translate import Legs

LEG = LegId("4b6pm7qt-1")


def _event(name, **headers):
    at = "DestUniqueid" if name.startswith("Dial") else "Uniqueid"
    return {"Event": name, at: channel_id(LEG), **headers}


def _response(**headers):
    return {
        "Event": "OriginateResponse",
        "ActionID": f"originate-{LEG}",
        "Uniqueid": channel_id(LEG),
        **headers,
    }


NEW = _event("Newchannel", Channel="PJSIP/carrier-00000001")
BEFORE = [
    _event("DialBegin"),
    _event("DialState", DialStatus="RINGING"),
    _event("DialState", DialStatus="PROGRESS"),
    _event("Newstate", ChannelState="5"),
]
ANSWER = [
    _event("Newstate", ChannelState="6"),
    _event("DialEnd", DialStatus="ANSWER"),
    _event("BridgeEnter", BridgeUniqueid="b1", BridgeTechnology="holding_bridge"),
    _response(Response="Success", Reason="4"),
]
AFTER = [
    _event("BridgeLeave", BridgeUniqueid="b1"),
    _event("BridgeEnter", BridgeUniqueid="b2", BridgeTechnology="simple_bridge"),
    _event("DTMFBegin", Digit="1", Direction="Received"),
    _event("DTMFEnd", Digit="1", Direction="Received"),
    _event("UserEvent", UserEvent="DialerMessage"),
]
REFUSAL = [
    _event("HangupRequest", Cause="17", TechCause="486"),
    _event("DialEnd", DialStatus="BUSY"),
    _response(Response="Failure", Reason="0"),
]
TIMEOUT = [_response(Response="Failure", Reason="3")]
HANG_UP = _event("Hangup", Cause="17", TechCause="486")


@st.composite
def _lives(draw):
    """What is told of a leg: a channel, then in any order and number what belongs together, its end among the last."""

    def some(events):
        return draw(st.lists(st.sampled_from(events), max_size=8))

    if draw(st.booleans()):
        middle = [*some(BEFORE + ANSWER), draw(st.sampled_from(ANSWER)), *some(BEFORE + ANSWER + AFTER)]
        late = ANSWER + AFTER
    else:
        late = draw(st.sampled_from([REFUSAL, TIMEOUT]))
        middle = some(BEFORE + late)
    return [NEW, *middle, HANG_UP, *some([*late, HANG_UP, NEW])]


@given(_lives(), st.booleans())
def test_a_leg_is_answered_at_most_once_and_ends_exactly_once(life, hung_up):
    legs = Legs()
    legs.add(Leg(LEG, "local", False, 0.0, hung_up=hung_up))
    told = []
    for at, headers in enumerate(life):
        found = legs.hear(headers, float(at))
        told += found[1] if found else []
    kinds = [type(event) for event in told]
    assert kinds.count(LegEnded) == 1
    assert kinds[-1] is LegEnded
    assert kinds.count(LegAnswered) <= 1
    assert kinds.count(LegDialing) <= 1
    assert kinds.index(LegDialing) == 0 if LegDialing in kinds else kinds == [LegEnded]
    assert not list(legs)
