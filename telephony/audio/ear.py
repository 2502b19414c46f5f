"""What a leg's far end says before anybody speaks: a SIT, or an announcement that is known."""

from collections.abc import Mapping

import msgspec

from dialer.core.states import EndCause
from dialer.errors import ConfigError
from dialer.network_words import NetworkWords
from telephony.audio.announcements import (
    MOST_S,
    Announcement,
    Library,
    Matcher,
    read_announcement,
    samples_of,
)
from telephony.audio.fingerprint import HOP_S
from telephony.audio.sit import RATE_HZ, Sit, SitDetector

_AFTER_SIT_S = 6.0
"""So long after a plain SIT the announcement that explains it is waited for. A guess: a pause, and time to be sure."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was made out, what it means, and how it is told."""

    means: EndCause
    said: str


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
        samples = samples_of(data)
        self._heard_s += len(samples) / RATE_HZ
        known = self._matcher.hear(samples) if self._knows_some else None
        if known is not None:
            return Heard(means=known.means, said=f"announcement {known.name}")
        for found in self._detector.hear(samples) if self._sit else ():
            if found.sit is not Sit.PLAIN or not self._knows_some:
                return self._says(found.sit)
            self._plain_until = self._plain_until or found.ended_s + _AFTER_SIT_S
        if self._plain_until is not None and self._heard_s >= self._plain_until:
            return self._says(Sit.PLAIN)
        return None

    def _says(self, sit: Sit) -> Heard:
        return Heard(means=self._sit[sit], said=f"SIT {sit.replace('_', ' ')}")


class Ears(msgspec.Struct, frozen=True, kw_only=True):
    """What all legs of a trunk are listened for, as processes hand it on."""

    sit: dict[Sit, EndCause]
    """Empty: tones are not listened for."""
    announcements: tuple[Announcement, ...] = ()

    def library(self) -> Library:
        """Return the announcements, to be shared by the legs' ears."""
        return Library(self.announcements)


def ears(words: NetworkWords) -> Ears | None:
    """Return what a carrier's file has its calls listened for; None: nothing.

    Raises:
        ConfigError: If a recording cannot be used, or all of them are too long.
    """
    if words.sit is None and not words.plays:
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
