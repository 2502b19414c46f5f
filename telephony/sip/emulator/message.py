"""SIP messages as values: parse bytes, build bytes.

Keeps one rule: what cannot be read raises `MalformedMessageError` here and nowhere else, so every other
module sees only messages with the headers that RFC 3261 makes mandatory.
"""

import re
from collections.abc import Iterator

import msgspec

# Source: RFC 3261 7.3.3 and 20.
_COMPACT = {
    "i": "call-id",
    "m": "contact",
    "e": "content-encoding",
    "l": "content-length",
    "c": "content-type",
    "f": "from",
    "s": "subject",
    "k": "supported",
    "t": "to",
    "v": "via",
}
# Source: RFC 3261 8.1.1; Max-Forwards is left out, older stacks omit it.
_MANDATORY = ("via", "from", "to", "call-id", "cseq")
# Headers whose commas separate values. Source: RFC 3261 7.3.1.
_LISTS = frozenset({"via", "route", "record-route", "contact", "require"})
# Source: RFC 3261 21.
REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}
# The largest header section and the largest body read from a stream; a guess, far above any real message.
_LARGEST_BYTES = 65_536

Headers = tuple[tuple[str, str], ...]


class MalformedMessageError(ValueError):
    """The bytes are no SIP message."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What requests and responses have in common; header names keep the sender's spelling."""

    headers: Headers
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None."""
        return next(iter(self.values(name)), None)

    def values(self, name: str) -> list[str]:
        """Return every value of a header, those separated by commas too, in order."""
        wanted = name.lower()
        found = [value for key, value in self.headers if key.lower() == wanted]
        if wanted in _LISTS:
            return [part for value in found for part in _split_commas(value)]
        return found

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        return self.values("call-id")[0]

    @property
    def cseq(self) -> tuple[int, str]:
        """The number and the method of the CSeq."""
        number, method = self.values("cseq")[0].split()
        return int(number), method

    @property
    def transaction(self) -> str:
        """The top Via's sent-by and branch: the same for a retransmission, a CANCEL and a refusal's ACK."""
        via = self.values("via")[0]
        return f"{via.split(';')[0].split()[-1]} {parameter(via, 'branch')}"

    def _encode(self, first_line: str) -> bytes:
        lines = [first_line, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


class Request(Message, frozen=True, kw_only=True):
    """A request."""

    method: str
    uri: str

    def encode(self) -> bytes:
        """Return the bytes to send."""
        return self._encode(f"{self.method} {self.uri} SIP/2.0")


class Response(Message, frozen=True, kw_only=True):
    """A response."""

    status: int
    reason: str

    def encode(self) -> bytes:
        """Return the bytes to send."""
        return self._encode(f"SIP/2.0 {self.status} {self.reason}")


def parse(data: bytes) -> Request | Response:
    """Return the message in one datagram, or in one frame of a stream.

    Raises:
        MalformedMessageError: If it is none, lacks a mandatory header, or is shorter than it says.
    """
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        raise MalformedMessageError("no blank line ends the headers")
    try:
        lines = re.sub(r"\r\n[ \t]+", " ", head.decode()).split("\r\n")
    except UnicodeDecodeError as error:
        raise MalformedMessageError("headers are not UTF-8") from error
    headers = tuple(_parse_header(line) for line in lines[1:])
    length = _content_length(headers)
    if length is not None and length > len(body):
        raise MalformedMessageError("body is shorter than its Content-Length")
    kept = tuple(pair for pair in headers if pair[0].lower() != "content-length")
    message = _parse_first_line(lines[0], kept, body[:length])
    _insist(message)
    return message


def _parse_header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.strip()
    if not colon or not name:
        raise MalformedMessageError("a header without a name")
    return _COMPACT.get(name.lower(), name), value.strip()


def _content_length(headers: Headers) -> int | None:
    value = next((value for name, value in headers if name.lower() == "content-length"), None)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()) or int(value) > _LARGEST_BYTES:
        raise MalformedMessageError("an impossible Content-Length")
    return int(value)


def _parse_first_line(line: str, headers: Headers, body: bytes) -> Request | Response:
    match line.split(" ", 2):
        case ["SIP/2.0", status, reason] if re.fullmatch(r"[1-6]\d\d", status, re.ASCII):
            return Response(status=int(status), reason=reason, headers=headers, body=body)
        case [method, uri, "SIP/2.0"] if re.fullmatch(r"[A-Z]+", method) and uri:
            return Request(method=method, uri=uri, headers=headers, body=body)
        case _:
            raise MalformedMessageError("first line is neither a request's nor a response's")


def _insist(message: Request | Response) -> None:
    for name in _MANDATORY:
        if not message.header(name):
            raise MalformedMessageError(f"no {name}")
    if re.match(r"SIP/2\.0/[A-Za-z]+\s+[^\s;]", message.values("via")[0]) is None:
        raise MalformedMessageError("a Via that names no address")
    cseq = re.fullmatch(r"(\d{1,10})\s+([A-Z]+)", message.values("cseq")[0], re.ASCII)
    if cseq is None or (isinstance(message, Request) and cseq[2] != message.method):
        raise MalformedMessageError("CSeq does not fit")


def frames(buffer: bytearray) -> Iterator[bytes]:
    """Take whole messages off the front of a stream's buffer; keep-alive line breaks are dropped.

    Raises:
        MalformedMessageError: If the stream cannot be cut into messages any more; it must be closed.
    """
    while True:
        while buffer[:2] == b"\r\n":
            del buffer[:2]
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > _LARGEST_BYTES:
                raise MalformedMessageError("endless headers")
            return
        found = re.search(
            rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r\n", buffer[: end + 2], re.IGNORECASE
        )
        size = end + 4 + (int(found[1]) if found else 0)
        if size > 2 * _LARGEST_BYTES:
            raise MalformedMessageError("an impossible Content-Length")
        if len(buffer) < size:
            return
        frame = bytes(buffer[:size])
        del buffer[:size]
        yield frame


def reply(
    request: Request, status: int, *, to_tag: str | None = None, headers: Headers = (), body: bytes = b""
) -> Response:
    """Return a response to a request: its Via, From, To, Call-ID, CSeq and Record-Route, and what is added.

    Source:
        RFC 3261 8.2.6.2 and 12.1.1.
    """
    kept: list[tuple[str, str]] = []
    for name in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq"):
        for value in request.values(name):
            tagged = name == "To" and to_tag is not None and parameter(value, "tag") is None
            kept.append((name, f"{value};tag={to_tag}" if tagged else value))
    return Response(status=status, reason=REASONS.get(status, "-"), headers=(*kept, *headers), body=body)


def with_received(request: Request, host: str, port: int) -> Request:
    """Return the request with the address it came from in its top Via, where responses go back to.

    Source:
        RFC 3261 18.2.1 and RFC 3581 4.
    """
    top, *rest = request.values("via")
    if parameter(top, "rport") == "":
        top = re.sub(r";\s*rport(?=\s*(?:;|$))", f";rport={port}", top, flags=re.IGNORECASE)
    top = f"{top};received={host}"
    others = tuple(pair for pair in request.headers if pair[0].lower() != "via")
    vias = tuple(("Via", value) for value in (top, *rest))
    return msgspec.structs.replace(request, headers=(*vias, *others))


def parameter(value: str, name: str) -> str | None:
    """Return a header parameter, "" for a flag, None if absent; URI parameters inside <> are not it."""
    outside = re.sub(r"<[^>]*>", "", re.sub(r'"[^"]*"', "", value))
    for part in outside.split(";")[1:]:
        key, _, found = part.partition("=")
        if key.strip().lower() == name:
            return found.strip()
    return None


def uri_of(value: str) -> str:
    """Return the URI of a From, To, Contact or Route value."""
    bracketed = re.search(r"<([^>]*)>", value)
    return bracketed[1] if bracketed else value.split(";", maxsplit=1)[0].strip()


def user_of(uri: str) -> str:
    """Return the user part of a SIP URI, unescaped, without its parameters; "" if it has none."""
    found = re.match(r"sips?:([^@]*)@", uri, re.IGNORECASE)
    if found is None:
        return ""
    user = found[1].split(":")[0].split(";")[0]
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda escape: chr(int(escape[1], 16)), user)


def address_of(uri: str) -> tuple[str, int] | None:
    """Return host and port of a SIP URI, by default port 5060; None if it cannot be read."""
    found = re.match(
        r"sips?:(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:;?\s]+)(?::(\d{1,5}))?(?=[;?]|$)", uri, re.IGNORECASE
    )
    port = int((found and found[2]) or 5060)
    return (found[1].strip("[]"), port) if found and 0 < port < 65_536 else None


def _split_commas(value: str) -> list[str]:
    parts = re.findall(r'(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+', value)
    return [part.strip() for part in parts if part.strip()]
