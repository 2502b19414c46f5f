"""Which ends of a call are the carrier's fault, and so cost the lead nothing.

What speaks of the number or the person is not: `telephony/causes.py` has read a code's Q.850 cause before.
Source of the list: RFC 3261 section 21 (408: no answer from where the number might be; 401, 403 and 407 refuse
us, not the number; 5xx: a server failed), ITU-T Q.850 (18 and 19: the number did not answer).
"""

from dialer.core.states import EndCause
from dialer.core.switch_events import LegEnded

_ALWAYS = frozenset({EndCause.NO_REPLY, EndCause.CARRIER_FAULT, EndCause.ACCOUNT_FAULT})
_NOBODY_ANSWERED = frozenset({18, 19})


def is_carrier_fault(end: LegEnded, *, rang: bool) -> bool:
    """Return whether a call that was never answered failed for the carrier."""
    if end.cause in _ALWAYS:
        return True
    if end.cause is EndCause.CONGESTION:
        return end.sip_code is not None and 500 <= end.sip_code < 600
    timed_out = end.cause is EndCause.NO_ANSWER and end.sip_code == 408
    return timed_out and not rang and end.q850 not in _NOBODY_ANSWERED


def is_definite(end: LegEnded, *, rang: bool) -> bool:
    """Return whether nobody can be called by this call any more, so that another trunk may try at once.

    A far end that says nothing may have heard us nevertheless.
    """
    return not rang and end.cause is not EndCause.NO_REPLY


def in_words(end: LegEnded) -> str:
    """Return what the network said, such as `503 Service Unavailable`, or our word for its silence."""
    said = " ".join(filter(None, (str(end.sip_code or ""), end.text)))
    return said or end.cause.replace("_", " ")
