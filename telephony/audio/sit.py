"""Special information tones: three tones in a row that say why a call failed, before the announcement that follows.

The audio is cut into frames of 20 ms, one every 10 ms. In each the strongest of some frequencies around the three
tones is looked for, and how much of the sound it is. Frames in a row that are nearly all one tone make a run; three
runs of the right lengths, rising and close together, are a SIT. Speech never holds one frequency for 0.2 s, let alone
these three in turn, so a run may be half noise.

Source: ITU-T E.180 7.4 (950, 1400 and 1800 Hz +-50 Hz, 330 +-70 ms, gaps of up to 30 ms); the North American
encoding by frequency and length after the Bellcore tables quoted at w4zt.com/freqs/sit.html (length +-5 %,
frequency +-0.2 %) and gbppr.ddns.net/2600/touch_tone.txt (all eight combinations).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from telephony.audio.findings import Sit

RATE_HZ = 8000
Samples = NDArray[np.float32]
"""Shares of full scale, at 8 kHz."""

_FRAME, _HOP = 160, 80
_HOP_S = _HOP / RATE_HZ
_STEP_HZ = 20.0
_BANDS_HZ = ((880.0, 1020.0), (1330.0, 1470.0), (1730.0, 1870.0))
"""Where each tone is looked for: 20 Hz more than it may be, so that its peak is seen."""
_REACH_HZ = 50.0
_CENTRES_HZ = (950.0, 1400.0, 1800.0)

_PURE = 0.5
"""Of a frame's power, the tone's share. Half is a tone as loud as the noise; a guess, settled by the tests' noise."""
_QUIET = 1e-3
"""-60 dB of full scale (RMS): nothing softer is a tone. E.180 sends them at some -30 dB of it."""
_MISSED = 2
"""Frames that a click or a lost packet may spoil within a run."""
_SHORTEST_S, _LONGEST_S = 0.225, 0.435
"""Tones of 330 +-70 ms and 380 +-5 %, and what measuring in hops of 10 ms adds."""
_CUT_S = 0.05
"""What is enough of a first tone whose beginning nobody heard, because the far end was quicker than who listens. A guess: its
frequency can be measured."""
_MOST = 100
"""Frames of a run that are kept: a tone that lasts longer is none of these, however long it is."""
_GAP_S = 0.06
_APART = 3.0
"""Between the amplitudes of two tones; E.180 allows 3 dB where they are sent."""
_SHORT_S = 0.327
"""Half way between the North American lengths, 274 and 380 ms."""
_NEAR_HZ = 14.0
"""Half way between the closest North American frequency and ITU's: 1370.6 and 1400 Hz, less the error of measuring."""
_LOW_HIGH_HZ = ((913.8, 985.2), (1370.6, 1428.5))


_ENCODED: Mapping[tuple[bool, bool, bool, bool], Sit] = {
    # whether tone 1, tone 2 are high; whether they are long
    (False, False, False, False): Sit.INTERCEPT,
    (False, False, True, True): Sit.NO_CIRCUIT,
    (True, True, True, True): Sit.NO_CIRCUIT,
    (True, False, True, False): Sit.VACANT,
    (True, False, False, True): Sit.REORDER,
    (False, True, False, True): Sit.REORDER,
}


class Tone(NamedTuple):
    """One of the three, as it was measured."""

    hz: float
    seconds: float


class SitHeard(NamedTuple):
    """A SIT, and where it ended, in seconds from the first sample."""

    sit: Sit
    ended_s: float
    tones: tuple[Tone, ...]


@dataclass
class _Run:
    band: int
    first: int
    last: int
    amplitudes: list[float] = field(default_factory=list)
    hertz: list[float] = field(default_factory=list)

    @property
    def was_on(self) -> bool:
        """Whether it may have begun before the first sample."""
        return self.first <= _MISSED

    def measured(self) -> tuple[Tone, float]:
        """Return the tone and its amplitude: a frame that holds half the tone is its edge."""
        sizes = np.array(self.amplitudes)
        size = float(np.median(sizes))
        whole = sizes > 0.9 * size
        hz = float(np.mean(np.array(self.hertz)[whole])) if whole.any() else 0.0
        return Tone(hz, int(np.sum(sizes > 0.5 * size)) * _HOP_S), size


def _bank() -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return the frequencies that are looked for, and what frames are multiplied with."""
    hertz = np.concatenate([np.arange(low, high + 1, _STEP_HZ) for low, high in _BANDS_HZ])
    phase = 2 * np.pi * np.outer(np.arange(_FRAME), hertz) / RATE_HZ
    window = np.hanning(_FRAME)[:, None]
    return hertz, np.concatenate([window * np.cos(phase), window * np.sin(phase)], axis=1).astype(np.float32)


_HERTZ, _BANK = _bank()
_WINDOW = np.hanning(_FRAME).astype(np.float32)
_WEIGHT = float(_WINDOW.sum())
_PER_BAND = len(_HERTZ) // len(_BANDS_HZ)


class SitDetector:
    """Listens to one leg, piece by piece; holds a second of findings at most, no audio but the last frame's."""

    def __init__(self) -> None:
        self._rest: Samples = np.zeros(0, np.float32)
        self._frame = 0
        self._run: _Run | None = None
        self._before: list[tuple[_Run, Tone, float]] = []

    def hear(self, samples: Samples) -> list[SitHeard]:
        """Return the SITs that ended in these samples, which follow those of the last time."""
        audio = np.concatenate([self._rest, samples])
        count = max(0, (len(audio) - _FRAME) // _HOP + 1)
        self._rest = audio[count * _HOP :]
        if not count:
            return []
        frames = np.lib.stride_tricks.sliding_window_view(audio, _FRAME)[: count * _HOP : _HOP]
        found = []
        for band, hz, amplitude in _strongest(frames):
            if heard := self._take(band, hz, amplitude):
                found.append(heard)
            self._frame += 1
        return found

    def _take(self, band: int, hz: float, amplitude: float) -> SitHeard | None:
        """Take in one frame; `band` is -1 if no tone is in it."""
        run = self._run
        if run is not None and band == run.band:
            run.last = self._frame
            if len(run.amplitudes) < _MOST:
                run.amplitudes.append(amplitude)
                run.hertz.append(hz)
            return None
        if run is not None and band < 0 and self._frame - run.last <= _MISSED:
            return None
        heard = self._close() if run is not None else None
        if band >= 0:
            self._run = _Run(band, self._frame, self._frame, [amplitude], [hz])
        return heard

    def _close(self) -> SitHeard | None:
        """End the run, and see whether it completes three."""
        run, self._run = self._run, None
        if run is None or run.last - run.first < 2:
            return None
        tone, size = run.measured()
        if self._before and (run.first - self._before[-1][0].last) * _HOP_S > _GAP_S:
            self._before = []
        shortest_s = _CUT_S if run.was_on else _SHORTEST_S
        fits = shortest_s <= tone.seconds <= _LONGEST_S and abs(tone.hz - _CENTRES_HZ[run.band]) <= _REACH_HZ
        if not fits or run.band != len(self._before):
            self._before = []
        if fits and run.band == len(self._before):
            self._before.append((run, tone, size))
        if len(self._before) < len(_BANDS_HZ):
            return None
        sizes = [one[2] for one in self._before]
        cut = self._before[0][0].was_on
        tones = tuple(one[1] for one in self._before)
        self._before = []
        if max(sizes) > _APART * min(sizes):
            return None
        return SitHeard(meaning(tones, cut=cut), (run.last * _HOP + _FRAME / 2) / RATE_HZ, tones)


def _strongest(frames: NDArray[np.float32]) -> list[tuple[int, float, float]]:
    """Return for each frame the band of the tone that it is, -1 for none, its frequency and its amplitude."""
    parts = frames @ _BANK
    power = parts[:, : len(_HERTZ)] ** 2 + parts[:, len(_HERTZ) :] ** 2
    energy = (frames * frames) @ _WINDOW
    best = np.argmax(power, axis=1)
    rows = np.arange(len(frames))
    at_best = power[rows, best]
    pure = 2 * at_best > _PURE * energy * _WEIGHT
    loud = energy > _QUIET**2 * _WEIGHT
    hertz = _HERTZ[best] + _STEP_HZ * _peak(power, rows, best)
    bands = np.where(pure & loud, best // _PER_BAND, -1)
    amplitudes = 2 * np.sqrt(at_best) / _WEIGHT
    return list(zip(bands.tolist(), hertz.tolist(), amplitudes.tolist(), strict=True))


def _peak(
    power: NDArray[np.float32], rows: NDArray[np.int64], best: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return how far beside the strongest frequency the peak is, in steps: a parabola through three logarithms."""
    inner = (best % _PER_BAND > 0) & (best % _PER_BAND < _PER_BAND - 1)
    middle = np.where(inner, best, 1)
    left, mid, right = (np.log(power[rows, middle + side] + 1e-20) for side in (-1, 0, 1))
    bend = left - 2 * mid + right
    offset = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
    return np.where(inner, np.clip(offset, -1, 1), 0.0)


def meaning(tones: tuple[Tone, ...], *, cut: bool = False) -> Sit:
    """Return what three tones say; lengths and frequencies outside the North American encoding say `plain`.

    Args:
        tones: As they were measured.
        cut: Whether the first one's length is not known; the others' tell the categories apart without it.
    """
    high = [_nearest(tone.hz, pair) for tone, pair in zip(tones, _LOW_HIGH_HZ, strict=False)]
    first, second = high
    if first is None or second is None:
        return Sit.PLAIN
    long = [tone.seconds > _SHORT_S for tone in tones]
    lengths = (long[0], not long[0]) if cut else (long[0],)
    found = (_ENCODED.get((first, second, one, long[1])) for one in lengths)
    return next((sit for sit in found if sit is not None), Sit.PLAIN)


def _nearest(hz: float, pair: tuple[float, float]) -> bool | None:
    """Return whether a frequency is the higher of two, None if it is neither."""
    low, high = pair
    if abs(hz - low) <= _NEAR_HZ:
        return False
    return True if abs(hz - high) <= _NEAR_HZ else None
