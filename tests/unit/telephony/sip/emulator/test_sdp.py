import pytest

from telephony.sip.emulator.sdp import UnusableOfferError, answer, parse_offer

PJSIP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=pjmedia\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 8 0 120\r\nc=IN IP4 127.0.0.1\r\na=rtcp:4001 IN IP4 127.0.0.1\r\n"
    "a=sendrecv\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:120 telephone-event/8000\r\na=fmtp:120 0-16\r\n"
)


def test_the_first_law_of_an_offer_is_taken():
    offer = parse_offer(PJSIP.encode())
    assert (offer.host, offer.port, offer.payload_type, offer.event_type) == ("127.0.0.1", 4000, 8, 120)
    assert offer.sends
    assert offer.receives


def test_an_answer_can_be_read_as_an_offer_of_the_same():
    ours = parse_offer(answer(parse_offer(PJSIP.encode()), host="127.0.0.2", port=6000))
    assert (ours.host, ours.port, ours.payload_type, ours.event_type) == ("127.0.0.2", 6000, 8, 120)


@pytest.mark.parametrize(
    ("offered", "answered", "sends", "receives"),
    [
        ("sendrecv", "sendrecv", True, True),
        ("sendonly", "recvonly", True, False),
        ("recvonly", "sendonly", False, True),
        ("inactive", "inactive", False, False),
    ],
)
def test_a_direction_is_answered_with_its_counterpart(offered, answered, sends, receives):
    offer = parse_offer(PJSIP.replace("sendrecv", offered).encode())
    assert (offer.sends, offer.receives) == (sends, receives)
    assert f"a={answered}\r\n".encode() in answer(offer, host="127.0.0.1", port=6000)


def test_the_old_way_to_hold_stops_our_sending():
    offer = parse_offer(PJSIP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0").encode())
    assert not offer.receives


def test_other_media_are_refused_in_their_place():
    offer = parse_offer((PJSIP + "m=video 5000 RTP/AVP 96\r\n").encode())
    assert answer(offer, host="127.0.0.1", port=6000).endswith(b"m=video 0 RTP/AVP 96\r\n")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param(PJSIP.replace("RTP/AVP 8 0 120", "RTP/AVP 9 120"), id="no-law-of-ours"),
        pytest.param(PJSIP.replace("RTP/AVP", "RTP/SAVP"), id="encrypted"),
        pytest.param(PJSIP.replace("audio 4000", "audio 0"), id="no-port"),
        pytest.param(PJSIP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 pbx.example"), id="a-name"),
    ],
)
def test_an_offer_without_plain_audio_is_unusable(body):
    with pytest.raises(UnusableOfferError):
        parse_offer(body.encode())
