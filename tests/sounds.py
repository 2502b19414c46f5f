"""Audio that tests and benchmarks make up: tones, noise, what a codec leaves, and something like speech."""

import wave
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from telephony.audio.findings import Sit
from telephony.audio.sit import RATE_HZ, Samples

LOW, HIGH, THIRD = (913.8, 1370.6), (985.2, 1428.5), 1776.7
SHORT, LONG = 0.274, 0.380
SITS: dict[str, tuple[Sit, Sequence[tuple[float, float]]]] = {
    "intercept": (Sit.INTERCEPT, ((LOW[0], SHORT), (LOW[1], SHORT), (THIRD, LONG))),
    "vacant": (Sit.VACANT, ((HIGH[0], LONG), (LOW[1], SHORT), (THIRD, LONG))),
    "reorder": (Sit.REORDER, ((LOW[0], SHORT), (HIGH[1], LONG), (THIRD, LONG))),
    "reorder-between-networks": (Sit.REORDER, ((HIGH[0], SHORT), (LOW[1], LONG), (THIRD, LONG))),
    "no-circuit": (Sit.NO_CIRCUIT, ((HIGH[0], LONG), (HIGH[1], LONG), (THIRD, LONG))),
    "no-circuit-between-networks": (Sit.NO_CIRCUIT, ((LOW[0], LONG), (LOW[1], LONG), (THIRD, LONG))),
    "itu": (Sit.PLAIN, ((950.0, 0.33), (1400.0, 0.33), (1800.0, 0.33))),
    "itu-short-and-high": (Sit.PLAIN, ((995.0, 0.265), (1445.0, 0.265), (1845.0, 0.265))),
    "not-assigned": (Sit.PLAIN, ((LOW[0], LONG), (HIGH[1], SHORT), (THIRD, LONG))),
}
"""What each says, and its tones: frequency and seconds."""


def silence(seconds: float) -> Samples:
    """Return nothing."""
    return np.zeros(int(seconds * RATE_HZ), np.float32)


def tone(hz: float, seconds: float, level: float = 0.1) -> Samples:
    """Return a sine; `level` is its amplitude as a share of full scale."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (level * np.sin(2 * np.pi * hz * at + 1.0)).astype(np.float32)


def tones(each: Sequence[tuple[float, float]], *, level: float = 0.1, gap_s: float = 0.0) -> Samples:
    """Return tones in a row, each a frequency and seconds, with silence after them."""
    parts = [part for hz, seconds in each for part in (tone(hz, seconds, level), silence(gap_s))]
    return np.concatenate([*parts, silence(0.1)])


def with_noise(samples: Samples, snr_db: float, *, seed: int = 1) -> Samples:
    """Return samples with white noise so many dB below their mean power."""
    chance = np.random.default_rng(seed)
    size = np.sqrt(np.mean(samples**2)) / 10 ** (snr_db / 20)
    return (samples + size * chance.normal(size=len(samples))).astype(np.float32)


def through_mu_law(samples: Samples) -> Samples:
    """Return what is left after a codec of 8 bits. Source: ITU-T G.711, as its continuous law with mu = 255."""
    bent = np.sign(samples) * np.log1p(255 * np.abs(samples)) / np.log1p(255)
    steps = np.round(bent * 127) / 127
    return (np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(255)) / 255).astype(np.float32)


@cache
def speech(seed: int, seconds: float, *, level: float = 0.3) -> Samples:
    """Return something like speech: voiced syllables with gliding pitch and formants, hisses, pauses."""
    chance = np.random.default_rng(seed)
    pitch = chance.uniform(90, 220)
    parts: list[NDArray[np.float64]] = []
    length = 0
    while length < seconds * RATE_HZ:
        part = _hiss(chance) if chance.random() < 0.25 else _vowel(chance, pitch)
        parts += [part, np.zeros(int(chance.choice([0.0, 0.02, 0.15], p=[0.6, 0.3, 0.1]) * RATE_HZ))]
        length += len(parts[-2]) + len(parts[-1])
    whole = np.concatenate(parts)[: int(seconds * RATE_HZ)]
    return (level * whole / np.abs(whole).max()).astype(np.float32)


def _vowel(chance: np.random.Generator, pitch: float) -> NDArray[np.float64]:
    count = int(chance.uniform(0.08, 0.25) * RATE_HZ)
    glide = pitch * np.linspace(chance.uniform(0.85, 1.15), chance.uniform(0.85, 1.15), count)
    phase = 2 * np.pi * np.cumsum(glide) / RATE_HZ
    formants = (chance.uniform(250, 900), chance.uniform(900, 2300), chance.uniform(2300, 3100))
    voice = np.zeros(count)
    for harmonic in range(1, int(3400 / pitch) + 1):
        hz = harmonic * pitch
        size = sum(1 / (1 + ((hz - formant) / 90) ** 2) for formant in formants) + 0.02
        voice += size / harmonic**0.3 * np.sin(harmonic * phase + harmonic)
    return voice * np.hanning(count)


def _hiss(chance: np.random.Generator) -> NDArray[np.float64]:
    count = int(chance.uniform(0.05, 0.12) * RATE_HZ)
    return 0.5 * np.diff(chance.normal(size=count + 1)) * np.hanning(count)


def pcm(samples: Samples) -> bytes:
    """Return samples as 16 bit, little-endian."""
    return (np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()


def write_wav(path: Path, samples: Samples, *, rate_hz: int = RATE_HZ, channels: int = 1) -> Path:
    """Write a recording."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm(samples))
    return path


def pieces(samples: Samples, size: int) -> list[Samples]:
    """Return samples cut into pieces."""
    return [samples[start : start + size] for start in range(0, len(samples), size)]
