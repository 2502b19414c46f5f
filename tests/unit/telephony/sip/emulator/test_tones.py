import numpy as np
import pytest

from telephony.sip.emulator import tones
from telephony.sip.emulator.tones import FRAME, RATE_HZ, Family, encode, hear, pair_frames, pairs_of

EVERY_PAIR = [*pairs_of(Family.CUSTOMERS), *pairs_of(Family.PHONES)]


def samples_of(pair: str) -> np.ndarray:
    return tones.LINEAR["PCMU"][np.frombuffer(pair_frames(pair, "PCMU")[0], dtype=np.uint8)].astype(float)


def speech(seconds: float) -> np.ndarray:
    """A voiced sound that glides: 30 harmonics of 100 to 150 Hz, falling 9 dB an octave."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(125 + 25 * np.sin(2 * np.pi * 1.5 * at)) / RATE_HZ
    sound = sum(np.sin(order * phase) / order**1.5 for order in range(1, 31))
    return 0.3 * sound / np.max(np.abs(sound))


def test_all_pairs_differ_and_the_families_share_no_frequency():
    assert len(set(EVERY_PAIR)) == 392
    used = [{tone for pair in pairs_of(family) for tone in pair.split("+")} for family in Family]
    assert not used[0] & used[1]
    assert {tones.family_of(pair) for pair in pairs_of(Family.PHONES)} == {Family.PHONES}


@pytest.mark.parametrize("family", Family)
def test_the_first_fourteen_pairs_share_no_frequency(family):
    used = [tone for pair in pairs_of(family)[:14] for tone in pair.split("+")]
    assert len(set(used)) == 28


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
def test_each_pair_is_heard_as_itself_wherever_a_frame_begins(law):
    for pair in EVERY_PAIR:
        packet = pair_frames(pair, law)[0]
        shifted = packet[50:] + packet[:50]
        assert hear([packet, shifted], law)[0] == [(pair,), (pair,)]


def test_two_mixed_parties_and_a_beep_are_told_apart():
    customer, phone = "500+2000", "550+2050"
    beep = 0.2 * np.sin(2 * np.pi * 1_000 * np.arange(FRAME) / RATE_HZ)
    mixed = encode(samples_of(customer) + samples_of(phone) + beep, "PCMU")
    assert hear([mixed], "PCMU")[0] == [(customer, phone)]


def test_two_early_pairs_of_one_family_are_told_apart():
    first, second = pairs_of(Family.PHONES)[:2]
    mixed = encode(samples_of(first) + samples_of(second), "PCMU")
    assert hear([mixed], "PCMU")[0] == [(first, second)]


def test_a_pair_is_heard_under_a_recorded_voice():
    sound = speech(1.0).reshape(-1, FRAME)
    mixed = [encode(frame + samples_of("450+1950"), "PCMU") for frame in sound]
    heard = hear(mixed, "PCMU")[0]
    assert sum("450+1950" in pairs for pairs in heard) == len(heard)


def test_silence_a_voice_and_ringback_hold_no_pair():
    for frames in (
        [encode(frame, "PCMU") for frame in speech(2.0).reshape(-1, FRAME)],
        [encode(np.zeros(FRAME), "PCMU")],
        tones.ringback_frames("PCMU"),
    ):
        assert set(hear(frames, "PCMU")[0]) == {()}


def test_loudness_is_a_share_of_full_scale():
    packet = encode(0.5 * np.ones(FRAME), "PCMA")
    assert hear([packet], "PCMA")[1] == [pytest.approx(0.5, rel=0.03)]


@pytest.mark.parametrize(
    ("law", "code", "value"),
    [
        # Source: ITU-T G.711 tables 1a and 2a, in units of 1/32768.
        ("PCMU", 0x00, -32_124),
        ("PCMU", 0x80, 32_124),
        ("PCMU", 0xFF, 0),
        ("PCMU", 0xEF, 132),
        ("PCMA", 0xD5, 8),
        ("PCMA", 0x55, -8),
        ("PCMA", 0xAA, 32_256),
        ("PCMA", 0x2A, -32_256),
    ],
)
def test_codes_have_the_standard_s_values(law, code, value):
    assert float(tones.LINEAR[law][code]) * 32_768 == value
