import pytest

from telephony.sip.envelope import back, came_from, onward, read, reply

INVITE = (
    b"INVITE sip:anna@127.0.0.1:15058 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.9\r\n"
    b"Route: <sip:127.0.0.1:15058;lr>\r\nf: <sip:anna@x>;tag=1\r\nTo: <sip:anna@x>\r\ni: c1\r\n"
    b"CSeq: 2 INVITE\r\nAuthorization: Digest username=anna\r\nX-More: a,\r\n b\r\nContent-Length: 3\r\n\r\nv=0"
)
SOURCE = ("192.0.2.10", 5062)


def invite():
    return came_from(read(INVITE), SOURCE)


def test_a_request_is_read_with_compact_and_folded_headers():
    message = invite()

    assert (message.method, message.header("call-id"), message.header("x-more")) == ("INVITE", "c1", "a, b")
    assert message.vias[0] == "SIP/2.0/UDP 192.0.2.10:5060;rport=5062;branch=z9hG4bKa;received=192.0.2.10"
    assert message.body == b"v=0"
    assert not message.in_dialog


def test_a_request_travels_on_without_credentials_and_its_answer_finds_back():
    sent = read(
        onward(
            invite(), user="i-0", to=("127.0.0.1", 15062), via="SIP/2.0/UDP 127.0.0.1:15058;branch=z9hG4bKo"
        )
    )

    assert sent.first_line == "INVITE sip:i-0@127.0.0.1:15062 SIP/2.0"
    assert len(sent.vias) == 3
    assert sent.header("authorization") == sent.header("route") == ""
    assert sent.body == b"v=0"
    returned = read(back(read(reply(sent, 200, tag="ours"))))
    assert returned.vias == invite().vias
    assert returned.header("to") == "<sip:anna@x>;tag=ours"


def test_what_belongs_to_an_invite_has_its_transaction():
    ack = read(INVITE.replace(b"INVITE", b"ACK"))
    other = read(INVITE.replace(b"z9hG4bKa", b"z9hG4bKb"))

    assert ack.transaction == read(INVITE).transaction
    assert other.transaction != read(INVITE).transaction


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\xff\xfe\x00",
        INVITE.replace(b"SIP/2.0\r\nv", b"SIP/3.0\r\nv"),
        INVITE.replace(b"i: c1\r\n", b""),
        INVITE.replace(b"SIP/2.0/UDP", b"nonsense"),
        INVITE.replace(b"X-More: a", b"X More: a"),
        INVITE.replace(b"X-More: a", b"X-More: \0"),
        INVITE + b"x" * 10_000,
    ],
)
def test_what_is_no_message_is_none(data):
    assert read(data) is None


def test_text_of_any_encoding_travels_as_it_came():
    data = INVITE.replace(b"<sip:anna@x>;tag", b'"\xe4\xff" <sip:anna@x>;tag')
    assert b'"\xe4\xff"' in onward(read(data), user="i", to=("a", 1), via="SIP/2.0/UDP a:1;branch=z9")
