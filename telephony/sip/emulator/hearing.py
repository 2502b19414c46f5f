"""What one leg has heard so far: which pair, from when to when, and whether anything at all.

Pure: frames come in with the time they arrived. A pair counts as heard only if it lasts, so a stretch of
speech or the click of a switch-over is nobody's pair.
"""

import msgspec

from telephony.sip.emulator.tones import FRAME_S

# Guesses, to be settled by what real mixers do: a tenth of a second makes a pair heard, a gap of 0.2 s ends it.
_FRAMES_TO_COUNT = 5
_GAP_S = 0.2
# -40 dB of full scale: above comfort noise, below any voice.
_SOUND = 0.01


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One pair that was heard: `seconds` of it between the arrivals of its first and last frame."""

    pair: str
    seconds: float
    first_at: float
    last_at: float


class _Open:
    __slots__ = ("first_at", "frames", "last_at")

    def __init__(self, at: float) -> None:
        self.first_at = self.last_at = at
        self.frames = 0


class Ear:
    """Collects frames into segments; closed segments are fetched with `take_segments`."""

    def __init__(self) -> None:
        self.first_sound_at: float | None = None
        self._sounding = _Open(0.0)
        self._open: dict[str, _Open] = {}
        self._closed: list[Heard] = []
        self._totals: dict[str, Heard] = {}

    def frame(self, pairs: tuple[str, ...], loudness: float, *, at: float) -> None:
        """Take in one frame: the pairs in it and its loudness as a share of full scale."""
        if self.first_sound_at is None:
            self._listen_for_sound(loudness, at)
        for pair in pairs:
            segment = self._open.get(pair)
            if segment is None:
                segment = self._open[pair] = _Open(at)
            segment.last_at = at
            segment.frames += 1
        if len(self._open) > len(pairs):
            self.close_before(at - _GAP_S)

    def _listen_for_sound(self, loudness: float, at: float) -> None:
        if loudness < _SOUND:
            self._sounding = _Open(at)
            return
        if self._sounding.frames == 0:
            self._sounding.first_at = at
        self._sounding.frames += 1
        if self._sounding.frames >= _FRAMES_TO_COUNT:
            self.first_sound_at = self._sounding.first_at

    def close_before(self, at: float) -> None:
        """End every segment whose last frame is older."""
        for pair, segment in list(self._open.items()):
            if segment.last_at < at:
                del self._open[pair]
                if segment.frames >= _FRAMES_TO_COUNT:
                    self._close(pair, segment)

    def _close(self, pair: str, segment: _Open) -> None:
        heard = Heard(
            pair=pair,
            seconds=round(segment.frames * FRAME_S, 3),
            first_at=segment.first_at,
            last_at=segment.last_at,
        )
        self._closed.append(heard)
        before = self._totals.get(pair)
        if before is not None:
            seconds = round(before.seconds + heard.seconds, 3)
            heard = msgspec.structs.replace(before, seconds=seconds, last_at=heard.last_at)
        self._totals[pair] = heard

    def take_segments(self, *, at: float) -> list[Heard]:
        """Return the segments that ended since the last time, in the order they ended."""
        self.close_before(at - _GAP_S)
        closed, self._closed = self._closed, []
        return closed

    def summary(self) -> tuple[Heard, ...]:
        """Return each pair heard in closed segments once, with all its seconds, by first appearance."""
        return tuple(sorted(self._totals.values(), key=lambda heard: heard.first_at))
