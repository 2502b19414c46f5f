"""Tone pairs: what each leg sends, and which pairs are in what it hears.

Every frequency is a multiple of 50 Hz, so 20 ms hold whole periods of each: a packet is the same 160 bytes
for ever, and one frame's correlation with one frequency is exactly zero for all others. Customers' pairs
take the multiples of 100 Hz, phones' pairs those between. A pair is a low and a high tone far apart, which
speech and a beep do not hold at once for long.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8_000
FRAME = 160
FRAME_S = FRAME / RATE_HZ

# Each tone's amplitude as a share of full scale: the sum peaks at half of it and leaves room for a mixed message.
_AMPLITUDE = 0.2
# Three eighths of what is sent: a mixer may turn it down by 8 dB; G.711's own noise is 40 dB below.
_AUDIBLE = 0.075
_LOWS = range(400, 1_800, 100)
_HIGHS = range(1_900, 3_300, 100)
_COUNT = len(_LOWS)


class Family(StrEnum):
    """Who sends a pair."""

    CUSTOMERS = "customers"
    PHONES = "phones"


def pairs_of(family: Family) -> tuple[str, ...]:
    """Return a family's 196 pairs, such as "400+1900"; the first 14 share no frequency."""
    shift = 0 if family is Family.CUSTOMERS else 50
    return tuple(
        f"{_LOWS[index] + shift}+{_HIGHS[(index + turn) % _COUNT] + shift}"
        for turn in range(_COUNT)
        for index in range(_COUNT)
    )


def family_of(pair: str) -> Family:
    """Return who sends a pair."""
    return Family.PHONES if int(pair.split("+", maxsplit=1)[0]) % 100 else Family.CUSTOMERS


def _linear(law: str) -> NDArray[np.float32]:
    """Source: ITU-T G.711 tables 1a and 2a, decoded as shares of full scale."""
    code = np.arange(256)
    if law == "PCMU":
        code = ~code & 0xFF
        exponent, mantissa = (code >> 4) & 7, code & 15
        size = (((mantissa << 3) + 0x84) << exponent) - 0x84
        value = np.where(code & 0x80, -size, size)
    else:
        code = code ^ 0x55
        exponent, mantissa = (code >> 4) & 7, code & 15
        size = np.where(
            exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0)
        )
        value = np.where(code & 0x80, size, -size)
    return (value / 32_768).astype(np.float32)


LINEAR = {law: _linear(law) for law in ("PCMU", "PCMA")}


def encode(samples: NDArray[np.float64], law: str) -> bytes:
    """Return samples, shares of full scale, in G.711: each the code that decodes nearest."""
    table = LINEAR[law]
    order = np.argsort(table, kind="stable")
    levels = table[order]
    right = np.clip(np.searchsorted(levels, samples), 1, 255)
    nearest = np.where(samples - levels[right - 1] < levels[right] - samples, right - 1, right)
    return order[nearest].astype(np.uint8).tobytes()


def _sine(frequency_hz: float, count: int) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * frequency_hz * np.arange(count) / RATE_HZ)


def pair_frames(pair: str, law: str) -> tuple[bytes, ...]:
    """Return the packets to repeat for a pair: one."""
    samples = sum((_AMPLITUDE * _sine(float(tone), FRAME) for tone in pair.split("+")), np.zeros(FRAME))
    return (encode(samples, law),)


def ringback_frames(law: str) -> tuple[bytes, ...]:
    """Return the packets to repeat for ringback: 440 and 480 Hz, 2 s on and 4 s off.

    Source:
        ITU-T E.180 supplement 2, United States.
    """
    tone = encode(0.1 * (_sine(440, 5 * FRAME) + _sine(480, 5 * FRAME)), law)
    silence = encode(np.zeros(FRAME), law)
    sounding = [tone[start : start + FRAME] for start in range(0, len(tone), FRAME)]
    return (*sounding * 20, *[silence] * 200)


_TONES = tuple(sorted(hz + shift for hz in (*_LOWS, *_HIGHS) for shift in (0, 50)))
_ORDER = tuple(pair for family in Family for pair in pairs_of(family))
_PHASE = np.outer(np.arange(FRAME), np.array(_TONES)) * (2 * np.pi / RATE_HZ)
_BASIS = (np.concatenate([np.cos(_PHASE), np.sin(_PHASE)], axis=1) * (2 / FRAME)).astype(np.float32)


def hear(frames: Sequence[bytes], law: str) -> tuple[list[tuple[str, ...]], list[float]]:
    """Return for each 160-byte frame the pairs in it, and its loudness as a share of full scale (RMS).

    Many frames at once are as fast as numpy multiplies matrices.

    Two pairs of one family at once are told apart with certainty among the first 14; among later
    ones the earliest pairs that explain the tones are taken.
    """
    codes = np.frombuffer(b"".join(frames), dtype=np.uint8).reshape(len(frames), FRAME)
    samples = LINEAR[law][codes]
    parts = samples @ _BASIS
    cosines, sines = parts[:, : len(_TONES)], parts[:, len(_TONES) :]
    present = cosines * cosines + sines * sines > _AUDIBLE**2
    loudness = np.sqrt(np.mean(samples * samples, axis=1))
    return [_explain(row.tobytes()) for row in present], [float(level) for level in loudness]


# A floor makes some hundreds again and again, and ever new ones where tones begin and end.
@lru_cache(maxsize=4096)
def _explain(present: bytes) -> tuple[str, ...]:
    tones = {_TONES[index] for index, is_there in enumerate(present) if is_there}
    found = []
    for pair in _ORDER:
        low, high = (int(tone) for tone in pair.split("+"))
        if low in tones and high in tones:
            tones -= {low, high}
            found.append(pair)
    return tuple(found)
