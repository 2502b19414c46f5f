import pytest

from cli.trial import ladder
from telephony.sip.trial import AGENT, CUSTOMER, Message

INVITE = (
    "INVITE sip:+12125550123@192.0.2.7:5060;transport=udp SIP/2.0\r\n"
    "From: sip:+12125550199@192.0.2.20;tag=a\r\nCSeq: 1 INVITE\r\nP-Asserted-Identity: <sip:+12125550190@192.0.2.20>\r\n"
    "Content-Type: application/sdp\r\n\r\n"
    "v=0\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n"
)
ANSWER = (
    "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\n"
    "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 10.0.0.5\r\n"
)


def message(text, *, at=0.0, sent=False, leg=CUSTOMER):
    return Message(leg=leg, at=at, sent=sent, text=text)


CALL = [
    message(INVITE, sent=True),
    message("SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n\r\n", at=0.5),
    message(ANSWER, at=2.0),
]


def test_each_message_is_a_rung_with_its_time_and_way():
    assert [(rung.at_s, rung.way, rung.message) for rung in ladder.rungs(CALL)] == [
        (0.0, "sent", "INVITE sip:+12125550123@192.0.2.7:5060;transport=udp, audio to 192.0.2.20:30000"),
        (0.5, "received", "180 Ringing (INVITE)"),
        (2.0, "received", "200 OK (INVITE), audio to 10.0.0.5:4000"),
    ]


def test_the_address_of_the_media_section_counts_before_the_sessions():
    assert ladder.wanted_by(CALL, CUSTOMER) == ladder.Audio(host="10.0.0.5", port=4000)
    assert ladder.wanted_by(CALL, AGENT) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ANSWER.replace("application/sdp", "text/plain"), id="another-content"),
        pytest.param(ANSWER.partition("\r\n\r\n")[0] + "\r\n\r\n", id="no-content"),
        pytest.param(ANSWER.replace("c=IN IP4", "c=ATM"), id="no-address"),
    ],
)
def test_what_describes_no_audio_wants_none(text):
    assert ladder.described(text) is None


def test_the_caller_id_is_the_one_on_the_wire():
    assert ladder.caller_id(CALL) == ladder.CallerId(
        sent_from="sip:+12125550199@192.0.2.20", asserted="<sip:+12125550190@192.0.2.20>"
    )
    assert ladder.caller_id(CALL[1:]) is None


def test_credentials_that_were_sent_are_seen():
    proof = message(INVITE.replace("CSeq", "Authorization: Digest x\r\nCSeq"), sent=True)
    assert not ladder.challenged(CALL, CUSTOMER)
    assert ladder.challenged([*CALL, proof], CUSTOMER)
