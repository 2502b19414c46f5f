"""A SIP request outside any call and what is answered: OPTIONS and REGISTER on the wire, digest. Pure.

Not by pjsua2: its requests answer no challenge and leave no choice of the To header, and what asks why
something does not work must not depend on it.

Source: RFC 3261 sections 10.2.3, 11, 20 and 22, RFC 7616 section 3.
"""

import hashlib
import re
from typing import NamedTuple

_STATUS = re.compile(rb"SIP/2\.0 (?P<code>\d{3}) ?(?P<reason>[^\r\n]*)\r?\n")
_CHALLENGE = re.compile(
    r"^(?P<name>WWW|Proxy)-Authenticate[ \t]*:[ \t]*Digest[ \t]+(?P<fields>[^\r\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_CALL_ID = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(r"^CSeq[ \t]*:[ \t]*(\d+)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]+))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


class Question(NamedTuple):
    """What is asked, and of whom.

    A REGISTER without Contact changes nothing: it asks what is registered, and credentials are checked.
    """

    method: str
    uri: str
    """Of the request line."""
    asked: str
    """URI of the To header; a REGISTER's From is the same."""
    asker: str
    """URI of the From header."""
    transport: str
    here: tuple[str, int]
    """Address and port of our socket."""
    call_id: str
    """Never used twice; what follows from it is unique too."""


class Answer(NamedTuple):
    """A final or provisional response."""

    code: int
    reason: str
    challenge: "Challenge | None"


class Challenge(NamedTuple):
    """What a server gave to compute a digest with."""

    proxy: bool
    realm: str
    nonce: str
    algorithm: str
    qop: bool
    opaque: str


def encode(question: Question, *, cseq: int = 1, credentials: str = "") -> bytes:
    """Return the request; `credentials` is a whole header line."""
    host, port = question.here
    lines = [
        f"{question.method} {question.uri} SIP/2.0",
        f"Via: SIP/2.0/{question.transport.upper()} {host}:{port};rport;branch=z9hG4bK{question.call_id}{cseq}",
        "Max-Forwards: 70",
        f"From: <{question.asker}>;tag={question.call_id}",
        f"To: <{question.asked}>",
        f"Call-ID: {question.call_id}",
        f"CSeq: {cseq} {question.method}",
        "User-Agent: outdial",
        "Accept: application/sdp",
        *([credentials] if credentials else []),
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def decode(data: bytes, call_id: str, *, cseq: int = 1) -> Answer | None:
    """Return the response in a packet; None for anything that does not answer this request."""
    status = _STATUS.match(data)
    text = data.decode(errors="replace")
    found, number = _CALL_ID.search(text), _CSEQ.search(text)
    if status is None or found is None or found[1] != call_id or number is None or int(number[1]) != cseq:
        return None
    challenge = _CHALLENGE.search(text)
    return Answer(
        code=int(status["code"]),
        reason=status["reason"].decode(errors="replace").strip(),
        challenge=None if challenge is None else _challenge(challenge),
    )


def _challenge(found: re.Match[str]) -> Challenge:
    fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(found["fields"])}
    return Challenge(
        proxy=found["name"].lower() == "proxy",
        realm=fields.get("realm", ""),
        nonce=fields.get("nonce", ""),
        algorithm=fields.get("algorithm", "MD5").upper(),
        qop="auth" in fields.get("qop", "").split(","),
        opaque=fields.get("opaque", ""),
    )


def credentials(
    challenge: Challenge, question: Question, *, username: str, password: str, cnonce: str
) -> str | None:
    """Return the header line that proves a password; None if the algorithm is not known."""
    name = _HASHES.get(challenge.algorithm)
    if name is None:
        return None

    def digest(text: str) -> str:
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    secret = digest(f"{username}:{challenge.realm}:{password}")
    about = digest(f"{question.method}:{question.uri}")
    turn = f":00000001:{cnonce}:auth" if challenge.qop else ""
    fields = [
        f'username="{username}"',
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{question.uri}"',
        f'response="{digest(f"{secret}:{challenge.nonce}{turn}:{about}")}"',
        f"algorithm={challenge.algorithm}",
        *([f'qop=auth, nc=00000001, cnonce="{cnonce}"'] if challenge.qop else []),
        *([f'opaque="{challenge.opaque}"'] if challenge.opaque else []),
    ]
    header = "Proxy-Authorization" if challenge.proxy else "Authorization"
    return f"{header}: Digest {', '.join(fields)}"
