"""What was wrong with a test call, from what became of its legs and where audio went. Pure."""

import ipaddress
from collections.abc import Mapping

import msgspec

from cli.doctor.findings import Finding, failure, ok, warning
from cli.doctor.sip import password_source
from cli.trial.ladder import Audio
from dialer.config import TrunkConfig
from dialer.core.states import EndCause
from telephony.sip.trial import AGENT, CUSTOMER, LegTrial

_FEW_PACKETS = 5
_QUIET = 0.02
"""A level that no voice stays under. A guess; the meter shows 0 for digital silence."""
_LOST_SHARE = 0.05
"""More lost packets than this are heard. A guess in the range that G.711 without concealment bears."""
# Source: RFC 1918 section 3, RFC 6598 section 7, RFC 3927 section 2.1.
_INNER = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
    )
)
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

REMEDIES: Mapping[EndCause, str] = {
    EndCause.BUSY: "call a number that is free",
    EndCause.NO_ANSWER: "have somebody answer it, or call another number",
    EndCause.DECLINED: "have it answered; 603, 607 or 608 also come from those who screen calls for the number",
    EndCause.UNALLOCATED: "check the number, and the form that the carrier wants: strip, prefix and "
    "international_prefix of the trunk",
    EndCause.CHANGED: "call the new number",
    EndCause.INVALID_FORMAT: "send numbers in the carrier's form: strip, prefix and international_prefix of the trunk",
    EndCause.UNREACHABLE: "call another number; if none is reached ask the carrier for its routes",
    EndCause.CONGESTION: "try again later; if it stays so ask the carrier for more lines",
    EndCause.CARRIER_FAULT: "ask the carrier, with the time and the Call-ID of the ladder",
    EndCause.MEDIA_REFUSED: "have the carrier allow G.711 (PCMU or PCMA) over plain RTP: nothing else is offered",
    EndCause.NO_REPLY: "check host, port and transport of the trunk, and that the firewall lets SIP to it and its "
    "answers pass; `dialer doctor` asks it without a call",
}


class TrialFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is judged."""

    trunk_name: str
    trunk: TrunkConfig
    bind: str
    rtp_port: int
    customer: LegTrial | None
    customer_audio: Audio | None
    """Where the carrier's session description wanted audio."""
    proved: bool = False
    """Whether the carrier asked for credentials and got some."""
    agent: LegTrial | None = None
    agent_audio: Audio | None = None


def judge(facts: TrialFacts) -> list[Finding]:
    """Return what was wrong, or that nothing was; the agent's side first."""
    found: list[Finding] = []
    if facts.agent is not None:
        found += _judge_agent(facts, facts.agent)
    if facts.customer is None:
        return found
    if facts.customer.answered_at is None:
        return [*found, _judge_unanswered(facts, facts.customer)]
    return [*found, *_judge_audio(facts, facts.customer, facts.customer_audio)]


def _judge_agent(facts: TrialFacts, leg: LegTrial) -> list[Finding]:
    if leg.answered_at is not None:
        return _judge_audio(facts, leg, facts.agent_audio)
    said = _said(leg)
    remedy = (
        "see that the phone is on, in the network and answers, and that its address is that of `dialer agent list`; "
        "`dialer doctor` asks it without a call"
    )
    return [failure(AGENT, f"the agent's phone did not answer ({said}), so nobody else was called", remedy)]


def _judge_unanswered(facts: TrialFacts, leg: LegTrial) -> Finding:
    text = f"not answered: {_said(leg)}"
    if leg.cause is EndCause.ACCOUNT_FAULT:
        return failure(CUSTOMER, text, _account_remedy(facts))
    if leg.hung_up and leg.cause is EndCause.CANCELLED:
        return failure(CUSTOMER, "nobody answered in time", REMEDIES[EndCause.NO_ANSWER])
    return failure(CUSTOMER, text, REMEDIES.get(leg.cause, REMEDIES[EndCause.CARRIER_FAULT]))


def _account_remedy(facts: TrialFacts) -> str:
    name, trunk = facts.trunk_name, facts.trunk
    if facts.proved:
        return f"the carrier got credentials and refused: check username in [trunks.{name}] and {password_source(trunk)}"
    if not trunk.username:
        return (
            f"the carrier asks who calls: set username and password_env in [trunks.{name}], or have it know this "
            "machine by its address"
        )
    return (
        "the carrier refused before it asked for the password: have it check that the account may call this number "
        "and show this caller id"
    )


def _said(leg: LegTrial) -> str:
    if leg.sip_code is None:
        return "the far end never said a word" if not leg.replied else leg.cause
    q850 = f", Q.850 cause {leg.q850}" if leg.q850 is not None else ""
    return f"{leg.sip_code} {leg.text}".strip() + f"{q850}: {leg.cause.replace('_', ' ')}"


def _judge_audio(facts: TrialFacts, leg: LegTrial, wanted: Audio | None) -> list[Finding]:
    audio = leg.audio
    if audio is None:
        return [failure(leg.leg, "answered, but there was no audio at all", REMEDIES[EndCause.MEDIA_REFUSED])]
    signalling = facts.trunk.host if leg.leg == CUSTOMER else ""
    if audio.received_packets < _FEW_PACKETS:
        return [_nothing_came(facts, leg, wanted, signalling)]
    found = []
    heard_from = audio.heard_from.rpartition(":")[0]
    if wanted is not None and heard_from and heard_from != wanted.host:
        found.append(_elsewhere(leg, wanted, audio.heard_from))
    share = audio.lost_packets / (audio.lost_packets + audio.received_packets)
    if share > _LOST_SHARE:
        remedy = "look for a full line between here and there: `ping`, and other traffic on it"
        found.append(warning(leg.leg, f"{share:.0%} of the audio was lost", remedy))
    if audio.peak_level < _QUIET:
        remedy = (
            "say something at the far end; a phone that is muted or an announcement that waits is silent too"
        )
        found.append(
            warning(leg.leg, f"audio came ({audio.received_packets} packets), but it was silent", remedy)
        )
    return found or [ok(leg.leg, f"audio went and came, {audio.codec}, from {audio.heard_from}")]


def _nothing_came(facts: TrialFacts, leg: LegTrial, wanted: Audio | None, signalling: str) -> Finding:
    sent = leg.audio.sent_packets if leg.audio else 0
    where = f"{wanted.host}:{wanted.port}" if wanted is not None else "nowhere"
    whose = "the carrier's" if leg.leg == CUSTOMER else "the phone's"
    fault = _fault_of(wanted.host, signalling) if wanted is not None else "names no address"
    if fault:
        return failure(
            leg.leg,
            f"answered, but no audio came: {whose} SDP names {where}, which {fault}; {sent} packets of ours went there",
            "have the far side name an address that can be reached from here (a NAT in front of it must rewrite SDP), "
            "or go through a session border controller",
        )
    last = facts.rtp_port + 19
    return failure(
        leg.leg,
        f"answered, but no audio came; {sent} packets of ours went to {where}, and {facts.bind} was to get the others",
        f"let UDP to {facts.bind}, ports {facts.rtp_port} to {last} of this call and those of all workers, pass the "
        "firewall; behind a NAT set sip.bind to an address that the far side can send to",
    )


def _elsewhere(leg: LegTrial, wanted: Audio, heard_from: str) -> Finding:
    whose = "the carrier's" if leg.leg == CUSTOMER else "the phone's"
    return warning(
        leg.leg,
        f"{whose} SDP names {wanted.host}:{wanted.port}, but its audio comes from {heard_from}",
        "have the far side name its right address: ours goes there only because audio is sent back where it comes from",
    )


def _fault_of(named: str, signalling: str) -> str:
    """Return what is wrong with an address for audio, empty if nothing is known to be."""
    address = _address(named)
    peer = _address(signalling)
    if address is None:
        return "is no address"
    if address.is_unspecified:
        return "is nobody's address"
    if peer is not None and peer.is_loopback and address != peer:
        return f"is not {signalling}, where its SIP comes from"
    if address.is_loopback and peer is not None and not peer.is_loopback:
        return "is this machine itself"
    if _is_inner(address) and peer is not None and not _is_inner(peer):
        return "is a private address that cannot be reached from outside its network"
    return ""


def _is_inner(address: _Address) -> bool:
    return address.version == 4 and any(address in network for network in _INNER)


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
