"""Who may ask what, and how often a PIN may be wrong."""

import pytest

from telephony.asterisk.agi.gate import TRIES, TRIES_S, Admission, LogInVerdict, PinBrake, admission

SECRET = "0123456789abcdef"
PINS = {"anna": "48151", "bela": "62342"}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"{SECRET}/lead", (Admission.SERVED, "lead")),
        (f"/{SECRET}/lead", (Admission.SERVED, "lead")),
        (f"{SECRET}/nothing", (Admission.UNKNOWN, "nothing")),
        (f"{SECRET}", (Admission.UNKNOWN, "")),
        ("lead", (Admission.STRANGER, "")),
        ("", (Admission.STRANGER, "")),
        (f"{SECRET}x/lead", (Admission.STRANGER, "")),
        (f"sécret/{SECRET}/lead", (Admission.STRANGER, "")),
    ],
)
def test_a_question_is_served_by_its_secret_and_its_name(script, expected):
    assert admission(script, SECRET, {"lead", "block"}) == expected


def judge(brake, agent="anna", pin="48151", *, caller="201", at=0.0):
    return brake.judge(agent, pin, caller=caller, at=at)


def test_the_right_pin_lets_an_agent_in():
    assert judge(PinBrake(PINS)) is LogInVerdict.OK


@pytest.mark.parametrize(
    ("agent", "pin"), [("anna", "62342"), ("anna", ""), ("carl", ""), ("carl", "48151"), ("anna", "481510")]
)
def test_any_other_does_not(agent, pin):
    assert judge(PinBrake(PINS), agent, pin) is LogInVerdict.WRONG


def test_after_so_many_wrong_pins_an_agent_waits_wherever_the_calls_come_from():
    brake = PinBrake(PINS)
    for index in range(TRIES):
        assert judge(brake, pin="0000", caller=str(index)) is LogInVerdict.WRONG
    assert judge(brake, caller="another") is LogInVerdict.BRAKED
    assert judge(brake, "bela", "62342", caller="another") is LogInVerdict.OK
    assert judge(brake, at=TRIES_S + 1) is LogInVerdict.OK


def test_after_so_many_wrong_pins_a_caller_waits_whoever_it_claims_to_be():
    brake = PinBrake(PINS)
    for index in range(TRIES):
        assert judge(brake, f"agent-{index}", "0000") is LogInVerdict.WRONG
    assert judge(brake) is LogInVerdict.BRAKED
    assert judge(brake, caller="another") is LogInVerdict.OK
