"""What a connection says is read the same however its bytes are cut, and nonsense ends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.listening.frames import AUDIO, DIGIT, NAME, Frames

TOKEN = bytes(range(16))


def message(kind, payload):
    return bytes([kind]) + len(payload).to_bytes(2, "big") + payload


def all_of(told):
    return b"".join(one.name for one in told), b"".join(one.audio for one in told)


@given(st.lists(st.binary(max_size=200).map(lambda data: data[: len(data) & ~1]), max_size=8), st.data())
def test_audio_comes_out_as_it_went_in_wherever_it_is_cut(sounds, data):
    sent = message(NAME, TOKEN) + b"".join(message(AUDIO, one) for one in sounds)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    frames = Frames()
    told = [frames.read(sent[start:end]) for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert all_of(told) == (TOKEN, b"".join(sounds))
    assert not any(one.over for one in told)


def test_keys_are_passed_over_and_half_a_sample_is_none():
    told = Frames().read(message(DIGIT, b"5") + message(AUDIO, b"abc") + message(AUDIO, b"de"))
    assert told.audio == b"abde"


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(message(0x00, b""), id="goodbye"),
        pytest.param(message(0xFF, b"\1"), id="error"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="another-protocol"),
        pytest.param(message(NAME, b"short"), id="a-name-of-another-length"),
    ],
)
def test_what_came_before_the_end_counts(end):
    told = Frames().read(message(AUDIO, b"ab") + end + message(AUDIO, b"cd"))
    assert (told.audio, told.over) == (b"ab", True)
