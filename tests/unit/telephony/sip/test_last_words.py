"""What ends the legs of a dead worker on the wire."""

import pytest

from telephony.sip.emulator.message import parse
from telephony.sip.last_words import LastWords

INVITE = (
    "INVITE sip:+12125550100@carrier.example:5060;transport=udp SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:15060;rport;branch=z9hG4bKabc\r\n"
    "Max-Forwards: 70\r\n"
    "From: sip:+12125550199@127.0.0.1;tag=ours\r\n"
    "To: sip:+12125550100@carrier.example\r\n"
    "Contact: <sip:dialer@127.0.0.1:15060;ob>\r\n"
    "Call-ID: x-1\r\n"
    "CSeq: 4711 INVITE\r\n"
    "Content-Length: 0\r\n\r\n"
)


def reply(status, *, cseq="4711 INVITE", more=""):
    return (
        f"SIP/2.0 {status}\r\nv: SIP/2.0/UDP 127.0.0.1:15060;branch=z9hG4bKabc\r\n"
        "f: sip:+12125550199@127.0.0.1;tag=ours\r\nt: <sip:+12125550100@carrier.example>;tag=theirs\r\n"
        f"i: x-1\r\nCSeq: {cseq}\r\nm: <sip:+12125550100@127.0.0.9:5066>\r\n{more}l: 0\r\n\r\n"
    )


@pytest.fixture
def words():
    one = LastWords()
    one.note("x-1", "sent", INVITE)
    return one


def test_a_leg_that_rings_is_cancelled_as_its_invite_was_sent(words):
    words.note("x-1", "received", reply("180 Ringing"))
    word = words.take("x-1")
    cancel = parse(word.data)
    assert (cancel.method, cancel.uri) == ("CANCEL", "sip:+12125550100@carrier.example:5060;transport=udp")
    assert (cancel.call_id, cancel.cseq) == ("x-1", (4711, "CANCEL"))
    assert cancel.values("via") == ["SIP/2.0/UDP 127.0.0.1:15060;rport;branch=z9hG4bKabc"]
    assert cancel.values("to") == ["sip:+12125550100@carrier.example"]
    assert (word.host, word.port) == (None, 5060)


def test_a_leg_that_is_up_is_hung_up_within_its_dialog(words):
    words.note("x-1", "received", reply("180 Ringing"))
    words.note("x-1", "received", reply("200 OK"))
    words.note("x-1", "received", reply("200 OK", cseq="4712 UPDATE"))
    word = words.take("x-1")
    bye = parse(word.data)
    assert (bye.method, bye.uri) == ("BYE", "sip:+12125550100@127.0.0.9:5066")
    assert bye.values("from") == ["sip:+12125550199@127.0.0.1;tag=ours"]
    assert bye.values("to") == ["<sip:+12125550100@carrier.example>;tag=theirs"]
    assert bye.cseq[0] > 4711
    assert (word.host, word.port) == ("127.0.0.9", 5066)


def test_a_recorded_route_is_gone_back_from_its_end(words):
    routes = "Record-Route: <sip:127.0.0.7;lr>, <sip:127.0.0.8:5070;lr>\r\n"
    words.note("x-1", "received", reply("200 OK", more=routes))
    word = words.take("x-1")
    assert parse(word.data).values("route") == ["<sip:127.0.0.8:5070;lr>", "<sip:127.0.0.7;lr>"]
    assert (word.host, word.port) == ("127.0.0.8", 5070)


def test_an_invite_that_was_sent_again_counts_anew(words):
    words.note("x-1", "received", reply("100 Trying"))
    words.note("x-1", "sent", INVITE.replace("4711", "4712").replace("abc", "def"))
    assert words.take("x-1") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0",
        "SIP/2.0 200 OK",
        "SIP/2.0 200 OK\r\nCSeq: INVITE\r\n\r\n",
        "\x00" * 9,
        reply("486 Busy"),
    ],
)
def test_what_is_no_answer_leads_to_no_harm(words, text):
    words.note("x-1", "received", text)
    word = words.take("x-1")
    assert word is None or word.data.startswith(b"BYE sip:+12125550100@carrier.example")


def test_what_is_over_or_was_never_ours_needs_no_last_word(words):
    words.note("x-1", "received", reply("200 OK"))
    words.forget("x-1")
    words.note("y-1", "received", INVITE)
    assert (words.take("x-1"), words.take("y-1")) == (None, None)
