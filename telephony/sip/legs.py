"""A leg in its worker: what the wire said of it, what it is joined to, and how its end is told."""

from dataclasses import dataclass, field

import pjsua2 as pj

from dialer.core.guest_states import Supervision
from dialer.core.ids import LegId
from dialer.core.states import EndCause
from dialer.core.switch_events import LegEnded, LegRinging
from dialer.network_words import Says
from telephony.causes import end_cause
from telephony.sip.calls import Player, SipCall, StateSeen
from telephony.sip.protocol import Expect, Join, Play
from telephony.sip.recorder import Recorder
from telephony.sip.translate import WireMessage, plain_key, words

_INVITE_HELD_S = 33.0
"""A request nobody answers keeps its call's place this long. Source: RFC 3261 17.1.1.2, timer B = 64 * T1."""

_TRIED_AGAIN = frozenset({401, 407, 422})
"""Refusals after which PJSIP asks anew: for credentials, and for a longer session timer. Any other is the last word."""


@dataclass(eq=False)
class Cross:
    """The call between a customer's worker and an agent's, seen from either side.

    `join` is known where it was placed, `expected` where it was taken; `call` is None until a place was free.
    """

    customer_leg: LegId
    agent_leg: LegId
    due_at: float
    join: Join | None = None
    expected: Expect | None = None
    call: SipCall | None = None
    next_at: float = 0.0
    """When the agent's worker, which had no place, is tried again."""
    joined: bool = False

    @property
    def mode(self) -> Supervision | None:
        """How a supervisor takes part who came by it; None: it is part of the talk."""
        return None if self.expected is None else self.expected.mode

    def close(self) -> None:
        """End the call."""
        if self.call is not None:
            self.call.hang_up()


@dataclass(eq=False)
class Leg:
    """A customer's or an agent's call."""

    leg_id: LegId
    call: SipCall
    dialed_at: float
    answered: bool = False
    heard: bool = False
    """Whether the far end ever said anything, be it 100."""
    far_end_left: bool = False
    hung_up: bool = False
    cause: EndCause | None = None
    early_media: bool = False
    code: int | None = None
    q850: int | None = None
    words: str = ""
    """What the network said beside its final code."""
    says: tuple[Says, ...] = ()
    """What its trunk's table knows of refusals."""
    pending: dict[str, float] = field(default_factory=dict)
    cross: Cross | None = None
    """The one that was placed for it."""
    leaving: Cross | None = None
    """The one before, until the new one is up."""
    spokes: list[Cross] = field(default_factory=list)
    """Those that were taken for it."""
    mixed: list[tuple[SipCall, SipCall]] = field(default_factory=list)
    """Who hears whom in its talk: a speaker and a listener each."""
    recorder: Recorder | None = None
    player: Player | None = None
    playing: Play | None = None
    """What was ordered last; None: the key that it asked for was pressed."""
    wire_id: str = ""
    """The Call-ID of a phone that called in; others have the leg's id."""
    keyed: int = -1
    """CSeq of the last INFO whose key was told."""

    def see(self, at: float, message: WireMessage) -> None:
        """Take note of a message on the wire."""
        if message.sent:
            if message.code is None and message.method != "ACK":
                self.pending.setdefault(message.method, at)
            return
        self.heard = True
        self.q850 = message.q850 or self.q850
        if message.code is None:
            self.far_end_left = self.far_end_left or message.method == "BYE"
            return
        if message.code >= 200:
            self.pending.pop(message.method, None)
        if message.method == "INVITE" and not self.answered:
            self.early_media = self.early_media or (message.code < 200 and message.has_sdp)
            if message.code >= 200 and (self.code is None or self.code in _TRIED_AGAIN):
                self.code, self.words = message.code, words(message.text)

    def key_on(self, message: WireMessage) -> str | None:
        """Return the key that a message tells and PJSIP does not, None if it tells none or was repeated."""
        found = plain_key(message)
        if found is None or found[0] <= self.keyed:
            return None
        self.keyed, key = found
        return key

    def released(self, now: float) -> bool:
        """Return whether PJSIP has given the call's place back."""
        return self.call.ended and all(now - sent_at > _INVITE_HELD_S for sent_at in self.pending.values())

    def hang_up(self, cause: EndCause | None = None) -> None:
        """End the leg; the first given cause counts."""
        self.hung_up = True
        self.cause = self.cause or cause
        self.call.hang_up()

    @property
    def crosses(self) -> list[Cross]:
        """All of them."""
        return [*(one for one in (self.cross, self.leaving) if one is not None), *self.spokes]

    def lose(self, cross: Cross) -> None:
        """Have a cross-leg no more, whichever it was."""
        self.cross = None if self.cross is cross else self.cross
        self.leaving = None if self.leaving is cross else self.leaving
        self.spokes = [one for one in self.spokes if one is not cross]

    def stop_recording(self) -> None:
        """End the recording, if there is one."""
        if self.recorder is not None:
            recorder, self.recorder = self.recorder, None
            recorder.close()

    def stop_playing(self) -> None:
        """End a message before its time."""
        if self.player is not None:
            pj.AudioMediaPlayer.__swig_destroy__(self.player)
            self.player = None

    def ringing(self, seen: StateSeen) -> LegRinging:
        """Return the event for a provisional response."""
        return LegRinging(
            at=seen.at,
            leg_id=self.leg_id,
            sip_code=seen.code,
            early_media=self.early_media and seen.code == 183,
        )

    def ending(self, seen: StateSeen) -> LegEnded:
        """Return the event for the leg's end."""
        return LegEnded(
            at=seen.at,
            leg_id=self.leg_id,
            cause=self._why(),
            sip_code=self.code,
            q850=self.q850,
            text="" if self.hung_up else self.words or seen.reason,
        )

    def _why(self) -> EndCause:
        if self.cause is not None:
            return self.cause
        if self.answered:
            # PJSIP ends by itself what was answered with audio that it cannot make sense of.
            makes_sense = self.call.had_audio or self.hung_up or self.far_end_left
            return EndCause.CLEARED if makes_sense else EndCause.MEDIA_REFUSED
        if self.hung_up:
            return EndCause.CANCELLED
        if self.code is not None and self.code < 300:
            return EndCause.MEDIA_REFUSED  # it picked up with audio that we cannot speak
        if self.code is None and self.heard:
            return end_cause(408, self.q850, says=self.says)
        return end_cause(self.code, self.q850, text=self.words, says=self.says)
