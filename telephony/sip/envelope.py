"""SIP messages that the reception answers or passes on: read as far as that needs, changed as a proxy may. Pure.

Whatever bytes come, `read` raises nothing: what is no message is None. Headers that are not understood travel as
they came.

Source: RFC 3261 sections 7.3, 8.2.6, 16.6, 16.7 and 16.11.
"""

import re
from typing import NamedTuple

_LARGEST = 8_192
"""Bytes of a message that is looked at; a guess, an INVITE with credentials has 1,000 to 2,000."""
_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "l": "content-length", "m": "contact"}
_REQUEST = re.compile(r"([A-Z]{1,20}) (sips?:[^\s]{1,500}) SIP/2\.0", re.ASCII)
_RESPONSE = re.compile(r"SIP/2\.0 ([1-6]\d\d) [^\r\n]*", re.ASCII)
_VIA = re.compile(r"SIP/2\.0/UDP\s+[^\s;,]+[^,]*", re.ASCII | re.IGNORECASE)
_BRANCH = re.compile(r";\s*branch\s*=\s*([^\s;,]+)", re.ASCII | re.IGNORECASE)
_TAG = re.compile(r";\s*tag\s*=", re.ASCII | re.IGNORECASE)
_REASONS = {
    100: "Trying",
    200: "OK",
    401: "Unauthorized",
    403: "Forbidden",
    405: "Method Not Allowed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    487: "Request Terminated",
    503: "Service Unavailable",
}


class Envelope(NamedTuple):
    """A message. `method` is empty in a response; names of headers are lower case and never compact."""

    first_line: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first value of a header, empty if there is none."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def vias(self) -> list[str]:
        """The values of Via, the newest first."""
        lines = [value for key, value in self.headers if key == "via"]
        return [part.strip() for line in lines for part in line.split(",")]

    @property
    def transaction(self) -> str:
        """The same for a request, its repetitions, its CANCEL and the ACK of its refusal."""
        via = self.vias[0]
        branch = _BRANCH.search(via)
        return f"{via.split(';')[0].split()[-1]} {branch[1] if branch else ''} {self.header('call-id')}"

    @property
    def in_dialog(self) -> bool:
        """Whether a request belongs to a call that is up already."""
        return bool(_TAG.search(self.header("to")))

    def encode(self) -> bytes:
        """Return the bytes to send."""
        lines = [self.first_line, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"content-length: {len(self.body)}")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + self.body


def read(data: bytes) -> Envelope | None:
    """Return the message in a datagram, None if it is none that can be answered."""
    head, blank, body = data[:_LARGEST].partition(b"\r\n\r\n")
    if not blank or len(data) > _LARGEST:
        return None
    text = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "surrogateescape"))
    first_line, *lines = text.split("\r\n")
    request = _REQUEST.fullmatch(first_line)
    if request is None and not _RESPONSE.fullmatch(first_line):
        return None
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if (
            not colon
            or not re.fullmatch(r"[a-z0-9.!%*_+`'~-]+", name, re.ASCII)
            or re.search(r"[\0\r\n]", value)
        ):
            return None
        headers.append((_COMPACT.get(name, name), value.strip()))
    kept = tuple(pair for pair in headers if pair[0] != "content-length")
    message = Envelope(first_line, request[1] if request else "", kept, body)
    whole = all(message.header(name) for name in ("via", "from", "to", "call-id", "cseq"))
    return message if whole and _VIA.fullmatch(message.vias[0]) else None


def reply(
    request: Envelope, status: int, *, tag: str = "", headers: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """Return a response without a body."""
    kept = [pair for pair in request.headers if pair[0] in ("via", "from", "call-id", "cseq")]
    to = request.header("to")
    kept.append(("to", f"{to};tag={tag}" if tag and not _TAG.search(to) else to))
    first_line = f"SIP/2.0 {status} {_REASONS[status]}"
    return Envelope(first_line, "", (*kept, *headers), b"").encode()


def came_from(request: Envelope, source: tuple[str, int]) -> Envelope:
    """Return the request with its source in the top Via.

    Source:
        RFC 3261 18.2.1 and RFC 3581 4.
    """
    top, *rest = request.vias
    top = re.sub(r";\s*rport\s*(?=;|$)", f";rport={source[1]}", top, flags=re.IGNORECASE)
    return _with_vias(request, [f"{top};received={source[0]}", *rest])


def onward(request: Envelope, *, user: str, to: tuple[str, int], via: str) -> bytes:
    """Return a request as it is passed on to a worker: for another user, without credentials."""
    left_out = ("authorization", "proxy-authorization", "route")
    headers = tuple(pair for pair in request.headers if pair[0] not in left_out)
    first_line = f"{request.method} sip:{user}@{to[0]}:{to[1]} SIP/2.0"
    changed = request._replace(first_line=first_line, headers=headers)
    return _with_vias(changed, [via, *request.vias]).encode()


def back(response: Envelope) -> bytes:
    """Return a response as it is passed back: without our Via."""
    return _with_vias(response, response.vias[1:]).encode()


def _with_vias(message: Envelope, vias: list[str]) -> Envelope:
    others = tuple(pair for pair in message.headers if pair[0] != "via")
    return message._replace(headers=(*(("via", via) for via in vias), *others))
