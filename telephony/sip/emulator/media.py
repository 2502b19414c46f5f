"""RTP sockets of all legs, and the one beat that sends and listens for all of them every 20 ms.

Sending on one beat and decoding all that came since the last one in a single matrix product is what makes
eighty legs cheap; arrival times are taken when a packet arrives, not on the beat.
"""

import asyncio
import os
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from telephony.sip.emulator.hearing import Ear
from telephony.sip.emulator.keys import event_payloads
from telephony.sip.emulator.sdp import LAWS, Offer
from telephony.sip.emulator.tones import FRAME, FRAME_S, hear
from telephony.sip.emulator.video import Video

# Even ports for RTP, the odd ones above for RTCP (RFC 3550 11); below the ports that a run on the same machine asks
# for (`sip.port` and `sip.rtp_port` by default from 15,060), and Linux's ephemeral ones.
_FIRST_PORT, _LAST_PORT = 10_000, 14_998
# A beat that comes later than this drops what it missed; a real sender's clock slips likewise.
_LATE_S = 0.1
_HEADER = struct.Struct(">BBHII")


def _is_rtp(data: bytes) -> bool:
    return len(data) >= 12 and data[0] >> 6 == 2


class Stream:
    """One leg's audio. It hears from the start and sends once `play` says what."""

    def __init__(self, studio: "Studio", offer: Offer, sockets: tuple[socket.socket, socket.socket]) -> None:
        self.ear = Ear()
        self.last_packet_at: float | None = None
        self.sent = self.received = 0
        self.port: int = sockets[0].getsockname()[1]
        self._studio = studio
        self._rtp, self._rtcp = sockets
        self._frames: Sequence[bytes] = ()
        self._events: deque[deque[bytes]] = deque()
        self._event_since = 0
        self._rest = b""
        self.video: Video | None = None
        self.redirect(offer)

    def redirect(self, offer: Offer) -> None:
        """Follow a new offer."""
        self.law = LAWS[offer.payload_type]
        self.peer_sends = offer.sends
        self._receives = offer.receives
        self._types = {offer.payload_type, offer.event_type}
        self._event_type = offer.event_type
        self._payload_type = offer.payload_type
        self._remote = (offer.host, offer.port)
        self._video_offer = offer.video

    def play(self, frames: Sequence[bytes]) -> None:
        """Send these packets, over and over, from the next beat on; none: send nothing."""
        self._frames = frames

    def press(self, key: str) -> None:
        """Send a key instead of audio, after those that are being sent; nothing if the offer had no events."""
        if self._event_type is not None:
            self._events.append(deque(event_payloads(key)))

    def beat(self) -> None:
        """Send one packet, and one of video."""
        if self.video is not None and self._video_offer is not None:
            self.video.beat((self._video_offer.host, self._video_offer.port), self._video_offer.payload_type)
        if not self._frames or not self._receives:
            return
        number = self.sent
        if self._events and self._event_type is not None:
            self._send_event(self._events[0], self._event_type)
        else:
            payload = self._frames[number % len(self._frames)]
            self._send(self._payload_type, payload, marked=number == 0, since=number)
        self.sent += 1

    def _send_event(self, waiting: deque[bytes], event_type: int) -> None:
        first = self._event_since == 0
        self._event_since = self._event_since or self.sent
        self._send(event_type, waiting.popleft(), marked=first, since=self._event_since)
        if not waiting:
            self._events.popleft()
            self._event_since = 0

    def _send(self, payload_type: int, payload: bytes, *, marked: bool, since: int) -> None:
        header = _HEADER.pack(
            0x80,
            (0x80 if marked else 0) | payload_type,
            self.sent & 0xFFFF,
            since * FRAME & 0xFFFFFFFF,
            self.port,
        )
        with suppress(OSError):  # nobody there any more, or a full buffer: lost, as on a network
            self._rtp.sendto(header + payload, self._remote)

    def on_readable(self) -> None:
        """Take one packet off the socket."""
        try:
            data = self._rtp.recv(2_048)
        except OSError:
            return
        if _is_rtp(data):  # of whatever type: it tells of somebody there
            self.last_packet_at = self._studio.clock()
        payload = self._payload(data)
        if payload is None or self.last_packet_at is None:
            return
        self.received += 1
        if data[1] & 0x7F == self._payload_type:
            audio = self._rest + payload
            whole = len(audio) - len(audio) % FRAME
            for start in range(0, whole, FRAME):
                self._studio.arrived(self, audio[start : start + FRAME], self.last_packet_at)
            self._rest = audio[whole:]

    def _payload(self, data: bytes) -> bytes | None:
        """Source: RFC 3550 5.1."""
        if not _is_rtp(data) or data[1] & 0x7F not in self._types:
            return None
        start = 12 + 4 * (data[0] & 15)
        if data[0] & 0x10 and len(data) >= start + 4:
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
        end = len(data) - (data[-1] if data[0] & 0x20 else 0)
        return data[start:end]

    def close(self) -> None:
        """Close the sockets, after the last packet was listened to."""
        self._studio.release(self, self._rtp)
        self._rtp.close()
        self._rtcp.close()
        if self.video is not None:
            self.video.close()


class Studio:
    """All streams of a process."""

    def __init__(self, host: str, *, clock: Callable[[], float]) -> None:
        self.host = host
        self.clock = clock
        self._streams: dict[int, Stream] = {}
        self._arrived: dict[str, list[tuple[Stream, bytes, float]]] = {law: [] for law in LAWS.values()}
        self._next_port = _FIRST_PORT + os.getpid() * 2 % (_LAST_PORT - _FIRST_PORT)

    def open(self, offer: Offer, *, video: bool = False) -> Stream:
        """Return a new stream, with video if that is wanted and offered.

        Raises:
            OSError: If this host has no port left.
        """
        sockets = self._bind()
        stream = Stream(self, offer, sockets)
        if video and offer.video is not None:
            rtp, rtcp = self._bind()
            rtcp.close()
            stream.video = Video(rtp)
        self._streams[stream.port] = stream
        asyncio.get_running_loop().add_reader(sockets[0], stream.on_readable)
        return stream

    def _bind(self) -> tuple[socket.socket, socket.socket]:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        for _ in range(_FIRST_PORT, _LAST_PORT, 2):
            port = self._next_port
            self._next_port = port + 2 if port + 2 < _LAST_PORT else _FIRST_PORT
            pair = (socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM))
            try:
                for offset, one in enumerate(pair):
                    one.setblocking(False)
                    one.bind((self.host, port + offset))
            except OSError:
                for one in pair:
                    one.close()
            else:
                return pair
        raise OSError(f"no port for RTP is free on {self.host}")

    def arrived(self, stream: Stream, frame: bytes, at: float) -> None:
        """Keep a frame until the next beat."""
        self._arrived[stream.law].append((stream, frame, at))

    def release(self, stream: Stream, rtp: socket.socket) -> None:
        """Forget a stream."""
        self.listen()
        asyncio.get_running_loop().remove_reader(rtp)
        self._streams.pop(stream.port, None)

    def listen(self) -> None:
        """Make out what has arrived since the last time."""
        for law, waiting in self._arrived.items():
            if not waiting:
                continue
            self._arrived[law] = []
            pairs, levels = hear([frame for _, frame, _ in waiting], law)
            for (stream, _, at), heard, level in zip(waiting, pairs, levels, strict=True):
                stream.ear.frame(heard, level, at=at)

    async def run(self) -> None:
        """Beat until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for stream in self._streams.values():
                stream.beat()
            self.listen()
            due += FRAME_S
            late_s = loop.time() - due
            if late_s > _LATE_S:
                due += late_s
            await asyncio.sleep(max(0.0, -late_s))
