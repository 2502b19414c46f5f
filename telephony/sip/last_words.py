"""What a dead worker can say no more: the BYE or CANCEL of its legs, made of the messages it noted. Pure.

Without it a customer would hear silence until the carrier misses our audio, and a phone that still holds a dead
call would refuse the next.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from dialer.core.ids import LegId

_SHORT = {"f": "from", "t": "to", "i": "call-id", "m": "contact", "v": "via"}
"""Source: RFC 3261 section 7.3.3 and 20."""
_URI = re.compile(r"<([^>]*)>|^\s*([^;\s]+)")
_HOST = re.compile(r"sips?:(?:[^@]*@)?(?P<host>[^:;>?\s]+)(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
_AFTER = 100
"""Added to the INVITE's CSeq: more than the requests of one call, which may have refreshed it."""


class LastWord(NamedTuple):
    """A request and where it goes; `host` is None if it is a name, which only the network can resolve."""

    data: bytes
    host: str | None
    port: int


class LastWords:
    """What legs were about, as long as they live: their INVITE, and the best reply to it."""

    def __init__(self) -> None:
        self._invites: dict[LegId, str] = {}
        self._replies: dict[LegId, str] = {}

    def note(self, leg_id: LegId, direction: str, text: str) -> None:
        """Take note of a message of a leg."""
        first = text.partition("\n")[0]
        if direction == "sent" and first.startswith("INVITE ") and ";tag=" not in _one(text, "to"):
            self._invites[leg_id] = text
            self._replies.pop(leg_id, None)
        elif direction == "received" and leg_id in self._invites and _one(text, "cseq").endswith("INVITE"):
            status = first.split()[1:2]
            if status and status[0][:1] in "12" and not self._is_answered(leg_id):
                self._replies[leg_id] = text

    def _is_answered(self, leg_id: LegId) -> bool:
        return self._replies.get(leg_id, "").startswith("SIP/2.0 2")

    def forget(self, leg_id: LegId) -> None:
        """Forget a leg that ended as it should."""
        self._invites.pop(leg_id, None)
        self._replies.pop(leg_id, None)

    def take(self, leg_id: LegId) -> LastWord | None:
        """Return what ends a leg, and forget it; None if we did not place it or nobody replied."""
        invite, reply = self._invites.pop(leg_id, ""), self._replies.pop(leg_id, "")
        if not invite or not reply:
            return None
        return _bye(invite, reply) if reply.startswith("SIP/2.0 2") else _cancel(invite)


def _cancel(invite: str) -> LastWord:
    """Source: RFC 3261 section 9.1: the request URI, Via, From, To and Call-ID of the INVITE."""
    uri = invite.split(" ", 2)[1]
    lines = [("Via", _one(invite, "via")), *(("Route", route) for route in _all(invite, "route"))]
    lines += [("From", _one(invite, "from")), ("To", _one(invite, "to"))]
    return _request("CANCEL", uri, [*lines, ("CSeq", f"{_cseq(invite)} CANCEL")], invite)


def _bye(invite: str, answer: str) -> LastWord:
    """Source: RFC 3261 section 12.2.1.1: the answer's Contact, its Record-Route from the last to the first."""
    uri = _uri(_one(answer, "contact")) or invite.split(" ", 2)[1]
    sent_by = _one(invite, "via").partition(";")[0]
    branch = f"z9hG4bKlast{abs(_cseq(invite)) + _AFTER}{_one(invite, 'call-id')}"
    lines = [("Via", f"{sent_by};rport;branch={branch}")]
    lines += [("Route", route) for route in reversed(_all(answer, "record-route"))]
    lines += [("From", _one(invite, "from")), ("To", _one(answer, "to"))]
    return _request("BYE", uri, [*lines, ("CSeq", f"{_cseq(invite) + _AFTER} BYE")], invite)


def _request(method: str, uri: str, lines: Sequence[tuple[str, str]], invite: str) -> LastWord:
    common = (("Call-ID", _one(invite, "call-id")), ("Max-Forwards", "70"), ("Content-Length", "0"))
    text = "".join(f"{name}: {value}\r\n" for name, value in (*lines, *common))
    routes = [value for name, value in lines if name == "Route"]
    where = _HOST.search(routes[0] if routes else uri)
    host = where["host"] if where and _IPV4.fullmatch(where["host"]) else None
    port = int(where["port"] or 5060) if where else 5060
    return LastWord(f"{method} {uri} SIP/2.0\r\n{text}\r\n".encode(), host, port)


def _cseq(text: str) -> int:
    return int(_one(text, "cseq").split()[0])


def _uri(value: str) -> str:
    found = _URI.search(value)
    return (found[1] or found[2] or "") if found else ""


def _one(text: str, name: str) -> str:
    return next(iter(_all(text, name)), "")


def _all(text: str, name: str) -> list[str]:
    """Return the values of a header, in order; several in one line are several."""
    head = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    values: list[str] = []
    for line in head.splitlines()[1:]:
        key, _, value = line.partition(":")
        key = key.strip().lower()
        if _SHORT.get(key, key) == name:
            parts = re.split(r",(?=\s*<)", value) if name in ("route", "record-route") else [value]
            values += [part.strip() for part in parts]
    return values
