"""The emulated carrier and phones, as a caller on real sockets finds them."""

import os
import socket
import struct
from pathlib import Path

import msgspec
import pytest

from telephony.sip.emulator import log, tones
from telephony.sip.emulator.digest import Challenge, fields
from telephony.sip.emulator.message import Response
from tests.integration.scripted_caller import HOST, Caller, Player, StreamWire, UdpWire

FIXTURES = Path(__file__).parents[2] / "fixtures" / "carrier"
BEHAVIOUR = """
[[rule]]
numbers = ["waits"]
kind = "person"
ring_s = 0.1
[[rule]]
numbers = ["talks"]
kind = "person"
ring_s = 0.1
talk_s = 0.6
cause = 16
[[rule]]
numbers = ["impatient"]
kind = "person"
ring_s = 0.1
patience_s = 0.5
[[rule]]
numbers = ["machine"]
kind = "machine"
ring_s = 0.1
talk_s = 0.5
[[rule]]
numbers = ["busy"]
kind = "busy"
cause = 17
[[rule]]
numbers = ["rings"]
kind = "no-answer"
[[rule]]
numbers = ["early"]
kind = "early-media"
ring_s = 0.5
[[rule]]
numbers = ["declined"]
kind = "declined"
ring_s = 0.1
[[rule]]
numbers = ["congested"]
kind = "congestion"
[[rule]]
numbers = ["silent"]
kind = "silent"
[[rule]]
numbers = ["mute"]
kind = "rtp-less"
ring_s = 0.1
"""
PHONE = "450+1950"


@pytest.fixture
def behaviour(tmp_path):
    path = tmp_path / "behaviour.toml"
    path.write_text(BEHAVIOUR)
    return path


@pytest.fixture
def carrier(tmp_path, behaviour):
    with Player(
        "carrier", tmp_path / "carrier.log", "--behaviour", str(behaviour), "--rtp-timeout", "1", "--control"
    ) as player:
        yield player


@pytest.fixture
def wire(carrier):
    made = UdpWire(carrier.port)
    yield made
    made.close()


@pytest.fixture
def call(carrier, wire):
    """Return a function that makes callers of the carrier."""
    callers = []

    def make(number: str, pair: str | None = None) -> Caller:
        callers.append(Caller(wire, number, port=carrier.port, pair=pair))
        return callers[-1]

    yield make
    for caller in callers:
        caller.__exit__()


def ended(player: Player, number: str) -> log.Ended:
    return player.await_event(log.Ended, lambda event: event.number == number)


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
    caller.talk(1.0)
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
