"""What customers' far ends say before anybody speaks: early media, and the first seconds of an answer.

PJSIP records the audio into memory by itself; four times a second the worker takes what is new and looks into it.
A callback for each frame would be 50 turns of Python a second and leg. Nothing is kept, and nothing reaches a disk.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pjsua2 as pj

from dialer.core.ids import LegId
from dialer.core.switch_events import AnnouncementHeard
from telephony.audio.announcements import Library
from telephony.audio.ear import AFTER_ANSWER_S, LONGEST_S, Ear
from telephony.audio.findings import Ears, Heard
from telephony.sip.legs import Leg

_HEADER = 44
_EVERY_S = 0.25
"""PJSIP writes 4000 bytes at a time, so more often there is nothing new."""


class Recording:
    """What comes from a far end, in memory.

    Raises:
        pj.Error: If PJSIP has no place for it.
        OSError: If this machine has none.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("heard")
        self._at = _HEADER
        self._recorder = pj.AudioMediaRecorder()
        try:
            # PJSIP knows a WAV by its name only.
            with tempfile.TemporaryDirectory() as folder:
                name = Path(folder) / "heard.wav"
                name.symlink_to(f"/proc/self/fd/{self._file}")
                self._recorder.createRecorder(str(name))
        except (pj.Error, OSError):
            os.close(self._file)
            raise

    def follow(self, audio: pj.AudioMedia) -> None:
        """Take what a call's audio says from now on; a call changes its audio when it is answered."""
        with contextlib.suppress(pj.Error):  # it has just gone, which its state tells
            audio.startTransmit(self._recorder)

    def take(self) -> bytes:
        """Return what is new: 16-bit samples."""
        there = os.fstat(self._file).st_size
        data = os.pread(self._file, max(0, there - self._at) & ~1, self._at)
        self._at += len(data)
        return data

    def close(self) -> None:
        """Record no more, and forget everything."""
        pj.AudioMediaRecorder.__swig_destroy__(self._recorder)
        os.close(self._file)


class _Listening:
    def __init__(self, leg: Leg, ear: Ear, now: float) -> None:
        self.leg = leg
        self.ear = ear
        self.recording = Recording()
        self.until = now + LONGEST_S
        self.answered = False

    def attend(self, now: float) -> Heard | None:
        if self.leg.answered and not self.answered:
            self.answered = True
            self.until = now + AFTER_ANSWER_S
        data = self.recording.take()
        return self.ear.hear(data) if data else None


class Listeners:
    """The customers' legs of a worker that are listened to, each until something was made out or its time is over."""

    def __init__(self, ears: Ears, tell: Callable[[AnnouncementHeard], None]) -> None:
        self._sit = ears.sit
        self._library = Library(ears.announcements)
        self._tell = tell
        self._open: dict[LegId, _Listening] = {}
        self._done: set[LegId] = set()
        self._due_at = 0.0

    def media(self, leg: Leg, now: float) -> None:
        """Begin to listen to a leg that has audio, or follow it to its new audio."""
        audio = leg.call.audio
        if audio is None or leg.leg_id in self._done:
            return
        if leg.leg_id not in self._open:
            try:
                self._open[leg.leg_id] = _Listening(leg, Ear(self._sit, self._library), now)
            except (pj.Error, OSError):
                self._done.add(leg.leg_id)  # then this call goes on as if nobody listened
                return
        self._open[leg.leg_id].recording.follow(audio)

    def tick(self, now: float) -> None:
        """Look into what is new, if it is time to."""
        if now < self._due_at:
            return
        self._due_at = now + _EVERY_S
        for leg_id, one in list(self._open.items()):
            heard = None if one.leg.call.ended else one.attend(now)
            if heard is not None:
                self._tell(AnnouncementHeard(at=now, leg_id=leg_id, means=heard.means, said=heard.said))
            if heard is not None or one.leg.call.ended or now > one.until:
                self._stop(leg_id)

    def forget(self, leg_id: LegId) -> None:
        """Let go of a leg that is no more."""
        if leg_id in self._open:
            self._stop(leg_id)
        self._done.discard(leg_id)

    def _stop(self, leg_id: LegId) -> None:
        self._open.pop(leg_id).recording.close()
        self._done.add(leg_id)
