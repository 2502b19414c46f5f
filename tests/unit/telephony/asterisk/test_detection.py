import msgspec
import pytest

from dialer.core.rules.machine_detection import AmdSettings, ClockStart, Verdict
from dialer.core.switch_events import LegClassified, LegSpoke
from telephony.asterisk.detection import classified, spoke, variables


def test_a_call_that_nobody_listens_to_has_no_variables():
    assert variables(None) == {}


def test_the_parameters_stand_in_the_order_of_asterisks_arguments():
    amd = AmdSettings(
        initial_silence_ms=2001,
        greeting_ms=2002,
        after_greeting_silence_ms=1003,
        total_analysis_ms=5004,
        min_word_ms=120,
        between_words_ms=60,
        max_words=4,
        silence_threshold=257,
        max_word_ms=5005,
    )
    assert variables(amd) == {"DIALER_AMD": "2001,2002,1003,5004,120,60,4,257,5005"}
    by_voice = msgspec.structs.replace(amd, clock=ClockStart.GREETING_START)
    assert variables(by_voice)["DIALER_HEAR_VOICE"] == "1"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("HUMAN", Verdict.HUMAN),
        ("MACHINE", Verdict.MACHINE),
        ("NOTSURE", Verdict.UNSURE),
        ("", Verdict.UNSURE),
        ("\x00?", Verdict.UNSURE),
    ],
)
def test_asterisks_status_is_a_verdict_or_doubt(status, verdict):
    told = [*classified("run-1", {"Status": status, "Cause": "X"}, 2.0)]
    assert told == [LegClassified(at=2.0, leg_id="run-1", verdict=verdict, cause="X")]


def test_nothing_is_told_of_who_hung_up_meanwhile():
    assert [*classified("run-1", {"Status": "HANGUP", "Cause": ""}, 2.0)] == []


def test_an_event_without_its_headers_is_doubt():
    assert [*classified("run-1", {}, 2.0)] == [LegClassified(at=2.0, leg_id="run-1", verdict=Verdict.UNSURE)]


def test_a_voice_is_told_with_its_time():
    assert [*spoke("run-1", 2.0)] == [LegSpoke(at=2.0, leg_id="run-1")]
