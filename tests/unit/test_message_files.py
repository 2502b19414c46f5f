"""Which version of a recording a run knows."""

import logging
from hashlib import sha256

from dialer.message_files import versions
from tests.sounds import speech, write_wav


def test_a_recordings_content_is_its_version(tmp_path):
    path = tmp_path / "renewal.wav"
    write_wav(path, speech(1, 2.0))
    found = versions({"renewal": path})["renewal"]
    assert found.sha256 == sha256(path.read_bytes()).hexdigest()
    assert abs(found.length_s - 2.0) < 0.1


def test_what_cannot_be_read_is_left_out_with_a_warning(tmp_path, caplog):
    (tmp_path / "text.wav").write_text("no sound")
    with caplog.at_level(logging.WARNING):
        assert versions({"gone": tmp_path / "gone.wav", "text": tmp_path / "text.wav"}) == {}
    assert len(caplog.records) == 2
