"""A leg's second stream: packets that say whose they are in place of pictures, as whoever passes video on does not look into them."""

import asyncio
import socket
import struct
from collections import Counter
from contextlib import suppress

_HEADER = struct.Struct(">BBHII")
_TICKS = 1_800
"""Of a 90,000 Hz clock in 20 ms. Source: RFC 7741 4.1, and RFC 6184 8.2.1."""
_MARK = b"\x10video of "
"""The first byte begins a VP8 partition. Source: RFC 7741 4.2."""


def packet(pair: str, number: int, payload_type: int) -> bytes:
    """Return one packet, each a picture of its own.

    Args:
        pair: Whose it is.
        number: Counted up.
        payload_type: As agreed on.
    """
    header = _HEADER.pack(
        0x80, 0x80 | payload_type, number & 0xFFFF, number * _TICKS & 0xFFFFFFFF, 0x0DD1A1 + payload_type
    )
    return header + _MARK + pair.encode()


def pair_of(data: bytes) -> str:
    """Return whose packet it is; empty if it is none of ours."""
    _, found, pair = data[12:].partition(_MARK)
    return pair.decode(errors="replace") if found else ""


class Video:
    """One leg's video: it sees from the start, and sends once `show` says whose it is.

    Args:
        sock: Bound; this object's from now on.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.port: int = sock.getsockname()[1]
        self.seen: Counter[str] = Counter()
        """Packets by the pair of who sent them."""
        self._socket = sock
        self._pair = ""
        self._sent = 0
        asyncio.get_running_loop().add_reader(sock, self._on_readable)

    def show(self, pair: str) -> None:
        """Send packets of a pair from the next beat on."""
        self._pair = pair

    def beat(self, to: tuple[str, int], payload_type: int) -> None:
        """Send one packet."""
        if self._pair:
            with suppress(OSError):  # lost, as on a network
                self._socket.sendto(packet(self._pair, self._sent, payload_type), to)
            self._sent += 1

    def _on_readable(self) -> None:
        with suppress(OSError):
            if pair := pair_of(self._socket.recv(2_048)):
                self.seen[pair] += 1

    def close(self) -> None:
        """Close the socket."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
