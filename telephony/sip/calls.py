"""One PJSIP call, its audio, and what is heard through it.

PJSIP's callbacks only record; the worker's loop reads what they recorded. A callback that raised would
keep its call alive and abort the process at its end, so none does.
"""

import contextlib
import time
from collections import deque
from typing import NamedTuple

import pjsua2 as pj

from telephony.sip.translate import KEYS, clean

NO_SLOT = 70010
"""PJ_ETOOMANY: all four calls of this process are taken."""


class StateSeen(NamedTuple):
    """A call changed its state (a PJSIP_INV_STATE)."""

    call: "SipCall"
    state: int
    code: int
    reason: str
    at: float


class MediaSeen(NamedTuple):
    """A call's audio came, changed or went."""

    call: "SipCall"
    at: float


class CallCame(NamedTuple):
    """Somebody calls us."""

    call: "SipCall"
    message: str
    at: float


class DigitSeen(NamedTuple):
    """The far end pressed a key: one of 0 to 9, *, #, A to D."""

    call: "SipCall"
    digit: str
    at: float


class FileEnded(NamedTuple):
    """A player reached the end of its file."""

    player: "Player"
    at: float


Seen = StateSeen | MediaSeen | CallCame | DigitSeen | FileEnded
Record = deque[Seen]


class SipCall(pj.Call):  # type: ignore[misc]  # pjsua2 has no types
    """A call that records what happens to it."""

    def __init__(self, account: pj.Account, record: Record, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self._record = record
        self.slot = call_id
        """Which of PJSIP's places it has."""
        self.ended = False
        self.audio: pj.AudioMedia | None = None
        self._receives = False
        self._packets = 0
        self.had_audio = False
        self.was_heard = False
        """Whether the far end ever sent RTP or RTCP."""
        self._heard_at = 0.0

    def onCallState(self, _: pj.OnCallStateParam) -> None:  # noqa: N802  # PJSIP's name
        """Record a state."""
        try:
            info = self.getInfo()
            seen = StateSeen(self, info.state, info.lastStatusCode, clean(info.lastReason), time.monotonic())
        except pj.Error as error:
            seen = StateSeen(self, pj.PJSIP_INV_STATE_DISCONNECTED, 0, error.title, time.monotonic())
        self.ended = self.ended or seen.state == pj.PJSIP_INV_STATE_DISCONNECTED
        self._record.append(seen)

    def onCallMediaState(self, _: pj.OnCallMediaStateParam) -> None:  # noqa: N802  # PJSIP's name
        """Record that audio came or went."""
        self._record.append(MediaSeen(self, time.monotonic()))

    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:  # noqa: N802  # PJSIP's name
        """Record a key, told by a telephone-event or by INFO (application/dtmf-relay)."""
        digit = str(prm.digit).upper()
        if len(digit) == 1 and digit in KEYS:  # else an event such as a hook flash
            self._record.append(DigitSeen(self, digit, time.monotonic()))

    def read_media(self, now: float) -> None:
        """Learn whether there is audio, and whether the far end is due to send any."""
        self.audio, self._receives, self._heard_at = None, False, now
        if self.ended:
            return
        try:
            info = self.getInfo()  # kept: its media live no longer than it
            media = list(info.media)
            if media and media[0].status in (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD):
                self.audio = self.getAudioMedia(-1)
                self.had_audio = True
                self._receives = media[0].status == pj.PJSUA_CALL_MEDIA_ACTIVE
        except pj.Error:
            self.audio = None

    @property
    def has_audio(self) -> bool:
        """Return whether it can be connected; what an ended call was connected by may be another's by now."""
        return self.audio is not None and not self.ended

    def silent_s(self, now: float) -> float:
        """Return for how long neither RTP that should have come nor RTCP has; seconds."""
        if self.ended or self.audio is None or not self._receives:
            return 0.0
        try:
            stat = self.getStreamStat(0)  # each kept, as above
            rtcp = stat.rtcp
            received, sent = rtcp.rxStat, rtcp.txStat
            # The far end's reports on what we sent count: one that is silent sends no RTP, but still these.
            packets = int(received.pkt) + int(sent.updateCount)
        except pj.Error:
            return 0.0
        if packets != self._packets:
            self._packets, self._heard_at = packets, now
            self.was_heard = self.was_heard or packets > 0
        return now - self._heard_at

    def speak_to(self, other: "SipCall", *, heard: bool = True) -> None:
        """Let another call hear this one, or no more, as far as both have audio."""
        if self.audio is None or not (self.has_audio and other.has_audio):
            return
        with contextlib.suppress(pj.Error):  # one of them has just gone, which is told by its state
            (self.audio.startTransmit if heard else self.audio.stopTransmit)(other.audio)

    def hang_up(self, code: int = 0) -> None:
        """End the call in whatever state it is; `code` refuses a call that came."""
        if self.ended:
            return
        option = pj.CallOpParam()
        option.statusCode = code
        try:
            self.hangup(option)
        except pj.Error:
            # PJSIP knows it no more, and will not say so again.
            self.ended = True
            self._record.append(
                StateSeen(self, pj.PJSIP_INV_STATE_DISCONNECTED, 0, "", time.monotonic()),
            )


class Player(pj.AudioMediaPlayer):  # type: ignore[misc]  # pjsua2 has no types
    """A WAV that is played once, or again and again."""

    def __init__(self, path: str, record: Record, *, repeat: bool) -> None:
        super().__init__()
        self._record = record
        self._repeat = repeat
        self.createPlayer(path, 0 if repeat else pj.PJMEDIA_FILE_NO_LOOP)

    def onEof2(self) -> None:  # noqa: N802  # PJSIP's name
        """Record the end of the file."""
        if not self._repeat:
            self._record.append(FileEnded(self, time.monotonic()))
