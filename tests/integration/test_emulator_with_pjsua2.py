"""The emulated carrier as PJSIP, which the adapter uses, finds it."""

import json
import subprocess
import sys
import wave
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from telephony.sip.emulator import log, tones
from tests.integration.scripted_caller import HOST, Player

pytest.importorskip("pjsua2", reason="its wheels are for CPython 3.9-3.12 on x86_64 alone")

CALLER = Path(__file__).with_name("pjsua2_caller.py")
OURS = "450+1950"
BEHAVIOUR = """
[[rule]]
numbers = ["+12125550100"]
kind = "person"
ring_s = 0.3
[[rule]]
numbers = ["+12125550101"]
kind = "busy"
cause = 17
[[rule]]
numbers = ["+12125550102"]
kind = "no-answer"
[[rule]]
numbers = ["+12125550103"]
kind = "early-media"
ring_s = 0.5
[[rule]]
numbers = ["+12125550104"]
kind = "machine"
ring_s = 0.2
talk_s = 1
"""


@pytest.fixture
def carrier(tmp_path):
    path = tmp_path / "behaviour.toml"
    path.write_text(BEHAVIOUR)
    with Player("carrier", tmp_path / "carrier.log", "--behaviour", str(path)) as player:
        yield player


@pytest.fixture
def call(carrier, tmp_path):
    """Return a function that makes pjsua2 call a number and tells the status it ended with."""

    def make(number: str, act: str) -> int:
        result = tmp_path / "result.json"
        write_pair(tmp_path / "say.wav", OURS)
        uri = f"sip:{number}@{HOST}:{carrier.port}"
        subprocess.run(
            [sys.executable, str(CALLER), uri, act, str(result)],
            check=True,
            timeout=180,
            stdout=subprocess.DEVNULL,
        )
        return json.loads(result.read_text())["status"]

    return make


def write_pair(path: Path, pair: str) -> None:
    """Write a second of a pair, which players repeat without a seam."""
    (packet,) = tones.pair_frames(pair, "PCMU")
    samples = tones.LINEAR["PCMU"][np.frombuffer(packet * 50, dtype=np.uint8)] * 32_768
    with wave.open(str(path), "wb") as recording:
        recording.setparams((1, 2, tones.RATE_HZ, 0, "NONE", ""))
        recording.writeframes(samples.astype("<i2").tobytes())


def pairs_recorded(path: Path) -> set[str]:
    """Return every pair that was in a recording for a tenth of a second."""
    with wave.open(str(path)) as recording:
        assert recording.getframerate() == tones.RATE_HZ
        samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2") / 32_768
    whole = samples[: len(samples) // tones.FRAME * tones.FRAME].reshape(-1, tones.FRAME)
    heard, _ = tones.hear([tones.encode(frame, "PCMU") for frame in whole], "PCMU")
    found = Counter(pair for pairs in heard for pair in pairs)
    return {pair for pair, count in found.items() if count >= 5}


def ended(carrier: Player) -> log.Ended:
    return carrier.await_event(log.Ended)


def test_pjsua2_and_a_person_hear_each_other(carrier, call, tmp_path):
    assert call("+12125550100", "talk") == 200
    summary = ended(carrier)
    assert (summary.by, summary.reason) == ("caller", "hung-up")
    assert pairs_recorded(tmp_path / "heard.wav") == {summary.sent_pair}
    (heard,) = summary.heard
    assert heard.pair == OURS
    assert heard.seconds > 0.5


def test_pjsua2_is_told_busy(carrier, call):
    assert call("+12125550101", "wait") == 486
    assert ended(carrier).status == 486


def test_pjsua2_cancels(carrier, call):
    assert call("+12125550102", "cancel") == 487
    assert ended(carrier).reason == "cancelled"


def test_pjsua2_takes_early_media(carrier, call):
    assert call("+12125550103", "talk") == 200
    sent = [event.status for event in carrier.events() if isinstance(event, log.Sent)]
    assert sent == [100, 183, 200]


def test_pjsua2_is_hung_up_by_a_machine(carrier, call):
    assert call("+12125550104", "wait") == 200
    assert (ended(carrier).by, ended(carrier).reason) == ("callee", "talked")
    assert log.open_legs(carrier.events()) == {}
