"""Announcements that are known, in audio that streams in; speech is made up."""

import numpy as np
import pytest

from dialer.core.states import EndCause
from dialer.errors import ConfigError
from telephony.audio.announcements import Library, Matcher, read_announcement
from tests import sounds

MEANINGS = (
    EndCause.SWITCHED_OFF,
    EndCause.UNALLOCATED,
    EndCause.SUSPENDED,
    EndCause.UNREACHABLE,
    EndCause.BUSY,
)
COUNT = 50


def recording(index):
    return sounds.speech(1000 + index, 3.0 + index % 5)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("announcements")
    return Library(
        [
            read_announcement(
                sounds.write_wav(folder / f"{index}.wav", recording(index)), MEANINGS[index % len(MEANINGS)]
            )
            for index in range(COUNT)
        ]
    )


def heard(library, samples, size=2000):
    matcher = Matcher(library)
    for at, piece in enumerate(sounds.pieces(samples, size), 1):
        if (found := matcher.hear(piece)) is not None:
            return found.name, at * size / 8000
    return None


def name_of(found):
    return found and found[0]


@pytest.mark.parametrize("index", [0, 7, 23, 49])
@pytest.mark.parametrize(
    ("gain", "ahead_s", "snr_db"),
    [
        pytest.param(1.0, 0.0, None, id="as-it-is"),
        pytest.param(0.1, 0.0, None, id="soft"),
        pytest.param(3.0, 0.0, None, id="loud"),
        pytest.param(1.0, 1.013, None, id="a-second-late"),
        pytest.param(1.0, 0.016, None, id="half-a-frame-late"),
        pytest.param(1.0, 0.3, 20, id="with-noise"),
        pytest.param(0.5, 1.0, 10, id="with-much-noise"),
    ],
)
def test_a_known_announcement_is_recognised(library, index, gain, ahead_s, snr_db):
    line = np.concatenate([sounds.silence(ahead_s), np.clip(gain * recording(index), -1, 1)])
    line = line if snr_db is None else sounds.with_noise(line, snr_db)
    found = heard(library, sounds.through_mu_law(line.astype(np.float32)))
    assert name_of(found) == f"{index}.wav"


def test_it_is_recognised_within_seconds(library):
    _, within_s = heard(library, sounds.through_mu_law(recording(4)))
    assert within_s <= 2.5


def test_it_is_recognised_from_its_middle_and_when_it_is_repeated(library):
    middle = np.concatenate([recording(4)[12_345:], sounds.silence(0.5), recording(4)])
    assert name_of(heard(library, middle)) == "4.wav"


@pytest.mark.parametrize("seed", range(10))
def test_other_speech_is_none_of_them(library, seed):
    assert heard(library, sounds.through_mu_law(sounds.speech(seed, 20.0))) is None


def test_ringing_noise_and_silence_are_none_of_them(library):
    ringing = np.concatenate([sounds.tone(440, 2.0) + sounds.tone(480, 2.0), sounds.silence(4.0)] * 3)
    for line in (ringing, sounds.with_noise(ringing, -10), sounds.silence(20.0), sounds.tone(1000, 10.0)):
        assert heard(library, line) is None


def test_how_the_audio_is_cut_changes_nothing(library):
    line = np.concatenate([sounds.silence(0.4), recording(9)])
    assert {name_of(heard(library, line, size)) for size in (160, 777, 2000, 100_000)} == {"9.wav"}


def test_what_two_announcements_share_decides_nothing(tmp_path):
    shared, off, gone = sounds.speech(1, 3.0), sounds.speech(2, 3.0), sounds.speech(3, 3.0)
    library = Library(
        [
            read_announcement(sounds.write_wav(tmp_path / name, np.concatenate([shared, rest])), means)
            for name, rest, means in (
                ("off.wav", off, EndCause.SWITCHED_OFF),
                ("gone.wav", gone, EndCause.UNALLOCATED),
            )
        ]
    )
    assert heard(library, np.concatenate([shared, sounds.speech(4, 5.0)])) is None
    assert name_of(heard(library, np.concatenate([shared, gone]))) == "gone.wav"
    assert name_of(heard(library, np.concatenate([shared, off]))) == "off.wav"


def test_two_recordings_of_one_meaning_do_not_stand_in_each_others_way(tmp_path):
    one = sounds.speech(1, 4.0)
    library = Library(
        [
            read_announcement(sounds.write_wav(tmp_path / name, one), EndCause.BUSY)
            for name in ("a.wav", "b.wav")
        ]
    )
    assert name_of(heard(library, one)) in ("a.wav", "b.wav")


def test_a_library_of_none_hears_nothing():
    assert heard(Library([]), sounds.speech(1, 5.0)) is None


def test_what_a_leg_remembers_does_not_grow(library):
    matcher = Matcher(library)
    sizes = set()
    for piece in sounds.pieces(sounds.speech(5, 60.0), 2000):
        matcher.hear(piece)
        sizes.add(matcher._scores.nbytes + matcher._lasting.nbytes)
    assert sizes == {6 * len(library.words)}
    assert matcher._fingerprinter._rest.nbytes < 4 * 2048 * 2


@pytest.mark.parametrize(
    ("write", "told"),
    [
        pytest.param(lambda path: None, "there is no recording", id="missing"),
        pytest.param(lambda path: path.write_bytes(b"RIFF and no more"), "no WAV", id="no-wav"),
        pytest.param(
            lambda path: sounds.write_wav(path, sounds.speech(1, 4.0), rate_hz=16_000), "sox", id="16-khz"
        ),
        pytest.param(
            lambda path: sounds.write_wav(path, sounds.speech(1, 4.0), channels=2), "2 channels", id="stereo"
        ),
        pytest.param(lambda path: sounds.write_wav(path, sounds.speech(1, 1.5)), "at least 2 s", id="short"),
        pytest.param(lambda path: sounds.write_wav(path, sounds.silence(9.0)), "0.0 s of sound", id="silent"),
    ],
)
def test_a_recording_that_cannot_be_used_is_refused_with_the_remedy(tmp_path, write, told):
    write(tmp_path / "off.wav")
    with pytest.raises(ConfigError, match=told):
        read_announcement(tmp_path / "off.wav", EndCause.BUSY)
