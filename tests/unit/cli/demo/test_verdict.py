import msgspec
import pytest

from cli.demo.verdict import Attempt, Evidence, Floor, Quantiles, judge, longest, peak, quantiles_ms
from telephony.sip.emulator.hearing import Heard
from telephony.sip.emulator.log import Ended, Invited, Segment
from telephony.sip.emulator.tones import Family, pairs_of

NUMBER = "+12125550100"
OTHER = "+12125550101"
CUSTOMER = pairs_of(Family.CUSTOMERS)[0]
PHONE, OTHER_PHONE = pairs_of(Family.PHONES)[:2]


def attempt(number=NUMBER, **changes):
    facts = {
        "attempt_id": f"a-{number}",
        "number": number,
        "started_at": 100.0,
        "ended_at": 110.0,
        "outcome": "connected",
        "agents_free": 1,
        "wait_s": 0.02,
        "talk_s": 5.0,
    }
    return Attempt(**(facts | changes))


def invited(at=100.1, number=NUMBER, leg="1"):
    return Invited(
        at=at, leg=leg, number=number, behaviour="person", call_id="c", caller="", from_header="",
        contact="", source="",
    )  # fmt: skip


def ended(at=109.0, number=NUMBER, leg="1", **changes):
    facts = {
        "by": "callee",
        "reason": "talked",
        "sent_pair": CUSTOMER,
        "heard": (heard(PHONE),),
        "answered_at": 103.0,
        "first_peer_audio_at": 103.05,
    }
    return Ended(at=at, leg=leg, number=number, **(facts | changes))


def heard(pair, seconds=4.0, first_at=103.1, last_at=107.0):
    return Heard(pair=pair, seconds=seconds, first_at=first_at, last_at=last_at)


def phone_log(found=None, pair=PHONE):
    segments = [Segment(at=108.0, leg="p", number="agent-1", heard=found)] if found else []
    return [
        *segments,
        Ended(at=200.0, leg="p", number="agent-1", by="caller", reason="hung-up", sent_pair=pair),
    ]


GOOD = Evidence(
    kinds={NUMBER: "person"},
    attempts=[attempt()],
    carrier=[invited(), ended()],
    phones=phone_log(heard(CUSTOMER)),
    anomalies=0,
    floor=Floor(agents=1, lines=1),
    cut_short=False,
)


def changed(**changes):
    return judge(msgspec.structs.replace(GOOD, **changes))


def test_a_talk_that_both_sides_heard_has_two_way_audio():
    verdict = judge(GOOD)
    assert (verdict.connected, verdict.two_way_audio, verdict.too_short_to_hear) == (1, 1, 0)
    assert verdict.problems == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"phones": phone_log()}, id="the phone heard nothing"),
        pytest.param({"phones": phone_log(heard(CUSTOMER, seconds=0.9))}, id="the phone heard too little"),
        pytest.param({"phones": phone_log(heard(CUSTOMER), pair=OTHER_PHONE)}, id="another phone heard it"),
        pytest.param(
            {"phones": phone_log(heard(CUSTOMER, first_at=90.0, last_at=95.0))},
            id="the phone heard an earlier customer of the same tones",
        ),
        pytest.param({"carrier": [invited(), ended(heard=())]}, id="the customer heard nothing"),
    ],
)
def test_a_long_talk_without_audio_both_ways_is_a_problem(changes):
    verdict = changed(**changes)
    assert (verdict.two_way_audio, verdict.too_short_to_hear) == (0, 0)
    assert len(verdict.problems) == 1


def test_a_talk_that_was_too_short_to_hear_is_counted_and_no_problem():
    verdict = changed(attempts=[attempt(talk_s=0.7)], phones=phone_log())
    assert (verdict.two_way_audio, verdict.too_short_to_hear) == (0, 1)
    assert verdict.problems == []


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("person", "abandoned"),
        ("person", "hung_up_waiting"),
        ("machine", "connected"),
        ("busy", "busy"),
        ("declined", "declined"),
        ("invalid", "invalid"),
        ("congestion", "congestion"),
        ("no-answer", "no_answer"),
        ("silent", "failed"),
    ],
)
def test_an_outcome_that_agrees_with_the_number_is_no_problem(kind, outcome):
    assert changed(kinds={NUMBER: kind}, attempts=[attempt(outcome=outcome)]).problems == []


@pytest.mark.parametrize(
    ("kind", "outcome"), [("person", "busy"), ("busy", "no_answer"), ("invalid", "failed"), ("person", None)]
)
def test_an_outcome_that_does_not_agree_is_a_problem(kind, outcome):
    (problem,) = changed(kinds={NUMBER: kind}, attempts=[attempt(outcome=outcome)]).problems
    assert NUMBER in problem


def test_the_last_attempt_decides():
    attempts = [
        attempt(attempt_id="1", outcome="no_answer", started_at=90.0, ended_at=99.0),
        attempt(attempt_id="2"),
    ]
    assert changed(attempts=attempts).problems == []


def test_a_lead_that_was_never_called_is_a_problem():
    (problem,) = changed(kinds={NUMBER: "person", OTHER: "busy"}).problems
    assert problem == f"{OTHER} (busy) was never called"


def test_a_lead_that_was_never_called_is_none_if_the_demo_was_cut_short():
    assert changed(kinds={NUMBER: "person", OTHER: "busy"}, cut_short=True).problems == []


def test_a_call_without_an_attempt_on_record_is_a_problem():
    carrier = [*GOOD.carrier, invited(at=150.0, leg="2"), ended(at=151.0, leg="2")]
    (problem,) = changed(carrier=carrier).problems
    assert "2 calls for 1 attempts" in problem


def test_a_call_that_never_ended_is_a_problem():
    problems = changed(carrier=[invited()]).problems
    assert f"the call to {NUMBER} never ended" in problems


def test_the_delay_to_the_first_audio_counts_calls_that_found_an_agent_free():
    assert judge(GOOD).answer_to_bridge_ms.p50 == pytest.approx(50.0, abs=0.1)
    assert changed(attempts=[attempt(agents_free=0)]).answer_to_bridge_ms == Quantiles(None, None, None)


def test_the_rate_is_of_connected_and_abandoned_calls():
    attempts = [attempt(), attempt(OTHER, outcome="abandoned")]
    verdict = changed(kinds={NUMBER: "person", OTHER: "person"}, attempts=attempts)
    assert verdict.abandonment_rate == 0.5
    assert verdict.outcomes == {"abandoned": 1, "connected": 1}


def test_lines_and_talks_at_once_are_counted_at_the_carrier():
    carrier = [
        invited(),
        invited(at=100.2, number=OTHER, leg="2"),
        ended(at=109.0),
        ended(at=105.0, number=OTHER, leg="2", heard=(), answered_at=None, first_peer_audio_at=None),
    ]
    attempts = [attempt(), attempt(OTHER, outcome="busy")]
    verdict = changed(kinds={NUMBER: "person", OTHER: "busy"}, attempts=attempts, carrier=carrier)
    assert (verdict.peak_lines, verdict.peak_talking) == (2, 1)


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([(0, 2), (1, 3)], 2, id="overlapping"),
        pytest.param([(0, 1), (1, 2)], 1, id="one after the other"),
    ],
)
def test_the_peak_is_the_most_at_once(spans, most):
    assert peak(spans) == most


def test_a_full_floor_is_held_as_long_as_all_talks_and_lines_are_there_at_once():
    assert judge(GOOD).held_s == pytest.approx(109.0 - 103.05, abs=0.1)
    assert changed(floor=Floor(agents=1, lines=2)).held_s == 0.0
    assert changed(floor=Floor(agents=2, lines=1)).held_s == 0.0


def test_a_floor_that_was_full_for_too_short_is_a_problem():
    assert changed(floor=Floor(agents=1, lines=1, held_s=5.0)).problems == []
    (problem,) = changed(floor=Floor(agents=1, lines=1, held_s=60.0)).problems
    assert problem == "1 talks and 1 lines at once were held for 6.0 s, not for 60 s"


@pytest.mark.parametrize(
    ("lines", "talks", "seconds"),
    [
        pytest.param([], [], 0, id="nothing"),
        pytest.param([(0, 9), (0, 9)], [(1, 8)], 7, id="one within the other"),
        pytest.param([(0, 9), (0, 4), (5, 9)], [(0, 9)], 4, id="the longer of two"),
        pytest.param([(0, 9), (0, 4), (4, 9)], [(0, 9)], 5, id="one ends before another begins"),
        pytest.param([(0, 9)], [(0, 9)], 0, id="too few"),
    ],
)
def test_the_longest_time_is_without_a_break(lines, talks, seconds):
    assert longest(lines, talks, least=(2, 1)) == seconds


def test_quantiles_lie_between_the_values_beside_them():
    assert quantiles_ms([0.0, 0.1, 0.2]) == Quantiles(100.0, 198.0, 200.0)
