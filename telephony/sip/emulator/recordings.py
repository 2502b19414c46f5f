"""What carriers say instead of a code: special information tones and recorded announcements, as packets."""

import wave
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from telephony.sip.emulator.tones import FRAME, RATE_HZ, encode

_PAUSE_S = 2.0
_AMPLITUDE = 0.1
_LOW, _HIGH, _THIRD = (913.8, 1370.6), (985.2, 1428.5), (1776.7, 0.38)
_SHORT_S, _LONG_S = 0.274, 0.38

SITS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "sit-intercept": ((_LOW[0], _SHORT_S), (_LOW[1], _SHORT_S), _THIRD),
    "sit-vacant": ((_HIGH[0], _LONG_S), (_LOW[1], _SHORT_S), _THIRD),
    "sit-reorder": ((_LOW[0], _SHORT_S), (_HIGH[1], _LONG_S), _THIRD),
    "sit-no-circuit": ((_HIGH[0], _LONG_S), (_HIGH[1], _LONG_S), _THIRD),
    "sit-plain": ((950.0, 0.33), (1400.0, 0.33), (1800.0, 0.33)),
}
"""Frequency and seconds of each tone. Source: w4zt.com/freqs/sit.html; ITU-T E.180 7.4 for the plain one."""


@cache
def frames(plays: str, law: str) -> tuple[bytes, ...]:
    """Return the packets to repeat: the tones or the recording, then a pause.

    Raises:
        OSError: If there is no such recording any more.
    """
    samples = _tones(plays) if plays in SITS else _recording(plays)
    whole = np.concatenate([samples, np.zeros(int(_PAUSE_S * RATE_HZ))])
    whole = np.concatenate([whole, np.zeros(-len(whole) % FRAME)])
    data = encode(whole, law)
    return tuple(data[start : start + FRAME] for start in range(0, len(data), FRAME))


def _tones(name: str) -> NDArray[np.float64]:
    parts = []
    for hz, seconds in SITS[name]:
        at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
        parts.append(_AMPLITUDE * np.sin(2 * np.pi * hz * at))
    return np.concatenate(parts)


def _recording(path: str) -> NDArray[np.float64]:
    with wave.open(path) as file:
        data = file.readframes(file.getnframes())
    return np.frombuffer(data, "<i2").astype(np.float64) / 32_768
