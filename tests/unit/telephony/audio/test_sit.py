"""Special information tones, made up: every category, at any level, with noise, and what must not be one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.audio.findings import Sit
from telephony.audio.sit import SitDetector
from tests import sounds

ALL = [pytest.param(*sounds.SITS[name], id=name) for name in sounds.SITS]


def heard(samples, size=2000):
    detector = SitDetector()
    return [one for piece in sounds.pieces(samples, size) for one in detector.hear(piece)]


def says(samples, size=2000):
    return [one.sit for one in heard(samples, size)]


@pytest.mark.parametrize(("sit", "tones"), ALL)
@pytest.mark.parametrize("level", [0.9, 0.1, 0.03, 0.004], ids=["loud", "usual", "soft", "very-soft"])
def test_each_category_is_told_at_any_level(sit, tones, level):
    line = np.concatenate([sounds.silence(0.317), sounds.tones(tones, level=level)])
    assert says(line) == [sit]


@pytest.mark.parametrize(("sit", "tones"), ALL)
@pytest.mark.parametrize("snr_db", [20, 10, 5])
def test_each_category_is_told_through_a_codec_and_noise(sit, tones, snr_db):
    for seed in range(5):
        line = np.concatenate([sounds.silence(0.1 + 0.003 * seed), sounds.tones(tones, gap_s=0.004)])
        assert says(sounds.through_mu_law(sounds.with_noise(line, snr_db, seed=seed))) == [sit]


@pytest.mark.parametrize(("sit", "tones"), ALL)
def test_the_announcement_after_it_changes_nothing(sit, tones):
    line = np.concatenate([sounds.tones(tones), sounds.speech(3, 2.0)])
    assert says(line) == [sit]


@pytest.mark.parametrize(("sit", "tones"), ALL)
@pytest.mark.parametrize("late_s", [0.02, 0.12, 0.2])
def test_each_category_is_told_though_its_first_tone_had_begun_before_anybody_listened(sit, tones, late_s):
    line = sounds.tones(tones, gap_s=0.004)[int(late_s * 8000) :]
    assert says(sounds.through_mu_law(sounds.with_noise(line, 20))) == [sit]


def test_of_two_tones_alone_nothing_is_told():
    _, tones = sounds.SITS["vacant"]
    assert says(sounds.tones(tones)[int((tones[0][1] + 0.02) * 8000) :]) == []


def test_its_tones_and_its_end_are_measured():
    sit, tones = sounds.SITS["vacant"]
    (one,) = heard(np.concatenate([sounds.silence(1.0), sounds.tones(tones)]))
    assert [tone.hz for tone in one.tones] == pytest.approx([985.2, 1370.6, 1776.7], abs=2)
    assert [tone.seconds for tone in one.tones] == pytest.approx([0.38, 0.274, 0.38], abs=0.015)
    assert one.ended_s == pytest.approx(1.0 + 0.38 + 0.274 + 0.38, abs=0.03)
    assert one.sit is sit


def test_one_that_is_repeated_is_told_again():
    _, tones = sounds.SITS["intercept"]
    assert says(np.concatenate([sounds.tones(tones)] * 3)) == [Sit.INTERCEPT] * 3


@given(size=st.integers(20, 5000), ahead=st.integers(0, 3000))
@settings(max_examples=30, deadline=None)
def test_how_the_audio_is_cut_changes_nothing(size, ahead):
    _, tones = sounds.SITS["reorder"]
    line = np.concatenate([np.zeros(ahead, np.float32), sounds.tones(tones)])
    whole = [(one.sit, one.ended_s) for one in heard(line, len(line))]
    assert [(one.sit, one.ended_s) for one in heard(line, size)] == whole


@pytest.mark.parametrize(
    "tones",
    [
        pytest.param(((950, 0.15), (1400, 0.15), (1800, 0.15)), id="too-short"),
        pytest.param(((950, 0.6), (1400, 0.6), (1800, 0.6)), id="too-long"),
        pytest.param(((950, 0.33), (1400, 0.33), (1800, 1.5)), id="the-last-too-long"),
        pytest.param(((950, 0.33), (1400, 0.33)), id="two"),
        pytest.param(((950, 0.33), (1800, 0.33), (1400, 0.33)), id="in-another-order"),
        pytest.param(((950, 0.33), (950, 0.33), (950, 0.33)), id="one-frequency"),
        pytest.param(((850, 0.33), (1300, 0.33), (1700, 0.33)), id="too-low"),
        pytest.param(((1000, 20.0),), id="a-test-tone"),
        pytest.param(((440, 2.0),), id="ringing"),
        pytest.param(((2100, 3.0),), id="a-fax"),
    ],
)
def test_other_tones_are_none(tones):
    assert says(sounds.tones(tones)) == []


def test_three_that_are_far_apart_are_none():
    assert says(sounds.tones(((950, 0.33), (1400, 0.33), (1800, 0.33)), gap_s=0.15)) == []


def test_three_of_very_different_levels_are_none():
    levels = zip((950, 1400, 1800), (0.3, 0.02, 0.3), strict=True)
    assert (
        says(np.concatenate([*(sounds.tone(hz, 0.33, level) for hz, level in levels), sounds.silence(0.2)]))
        == []
    )


@pytest.mark.parametrize("seed", range(8))
def test_speech_is_none(seed):
    assert says(sounds.speech(seed, 30.0)) == []


def test_noise_is_none():
    assert says(sounds.with_noise(sounds.tone(50, 60.0, 0.001), -20)) == []


def test_what_it_remembers_of_an_endless_tone_is_bounded():
    detector = SitDetector()
    for piece in sounds.pieces(sounds.tone(950, 60.0), 2000):
        detector.hear(piece)
    assert len(detector._run.amplitudes) <= 100
