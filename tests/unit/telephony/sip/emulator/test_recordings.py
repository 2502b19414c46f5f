"""What an emulated carrier says, made out by what the adapter listens with: each checks the other."""

import numpy as np
import pytest

from telephony.audio.findings import Sit
from telephony.audio.sit import SitDetector
from telephony.sip.emulator.recordings import SITS, frames
from telephony.sip.emulator.tones import FRAME, LINEAR
from tests import sounds


def heard(packets, law):
    return LINEAR[law][np.frombuffer(b"".join(packets), np.uint8)]


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
@pytest.mark.parametrize("name", SITS)
def test_tones_are_what_they_are_called(name, law):
    packets = frames(name, law)
    assert {len(packet) for packet in packets} == {FRAME}
    (found,) = SitDetector().hear(heard(packets, law))
    assert found.sit is Sit(name.removeprefix("sit-").replace("-", "_"))


def test_a_recording_is_played_as_it_is_with_a_pause_after_it(tmp_path):
    said = sounds.speech(1, 3.0)
    played = heard(frames(str(sounds.write_wav(tmp_path / "off.wav", said)), "PCMU"), "PCMU")
    assert np.corrcoef(played[: len(said)], said)[0, 1] > 0.99
    assert np.abs(played[len(said) :]).max() < 0.001
    assert len(played) == 5 * 8000
