"""A caller by script, and the emulator's processes: real sockets on loopback, every wait with a deadline."""

import json
import os
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import msgspec

from telephony.sip.emulator import log, tones
from telephony.sip.emulator import video as pictures
from telephony.sip.emulator.message import Request, Response, frames, parameter, parse, uri_of
from telephony.sip.emulator.sdp import parse_offer

HOST = "127.0.0.1"
DEADLINE_S = 20.0
SILENCE = b"\xff" * tones.FRAME


class Player:
    """The carrier or the phones, in a process of its own."""

    def __init__(
        self, module: str, log_path: Path, *options: str, environment: dict[str, str] | None = None
    ) -> None:
        command = [sys.executable, "-m", f"telephony.sip.emulator.{module}", "--listen", f"{HOST}:0"]
        self._process = subprocess.Popen(
            [*command, "--log", str(log_path), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.pid = self._process.pid
        self._log_path = log_path
        line = self._process.stdout.readline()
        self.ready = json.loads(line) if line else {}
        self.port = self.ready.get("port", 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def tell(self, **control: object) -> None:
        self._process.stdin.write(json.dumps(control) + "\n")
        self._process.stdin.flush()

    def stop(self) -> tuple[int, str]:
        """End it as an operator would; return the exit code and what it said on standard error."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        _, errors = self._process.communicate(timeout=DEADLINE_S)
        return self._process.returncode, errors

    def events(self) -> list[log.Event]:
        return log.read_log(self._log_path)

    def await_event(self, kind: type, wanted: Callable[..., bool] = lambda _: True) -> log.Event:
        """Return the first such event of the log, once it is there."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            for event in self.events():
                if isinstance(event, kind) and wanted(event):
                    return event
            time.sleep(0.02)
        raise AssertionError(f"no such {kind.__name__} in {self.events()}")


class UdpWire:
    """Datagrams to one port."""

    name = "UDP"

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._to = (HOST, port)
        self.port = self._socket.getsockname()[1]

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._to)

    def turn_to(self, port: int) -> None:
        """Send to another port from now on."""
        self._to = (HOST, port)

    def receive(self, timeout_s: float) -> Request | Response | None:
        ready, _, _ = select.select([self._socket], [], [], timeout_s)
        return parse(self._socket.recv(65_536)) if ready else None

    def close(self) -> None:
        self._socket.close()


class StreamWire:
    """A connection to one port, with TLS if a certificate is given."""

    def __init__(self, port: int, *, certificate: Path | None = None) -> None:
        self._socket = socket.create_connection((HOST, port))
        self.name = "TCP"
        if certificate is not None:
            context = ssl.create_default_context(cafile=str(certificate))
            self._socket = context.wrap_socket(self._socket, server_hostname=HOST)
            self.name = "TLS"
        self.port = self._socket.getsockname()[1]
        self._buffer = bytearray()
        self._waiting: list[bytes] = []

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self, timeout_s: float) -> Request | Response | None:
        self._socket.settimeout(timeout_s)
        while not self._waiting:
            try:
                self._buffer += self._socket.recv(65_536)
            except TimeoutError:
                return None
            self._waiting += frames(self._buffer)
        return parse(self._waiting.pop(0))

    def close(self) -> None:
        self._socket.close()


class Caller:
    """One call as its caller makes it; sends `pair`, or silence, while it waits for anything."""

    _count = 0

    def __init__(
        self,
        wire: UdpWire | StreamWire,
        number: str,
        *,
        port: int,
        pair: str | None = None,
        video: bool = False,
        caller: str = "+12125550199",
    ) -> None:
        Caller._count += 1
        self.wire = wire
        self.heard: list[bytes] = []
        self.seen: list[int] = []
        self.tag: str | None = None
        self.cseq = 1
        self._caller = caller
        self._uri = f"sip:{number}@{HOST}:{port}"
        self._call_id = f"call-{os.getpid()}-{Caller._count}"
        self._target = self._uri
        self._packet = SILENCE if pair is None else tones.pair_frames(pair, "PCMU")[0]
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.bind((HOST, 0))
        self._rtp.setblocking(False)
        self._remote: tuple[str, int] | None = None
        self._pair = pair or ""
        self._video = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if video else None
        if self._video is not None:
            self._video.bind((HOST, 0))
            self._video.setblocking(False)
        self._shown_to: tuple[str, int, int] | None = None
        self.seen_video: Counter[str] = Counter()
        self._sent = 0
        self._next_packet_at = 0.0
        self._branch = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rtp.close()
        if self._video is not None:
            self._video.close()

    def offer(self) -> bytes:
        port = self._rtp.getsockname()[1]
        return (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n{self._offered_video()}"
        ).encode()

    def _offered_video(self) -> str:
        if self._video is None:
            return ""
        return f"m=video {self._video.getsockname()[1]} RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"

    def request(self, method: str, *, extra: tuple[tuple[str, str], ...] = ()) -> Request:
        """Return a request of this call, in a transaction of its own."""
        self._branch += 1
        to = f"<{self._uri}>" + (f";tag={self.tag}" if self.tag else "")
        sent_by = f"{HOST}:{self.wire.port}"
        branch = f"z9hG4bK{self._call_id}-{self._branch}"
        transport = "" if self.wire.name == "UDP" else f";transport={self.wire.name.lower()}"
        headers = (
            ("Via", f"SIP/2.0/{self.wire.name} {sent_by};rport;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self._caller}@{HOST}>;tag=caller"),
            ("To", to),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self.cseq} {method}"),
            ("Contact", f"<sip:dialer@{sent_by}{transport}>"),
            *extra,
        )
        body = self.offer() if method == "INVITE" else b""
        if body:
            headers += (("Content-Type", "application/sdp"),)
        return Request(method=method, uri=self._target, headers=headers, body=body)

    def send(self, request: Request) -> Request:
        self.wire.send(request.encode())
        return request

    def invite(self, *, extra: tuple[tuple[str, str], ...] = ()) -> Request:
        self._invite = self.send(self.request("INVITE", extra=extra))
        return self._invite

    def acknowledge(self) -> None:
        self.send(self.request("ACK"))

    def in_transaction(self, method: str) -> None:
        """Send what goes in the INVITE's own transaction: CANCEL, the ACK of a refusal."""
        cseq = ("CSeq", f"{self._invite.cseq[0]} {method}")
        headers = tuple(cseq if name == "CSeq" else (name, value) for name, value in self._invite.headers)
        self.send(msgspec.structs.replace(self._invite, method=method, headers=headers, body=b""))

    def hang_up(self) -> Response:
        self.cseq += 1
        self.send(self.request("BYE"))
        return self.final("BYE")

    def final(self, method: str = "INVITE") -> Response:
        """Return the final response to a request; a refused INVITE is acknowledged."""
        for message in self.messages():
            if not isinstance(message, Response) or message.cseq[1] != method:
                continue
            if method == "INVITE":
                self._learn(message)
            if method == "INVITE" and message.status >= 300:
                self.in_transaction("ACK")
            if message.status >= 200:
                return message
        raise AssertionError(f"no final response to {method}, seen: {self.seen}")

    def _learn(self, response: Response) -> None:
        self.seen.append(response.status)
        if response.body:
            answer = parse_offer(response.body)
            self._remote = (answer.host, answer.port)
            if answer.video is not None:
                self._shown_to = (answer.video.host, answer.video.port, answer.video.payload_type)
        if response.status == 200:
            self.tag = parameter(response.values("to")[0], "tag")
            self._target = uri_of(response.values("contact")[0])

    def answered(self) -> Self:
        """Call and be answered."""
        self.invite()
        assert self.final().status == 200
        self.acknowledge()
        return self

    def until_bye(self) -> Request:
        """Wait to be hung up, answer that."""
        for message in self.messages():
            if isinstance(message, Request) and message.method == "BYE":
                kept = ("via", "from", "to", "call-id", "cseq")
                headers = tuple(pair for pair in message.headers if pair[0].lower() in kept)
                self.wire.send(Response(status=200, reason="OK", headers=headers).encode())
                return message
        raise AssertionError("nobody hung up")

    def talk(self, seconds: float) -> None:
        """Send and hear for a while, answering nothing."""
        for _ in self.messages(seconds):
            pass

    def messages(self, seconds: float = DEADLINE_S) -> Iterator[Request | Response]:
        """Yield what comes, audio going on meanwhile."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            message = self.wire.receive(0.005)
            self._audio()
            if message is not None:
                yield message

    def _audio(self) -> None:
        while select.select([self._rtp], [], [], 0)[0]:
            self.heard.append(self._rtp.recv(2_048)[12:])
        self._watch()
        now = time.monotonic()
        if self._remote is None or now < self._next_packet_at:
            return
        self._next_packet_at = max(self._next_packet_at, now - 0.1) + tones.FRAME_S
        header = struct.pack(">BBHII", 0x80, 0, self._sent & 0xFFFF, self._sent * tones.FRAME, 7)
        self._rtp.sendto(header + self._packet, self._remote)
        self._sent += 1
        if self._video is not None and self._shown_to is not None:
            host, port, payload_type = self._shown_to
            self._video.sendto(pictures.packet(self._pair, self._sent, payload_type), (host, port))

    def _watch(self) -> None:
        while self._video is not None and select.select([self._video], [], [], 0)[0]:
            if pair := pictures.pair_of(self._video.recv(2_048)):
                self.seen_video[pair] += 1

    def pairs_heard(self) -> set[str]:
        """Return every pair that was in what came."""
        found, _ = tones.hear(self.heard or [SILENCE], "PCMU")
        return {pair for pairs in found for pair in pairs}
