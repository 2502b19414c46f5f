"""What it costs to listen to a leg: for tones, and for fifty announcements of eight seconds."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from dialer.core.states import EndCause
from dialer.network_words import NetworkWords, Plays, SitMeanings
from telephony.audio.announcements import Library
from telephony.audio.ear import Ear, ears
from telephony.audio.findings import Ears
from tests import sounds

_RECORDINGS, _RECORDING_S = 50, 8.0
_LINE_S = 60.0
_PIECE_BYTES = 4_000
"""A quarter of a second, as the SIP adapter gives it."""


def figures() -> Iterator[tuple[str, float, str]]:
    """Yield seconds of processor time per second of audio, the best of three: noise only ever adds time."""
    with TemporaryDirectory() as folder:
        known = tuple(_plays(Path(folder), index) for index in range(_RECORDINGS))
        every = ears(NetworkWords(plays=known, sit=SitMeanings()))
    tones = ears(NetworkWords(sit=SitMeanings()))
    for name, listened in (("audio.sit_cpu_share", tones), ("audio.announcements_cpu_share", every)):
        if listened is not None:
            yield name, min(_share(listened) for _ in range(3)), "1"


def _plays(folder: Path, index: int) -> Plays:
    samples = sounds.speech(1_000 + index, _RECORDING_S)
    return Plays(recording=sounds.write_wav(folder / f"{index}.wav", samples), means=EndCause.BUSY)


def _share(listened: Ears) -> float:
    line, library = sounds.pcm(sounds.speech(1, _LINE_S)), Library(listened.announcements)
    ear = Ear(listened.sit, library)
    before = process_time()
    for start in range(0, len(line), _PIECE_BYTES):
        ear.hear(line[start : start + _PIECE_BYTES])
    return (process_time() - before) / _LINE_S
