"""What the SIP messages of a test call say: the ladder, the caller id as sent, where audio is wanted. Pure."""

import re
from collections.abc import Sequence

import msgspec

from telephony.sip.trial import CUSTOMER, Message

_FIRST = re.compile(r"(?:SIP/2\.0 (?P<status>\d{3}[^\r\n]*)|(?P<method>[A-Z]+) (?P<uri>\S+) SIP/2\.0)")
_CSEQ = re.compile(r"^CSeq[ \t]*:[ \t]*\d+[ \t]+(\w+)", re.IGNORECASE | re.MULTILINE)
_CONNECTION = re.compile(r"^c=IN IP[46] (\S+)", re.MULTILINE)
_AUDIO = re.compile(r"^m=audio (\d+) ", re.MULTILINE)


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One message: seconds since the first, whose call, `sent` or `received`, what."""

    at_s: float
    leg: str
    way: str
    message: str


class CallerId(msgspec.Struct, frozen=True, kw_only=True):
    """Who the customer was told is calling, as it stood in the INVITE."""

    sent_from: str
    asserted: str


class Audio(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session description wants audio sent."""

    host: str
    port: int


def rungs(messages: Sequence[Message]) -> list[Rung]:
    """Return the ladder."""
    return [rung(one, since=messages[0].at) for one in messages]


def rung(message: Message, *, since: float) -> Rung:
    """Return one message as it stands in the ladder."""
    found, cseq = _FIRST.match(message.text), _CSEQ.search(message.text)
    method = cseq[1] if cseq else ""
    what = message.text.partition("\n")[0].strip()
    if found is not None:
        what = f"{found['method']} {found['uri']}" if found["method"] else f"{found['status']} ({method})"
    sdp = described(message.text)
    audio = f", audio to {sdp.host}:{sdp.port}" if sdp is not None else ""
    way = "sent" if message.sent else "received"
    return Rung(at_s=round(message.at - since, 3), leg=message.leg, way=way, message=what + audio)


def described(text: str) -> Audio | None:
    """Return where a message's session description wants audio, None if it has none."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    media = _AUDIO.search(body)
    if "application/sdp" not in head.lower() or media is None:
        return None
    # The address of the media section counts; without one it is the session's, which stands first.
    hosts = _CONNECTION.findall(body[media.start() :]) or _CONNECTION.findall(body)
    return Audio(host=hosts[0], port=int(media[1])) if hosts else None


def wanted_by(messages: Sequence[Message], leg: str) -> Audio | None:
    """Return where the far end of a leg said last that it wants audio."""
    found = [described(one.text) for one in messages if one.leg == leg and not one.sent]
    return next((one for one in reversed(found) if one is not None), None)


def caller_id(messages: Sequence[Message]) -> CallerId | None:
    """Return the caller id of the customer's INVITE, None if none left."""
    invite = next((one for one in messages if one.leg == CUSTOMER and one.sent), None)
    if invite is None:
        return None
    return CallerId(
        sent_from=_header(invite.text, "From"), asserted=_header(invite.text, "P-Asserted-Identity")
    )


def challenged(messages: Sequence[Message], leg: str) -> bool:
    """Return whether credentials were sent."""
    return any(
        one.leg == leg and one.sent and re.search(r"^(Proxy-)?Authorization\s*:", one.text, re.MULTILINE)
        for one in messages
    )


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}[ \t]*:[ \t]*([^\r\n;]*)", text, re.IGNORECASE | re.MULTILINE)
    return found[1].strip() if found else ""
