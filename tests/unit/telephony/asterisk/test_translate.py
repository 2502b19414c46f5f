"""Asterisk's events into the engine's: sequences as Asterisk 22.10 told them."""

import pytest

from dialer.core.ids import LegId
from dialer.core.rules.machine_detection import Verdict
from dialer.core.states import EndCause
from dialer.core.switch_events import (
    LegAnswered,
    LegClassified,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegShowsVideo,
    LegSpoke,
    MessagePlayed,
)
from dialer.network_words import Says
from telephony.asterisk.channel_ids import channel_id
from telephony.asterisk.legs import Leg, Place
from telephony.asterisk.translate import EVENTS, Legs, number

LEG = LegId("4b6pm7qt-1")


def event(name, **headers):
    at = "DestUniqueid" if name.startswith("Dial") else "Uniqueid"
    return {"Event": name, at: channel_id(LEG), **headers}


NEW = event("Newchannel", Channel="PJSIP/carrier-00000001")
BEGIN = event("DialBegin")
RINGS = event("DialState", DialStatus="RINGING")
PROGRESS = event("DialState", DialStatus="PROGRESS")
STATE_RINGS = event("Newstate", ChannelState="5")
UP = event("Newstate", ChannelState="6")
ANSWER = event("DialEnd", DialStatus="ANSWER")
ENTER = event("BridgeEnter", BridgeUniqueid="b1", BridgeTechnology="holding_bridge")
SUCCESS = {
    "Event": "OriginateResponse",
    "ActionID": f"originate-{LEG}",
    "Response": "Success",
    "Reason": "4",
    "Uniqueid": channel_id(LEG),
}
FAILURE = {**SUCCESS, "Response": "Failure", "Reason": "0", "Channel": "PJSIP/+12125550100@carrier"}
TIMED_OUT = {**FAILURE, "Reason": "3"}


def refused(code, cause, *, status="NOANSWER"):
    return [
        event("HangupRequest", Cause=str(cause), TechCause=str(code)),
        event("DialEnd", DialStatus=status),
        FAILURE,
        event("Hangup", Cause=str(cause), TechCause=str(code), **{"Cause-txt": "in words"}),
    ]


def hear(events, *, hung_up=False, says=()):
    legs = Legs()
    leg = Leg(LEG, "local", False, 0.0, says=says, hung_up=hung_up)
    legs.add(leg)
    told = []
    for at, headers in enumerate(events):
        found = legs.hear(headers, float(at))
        told += found[1] if found else []
    return told


def kinds(told):
    return [type(one) for one in told]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([NEW, BEGIN, STATE_RINGS, RINGS, UP, ANSWER, ENTER, SUCCESS], id="as-they-mostly-come"),
        pytest.param([NEW, STATE_RINGS, BEGIN, RINGS, ENTER, SUCCESS, ANSWER, UP], id="the-bridge-first"),
        pytest.param([NEW, BEGIN, RINGS, SUCCESS, ENTER, UP, UP, ANSWER], id="the-reply-first"),
    ],
)
def test_an_answered_call_dials_rings_and_is_answered_once_whatever_comes_first(events):
    assert kinds(hear(events)) == [LegDialing, LegRinging, LegAnswered]


def test_an_answer_implies_the_dialing_that_was_not_told():
    assert kinds(hear([NEW, UP, BEGIN])) == [LegDialing, LegAnswered]


def test_ringing_after_the_answer_is_old_news():
    assert kinds(hear([NEW, BEGIN, UP, RINGS])) == [LegDialing, LegAnswered]


def test_progress_is_early_media_and_no_answer():
    told = hear([NEW, BEGIN, PROGRESS, RINGS])
    assert [(one.sip_code, one.early_media) for one in told[1:]] == [(183, True), (180, False)]


@pytest.mark.parametrize(
    ("code", "cause", "means"),
    [
        (486, 17, EndCause.BUSY),
        (600, 17, EndCause.BUSY),
        (480, 19, EndCause.NO_ANSWER),
        (404, 1, EndCause.UNALLOCATED),
        (604, 1, EndCause.UNALLOCATED),
        (403, 21, EndCause.ACCOUNT_FAULT),
        (603, 21, EndCause.DECLINED),
        (410, 22, EndCause.CHANGED),
        (484, 28, EndCause.INVALID_FORMAT),
        (488, 58, EndCause.MEDIA_REFUSED),
        (606, 58, EndCause.MEDIA_REFUSED),
        (500, 38, EndCause.CARRIER_FAULT),
        (502, 27, EndCause.UNREACHABLE),
        (503, 34, EndCause.CONGESTION),
        (504, 102, EndCause.CARRIER_FAULT),
        (400, 127, EndCause.CARRIER_FAULT),
        (487, 127, EndCause.NO_ANSWER),
        (607, 127, EndCause.DECLINED),
        (608, 127, EndCause.DECLINED),
        pytest.param(408, 18, EndCause.NO_REPLY, id="408-is-said-for-silence-too"),
    ],
)
def test_a_refusal_is_read_from_code_and_cause_and_never_from_the_dial_status(code, cause, means):
    told = hear([NEW, BEGIN, *refused(code, cause)])
    assert kinds(told) == [LegDialing, LegEnded]
    assert (told[-1].cause, told[-1].sip_code, told[-1].q850) == (means, code, cause)
    assert told[-1].text == "in words"


def test_a_number_that_rang_before_408_did_not_answer():
    assert hear([NEW, BEGIN, RINGS, *refused(408, 18)])[-1].cause is EndCause.NO_ANSWER


def test_the_trunks_own_table_comes_first():
    says = (Says(sip_code=480, means=EndCause.UNREACHABLE),)
    assert hear([NEW, BEGIN, *refused(480, 19)], says=says)[-1].cause is EndCause.UNREACHABLE


@pytest.mark.parametrize(
    ("rings", "means"), [([RINGS], EndCause.NO_ANSWER), ([], EndCause.NO_REPLY)], ids=["rang", "silent"]
)
@pytest.mark.parametrize("reply_first", [True, False])
def test_asterisks_own_time_limit_is_not_a_480_of_the_network(rings, means, reply_first):
    hang_up = event("Hangup", Cause="19", TechCause="480", **{"Cause-txt": "User alerting, no answer"})
    last = [TIMED_OUT, hang_up] if reply_first else [hang_up, TIMED_OUT]
    end = hear([NEW, BEGIN, *rings, *last])[-1]
    assert (end.cause, end.sip_code, end.q850) == (means, None, None)


def test_what_we_hang_up_before_the_answer_is_cancelled():
    end = hear(
        [NEW, BEGIN, RINGS, ANSWER | {"DialStatus": "NOANSWER"}, event("Hangup", Cause="0")], hung_up=True
    )[-1]
    assert (end.cause, end.text) == (EndCause.CANCELLED, "")


def test_an_answered_call_is_cleared_whoever_hangs_up():
    end = hear([NEW, UP, event("Hangup", Cause="31", TechCause="480")])[-1]
    assert (end.cause, end.sip_code, end.q850) == (EndCause.CLEARED, 200, 31)


def test_an_answered_call_that_asterisk_heard_nothing_of_had_no_audio():
    assert hear([NEW, UP, event("Hangup", Cause="44")])[-1].cause is EndCause.NO_AUDIO


def test_a_refusal_is_read_even_if_the_failed_originate_is_told_before_its_channel():
    request, end, failure, hang_up = refused(486, 17, status="BUSY")
    told = hear([failure, NEW, BEGIN, request, end, hang_up])
    assert kinds(told) == [LegDialing, LegEnded]
    assert (told[-1].cause, told[-1].sip_code, told[-1].q850) == (EndCause.BUSY, 486, 17)


def test_a_leg_whose_originate_failed_and_of_which_nothing_more_is_told_was_never_made():
    legs = Legs()
    leg = Leg(LEG, "local", is_agent=False, placed_at=0.0)
    legs.add(leg)
    legs.hear(FAILURE, 5.0)
    assert legs.never_made(5.5) == []
    assert legs.never_made(6.0) == [leg]
    legs.hear(NEW, 6.0)
    assert legs.never_made(6.0) == []


def test_the_reply_to_another_originate_with_the_id_of_a_live_call_is_not_its_own():
    assert hear([NEW, UP, {**FAILURE, "ActionID": "somebody-elses"}])[-1:] == [
        LegAnswered(at=1.0, leg_id=LEG, server="local")
    ]


def test_a_key_is_told_when_it_is_released_and_once():
    keys = [
        event("DTMFBegin", Digit="d", Direction="Received"),
        event("DTMFEnd", Digit="D", Direction="Received"),
        event("DTMFEnd", Digit="D", Direction="Received"),
        event("DTMFBegin", Digit="5", Direction="Sent"),
        event("DTMFEnd", Digit="5", Direction="Sent"),
    ]
    assert hear([NEW, UP, *keys])[2:] == [LegDigit(at=3.0, leg_id=LEG, digit="D")]


@pytest.mark.parametrize("failed", ["", "there is no such recording"])
def test_the_dialplan_tells_the_end_of_a_message_of_its_own_and_of_another_channel(failed):
    own = event("UserEvent", UserEvent="DialerMessage", Failed=failed)
    other = {
        "Event": "UserEvent",
        "UserEvent": "DialerMessage",
        "Uniqueid": "x",
        "Leg": LEG,
        "Failed": failed,
    }
    told = hear([NEW, UP, own, other, event("UserEvent", UserEvent="AnybodyElses")])
    assert told[2:] == [MessagePlayed(at=at, leg_id=LEG, failed=failed) for at in (2.0, 3.0)]


def test_a_leg_waits_while_it_is_in_a_holding_bridge():
    legs = Legs()
    leg = Leg(LEG, "local", True, 0.0)
    legs.add(leg)
    legs.hear(ENTER, 1.0)
    assert (leg.waits, leg.place) == (True, Place("b1", True))
    legs.hear(event("BridgeLeave", BridgeUniqueid="another"), 2.0)
    assert leg.waits
    legs.hear(event("BridgeLeave", BridgeUniqueid="b1"), 2.0)
    assert not leg.waits
    legs.hear(event("BridgeEnter", BridgeUniqueid="b2", BridgeTechnology="simple_bridge"), 3.0)
    assert not leg.waits


def test_what_is_about_nobody_is_left_alone():
    legs = Legs()
    assert legs.hear(UP, 1.0) is None
    assert legs.hear({"Event": "RTCPSent"}, 1.0) is None
    assert legs.hear({}, 1.0) is None


def test_every_event_that_is_read_names_its_leg():
    for name in EVENTS:
        legs = Legs()
        legs.add(leg := Leg(LEG, "local", False, 0.0))
        heard = legs.hear(event(name) | {"ActionID": f"originate-{LEG}"}, 1.0)
        assert heard is not None, name
        assert heard[0] is leg


@pytest.mark.parametrize(
    ("text", "read"), [("486", 486), ("0", None), ("", None), (None, None), ("x", None), ("²", None)]
)
def test_a_code_is_a_whole_number_or_none(text, read):
    assert number(text) == read


def test_voice_and_verdict_are_told_and_prove_the_answer():
    told = hear(
        [
            event("ChannelTalkingStart"),
            event("UserEvent", UserEvent="DialerDetection", Status="HUMAN", Cause="HUMAN-800-800"),
        ]
    )
    assert kinds(told) == [LegDialing, LegAnswered, LegSpoke, LegClassified]
    assert told[-1] == LegClassified(at=1.0, leg_id=LEG, verdict=Verdict.HUMAN, cause="HUMAN-800-800")


def test_a_leg_that_shows_video_is_told_of_once():
    shows = event("UserEvent", UserEvent="DialerVideo", Video="(vp8|h264)")
    none = event("UserEvent", UserEvent="DialerVideo", Video="(nothing)")

    assert hear([NEW, UP, none, shows, shows])[2:] == [LegShowsVideo(at=3.0, leg_id=LEG)]


def test_who_hears_music_is_known_by_the_bridge():
    legs = Legs()
    leg = Leg(LEG, "local", False, 0.0)
    legs.add(leg)
    legs.hear({**ENTER, "BridgeName": "held"}, 1.0)
    assert leg.music
    legs.hear({**ENTER, "BridgeName": "customers"}, 2.0)
    assert not leg.music
