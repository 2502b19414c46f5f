"""What a leg's far end says before anybody speaks: a SIT, or an announcement that is known."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dialer.core.states import EndCause
from dialer.errors import ConfigError
from dialer.network_words import NetworkWords
from telephony.audio.announcements import (
    MOST_S,
    Library,
    Matcher,
    read_announcement,
    read_wav,
    samples_of,
)
from telephony.audio.findings import Ears, Heard, Sit
from telephony.audio.fingerprint import HOP_S
from telephony.audio.sit import RATE_HZ, Samples, SitDetector

AFTER_ANSWER_S = 5.0
"""So long after the answer a machine of the network's would be heard. A guess: a second of silence, a SIT or the two
seconds that a known announcement takes, and something to spare."""
LONGEST_S = 120.0
"""No call rings longer; bounds what listening to one costs."""

_PIECE = 800
_AFTER_SIT_S = 6.0
"""So long after a plain SIT the announcement that explains it is waited for. A guess: a pause, and time to be sure."""


class Ear:
    """Listens to one leg, piece by piece, until something is made out."""

    def __init__(self, sit: Mapping[Sit, EndCause], library: Library) -> None:
        self._sit = sit
        self._detector = SitDetector()
        self._matcher = Matcher(library)
        self._knows_some = bool(library.announcements)
        self._heard_s = 0.0
        self._plain_until: float | None = None

    def hear(self, data: bytes) -> Heard | None:
        """Return what these 16-bit samples at 8 kHz, which follow those of the last time, made sure."""
        return self.hear_samples(samples_of(data))

    def hear_samples(self, samples: Samples) -> Heard | None:
        """Return the same of samples."""
        self._heard_s += len(samples) / RATE_HZ
        known = self._matcher.hear(samples) if self._knows_some else None
        if known is not None:
            return Heard(means=known.means, said=f"announcement {known.name}")
        for found in self._detector.hear(samples) if self._sit else ():
            if found.sit is not Sit.PLAIN or not self._knows_some:
                return self._says(found.sit)
            self._plain_until = self._plain_until or self._heard_s + _AFTER_SIT_S
        return self._over()

    def wait(self, seconds: float) -> Heard | None:
        """Return what time alone made sure: the far end sends nothing, not even silence."""
        self._heard_s += seconds
        return self._over()

    def _over(self) -> Heard | None:
        if self._plain_until is not None and self._heard_s >= self._plain_until:
            return self._says(Sit.PLAIN)
        return None

    def _says(self, sit: Sit) -> Heard:
        return Heard(means=self._sit[sit], said=f"SIT {sit.replace('_', ' ')}")


def ears(words: NetworkWords) -> Ears | None:
    """Return what a carrier's file has its calls listened for; None: nothing.

    Raises:
        ConfigError: If a recording cannot be used, or all of them are too long.
    """
    if not words.listens:
        return None
    known = tuple(read_announcement(each.recording, each.means) for each in words.plays)
    seconds = sum(len(each.words) for each in known) / 4 * HOP_S
    if seconds > MOST_S:
        raise ConfigError(
            f"causes: {seconds:.0f} s of recordings are too long, {MOST_S:g} s are the most: cut each to the words that "
            "tell it from others"
        )
    sit = {} if words.sit is None else {each: words.sit.means(each) for each in Sit}
    return Ears(sit=sit, announcements=known)


def listen(words: NetworkWords, recording: Path) -> tuple[Heard, float] | None:
    """Return what would be made out in a WAV, and after how many seconds of it; None: nothing.

    Raises:
        ConfigError: If it, or a recording that the words name, cannot be used.
    """
    samples, listened = read_wav(recording), ears(words)
    if listened is None:
        return None
    ear = Ear(listened.sit, Library(listened.announcements))
    # The silence afterwards is what an announcement that explains tones is waited for in.
    samples = np.concatenate([samples, np.zeros(int(_AFTER_SIT_S * RATE_HZ), np.float32)])
    for start in range(0, len(samples), _PIECE):
        if (heard := ear.hear_samples(samples[start : start + _PIECE])) is not None:
            return heard, (start + _PIECE) / RATE_HZ
    return None
