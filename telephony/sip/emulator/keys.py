"""What a phone sends when a key is pressed: telephone-events in RTP, or a body of SIP INFO. Pure."""

import struct
from enum import StrEnum

KEYS = "0123456789*#ABCD"
"""By event code. Source: RFC 4733 3.2 table 3."""

_PACKETS, _LAST_PACKETS = 5, 3
"""100 ms, then the end three times, as RFC 4733 2.5.1.4 asks for."""
_VOLUME = 10  # -10 dBm0
_FRAME = 160  # samples of 20 ms, the unit of durations
_EVENT = struct.Struct(">BBH")


class Way(StrEnum):
    """How a phone tells a key."""

    RTP = "rtp"
    INFO_RELAY = "dtmf-relay"
    INFO = "dtmf"


def event_payloads(key: str) -> list[bytes]:
    """Return the payloads of one key, one for each packet of 20 ms, all of one RTP timestamp.

    Raises:
        ValueError: If there is no such key.

    Source:
        RFC 4733 2.3.
    """
    code = KEYS.index(key)
    going = [_EVENT.pack(code, _VOLUME, _FRAME * number) for number in range(1, _PACKETS + 1)]
    return going + [_EVENT.pack(code, 0x80 | _VOLUME, _FRAME * (_PACKETS + 1))] * _LAST_PACKETS


def info_body(key: str, *, relay: bool) -> tuple[str, bytes]:
    """Return content type and body of an INFO for a key: `dtmf-relay` with its duration, or plain `dtmf`.

    Raises:
        ValueError: If there is no such key.
    """
    KEYS.index(key)
    if relay:
        return "application/dtmf-relay", f"Signal={key}\r\nDuration=160\r\n".encode()
    return "application/dtmf", key.encode()
