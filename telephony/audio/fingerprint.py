"""What makes two recordings the same, whatever their gain, codec and noise: which bands grow against their neighbours.

Source: J. Haitsma and T. Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002, with frames for speech at
8 kHz: 256 ms long, one every 32 ms, 33 bands between 300 and 3000 Hz, so 32 bits a frame. Two fingerprints of the same sound
differ in some 10 % of their bits, of different sounds in half of them.
"""

import numpy as np
from numpy.typing import NDArray

from telephony.audio.sit import RATE_HZ, Samples

FRAME, HOP = 2048, 256
HOP_S = HOP / RATE_HZ
_LOW_HZ, _HIGH_HZ = 300.0, 3000.0
_BANDS = 33
_QUIET = 3e-3
"""-50 dB of full scale (RMS): bits of softer frames say nothing. A guess, below any announcement, above comfort noise."""

Words = NDArray[np.uint32]

_EDGES = np.unique(np.round(np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 1) * FRAME / RATE_HZ).astype(np.int64))
_WINDOW = np.hanning(FRAME).astype(np.float32)
_PLACES = 1 << np.arange(_BANDS - 1, dtype=np.uint32)


class Fingerprinter:
    """Turns a stream into words, piece by piece; holds less than one frame of audio and one frame's bands."""

    def __init__(self) -> None:
        self._rest: Samples = np.zeros(0, np.float32)
        self._slopes: NDArray[np.float32] | None = None

    def hear(self, samples: Samples) -> tuple[Words, NDArray[np.bool_]]:
        """Return a word for each frame that is complete, and whether it is loud enough to say something."""
        audio = np.concatenate([self._rest, samples])
        count = max(0, (len(audio) - FRAME) // HOP + 1)
        self._rest = audio[count * HOP :]
        if not count:
            return np.zeros(0, np.uint32), np.zeros(0, np.bool_)
        frames = np.lib.stride_tricks.sliding_window_view(audio, FRAME)[: count * HOP : HOP]
        power = np.abs(np.fft.rfft(frames * _WINDOW, axis=1)) ** 2
        bands = np.add.reduceat(power, _EDGES, axis=1)[:, :_BANDS]
        slopes = (bands[:, :-1] - bands[:, 1:]).astype(np.float32)
        before = slopes[:1] if self._slopes is None else self._slopes[None, :]
        grows = slopes - np.concatenate([before, slopes[:-1]]) > 0
        self._slopes = slopes[-1]
        loud = np.mean(frames * frames, axis=1) > _QUIET**2
        return (grows * _PLACES).sum(axis=1, dtype=np.uint32), loud


def fingerprint(samples: Samples) -> tuple[Words, NDArray[np.bool_]]:
    """Return the words of a whole recording, without the silence around it."""
    words, loud = Fingerprinter().hear(samples)
    heard = np.flatnonzero(loud)
    if not len(heard):
        return words[:0], loud[:0]
    inside = slice(int(heard[0]), int(heard[-1]) + 1)
    return words[inside], loud[inside]
