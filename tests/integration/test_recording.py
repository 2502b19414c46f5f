"""Recordings of the SIP adapter: both sides are in them, and a pause is silence."""

import wave

import numpy as np

from dialer.core.commands import HangUp, RecordTalk
from dialer.core.states import RecordingMove
from dialer.core.switch_events import LegEnded, RecordingFailed
from telephony.sip.emulator.log import Ended
from tests.integration.sip_site import until

PART_S = 1.5
"""About how much is recorded of each part of a talk."""


def record(adapter, customer, move, file="talk-1.wav"):
    adapter.execute(RecordTalk(leg_id=customer, move=move, file=file))


def end(site, adapter, *legs):
    for leg in legs:
        adapter.execute(HangUp(leg_id=leg))
        site.wait_for(LegEnded, leg)


def recorded(site, seconds):
    """Wait until so much of the talk is on disk, 16,000 bytes a second."""
    path = site.directory / "recordings" / "talk-1.wav"
    until(lambda: path.is_file() and path.stat().st_size > seconds * 16_000, within_s=20.0)


def is_whole(path):
    """PJSIP writes the header last, on a thread of its own."""
    try:
        with wave.open(str(path)) as file:
            return file.getnframes() > 0
    except (wave.Error, EOFError, FileNotFoundError):
        return False


def samples_of(path):
    until(lambda: is_whole(path))
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)


def loudness(samples, frequency):
    """Return the strength of a tone relative to the median of the spectrum."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    nearest = round(frequency * len(samples) / 8000)
    return float(spectrum[nearest - 2 : nearest + 3].max() / np.median(spectrum))


def test_a_recording_has_both_sides(site):
    adapter = site.started()
    customer, agent = site.talk(adapter)
    record(adapter, customer, RecordingMove.START)
    recorded(site, PART_S)
    end(site, adapter, customer, agent)

    pairs = [player.await_event(Ended).sent_pair for player in (site.carrier, site.phones)]
    samples = samples_of(site.directory / "recordings" / "talk-1.wav")[4000:12000]
    assert all(loudness(samples, float(tone)) > 20 for pair in pairs for tone in pair.split("+"))
    assert loudness(samples, 3333.0) < 5


def test_a_pause_is_silence_in_the_recording_and_not_a_cut(site):
    adapter = site.started()
    customer, agent = site.talk(adapter)
    for number, move in enumerate((RecordingMove.START, RecordingMove.PAUSE, RecordingMove.RESUME), 1):
        record(adapter, customer, move)
        recorded(site, number * PART_S)
    record(adapter, customer, RecordingMove.STOP)
    samples = samples_of(site.directory / "recordings" / "talk-1.wav")
    end(site, adapter, customer, agent)

    tenths = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    quiet = np.abs(tenths).max(axis=1) == 0
    first, last = np.flatnonzero(quiet)[[0, -1]]
    assert quiet[first : last + 1].all()
    assert (last + 1 - first) / 10 > PART_S / 2
    assert not quiet[: first - 1].any()
    assert not quiet[last + 2 :].any()


def test_a_recording_that_cannot_be_made_is_told_and_the_talk_goes_on(site):
    adapter = site.started()
    customer, agent = site.talk(adapter)
    (site.directory / "recordings" / "talk-1.wav").mkdir(parents=True)
    record(adapter, customer, RecordingMove.START)

    failed = site.wait_for(RecordingFailed, customer)
    assert (failed.file, bool(failed.reason)) == ("talk-1.wav", True)
    end(site, adapter, customer, agent)
