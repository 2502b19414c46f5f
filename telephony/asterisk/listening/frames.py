"""AudioSocket: a connection's messages, each a kind, a length and that many bytes; its first one names it. Pure.

Source: docs.asterisk.org, Configuration/Channel-Drivers/AudioSocket, and res_audiosocket.c.
"""

from typing import NamedTuple

NAME, AUDIO, DIGIT = 0x01, 0x10, 0x03
"""The 16 bytes of a UUID; 16-bit samples at 8 kHz, little-endian; a key."""
_KNOWN = frozenset({NAME, AUDIO, DIGIT})
_HEADER = 3
_NAME_BYTES = 16


class Told(NamedTuple):
    """What a piece of a connection held."""

    name: bytes = b""
    """Empty: it was not named in this piece."""
    audio: bytes = b""
    over: bool = False
    """Whether it is to end: the far end says so, or says what nobody understands."""


class Frames:
    """Reads one connection, however its bytes are cut; holds less than one message of it."""

    def __init__(self) -> None:
        self._rest = b""

    def read(self, data: bytes) -> Told:
        """Return what these bytes, which follow those of the last time, complete."""
        data = self._rest + data
        name, at = b"", 0
        audio: list[bytes] = []
        while len(data) - at >= _HEADER:
            kind, end = data[at], at + _HEADER + int.from_bytes(data[at + 1 : at + _HEADER], "big")
            if kind not in _KNOWN or (kind == NAME and end - at != _HEADER + _NAME_BYTES):
                return Told(name, b"".join(audio), over=True)
            if end > len(data):
                break
            payload = data[at + _HEADER : end]
            if kind == AUDIO:
                audio.append(payload[: len(payload) & ~1])
            elif kind == NAME:
                name = payload
            at = end
        self._rest = data[at:]
        return Told(name, b"".join(audio))
