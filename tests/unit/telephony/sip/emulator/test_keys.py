import pytest

from telephony.sip.emulator.keys import event_payloads, info_body


def test_a_key_is_a_growing_event_whose_end_is_sent_three_times():
    payloads = event_payloads("#")

    assert [payload[0] for payload in payloads] == [11] * 8
    assert [payload[1] >> 7 for payload in payloads] == [0, 0, 0, 0, 0, 1, 1, 1]
    durations = [int.from_bytes(payload[2:]) for payload in payloads]
    assert durations == [160, 320, 480, 640, 800, 960, 960, 960]


def test_an_info_says_the_key_with_its_duration_or_plainly():
    assert info_body("5", relay=True) == ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n")
    assert info_body("5", relay=False) == ("application/dtmf", b"5")


def test_what_is_no_key_is_refused():
    for make in (event_payloads, lambda key: info_body(key, relay=True)):
        with pytest.raises(ValueError, match="not found"):
            make("x")
