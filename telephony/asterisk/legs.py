"""A leg as Asterisk's events tell of it: what is known of its channel, and what the engine has been told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dialer.core.ids import LegId
from dialer.core.states import EndCause
from dialer.core.switch_events import LegEnded
from dialer.network_words import Says
from telephony.causes import end_cause

NO_RTP = 44
"""Q.850 cause of a channel that Asterisk ended for its endpoint's `rtp_timeout`. Source: measured with 22.10;
res_pjsip_sdp_rtp.c sets AST_CAUSE_REQUESTED_CHAN_UNAVAIL."""

_SILENCE_OR_REFUSAL = 408
"""Asterisk says 408 for a far end that never said a word, too. Source: RFC 3261 17.1.1.2, timer B."""


class Place(NamedTuple):
    """The bridge that a channel is in."""

    bridge: str
    holding: bool
    """Whether one waits in it, hearing nobody."""


@dataclass(eq=False)
class Leg:
    """A customer's or an agent's channel, from its order to its end."""

    leg_id: LegId
    server: str
    is_agent: bool
    placed_at: float
    trunk: str = ""
    """Through which a customer is called."""
    says: Sequence[Says] = ()
    """What its trunk's own table knows of refusals."""
    channel: str = ""
    """Its name, empty until it is there."""
    uniqueid: str = ""
    """Asterisk's own id of a channel that came by itself; empty: it is the leg's."""
    dialing: bool = False
    ringing: int = 0
    """The provisional response that was told last."""
    rang: bool = False
    answered: bool = False
    refused: bool = False
    """Whether the far end or the network said a last word before any answer."""
    hung_up: bool = False
    """Whether we ended it."""
    ended: bool = False
    unmade_at: float | None = None
    """When its Originate was said to have failed, nothing having been told of a channel till then."""
    unmade: str = ""
    """What that Originate asked for."""
    key: str = ""
    """The key that is held down."""
    waited: bool = False
    """Whether it was ever in a holding bridge."""
    place: Place | None = None
    music: bool = False
    """Whether it hears music where it waits."""
    video: bool = False
    """Whether it carries video, too."""
    is_guest: bool = False
    """Whether it was called to the talk of another agent or customer."""

    @property
    def waits(self) -> bool:
        """Whether it is in a holding bridge, from where it can be joined."""
        return self.place is not None and self.place.holding

    @property
    def is_joined(self) -> bool:
        """Whether it hears another leg."""
        return self.place is not None and not self.place.holding

    def ending(self, at: float, *, code: int | None, q850: int | None, text: str = "") -> LegEnded:
        """Return the event for its end.

        Args:
            at: When.
            code: The SIP code of Asterisk's `TechCause`.
            q850: Asterisk's `Cause`.
            text: Its own words for that.
        """
        if self.answered:
            return LegEnded(
                at=at,
                leg_id=self.leg_id,
                cause=EndCause.NO_AUDIO if q850 == NO_RTP and not self.hung_up else EndCause.CLEARED,
                sip_code=200,
                q850=q850,
            )
        if self.hung_up:
            return LegEnded(
                at=at,
                leg_id=self.leg_id,
                cause=EndCause.CANCELLED,
                sip_code=code if self.refused else None,
                q850=q850 if self.refused else None,
            )
        cause = self._why(code, q850, text)
        if not self.refused:  # then code and cause are Asterisk's own, for its patience is over
            code = q850 = None
        return LegEnded(at=at, leg_id=self.leg_id, cause=cause, sip_code=code, q850=q850, text=text)

    def _why(self, code: int | None, q850: int | None, text: str) -> EndCause:
        if not self.refused:
            return EndCause.NO_ANSWER if self.rang else EndCause.NO_REPLY
        if code is None:
            return EndCause.CANCELLED  # somebody else hung it up, at Asterisk
        if code == _SILENCE_OR_REFUSAL and not self.rang:
            return EndCause.NO_REPLY
        return end_cause(code, q850, text=text, says=self.says)
