"""The emulated carrier and the protocols it speaks: what is repeated, odd, forged, or comes over a stream."""

import os
import socket
import struct
from pathlib import Path

import msgspec
import pytest

from telephony.sip.emulator import log
from telephony.sip.emulator.digest import Challenge, fields
from tests.integration.emulated import PHONE, ended
from tests.integration.scripted_caller import HOST, Caller, Player, StreamWire, UdpWire

FIXTURES = Path(__file__).parents[2] / "fixtures" / "carrier"


def test_a_repeated_invite_is_one_call(carrier, wire, call):
    caller = call("waits")
    invite = caller.invite()
    caller.send(invite)
    caller.final()
    caller.send(invite)
    again = caller.final()
    caller.acknowledge()
    assert again.status == 200
    assert log.invites_by_number(carrier.events()) == {"waits": 1}


def test_a_re_invite_is_answered_with_the_same_port(call):
    caller = call("waits")
    caller.invite()
    first = caller.final()
    caller.acknowledge()
    caller.cseq += 1
    caller.invite()
    second = caller.final()
    caller.acknowledge()
    assert second.body == first.body
    assert caller.hang_up().status == 200


def test_an_offer_that_cannot_be_used_is_refused(carrier, wire, call):
    caller = call("waits")
    caller.offer = lambda: b"v=0\r\nm=video 4000 RTP/AVP 96\r\n"
    caller.invite()
    assert caller.final().status == 488


def test_requests_outside_calls_are_answered(carrier, call):
    for method, status in (("REGISTER", 200), ("OPTIONS", 200), ("BYE", 481), ("PUBLISH", 405)):
        caller = call("waits")
        caller.send(caller.request(method))
        assert caller.final(method).status == status
    caller = call("waits")
    caller.invite(extra=(("Require", "100rel"),))
    refusal = caller.final()
    assert (refusal.status, refusal.header("unsupported")) == (420, "100rel")
    assert log.invites_by_number(carrier.events()) == {}


def test_garbage_is_counted_and_harms_nobody(carrier, wire, call):
    caller = call("waits").answered()
    junk = [
        b"garbage",
        b"\x00\xff" * 700,
        b"INVITE sip:x SIP/2.0\r\n\r\n",
        caller.request("BYE").encode()[:80],
    ]
    for data in junk:
        wire.send(data)
    caller.talk(0.2)
    assert caller.hang_up().status == 200
    found = [event.count for event in carrier.events() if isinstance(event, log.Garbage)]
    assert found == [1, 2, 3, 4]


def test_a_call_with_impossible_addresses_harms_nobody(carrier, wire, call):
    odd = call("waits")
    request = odd.request("INVITE")
    headers = {
        **dict(request.headers),
        "Contact": "<sip:x@127.0.0.1:99999>",
        "Via": "SIP/2.0/UDP x:99999;branch=z9hG4bKodd",
    }
    wire.send(msgspec.structs.replace(request, headers=tuple(headers.items())).encode())
    carrier.await_event(log.Sent, lambda event: event.status == 200)
    carrier.tell(do="hang-up", number="waits")
    carrier.await_event(log.Ended)
    assert call("waits").answered().hang_up().status == 200


def test_rtp_that_is_none_is_ignored(carrier, call):
    caller = call("waits", PHONE)
    caller.invite()
    caller.final()
    caller.acknowledge()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for data in (
            b"",
            b"short",
            os.urandom(2_000),
            struct.pack(">BBHII", 0xBF, 0, 1, 1, 1),
            b"\x9f\x00" * 6,
        ):
            stranger.sendto(data, caller._remote)
    caller.talk(0.5)
    caller.hang_up()
    assert [heard.pair for heard in ended(carrier, "waits").heard] == [PHONE]


CHALLENGES = {401: ("www-authenticate", "Authorization"), 407: ("proxy-authenticate", "Proxy-Authorization")}


@pytest.mark.parametrize("challenge", CHALLENGES)
@pytest.mark.parametrize(("password", "status", "calls"), [("secret", 200, {"waits": 1}), ("wrong", 403, {})])
def test_credentials_are_judged(tmp_path, behaviour, challenge, password, status, calls):
    asks, answers = CHALLENGES[challenge]
    options = (
        "--behaviour",
        str(behaviour),
        "--user",
        "u",
        "--password-env",
        "PW",
        "--challenge",
        str(challenge),
    )
    with Player("carrier", tmp_path / "log", *options, environment={"PW": "secret"}) as carrier:
        wire = UdpWire(carrier.port)
        with Caller(wire, "waits", port=carrier.port) as caller:
            caller.invite()
            refusal = caller.final()
            assert refusal.status == challenge
            given = fields(refusal.header(asks))
            made = Challenge(realm=given["realm"], nonce=given["nonce"])
            uri = f"sip:waits@{HOST}:{carrier.port}"
            response = made.response("u", password, method="INVITE", uri=uri, client=("00000001", "c"))
            value = (
                f'Digest username="u", realm="{made.realm}", nonce="{made.nonce}", uri="{uri}", '
                f'response="{response}", qop=auth, nc=00000001, cnonce="c"'
            )
            caller.cseq += 1
            caller.invite(extra=((answers, value),))
            assert caller.final().status == status
        wire.close()
        assert log.invites_by_number(carrier.events()) == calls


def test_a_call_over_tcp_is_answered_and_hung_up_on_its_connection(carrier):
    wire = StreamWire(carrier.port)
    with Caller(wire, "talks", port=carrier.port, pair=PHONE) as caller:
        caller.answered().until_bye()
    wire.close()
    assert ended(carrier, "talks").reason == "talked"


def test_a_call_over_tls_is_answered(tmp_path, behaviour):
    certificate, key = FIXTURES / "tls-certificate.pem", FIXTURES / "tls-key.pem"
    options = ("--behaviour", str(behaviour), "--tls-port", "0", "--certificate", str(certificate))
    with Player("carrier", tmp_path / "log", *options, "--private-key", str(key)) as carrier:
        wire = StreamWire(carrier.ready["tls_port"], certificate=certificate)
        with Caller(wire, "waits", port=carrier.ready["tls_port"]) as caller:
            assert caller.answered().hang_up().status == 200
        wire.close()


def test_a_stream_of_garbage_is_cut_off(carrier):
    with socket.create_connection((HOST, carrier.port)) as stranger:
        stranger.settimeout(10)
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert stranger.recv(100) == b""
    carrier.await_event(log.Garbage)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(("--behaviour", "/nonexistent.toml"), "cannot read", id="no-file"),
        pytest.param(
            ("--behaviour", str(FIXTURES / "demo.toml"), "--log", "/nonexistent/log"),
            "cannot write",
            id="no-log",
        ),
        pytest.param(
            (
                "--behaviour",
                str(FIXTURES / "demo.toml"),
                "--tls-port",
                "0",
                "--certificate",
                "/none",
                "--private-key",
                "/none",
            ),
            "cannot use",
            id="no-certificate",
        ),
        pytest.param(
            ("--behaviour", str(FIXTURES / "demo.toml"), "--listen", "192.0.2.1:5060"),
            "cannot listen",
            id="no-port",
        ),
    ],
)
def test_what_cannot_start_says_why(tmp_path, options, said):
    with Player("carrier", tmp_path / "log", *options) as carrier:
        code, errors = carrier.stop()
    assert code == 2
    assert said in errors
