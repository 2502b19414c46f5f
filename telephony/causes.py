"""Why a leg ended: what SIP and Q.850 say, in our words. The only table of its kind.

A code that is about the number or the person is believed. One that a carrier also uses for want of a
better one (480, 503, ...) is read through its Q.850 cause, where there is one. What a trunk's own table knows
comes first.

Source: RFC 3261 section 21, RFC 3398 section 8.2.6.1, ITU-T Q.850 (2018) table 1.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dialer.core.states import EndCause
from dialer.network_words import Says

_NUMBER_CAUSES: Mapping[int, EndCause] = {
    1: EndCause.UNALLOCATED,
    22: EndCause.CHANGED,
    28: EndCause.INVALID_FORMAT,
}

_VAGUE_CAUSES: Mapping[int, EndCause] = {
    **_NUMBER_CAUSES,
    3: EndCause.UNREACHABLE,
    17: EndCause.BUSY,
    18: EndCause.NO_ANSWER,
    19: EndCause.NO_ANSWER,
    20: EndCause.UNREACHABLE,  # subscriber absent
    21: EndCause.DECLINED,
    27: EndCause.UNREACHABLE,
    34: EndCause.CONGESTION,
    42: EndCause.CONGESTION,
}

_CODES: Mapping[int, EndCause] = {
    301: EndCause.CHANGED,
    401: EndCause.ACCOUNT_FAULT,
    403: EndCause.ACCOUNT_FAULT,
    404: EndCause.UNALLOCATED,
    407: EndCause.ACCOUNT_FAULT,
    408: EndCause.NO_ANSWER,
    410: EndCause.CHANGED,
    480: EndCause.NO_ANSWER,
    484: EndCause.INVALID_FORMAT,
    485: EndCause.UNALLOCATED,
    486: EndCause.BUSY,
    487: EndCause.NO_ANSWER,
    488: EndCause.MEDIA_REFUSED,
    600: EndCause.BUSY,
    603: EndCause.DECLINED,
    604: EndCause.UNALLOCATED,
    606: EndCause.MEDIA_REFUSED,
    607: EndCause.DECLINED,
    608: EndCause.DECLINED,
}

_CERTAIN = frozenset({486, 488, 600, 603, 606, 607, 608})
_VAGUE = frozenset({408, 480, 487})


class Reading(NamedTuple):
    """What the network's words mean, and why they do."""

    cause: EndCause
    why: str


def end_cause(
    sip_code: int | None, q850: int | None = None, *, text: str = "", says: Sequence[Says] = ()
) -> EndCause:
    """Return why a leg that was never answered ended.

    Args:
        sip_code: The final code; None: the far end never said a word.
        q850: The Q.850 cause of its Reason header.
        text: The network's own words.
        says: What the trunk's own table knows.
    """
    return reading(sip_code, q850, text=text, says=says).cause


def reading(
    sip_code: int | None, q850: int | None = None, *, text: str = "", says: Sequence[Says] = ()
) -> Reading:
    """Return the same as `end_cause`, with the reason."""
    if sip_code is None:
        return Reading(EndCause.NO_REPLY, "the far end never said a word")
    for number, entry in enumerate(says, 1):
        if entry.fits(sip_code, q850, text):
            return Reading(entry.means, f"says {number} of the trunk's table: {entry.in_words()}")
    cause = _CODES.get(sip_code, EndCause.CARRIER_FAULT)
    alone = Reading(cause, f"the general table: SIP code {sip_code}")
    if q850 is None or sip_code in _CERTAIN:
        return alone
    spoken = _VAGUE_CAUSES if sip_code in _VAGUE or sip_code not in _CODES else _NUMBER_CAUSES
    if q850 not in spoken:
        return alone
    return Reading(spoken[q850], f"the general table: SIP code {sip_code} with Q.850 cause {q850}")
