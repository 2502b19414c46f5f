"""A carrier that does not keep to the rules: whatever it sends, the leg has one end and the worker lives."""

import re
import socket
import threading
from collections.abc import Callable
from itertools import count

import pytest

from dialer.config import TrunkConfig
from dialer.core.commands import HangUp
from dialer.core.states import EndCause
from dialer.core.switch_events import LegAnswered, LegDialing, LegEnded, LegRinging
from tests.integration.sip_site import HOST, Site, until

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
GARBAGE = (
    b"",
    b"\x00" * 40,
    b"\xff\xfe" * 600,
    b"SIP/2.0 200",
    b"INVITE sip:x SIP/2.0\r\n\r\n",
    b"SIP/2.0 -1 \r\n" * 9,
)

Script = Callable[["Carrier", str], None]


def header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r?$", text, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""


class Carrier:
    """A UDP socket that answers requests as a script says."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.seen: list[str] = []
        self.invite = ""
        self._peer = ("", 0)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while data := self._socket.recvfrom(1 << 16):
            text = data[0].decode("utf-8", "replace")
            method = text.split(" ", 1)[0]
            if method == "STOP":
                return
            self._peer = data[1]
            self.invite = text if method == "INVITE" else self.invite
            self.seen.append(method if method != "SIP/2.0" else " ".join(text.split()[1:2]))
            self.scripts.get(method, lambda *_: None)(self, text)

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._peer)

    def reply(self, request: str, status: str, *, tag: str = "t1", body: str = "", **changes: str) -> None:
        """Answer a request; `changes` replace headers of the answer."""
        headers = {name: header(request, name) for name in ("Via", "From", "To", "Call-ID", "CSeq")}
        if ";tag=" not in headers["To"]:
            headers["To"] += f";tag={tag}"
        headers |= {"Contact": f"<sip:x@{HOST}:{self.port}>"} | changes
        kind = "Content-Type: application/sdp\r\n" if body else ""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.send(f"SIP/2.0 {status}\r\n{lines}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    def bye(self, *, tag: str = "t1") -> None:
        """Hang up the call of the last INVITE, or one that there is not."""
        ours, theirs = header(self.invite, "To"), header(self.invite, "From")
        target = re.search(r"<(.*?)>", header(self.invite, "Contact"))
        self.send(
            f"BYE {target[1] if target else ''} SIP/2.0\r\nVia: SIP/2.0/UDP {HOST}:{self.port};branch=z9hG4bK{tag}\r\n"
            f"From: {ours};tag={tag}\r\nTo: {theirs}\r\nCall-ID: {header(self.invite, 'Call-ID')}\r\n"
            "CSeq: 7 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n".encode()
        )

    def answer(self, text: str, **changes: str) -> None:
        self.reply(text, "200 OK", body=SDP.format(port=self.port + 1), **changes)

    def close(self) -> None:
        self._socket.sendto(b"STOP now", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()


def ok(carrier: Carrier, text: str) -> None:
    carrier.reply(text, "200 OK")


class Stage:
    """An adapter whose carrier does as the test at hand says."""

    def __init__(self, directory) -> None:
        self.site, self.carrier, self._numbers = Site(directory), Carrier(), count(1)
        self.adapter = self.site.started(trunk=TrunkConfig(host=HOST, port=self.carrier.port, lines=4))

    def dial(self, **scripts: Script) -> str:
        """Call somebody over a carrier that answers so; return the leg."""
        self.carrier.seen.clear()
        self.carrier.scripts = {"BYE": ok, "CANCEL": ok, **scripts}
        leg = self.site.call(self.adapter, next(self._numbers))
        self.await_event(LegDialing, leg)
        return leg

    def await_event(self, kind, leg, *, within_s=30.0):
        return self.site.wait_for(kind, leg, within_s=within_s)

    def told(self, leg) -> list[type]:
        return [type(event) for event in self.site.sink.events if getattr(event, "leg_id", None) == leg]

    def hang_up(self, leg) -> None:
        self.adapter.execute(HangUp(leg_id=leg))

    def still_works(self, leg) -> None:
        """See that a leg has one end, and that the next call is as it should be."""
        following = self.dial(INVITE=lambda one, text: one.answer(text, tag="t9"))
        self.await_event(LegAnswered, following)
        self.hang_up(following)
        assert self.await_event(LegEnded, following).cause is EndCause.CLEARED
        assert self.told(leg).count(LegEnded) == 1

    def close(self) -> None:
        self.site.close()
        self.carrier.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    one = Stage(tmp_path_factory.mktemp("nonsense"))
    yield one
    one.close()


def test_garbage_around_an_answer_changes_nothing(stage):
    def invited(carrier, text):
        for data in GARBAGE:
            carrier.send(data)
        carrier.answer(text)
        for data in GARBAGE:
            carrier.send(data)

    leg = stage.dial(INVITE=invited)
    stage.await_event(LegAnswered, leg)
    stage.hang_up(leg)
    assert stage.await_event(LegEnded, leg).cause is EndCause.CLEARED
    stage.still_works(leg)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("v=0\r\nm=audio\r\nc=\r\n", id="cut-off"),
        pytest.param("\x01\x02 nothing of the kind", id="no-sdp-at-all"),
        pytest.param(SDP.format(port=99999), id="no-such-port"),
        pytest.param(SDP.format(port=4000).replace("RTP/AVP 0", "RTP/AVP 99"), id="unknown-codec"),
        pytest.param(SDP.format(port=4000).replace("127.0.0.1", "999.1.2.3"), id="no-such-address"),
    ],
)
def test_an_answer_whose_audio_makes_no_sense_ends_the_leg(stage, body):
    leg = stage.dial(INVITE=lambda one, text: one.reply(text, "200 OK", body=body))
    ended = stage.await_event(LegEnded, leg, within_s=20)
    assert ended.cause in (EndCause.MEDIA_REFUSED, EndCause.NO_AUDIO)
    until(lambda: "BYE" in stage.carrier.seen)
    stage.still_works(leg)


def test_answers_of_another_call_are_not_this_ones(stage):
    other = "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKother"

    def invited(carrier, text):
        carrier.reply(text, "100 Trying")
        carrier.answer(text, Via=other, **{"Call-ID": "of-nobody"})
        carrier.reply(text, "486 Busy Here", Via=other, CSeq="4711 INVITE")
        carrier.reply(text, "180 Ringing")

    leg = stage.dial(INVITE=invited)
    stage.await_event(LegRinging, leg)
    assert stage.told(leg) == [LegDialing, LegRinging]
    stage.hang_up(leg)
    until(lambda: "CANCEL" in stage.carrier.seen)
    stage.await_event(LegEnded, leg)
    stage.still_works(leg)


def test_an_answer_after_the_cancel_is_hung_up(stage):
    def cancelled(carrier, text):
        carrier.reply(text, "200 OK")
        carrier.answer(carrier.invite)

    leg = stage.dial(INVITE=lambda one, text: one.reply(text, "180 Ringing"), CANCEL=cancelled)
    stage.await_event(LegRinging, leg)
    stage.hang_up(leg)
    assert stage.await_event(LegEnded, leg).cause is EndCause.CANCELLED
    until(lambda: "ACK" in stage.carrier.seen and "BYE" in stage.carrier.seen)
    stage.still_works(leg)


def test_a_hang_up_of_a_call_that_there_is_not_changes_nothing(stage):
    leg = stage.dial(INVITE=lambda one, text: one.answer(text))
    stage.await_event(LegAnswered, leg)
    # One with both tags and another Call-ID would be taken: PJSIP looks at the tags alone.
    stage.carrier.bye(tag="not-ours")
    until(lambda: "481" in stage.carrier.seen)
    assert LegEnded not in stage.told(leg)
    stage.carrier.bye()
    assert stage.await_event(LegEnded, leg).cause is EndCause.CLEARED
    stage.still_works(leg)


def test_only_the_first_of_several_last_words_counts(stage):
    def invited(carrier, text):
        carrier.reply(text, "486 Busy Here")
        carrier.reply(text, "603 Decline", tag="t2")
        carrier.answer(text, tag="t3")

    leg = stage.dial(INVITE=invited)
    assert stage.await_event(LegEnded, leg).cause is EndCause.BUSY
    stage.still_works(leg)
