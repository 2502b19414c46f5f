"""Recognises announcements that were recorded before, in audio that streams in.

Each place in each recording has a score: the mean share of bits that differ between what was just heard and what the
recording has up to that place, older frames counting less. A frame moves every score one place on. A recording is
heard when a place's score stayed low for a while, and no recording of another meaning fits nearly as well: what two
announcements have in common ("The number you have dialed ...") decides nothing, the words after it do.

No fingerprint library is used: those that are kept well know music (chromaprint: 11 kHz, notes, seconds of it, a
system library), and the matching of speech from its middle would still be ours. This is a page of numpy.
"""

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialer.core.states import EndCause
from dialer.errors import ConfigError
from telephony.audio.findings import Announcement
from telephony.audio.fingerprint import HOP_S, Fingerprinter, Words, fingerprint
from telephony.audio.sit import RATE_HZ, Samples

SHORTEST_S = 2.0
"""Less sound than this is too little to be sure of."""
LONGEST_S = 20.0
"""What is longer is cut: who has not been recognised by then hears it for nothing."""
MOST_S = 1000.0
"""Of all recordings of a carrier, so that they fit what a worker is told when it starts: 129 bytes a second."""

_MEMORY = 32
"""Frames (1 s) after which an old one counts a third. With these three, 50 synthetic announcements that share half of
their words were told apart without an error down to 10 dB of noise, and no other speech was taken for one."""
_LIKE = 0.28
"""Scores of the same sound are 0.06 to 0.24 (16 ms off, mu-law, 10 dB of noise), of other speech 0.32 at least."""
_LASTS = 24
_CLEARER = 0.08
"""By so much must all other meanings be worse."""


def read_announcement(path: Path, means: EndCause) -> Announcement:
    """Take the fingerprint of a WAV (8 kHz, 16 bit, mono).

    Raises:
        ConfigError: If it is missing, of another form, or too short.
    """
    samples = read_wav(path)
    words, loud = fingerprint(samples[: int(LONGEST_S * RATE_HZ)])
    if len(words) * HOP_S < SHORTEST_S:
        raise ConfigError(
            f"{path}: {len(words) * HOP_S:.1f} s of sound are too little: record at least {SHORTEST_S:g} s"
        )
    return Announcement(name=path.name, means=means, words=words.tobytes(), loud=np.packbits(loud).tobytes())


def read_wav(path: Path) -> Samples:
    """Return what a WAV (8 kHz, 16 bit, mono) holds.

    Raises:
        ConfigError: If it is missing or of another form.
    """
    try:
        with wave.open(str(path)) as file:
            form = (file.getframerate(), file.getsampwidth(), file.getnchannels())
            data = file.readframes(file.getnframes())
    except FileNotFoundError as error:
        raise ConfigError(f"there is no recording {path}") from error
    except (OSError, EOFError, wave.Error) as error:
        raise ConfigError(f"{path} is no WAV that can be read: {error}") from error
    if form != (RATE_HZ, 2, 1):
        rate, width, channels = form
        raise ConfigError(
            f"{path} has {rate} Hz, {8 * width} bit, {channels} channels: make it 8 kHz, 16 bit, mono, as by "
            f"`sox {path.name} -r 8000 -b 16 -c 1 new.wav`"
        )
    return samples_of(data)


def samples_of(data: bytes) -> Samples:
    """Return 16-bit samples, little-endian, as shares of full scale."""
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32_768)


class Library:
    """The recordings of one carrier, ready to be compared with; shared by all who listen."""

    def __init__(self, announcements: Sequence[Announcement]) -> None:
        self.announcements = tuple(announcements)
        words = [np.frombuffer(one.words, np.uint32) for one in announcements]
        lengths = [len(one) for one in words]
        self.words: Words = np.concatenate(words) if words else np.zeros(0, np.uint32)
        loud = [
            np.unpackbits(np.frombuffer(one.loud, np.uint8), count=length)
            for one, length in zip(announcements, lengths, strict=True)
        ]
        self.loud: NDArray[np.bool_] = (
            np.concatenate(loud).astype(np.bool_) if loud else np.zeros(0, np.bool_)
        )
        self.starts = np.cumsum([0, *lengths[:-1]]) if words else np.zeros(0, np.int64)
        self.owner = np.repeat(np.arange(len(words)), lengths)
        meanings = [one.means for one in announcements]
        self.meaning = np.array([meanings.index(means) for means in meanings], np.int64)[self.owner]


class Matcher:
    """Listens to one leg, piece by piece; its memory is six bytes for each frame of the library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._fingerprinter = Fingerprinter()
        self._scores = np.full(len(library.words), 0.5, np.float32)
        self._lasting = np.zeros(len(library.words), np.int16)

    def hear(self, samples: Samples) -> Announcement | None:
        """Return the announcement that these samples, which follow those of the last time, made sure."""
        words, loud = self._fingerprinter.hear(samples)
        if not len(self._scores):
            return None
        for word, is_loud in zip(words, loud, strict=True):
            self._compare(word, is_loud=bool(is_loud))
            if (found := self._sure()) is not None:
                return found
        return None

    def _compare(self, word: np.uint32, *, is_loud: bool) -> None:
        library = self._library
        scores = np.empty_like(self._scores)
        scores[1:] = self._scores[:-1]
        scores[library.starts] = 0.5  # nothing was heard of it before
        lasting = np.empty_like(self._lasting)
        lasting[1:] = self._lasting[:-1]
        lasting[library.starts] = 0
        differ = np.float32(0.5)
        if is_loud:
            differ = np.bitwise_count(library.words ^ word).astype(np.float32) / np.float32(32)
        # Bits of a recording's pauses say nothing, so there a score stays as it is.
        scores += library.loud * (differ - scores) * np.float32(1 / _MEMORY)
        self._scores = scores
        self._lasting = np.where(scores < _LIKE, lasting + 1, 0).astype(np.int16)

    def _sure(self) -> Announcement | None:
        lasting = np.flatnonzero(self._lasting >= _LASTS)
        if not len(lasting):
            return None
        best = lasting[np.argmin(self._scores[lasting])]
        others = self._scores[self._library.meaning != self._library.meaning[best]]
        if len(others) and float(others.min()) - float(self._scores[best]) < _CLEARER:
            return None
        return self._library.announcements[int(self._library.owner[best])]
