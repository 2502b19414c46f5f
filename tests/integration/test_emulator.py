"""What the emulated carrier's numbers and phones do, as a caller on real sockets finds them."""

import os

import pytest

from telephony.sip.emulator import log, tones
from telephony.sip.emulator.message import Response
from tests.integration.emulated import PHONE, ended
from tests.integration.scripted_caller import Caller, Player, UdpWire


def test_a_person_is_heard_hears_and_is_hung_up(carrier, call):
    caller = call("waits", PHONE).answered()
    caller.talk(1.0)
    assert caller.hang_up().status == 200
    summary = ended(carrier, "waits")
    assert caller.seen == [100, 180, 200]
    assert caller.pairs_heard() == {summary.sent_pair}
    assert (summary.by, summary.reason) == ("caller", "hung-up")
    (heard,) = summary.heard
    assert heard.pair == PHONE
    assert heard.seconds > 0.5
    assert summary.answered_at < summary.first_peer_audio_at == heard.first_at
    assert log.open_legs(carrier.events()) == {}


def test_calls_at_once_send_different_pairs(carrier, call):
    first, second = call("waits").answered(), call("waits").answered()
    for caller in (first, second):
        caller.talk(0.3)
    assert len(first.pairs_heard()) == 1
    assert not first.pairs_heard() & second.pairs_heard()


def test_a_person_hangs_up_after_talking_with_a_cause(carrier, call):
    bye = call("talks", PHONE).answered().until_bye()
    assert bye.header("reason") == "Q.850;cause=16"
    assert (ended(carrier, "talks").by, ended(carrier, "talks").reason) == ("callee", "talked")


def test_a_person_who_hears_nobody_leaves(carrier, call):
    call("impatient").answered().until_bye()
    assert ended(carrier, "impatient").reason == "impatient"


def test_a_person_who_hears_somebody_stays(carrier, call):
    caller = call("impatient", PHONE).answered()
    caller.talk(2.5)
    assert caller.hang_up().status == 200
    assert ended(carrier, "impatient").reason == "hung-up"


def test_a_machine_plays_to_silence_and_hangs_up(carrier, call):
    call("machine").answered().until_bye()
    assert ended(carrier, "machine").reason == "talked"


@pytest.mark.parametrize(
    ("number", "seen"),
    [
        ("busy", [100, 486]),
        ("declined", [100, 180, 603]),
        ("congested", [100, 503]),
        ("nobody", [100, 404]),
    ],
)
def test_refusals_have_their_status(carrier, call, number, seen):
    caller = call(number)
    caller.invite()
    caller.final()
    assert caller.seen == seen
    assert ended(carrier, number).status == seen[-1]


def test_a_cause_is_in_the_refusal(call):
    caller = call("busy")
    caller.invite()
    assert caller.final().header("reason") == "Q.850;cause=17"


def test_a_number_that_rings_stops_when_cancelled(carrier, call):
    caller = call("rings")
    caller.invite()
    carrier.await_event(log.Sent, lambda event: event.status == 180)
    caller.in_transaction("CANCEL")
    assert caller.final("CANCEL").status == 200
    assert caller.final().status == 487
    assert carrier.await_event(log.Cancelled).number == "rings"
    assert ended(carrier, "rings").reason == "cancelled"


def test_early_media_is_ringback_and_the_answer_a_pair(carrier, call):
    caller = call("early")
    caller.invite()
    assert caller.final().status == 200
    assert caller.seen == [100, 183, 200]
    assert set(tones.hear(caller.heard[:15], "PCMU")[0]) == {()}
    caller.acknowledge()
    caller.talk(0.3)
    assert caller.pairs_heard() == {"400+1900"}


def test_a_silent_number_is_on_record_and_never_replies(carrier, call):
    caller = call("silent")
    caller.invite()
    carrier.await_event(log.Invited)
    caller.talk(0.3)
    assert caller.seen == []
    assert list(log.open_legs(carrier.events()).values()) == ["silent"]


def test_an_rtp_less_number_sends_nothing(carrier, call):
    caller = call("mute").answered()
    caller.talk(0.5)
    assert caller.heard == []
    caller.hang_up()
    assert ended(carrier, "mute").packets_sent == 0


def test_a_leg_without_rtp_is_dropped(carrier, wire, call):
    call("waits").answered()
    message = None
    while message is None or isinstance(message, Response):
        message = wire.receive(0.1)  # sends no audio meanwhile
    assert message.method == "BYE"
    assert ended(carrier, "waits").reason == "no-rtp"


def test_a_control_line_hangs_up_and_changes_behaviour(carrier, call):
    caller = call("waits").answered()
    carrier.tell(do="nonsense")
    carrier.tell(do="behave", number="waits", behaviour={"kind": "busy"})
    carrier.tell(do="hang-up", number="waits")
    caller.until_bye()
    assert ended(carrier, "waits").reason == "control"
    again = call("waits")
    again.invite()
    assert again.final().status == 486


def test_sigterm_hangs_up_and_sums_up(carrier, call):
    caller = call("waits", PHONE).answered()
    ringing = call("rings")
    ringing.invite()
    carrier.await_event(log.Sent, lambda event: event.number == "rings" and event.status == 180)
    caller.talk(0.4)
    os.kill(carrier.pid, 15)
    caller.until_bye()
    code, errors = carrier.stop()
    assert (code, errors) == (0, "")
    assert [heard.pair for heard in ended(carrier, "waits").heard] == [PHONE]
    assert log.open_legs(carrier.events()) == {}
    assert isinstance(carrier.events()[-1], log.Stopped)


def test_phones_answer_each_with_a_pair_and_write_what_they_hear_in_stretches(tmp_path):
    with Player("phones", tmp_path / "log", "--agents", "2") as phones:
        wire = UdpWire(phones.port)
        with (
            Caller(wire, "agent-1", port=phones.port, pair="400+1900") as first,
            Caller(wire, "agent-2", port=phones.port) as second,
            Caller(wire, "agent-3", port=phones.port) as third,
        ):
            first.answered()
            first.talk(0.5)
            first._packet = b"\xff" * 160
            first.talk(0.5)
            segment = phones.await_event(log.Segment)
            second.answered().talk(0.3)
            third.invite()
            assert third.final().status == 404
            assert first.pairs_heard() == {"450+1950"}
            assert second.pairs_heard() == {"550+2050"}
        wire.close()
    assert (segment.number, segment.heard.pair) == ("agent-1", "400+1900")
    assert segment.heard.seconds > 0.2
    assert log.times_heard(phones.events(), "400+1900") == [("agent-1", segment.heard)]
