import pytest

from telephony.sip.emulator.hearing import Ear, Heard

LOUD, QUIET = 0.2, 0.0


def listen(ear: Ear, pairs: tuple[str, ...], *, start: float, seconds: float, loudness: float = LOUD) -> None:
    for index in range(round(seconds * 50)):
        ear.frame(pairs, loudness, at=start + index * 0.02)


def test_a_pair_that_lasts_is_one_segment():
    ear = Ear()
    listen(ear, ("450+1950",), start=10.0, seconds=1.0)
    assert ear.take_segments(at=11.0) == []
    listen(ear, (), start=11.0, seconds=0.5)
    segment = Heard(pair="450+1950", seconds=1.0, first_at=10.0, last_at=pytest.approx(10.98))
    assert ear.take_segments(at=11.5) == [segment]
    assert ear.take_segments(at=11.6) == []


def test_a_blip_is_nobody_s_pair():
    ear = Ear()
    listen(ear, ("450+1950",), start=10.0, seconds=0.08)
    assert ear.take_segments(at=20.0) == []
    assert ear.summary() == ()


def test_a_lost_packet_does_not_part_a_segment():
    ear = Ear()
    listen(ear, ("450+1950",), start=10.0, seconds=0.5)
    listen(ear, ("450+1950",), start=10.6, seconds=0.5)
    assert [segment.seconds for segment in ear.take_segments(at=20.0)] == [1.0]


def test_segments_that_end_for_want_of_packets_end_too():
    ear = Ear()
    listen(ear, ("450+1950",), start=10.0, seconds=0.5)
    assert [segment.seconds for segment in ear.take_segments(at=10.8)] == [0.5]


def test_the_summary_adds_up_segments_of_a_pair():
    ear = Ear()
    listen(ear, ("450+1950",), start=10.0, seconds=1.0)
    listen(ear, ("550+2050",), start=12.0, seconds=1.0)
    listen(ear, ("450+1950",), start=14.0, seconds=1.0)
    ear.close_before(float("inf"))
    assert [(heard.pair, heard.seconds, heard.first_at) for heard in ear.summary()] == [
        ("450+1950", 2.0, 10.0),
        ("550+2050", 1.0, 12.0),
    ]


def test_sound_begins_with_the_first_of_several_loud_frames():
    ear = Ear()
    listen(ear, (), start=10.0, seconds=1.0, loudness=QUIET)
    listen(ear, (), start=11.0, seconds=0.06)  # a click
    listen(ear, (), start=12.0, seconds=1.0, loudness=QUIET)
    assert ear.first_sound_at is None
    listen(ear, (), start=13.0, seconds=0.2)
    assert ear.first_sound_at == 13.0
