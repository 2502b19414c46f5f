"""What a leg's far end is made out to say."""

import numpy as np
import pytest

from dialer.core.states import EndCause
from dialer.errors import ConfigError
from dialer.network_words import NetworkWords, Plays, SitMeanings
from telephony.audio.announcements import Library, read_announcement
from telephony.audio.ear import Ear, ears
from telephony.audio.findings import Sit
from tests import sounds

MEANS = {
    Sit.INTERCEPT: EndCause.CHANGED,
    Sit.VACANT: EndCause.UNALLOCATED,
    Sit.REORDER: EndCause.CONGESTION,
    Sit.NO_CIRCUIT: EndCause.CONGESTION,
    Sit.PLAIN: EndCause.UNREACHABLE,
}
OFF = sounds.speech(7, 4.0)
ITU = sounds.tones(sounds.SITS["itu"][1])


@pytest.fixture
def library(tmp_path):
    path = sounds.write_wav(tmp_path / "off.wav", OFF)
    return Library([read_announcement(path, EndCause.SWITCHED_OFF)])


def heard(samples, *, sit=MEANS, library=None):
    ear = Ear(sit, library or Library([]))
    for at, piece in enumerate(sounds.pieces(samples, 2000), 1):
        if (found := ear.hear(sounds.pcm(piece))) is not None:
            return found.means, found.said, at * 0.25
    return None


def test_a_sit_with_a_category_is_told_at_once(library):
    line = np.concatenate([sounds.tones(sounds.SITS["vacant"][1]), OFF])
    assert heard(line, library=library)[:2] == (EndCause.UNALLOCATED, "SIT vacant")


def test_an_announcement_is_told_by_the_name_of_its_recording(library):
    assert heard(OFF, library=library)[:2] == (EndCause.SWITCHED_OFF, "announcement off.wav")


def test_after_a_plain_sit_the_announcement_tells(library):
    assert heard(np.concatenate([ITU, sounds.silence(0.4), OFF]), library=library)[0] is EndCause.SWITCHED_OFF


def test_a_plain_sit_tells_when_no_announcement_that_is_known_follows(library):
    means, said, after_s = heard(np.concatenate([ITU, sounds.speech(8, 10.0)]), library=library)
    assert (means, said) == (EndCause.UNREACHABLE, "SIT plain")
    assert 6.9 < after_s < 7.6


def test_a_plain_sit_tells_at_once_where_no_announcement_is_known():
    means, said, after_s = heard(np.concatenate([ITU, sounds.speech(8, 10.0)]))
    assert (means, said) == (EndCause.UNREACHABLE, "SIT plain")
    assert after_s < 1.6


def test_tones_are_not_listened_for_where_nobody_asked(library):
    assert heard(np.concatenate([ITU, sounds.silence(1.0)]), sit={}, library=library) is None


def test_a_person_who_answers_is_nothing(library):
    assert heard(sounds.speech(9, 10.0), library=library) is None


def test_a_file_that_names_neither_tones_nor_recordings_has_nobody_listen():
    assert ears(NetworkWords()) is None


def test_a_file_that_names_tones_or_recordings_has_calls_listened_to(tmp_path):
    path = sounds.write_wav(tmp_path / "off.wav", OFF)
    both = ears(NetworkWords(plays=(Plays(recording=path, means=EndCause.SWITCHED_OFF),), sit=SitMeanings()))
    assert both.sit == MEANS
    assert heard(OFF, library=Library(both.announcements))[0] is EndCause.SWITCHED_OFF
    assert ears(NetworkWords(sit=SitMeanings())).announcements == ()
    assert ears(NetworkWords(plays=(Plays(recording=path, means=EndCause.BUSY),))).sit == {}


def test_more_recordings_than_a_worker_can_be_told_are_refused(tmp_path):
    long = Plays(recording=sounds.write_wav(tmp_path / "long.wav", np.tile(OFF, 6)), means=EndCause.BUSY)
    with pytest.raises(ConfigError, match="1000 s are the most"):
        ears(NetworkWords(plays=(long,) * 52))
