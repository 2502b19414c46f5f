"""The SIP adapter's words: numbers and addresses into URIs, messages on the wire into facts. Pure.

Nothing that comes from a list or a person becomes part of a message unless its whole form is known, so
none of it can add a header or a parameter.
"""

import re
from typing import NamedTuple

from dialer.config import CallerIdForm, TrunkConfig
from dialer.phone_hosts import PhoneHosts

# Source: ITU-T E.164: at most 15 digits, no leading zero.
_E164 = re.compile(r"\+[1-9]\d{2,14}", re.ASCII)
# What a number rule may make of it: a national number, or one behind prefixes of up to 15 digits.
_DIALED = re.compile(r"\+?\d{1,30}", re.ASCII)
# Source: RFC 3261 section 25.1, narrowed: no password, no escapes, no headers, one parameter.
_AGENT_URI = re.compile(
    r"sip:(?P<user>[A-Za-z0-9_.!~*'+-]{1,64})@(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)"
    r"(?::(?P<port>\d{1,5}))?(?:;transport=(?P<transport>udp|tcp))?",
    re.ASCII,
)
_USER = re.compile(r"[A-Za-z0-9_.+-]{1,64}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)
_WIRE = re.compile(
    r"(?P<way>TX|RX) \d+ bytes (?:Request msg (?P<request>[A-Z]+)|Response msg (?P<code>\d{3})/(?P<method>[A-Z]+))"
    r"/cseq=\d+ [^\n]*:\n(?P<text>.*?)(?:\n?--end msg--\s*)?",
    re.DOTALL,
)
_CALL_ID = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_REASON = re.compile(
    r"^Reason[ \t]*:[ \t]*Q\.850[ \t]*;[^\r\n]*?cause[ \t]*=[ \t]*(\d{1,3})", re.IGNORECASE | re.MULTILINE
)
_PHRASE = re.compile(r"SIP/2\.0[ \t]+\d{3}[ \t]+([^\r\n]*)")
# The quoted text that ends a Reason's parameter or a Warning.
_SAID = re.compile(
    r"^(?:Reason[ \t]*:[^\r\n]*?;[ \t]*text[ \t]*=|Warning[ \t]*:[ \t]*\d{3}[ \t]+[^\r\n \t]+)[ \t]*"
    r'"((?:[^"\\\r\n]|\\.)*)"',
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_WORDS = 300
_PASSED = re.compile(r"INVITE sip:i-([0-9a-f]{32})@")
_SDP = re.compile(r"^(?:Content-Type|c)[ \t]*:[ \t]*application/sdp", re.IGNORECASE | re.MULTILINE)
_SECRET = re.compile(
    r'^((?:Proxy-)?Authorization[ \t]*:[^\r\n]*?\bresponse=")[^"]*', re.IGNORECASE | re.MULTILINE
)


_CSEQ = re.compile(r"^CSeq[ \t]*:[ \t]*(\d{1,10})", re.IGNORECASE | re.MULTILINE)
_PLAIN_DTMF = re.compile(
    r"^(?:Content-Type|c)[ \t]*:[ \t]*application/dtmf[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
# Source: RFC 4733 3.2 table 3, by event code.
KEYS = "0123456789*#ABCD"


class AgentAddress(NamedTuple):
    """Where an agent's phone is."""

    uri: str
    host: str
    port: int | None
    transport: str


class WireMessage(NamedTuple):
    """A SIP message that was sent or received. `code` is None in a request."""

    sent: bool
    method: str
    code: int | None
    call_id: str
    q850: int | None
    has_sdp: bool
    text: str


def number_uri(number: str, trunk: TrunkConfig) -> str:
    """Return the URI that calls a number through a trunk.

    Raises:
        ValueError: If it is no E.164 number with its plus sign.
    """
    return f"sip:{as_dialed(number, trunk)}@{trunk.host}:{trunk.port};transport={trunk.transport}"


def as_dialed(number: str, trunk: TrunkConfig) -> str:
    """Return a number in the form that a trunk's rules (`strip`, `prefix`, `international_prefix`) give it.

    Raises:
        ValueError: If it is no E.164 number with its plus sign, or the rules leave nothing of it.
    """
    if not _E164.fullmatch(number):
        raise ValueError("not an E.164 number")
    if not trunk.strip:
        return number
    if number.startswith(trunk.strip):
        dialed = trunk.prefix + number.removeprefix(trunk.strip)
    elif trunk.international_prefix is not None:
        dialed = trunk.international_prefix + number.removeprefix("+")
    else:
        dialed = number
    if not _DIALED.fullmatch(dialed):
        raise ValueError(f"the trunk's strip = {trunk.strip!r} leaves nothing to dial")
    return dialed


def caller_uri(caller_id: str, trunk: TrunkConfig, *, bind: str) -> str:
    """Return who calls: the caller id, else the trunk's user.

    Raises:
        ValueError: If the caller id is no E.164 number.
    """
    user = caller_number(caller_id, trunk)
    if not user:
        user = trunk.username if _USER.fullmatch(trunk.username) else "dialer"
    return f"sip:{user}@{bind}"


def asserted_identity(caller_id: str, trunk: TrunkConfig, *, bind: str) -> str:
    """Return the value of P-Asserted-Identity, empty if none is sent.

    Raises:
        ValueError: If the number is no E.164 number.

    Source:
        RFC 3325 9.1: a name-addr or addr-spec; the brackets keep what follows out of the URI.
    """
    identity = trunk.asserted_identity
    if isinstance(identity, bool):
        number = caller_number(caller_id, trunk) if identity else ""
    else:
        number = _in_form(identity, trunk)
    return f"<sip:{number}@{bind}>" if number else ""


def caller_number(caller_id: str, trunk: TrunkConfig) -> str:
    """Return the caller id, else the trunk's, in the form that the trunk shows; empty if there is none.

    Raises:
        ValueError: If it is no E.164 number.
    """
    number = caller_id or trunk.caller_id
    return _in_form(number, trunk) if number else ""


def _in_form(number: str, trunk: TrunkConfig) -> str:
    if not _E164.fullmatch(number):
        raise ValueError("caller id is not an E.164 number")
    return as_dialed(number, trunk) if trunk.caller_id_form is CallerIdForm.DIALED else number


def check_phone_host(address: AgentAddress, hosts: PhoneHosts) -> None:
    """Refuse a phone that is not at an allowed host.

    Raises:
        ValueError: With the remedy.
    """
    if not hosts.allows(address.host):
        raise ValueError(
            f"phones at {address.host} are not allowed: add the host to sip.allowed_phone_hosts of the "
            "configuration, or give the agent another phone"
        )


def agent_address(uri: str) -> AgentAddress:
    """Read an agent's SIP URI.

    Raises:
        ValueError: If it is not of the form `sip:user@host[:port][;transport=udp|tcp]`.
    """
    match = _AGENT_URI.fullmatch(uri)
    port = int(match["port"]) if match and match["port"] else None
    if match is None or port == 0 or (port or 0) > 65535:
        raise ValueError("not a SIP address of the form sip:user@host[:port][;transport=udp|tcp]")
    return AgentAddress(uri, match["host"], port, match["transport"] or "udp")


def opt_out_key(key: str) -> str:
    """Return a key that people may press, whole.

    Raises:
        ValueError: If it is none.
    """
    if key not in tuple(KEYS):
        raise ValueError(f"{key!r} is no key of a phone")
    return key


def file_name(name: str, suffix: str) -> str:
    """Return a file's name for a call.

    Raises:
        ValueError: If the name could lead out of its directory.
    """
    if not _FILE.fullmatch(name):
        raise ValueError("not a name for a file")
    return name + suffix


def wire_message(logged: str) -> WireMessage | None:
    """Return the SIP message that PJSIP's log shows, None for any other line."""
    match = _WIRE.fullmatch(logged)
    if match is None:
        return None
    text = match["text"]
    call_id = _CALL_ID.search(text)
    return WireMessage(
        sent=match["way"] == "TX",
        method=match["request"] or match["method"],
        code=int(match["code"]) if match["code"] else None,
        call_id=call_id[1] if call_id else "",
        q850=q850(text),
        has_sdp=bool(_SDP.search(text)),
        text=text,
    )


def call_id_of(text: str) -> str:
    """Return the Call-ID of a SIP message, empty if it has none."""
    found = _CALL_ID.search(text)
    return found[1] if found else ""


def passed_token(invite: str) -> str | None:
    """Return the token that the reception put into an INVITE it passed on, None if it has none."""
    found = _PASSED.match(invite)
    return found[1] if found else None


def plain_key(message: WireMessage) -> tuple[int, str] | None:
    """Return CSeq and key of an INFO with a body of type `application/dtmf`, None for anything else.

    The body is the key, or its event code in two digits. PJSIP knows `application/dtmf-relay` only.
    """
    if message.sent or message.code is not None or message.method != "INFO":
        return None
    cseq = _CSEQ.search(message.text)
    if cseq is None or not _PLAIN_DTMF.search(message.text):
        return None
    body = message.text.replace("\r\n", "\n").partition("\n\n")[2].strip().upper()
    if len(body) == 1 and body in KEYS:
        return int(cseq[1]), body
    if re.fullmatch(r"1[0-5]", body, re.ASCII):
        return int(cseq[1]), KEYS[int(body)]
    return None


def q850(text: str) -> int | None:
    """Return the Q.850 cause of a SIP message's Reason header (RFC 3326), if it has one."""
    match = _REASON.search(text)
    return int(match[1]) if match else None


def words(text: str) -> str:
    """Return what a refusal says beside its code: the phrase of its first line, texts of Reason and Warning headers.

    Source:
        RFC 3326 2 (Reason), RFC 3261 20.43 (Warning).
    """
    head = text.partition("\r\n\r\n")[0]
    first = _PHRASE.match(head)
    said = [first[1] if first else "", *(found[1] for found in _SAID.finditer(head))]
    each = (re.sub(r"\\(.)", r"\1", clean(one)).strip() for one in said)
    return "; ".join(dict.fromkeys(filter(None, each)))[:_LONGEST_WORDS]


def shown(text: str) -> str:
    """Return a SIP message as people may see it: without the answer to a digest challenge, or keys in an INFO."""
    if text.startswith("INFO "):
        head, blank, _ = text.partition("\r\n\r\n")
        text = f"{head}{blank}..."
    return _SECRET.sub(r"\1...", clean(text))


def clean(text: str) -> str:
    """Return text from the network as valid Unicode: bytes that are none came as lone surrogates."""
    return text.encode("utf-8", "replace").decode()
