"""Asks a SIP peer whether it is there and whether it takes our password, without a call.

A socket of its own for each question, at the address that SIP uses; the port is any free one.
"""

import secrets
import socket
import ssl
import time
from typing import NamedTuple

from telephony.sip.question import Answer, Question, credentials, decode, encode

WITHIN_S = 3.0
"""A peer that has not answered by now is taken for dead. A guess: far beyond any round trip, and a lost packet
is sent again twice meanwhile."""

# Source: RFC 3261 17.1.2.2, timer E: T1 is 0.5 s and doubles.
_AGAIN_S = (0.5, 1.5)


class Target(NamedTuple):
    """Where to ask."""

    host: str
    port: int
    transport: str


class Probe(NamedTuple):
    """What came of a question: an answer with its round trip, or the reason why there is none."""

    code: int | None
    reason: str
    round_trip_s: float | None = None
    challenged: bool = False
    """Whether the peer asked for credentials, and got some."""


class Credentials(NamedTuple):
    """A user of the peer's."""

    username: str
    password: str


def options(target: Target, *, bind: str, user: str = "", within_s: float = WITHIN_S) -> Probe:
    """Ask whether a peer is there; any answer at all says so."""
    who = f"{user}@" if user else ""
    uri = f"sip:{who}{target.host}:{target.port}{_parameter(target)}"
    return _ask(target, method="OPTIONS", uri=uri, bind=bind, within_s=within_s)


def register(target: Target, known: Credentials, *, bind: str, within_s: float = WITHIN_S) -> Probe:
    """Ask what is registered for a user, which changes nothing, and prove the password if asked to."""
    uri = f"sip:{target.host}:{target.port}{_parameter(target)}"
    return _ask(target, method="REGISTER", uri=uri, bind=bind, within_s=within_s, known=known)


def _parameter(target: Target) -> str:
    return "" if target.transport == "udp" else f";transport={target.transport}"


def _ask(
    target: Target, *, method: str, uri: str, bind: str, within_s: float, known: Credentials | None = None
) -> Probe:
    try:
        with _connect(target, bind, within_s) as line:
            here = line.getsockname()[:2]
            user = f"sip:{known.username}@{target.host}" if known else ""
            question = Question(
                method=method,
                uri=uri,
                asked=user or uri,
                asker=user or f"sip:dialer@{bind}",
                transport=target.transport,
                here=here,
                call_id=secrets.token_hex(10),
            )
            return _converse(line, question, known=known, within_s=within_s)
    except TimeoutError:
        return Probe(None, f"no answer within {within_s:g} s")
    except ssl.SSLError as error:
        return Probe(None, f"TLS: {error.reason or error}")
    except OSError as error:
        return Probe(None, error.strerror or str(error))


def _connect(target: Target, bind: str, within_s: float) -> socket.socket:
    kind = socket.SOCK_DGRAM if target.transport == "udp" else socket.SOCK_STREAM
    line = socket.socket(socket.AF_INET, kind)
    try:
        line.settimeout(within_s)
        line.bind((bind, 0))
        line.connect((target.host, target.port))
        if target.transport == "tls":
            return ssl.create_default_context().wrap_socket(line, server_hostname=target.host)
    except OSError:
        line.close()
        raise
    return line


def _converse(
    line: socket.socket, question: Question, *, known: Credentials | None, within_s: float
) -> Probe:
    began = time.monotonic()
    answer = _exchange(line, question, within_s=within_s)
    took_s = time.monotonic() - began
    if known is None or answer.challenge is None or answer.code not in (401, 407):
        return Probe(answer.code, answer.reason, took_s)
    proof = credentials(
        answer.challenge,
        question,
        username=known.username,
        password=known.password,
        cnonce=secrets.token_hex(8),
    )
    if proof is None:
        return Probe(answer.code, f"digest algorithm {answer.challenge.algorithm} is not known here", took_s)
    answer = _exchange(line, question, within_s=within_s, cseq=2, proof=proof)
    return Probe(answer.code, answer.reason, took_s, challenged=True)


def _exchange(
    line: socket.socket, question: Question, *, within_s: float, cseq: int = 1, proof: str = ""
) -> Answer:
    """Return the final answer to a request; over UDP it is sent again while none comes."""
    request = encode(question, cseq=cseq, credentials=proof)
    began = time.monotonic()
    repeats = [began + after_s for after_s in _AGAIN_S] if question.transport == "udp" else []
    line.send(request)
    while (left_s := began + within_s - time.monotonic()) > 0:
        if repeats and time.monotonic() >= repeats[0]:
            repeats.pop(0)
            line.send(request)
        line.settimeout(min([left_s, *(max(0.001, at - time.monotonic()) for at in repeats[:1])]))
        try:
            data = line.recv(65_535)
        except TimeoutError:
            continue
        if not data:
            raise ConnectionResetError("the peer closed the connection")
        answer = decode(data, question.call_id, cseq=cseq)
        if answer is not None and answer.code >= 200:
            return answer
    raise TimeoutError
