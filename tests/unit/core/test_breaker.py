"""Faults of the carrier's: what they cost a lead, and the breaker that takes a trunk out of use."""

import pytest

from dialer.core.commands import HangUp
from dialer.core.events import TrunkDefined
from dialer.core.records import AttemptEnded, JournalEntry, TrunkChanged
from dialer.core.settings import RetryRule, TrunkSettings
from dialer.core.states import CampaignState, EndCause, Outcome, TrunkState
from dialer.core.switch_events import LegAnswered, LegEnded, OriginateRefused
from dialer.testing import NOON_IN_NEW_YORK, TRUNK, Script, campaign, lead
from tests.trunks import LEADS, MIDNIGHT, TODAY, be_silent, fail, floor, placed, ring, said, trip, trunk


@pytest.mark.parametrize("end", [fail, be_silent], ids=["refused", "silent"])
def test_a_fault_of_the_carriers_costs_the_lead_nothing(end):
    script = floor(1)
    (call,) = script.start([lead(1, attempts=9, tries={Outcome.FAILED: 2})])
    ended = script.only(AttemptEnded, end(script, call))
    assert (ended.outcome, ended.counted, ended.carrier_fault) == (Outcome.FAILED, False, True)
    assert ended.retry_at == script.at + 15 * 60


@pytest.mark.parametrize(
    ("faults", "faults_day", "due_at"),
    [
        pytest.param(3, TODAY, NOON_IN_NEW_YORK + 900, id="the-fourth"),
        pytest.param(4, TODAY, MIDNIGHT, id="the-fifth"),
        pytest.param(9, TODAY - 1, NOON_IN_NEW_YORK + 900, id="the-first-of-a-new-day"),
    ],
)
def test_with_the_days_last_fault_the_lead_waits_for_the_next_day(faults, faults_day, due_at):
    script = floor(1)
    (call,) = script.start([lead(1, faults=faults, faults_day=faults_day)])
    ended = script.only(AttemptEnded, fail(script, call))
    assert ended.retry_at == pytest.approx(due_at, abs=2)


def test_a_rule_without_a_second_attempt_does_not_finish_the_lead():
    script = floor(1, settings=campaign(retry={Outcome.FAILED: RetryRule(1, 0)}))
    (call,) = script.start(LEADS)
    assert script.only(AttemptEnded, fail(script, call)).retry_at == script.at + 15 * 60


def test_faults_count_as_attempts_if_the_campaign_says_so():
    script = floor(1, settings=campaign(faults_per_day=0))
    (call,) = script.start([lead(1, tries={Outcome.FAILED: 2})])
    ended = script.only(AttemptEnded, fail(script, call))
    assert (ended.counted, ended.carrier_fault, ended.retry_at) == (True, False, None)


def test_a_call_that_we_take_back_before_it_rings_costs_nothing():
    script = floor(1)
    (call,) = script.start(LEADS)
    ended = script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CANCELLED))
    (ended,) = script.all(AttemptEnded, ended)
    assert (ended.outcome, ended.counted) == (Outcome.CANCELLED, False)


def test_faults_in_a_row_take_the_trunk_out_of_use_and_everybody_is_told_why():
    script = floor()
    trip(script)
    assert placed(script) == []
    reason = "503 Service Unavailable (5 of the last 5 calls)"
    changed = script.all(TrunkChanged)[-1]
    assert (changed.state, changed.reason, changed.until) == (TrunkState.OUT, reason, changed.since_at + 10)
    assert said(script) == (CampaignState.RUNNING, f"trunk main is out: {reason}", changed.until)
    (alarm,) = [entry for entry in script.all(JournalEntry) if entry.kind == "alarm"]
    assert alarm.detail == f"trunk main is out: {reason}; next probe in 10 s"


def test_calls_that_have_not_left_when_the_trunk_goes_out_are_taken_back():
    script = floor(7)
    *failing, waiting, dialed = script.start(LEADS)
    script.dial(dialed)
    commands = [command for call in failing for command in fail(script, call)]
    assert [command.leg_id for command in script.all(HangUp, commands)] == [waiting.leg_id]


def test_a_refusal_that_crosses_with_our_hanging_up_costs_the_lead_nothing():
    script = floor(6)
    *failing, waiting = script.start(LEADS)
    for call in failing:
        fail(script, call)
    assert script.all(HangUp)[-1].leg_id == waiting.leg_id
    (ended,) = script.all(AttemptEnded, fail(script, waiting))
    assert (ended.outcome, ended.counted, ended.carrier_fault) == (Outcome.FAILED, False, True)


def test_a_call_that_got_through_keeps_the_trunk_in_use():
    script = floor(9)
    first, *failing = script.start(LEADS)
    for call in failing[:4]:
        fail(script, call)
    fail(script, first, code=486, cause=EndCause.BUSY)
    for call in failing[4:]:
        fail(script, call)
    assert trunk(script).state is TrunkState.UP


def test_an_answer_makes_the_evidence_even_if_the_talk_lasts():
    script = floor(9)
    first, *failing = script.start(LEADS)
    for call in failing[:4]:
        fail(script, call)
    script.dial(first)
    script.tell(LegAnswered(at=script.at, leg_id=first.leg_id))
    for call in failing[4:]:
        fail(script, call)
    assert trunk(script).state is TrunkState.UP


def test_some_of_the_last_calls_are_enough_if_the_trunk_says_so():
    script = floor(4, breaker_faults=3, breaker_calls=10)
    first, *failing = script.start(LEADS)
    fail(script, failing[0])
    ring(script, first)
    fail(script, failing[1])
    fail(script, failing[2])
    assert trunk(script).reason == "503 Service Unavailable (3 of the last 4 calls)"


def test_one_probe_at_a_time_tries_a_trunk_that_is_out():
    script = floor()
    trip(script)
    assert placed(script, 9) == []
    assert len(placed(script, 1)) == 1
    assert trunk(script).state is TrunkState.PROBING
    assert placed(script, 60) == []


@pytest.mark.parametrize(
    "shows",
    [
        pytest.param(ring, id="rings"),
        pytest.param(lambda script, call: script.answer(call), id="answered"),
        pytest.param(
            lambda script, call: fail(script, call, 404, cause=EndCause.UNALLOCATED), id="no-number"
        ),
    ],
)
def test_a_probe_that_gets_through_lets_dialing_go_on(shows):
    script = floor()
    trip(script)
    (probe,) = placed(script, 10)
    shows(script, probe)
    assert len(placed(script)) >= 4
    assert said(script) == (CampaignState.RUNNING, "", None)
    assert script.all(JournalEntry)[-1].kind != "alarm"
    assert [e.kind for e in script.all(JournalEntry) if e.kind.startswith("alarm")] == ["alarm", "alarm_over"]


def test_an_announcement_does_not_show_that_a_trunk_works():
    script = floor()
    trip(script)
    (probe,) = placed(script, 10)
    ring(script, probe, code=183)
    assert trunk(script).state is TrunkState.PROBING
    fail(script, probe)
    assert trunk(script).state is TrunkState.OUT


def test_the_wait_doubles_with_each_probe_that_fails_up_to_its_bound():
    script = floor()
    trip(script)
    waits = []
    for _ in range(5):
        (probe,) = placed(script, trunk(script).until - script.at)
        ended = script.only(AttemptEnded, fail(script, probe, 403, "Forbidden", EndCause.ACCOUNT_FAULT))
        assert not ended.counted
        waits.append(trunk(script).until - script.at)
    assert waits == [20, 40, 60, 60, 60]
    assert trunk(script).reason == "403 Forbidden (failed probes: 5)"
    assert [entry.kind for entry in script.all(JournalEntry)].count("alarm") == 1


@pytest.mark.parametrize("left", [True, False], ids=["lost", "refused"])
def test_a_probe_that_tells_nothing_is_followed_by_another_after_the_same_wait(left):
    script = floor()
    trip(script)
    (probe,) = placed(script, 10)
    if left:
        script.dial(probe)
        script.tell(LegEnded(at=script.at, leg_id=probe.leg_id, cause=EndCause.LOST))
    else:
        script.tell(OriginateRefused(at=script.at, leg_id=probe.leg_id, reason="number_in_use"))
    assert placed(script, 9) == []
    assert len(placed(script, 1)) == 1


def test_what_began_before_the_trunk_came_back_says_nothing_about_it_now():
    script = floor(12)
    *failing, _ = calls = script.start(LEADS)
    for call in calls:
        script.dial(call)
    for call in failing[:5]:
        fail(script, call)
    (probe,) = placed(script, 10)
    ring(script, probe)
    for call in failing[5:]:
        be_silent(script, call)
    assert trunk(script).state is TrunkState.UP


def test_a_trunk_that_was_out_when_an_earlier_run_ended_is_probed_first():
    script = Script()
    script.engine.workspace.trunks.clear()
    settings = TrunkSettings(name=TRUNK, calls_per_second=1000)
    script.tell(TrunkDefined(at=script.at, trunk=settings, state=TrunkState.PROBING, reason="503"))
    script.log_in(3)
    (probe,) = script.start(LEADS)
    ring(script, probe)
    assert len(placed(script)) == 2


def test_an_obstacle_is_not_talked_over_by_what_else_a_campaign_waits_for():
    script = floor()
    trip(script)
    script.end_round()
    before = said(script)
    script.at += 6
    script.load([], remaining=True)
    assert said(script) == before
