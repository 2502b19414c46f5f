from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.sip.emulator import message
from telephony.sip.emulator.message import MalformedMessageError, Request, Response, frames, parse, reply

INVITE = (
    b"INVITE sip:%2B12125550100;phone-context=x@127.0.0.1:5070 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKb1, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb0\r\n"
    b'f: "Desk, north" <sip:+12125550199@example.com>;tag=f1\r\n'
    b"t: <sip:+12125550100@example.com>\r\n"
    b"i: call-1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Record-Route: <sip:10.0.0.1;lr>,\r\n <sip:10.0.0.2;lr>\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"v=0\rand what a datagram has beyond its length"
)


def invite() -> Request:
    parsed = parse(INVITE)
    assert isinstance(parsed, Request)
    return parsed


def test_a_request_with_compact_and_folded_headers_is_read():
    request = invite()
    assert (request.method, request.call_id, request.cseq) == ("INVITE", "call-1", (7, "INVITE"))
    assert message.user_of(request.uri) == "+12125550100"
    assert len(request.values("via")) == 2
    assert request.values("Record-Route") == ["<sip:10.0.0.1;lr>", "<sip:10.0.0.2;lr>"]
    assert request.transaction == "10.0.0.1:5060 z9hG4bKb1"
    assert request.body == b"v=0\r"


def test_what_is_built_is_read_back_the_same():
    request = invite()
    assert parse(request.encode()).headers == request.headers
    response = reply(request, 486, to_tag="t1")
    assert parse(response.encode()) == response


def test_a_reply_echoes_the_way_and_tags_the_to():
    response = reply(invite(), 180, to_tag="t1")
    assert response.values("via") == invite().values("via")
    assert response.values("record-route") == invite().values("record-route")
    assert message.parameter(response.values("to")[0], "tag") == "t1"
    assert message.parameter(response.values("from")[0], "tag") == "f1"


def test_the_top_via_learns_where_the_request_came_from():
    top = message.with_received(invite(), "10.9.9.9", 40_000).values("via")
    assert top[0] == "SIP/2.0/UDP 10.0.0.1:5060;rport=40000;branch=z9hG4bKb1;received=10.9.9.9"
    assert top[1] == "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb0"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="no-headers"),
        pytest.param(INVITE.replace(b"CSeq: 7 INVITE\r\n", b""), id="no-cseq"),
        pytest.param(INVITE.replace(b"i: call-1\r\n", b""), id="no-call-id"),
        pytest.param(INVITE.replace(b"v: SIP/2.0/UDP 10.0.0.1:5060", b"v: "), id="via-without-an-address"),
        pytest.param(INVITE.replace(b"7 INVITE", b"7 BYE"), id="cseq-of-another-method"),
        pytest.param(INVITE.replace(b"l: 4", b"l: 4000"), id="shorter-than-it-says"),
        pytest.param(INVITE.replace(b"l: 4", b"l: -1"), id="negative-length"),
        pytest.param(INVITE.replace(b"SIP/2.0\r\nv", b"SIP/3.0\r\nv", 1), id="another-version"),
        pytest.param(INVITE.replace(b"t: <", b"\xff\xfe <"), id="not-utf-8"),
        pytest.param(b"SIP/2.0 999 Odd\r\n" + INVITE.split(b"\r\n", 1)[1], id="impossible-status"),
    ],
)
def test_what_is_no_message_is_malformed(data):
    with pytest.raises(MalformedMessageError):
        parse(data)


@given(st.binary(max_size=200) | st.binary(max_size=20).map(lambda noise: INVITE[:90] + noise + INVITE[90:]))
def test_no_bytes_raise_anything_else(data):
    try:
        parsed = parse(data)
    except MalformedMessageError:
        return
    assert isinstance(parsed, Request | Response)
    assert parsed.transaction
    assert parsed.cseq


@given(st.lists(st.integers(0, 900), max_size=6).map(sorted))
def test_a_stream_is_cut_into_the_same_messages_wherever_it_is_torn(cuts):
    whole = invite().encode()
    stream, buffer, found = b"\r\n\r\n" + whole + b"\r\n" + whole, bytearray(), []
    for start, end in pairwise([0, *cuts, None]):
        buffer += stream[start:end]
        found += frames(buffer)
    assert found == [whole, whole]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"x" * 70_000, id="endless-headers"),
        pytest.param(b"A\r\nContent-Length: 999999999\r\n\r\n", id="endless-body"),
    ],
)
def test_a_stream_that_never_ends_is_given_up(data):
    with pytest.raises(MalformedMessageError):
        list(frames(bytearray(data)))


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sip:agent-1@127.0.0.1:5080", ("127.0.0.1", 5080)),
        ("sip:127.0.0.1;lr", ("127.0.0.1", 5060)),
        ("sips:a@[::1]:5061;transport=tls", ("::1", 5061)),
        ("tel:+12125550100", None),
        ("sip:a@127.0.0.1:70000", None),
    ],
)
def test_an_address_is_read_from_a_uri(uri, address):
    assert message.address_of(uri) == address
