"""Trunks: faults of the carrier's, the breaker, groups, and limits of harm."""

from itertools import pairwise

import pytest

from dialer.core.commands import CallAgent, HangUp, Originate, StartTimer
from dialer.core.events import (
    LegAnswered,
    LegEnded,
    LegRinging,
    LegsBridged,
    OriginateRefused,
    TimerFired,
    TrunkDefined,
)
from dialer.core.records import (
    AttemptEnded,
    AttemptStarted,
    CallStarted,
    CampaignChanged,
    JournalEntry,
    TrunkChanged,
)
from dialer.core.requests import PauseCampaign, StartCampaign
from dialer.core.settings import PacingMode, RetryRule, TrunkSettings
from dialer.core.states import CallState, CampaignState, EndCause, Outcome, TrunkState
from dialer.testing import CAMPAIGN, NOON_IN_NEW_YORK, TRUNK, Script, campaign, lead

DAY_S = 86_400
MIDNIGHT = (NOON_IN_NEW_YORK // DAY_S + 1) * DAY_S
TODAY = int(NOON_IN_NEW_YORK // DAY_S)
OTHER = "other"
LEADS = [lead(number) for number in range(1, 101)]


def floor(agents=5, *, settings=None, **trunk):
    script = Script(settings, trunk=TrunkSettings(name=TRUNK, calls_per_second=1000, **trunk))
    script.log_in(agents)
    return script


def group(agents=5, *, lines=30, **settings):
    script = floor(agents, settings=campaign(trunk="both", **settings), group="both", lines=lines)
    other = TrunkSettings(name=OTHER, group="both", calls_per_second=1000)
    script.tell(TrunkDefined(at=script.at, trunk=other))
    return script


def dial(script, call):
    leg = script.engine.workspace.legs[call.leg_id]
    return script.dial(call) if leg.dialing_at is None else call.leg_id


def fail(script, call, code=503, text="Service Unavailable", cause=EndCause.CARRIER_FAULT):
    """Let a call be refused."""
    leg_id = dial(script, call)
    return script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=cause, sip_code=code, text=text))


def be_silent(script, call):
    return fail(script, call, code=None, text="", cause=EndCause.NO_REPLY)


def ring(script, call, code=180):
    return script.tell(LegRinging(at=script.at, leg_id=dial(script, call), sip_code=code))


def placed(script, after_s=0.25):
    """Let time pass and timers fire; return the calls that are placed then."""
    script.at += after_s
    timers = script.engine.workspace.timers
    for timer in script.all(StartTimer):
        if timer.due_at <= script.at and timers.get(timer.timer_id) == timer.generation:
            script.tell(TimerFired(at=script.at, timer_id=timer.timer_id, generation=timer.generation))
    return script.all(Originate, script.end_round(0))


def trip(script):
    """Let five calls fail, which takes the trunk out of use."""
    for call in script.start(LEADS):
        fail(script, call)
    assert trunk(script).state is TrunkState.OUT


def trunk(script, name=TRUNK):
    return script.engine.workspace.trunks[name]


def said(script):
    last = script.all(CampaignChanged)[-1]
    return last.state, last.reason, last.until


# --- a fault costs the lead nothing ------------------------------------------------------------------


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


# --- the breaker -------------------------------------------------------------------------------------


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


# --- groups ------------------------------------------------------------------------------------------


def test_calls_go_through_the_first_trunk_of_a_group_that_has_a_line():
    script = group(5, lines=2)
    assert [call.trunk for call in script.start(LEADS)] == [TRUNK, TRUNK, OTHER, OTHER, OTHER]


def test_a_call_that_the_carrier_refuses_goes_on_through_another_trunk_of_the_group():
    script = group(1)
    (first,) = script.start(LEADS)
    commands = fail(script, first)
    started, second = script.only(CallStarted, commands), script.only(Originate, commands)
    assert (started.trunk, started.attempt_id, started.call_id) == (OTHER, first.attempt_id, second.call_id)
    assert script.all(AttemptEnded, commands) == script.all(AttemptStarted, commands) == []
    ended = script.only(AttemptEnded, fail(script, second))
    assert (ended.call_id, ended.counted) == (second.call_id, False)
    assert trunk(script).lines_used == trunk(script, OTHER).lines_used == 0


def test_the_second_call_of_an_attempt_is_bridged_as_the_first_would_have_been():
    script = group(1)
    (first,) = script.start(LEADS)
    second = script.only(Originate, fail(script, first))
    script.answer(second)
    phone = script.only(CallAgent).leg_id
    script.tell(LegsBridged(at=script.at, customer_leg=second.leg_id, agent_leg=phone))
    ended = script.tell(LegEnded(at=script.at, leg_id=second.leg_id, cause=EndCause.CLEARED))
    assert script.only(AttemptEnded, ended).outcome is Outcome.CONNECTED


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(be_silent, id="silence-may-have-heard-us"),
        pytest.param(lambda script, call: fail(script, call, 486, cause=EndCause.BUSY), id="busy"),
        pytest.param(lambda script, call: (ring(script, call), fail(script, call))[1], id="it-rang"),
        pytest.param(
            lambda script, call: (script.ask(PauseCampaign(campaign_id=CAMPAIGN)), fail(script, call))[1],
            id="paused-meanwhile",
        ),
    ],
)
def test_no_other_trunk_tries_at_once_unless_the_fault_is_definite_and_the_campaign_runs(end):
    script = group(1)
    (first,) = script.start(LEADS)
    assert script.all(Originate, end(script, first)) == []


def test_a_call_that_we_gave_up_does_not_go_on_through_another_trunk():
    script = group(1)
    (call,) = script.start(LEADS)
    script.dial(call)
    placed(script, 60)
    assert script.only(HangUp).leg_id == call.leg_id
    assert script.all(Originate, fail(script, call)) == []


def test_while_one_trunk_is_out_the_other_carries_the_calls_and_one_probe_tries_the_first():
    script = group(6)
    for call in script.start(LEADS)[:5]:
        fail(script, call)
    assert (trunk(script).state, trunk(script, OTHER).state) == (TrunkState.OUT, TrunkState.UP)
    for call in script.all(Originate)[6:]:
        fail(script, call, 486, cause=EndCause.BUSY)
    assert {call.trunk for call in placed(script)} == {OTHER}
    for call in script.all(Originate)[11:]:
        fail(script, call, 486, cause=EndCause.BUSY)
    assert sorted(call.trunk for call in placed(script, 10)).count(TRUNK) == 1
    assert not any("out" in changed.reason for changed in script.all(CampaignChanged))


def test_a_campaign_whose_trunks_are_all_out_says_so_of_each():
    script = group(5)
    for call in script.start(LEADS):
        fail(script, script.only(Originate, fail(script, call)), 403, "Forbidden", EndCause.ACCOUNT_FAULT)
    script.end_round()
    assert said(script)[1] == (
        "trunk main is out: 503 Service Unavailable (5 of the last 5 calls); "
        "trunk other is out: 403 Forbidden (5 of the last 5 calls)"
    )


# --- limits of harm ----------------------------------------------------------------------------------


def talk(script, call, seconds):
    script.answer(call)
    script.at += seconds
    return script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))


def test_the_days_minutes_once_used_up_stop_the_trunk_until_the_next_day():
    script = floor(1, settings=campaign(wrap_up_s=0, window_closes_min=24 * 60), daily_minutes=1)
    (call,) = script.start(LEADS)
    changed = script.only(TrunkChanged, talk(script, call, 61))
    assert (changed.used_day, changed.used_s) == (TODAY, 61)
    assert placed(script) == []
    assert said(script)[1:] == ("trunk main is spent: the day's 1 minutes are used up", MIDNIGHT)
    assert [entry.kind for entry in script.all(JournalEntry)].count("alarm") == 1
    assert len(placed(script, MIDNIGHT - script.at)) == 1
    assert said(script)[1:] == ("", None)
    assert (trunk(script).used_day, trunk(script).used_s) == (TODAY + 1, 0)


def test_talks_that_last_count_towards_the_days_minutes():
    script = floor(2, daily_minutes=1)
    first, second = script.start(LEADS)
    script.answer(first)
    script.at += 61
    fail(script, second, 486, cause=EndCause.BUSY)
    assert placed(script) == []


def test_of_a_talk_over_midnight_only_the_new_days_part_counts():
    script = Script(campaign(window_opens_min=0, window_closes_min=24 * 60), at=MIDNIGHT - 30)
    script.log_in(1)
    (call,) = script.start(LEADS)
    began_at = script.at
    changed = script.only(TrunkChanged, talk(script, call, 50))
    assert changed.used_day == TODAY + 1
    assert changed.used_s == pytest.approx(began_at + 50 - MIDNIGHT)


def test_what_an_earlier_run_used_of_the_day_still_counts():
    script = Script()
    script.engine.workspace.trunks.clear()
    settings = TrunkSettings(name=TRUNK, daily_minutes=10)
    script.tell(TrunkDefined(at=script.at, trunk=settings, used_day=TODAY, used_s=600.0))
    script.log_in(1)
    assert script.start(LEADS) == []
    assert trunk(script).state is TrunkState.SPENT


def test_the_longest_call_is_ended_on_record_and_the_next_one_in_its_time():
    script = floor(2, longest_call_min=60)
    first, second = script.start(LEADS)
    script.answer(first)
    script.at += 600
    script.answer(second)
    timer = f"longest:{TRUNK}"
    for call in (first, second):
        leg = script.engine.workspace.legs[call.leg_id]
        script.at = leg.answered_at + 3600
        generation = script.engine.workspace.timers[timer]
        commands = script.tell(TimerFired(at=script.at, timer_id=timer, generation=generation))
        assert script.only(HangUp, commands).leg_id == call.leg_id
        assert "longest_call" in [entry.kind for entry in script.all(JournalEntry, commands)]
        assert script.engine.workspace.calls[call.call_id].state is CallState.ENDING
    assert timer not in script.engine.workspace.timers


@pytest.mark.parametrize("rate", [1.0, 2.0, 3.0, 4.0, 7.0, 10.0, 25.0])
def test_no_second_holds_more_calls_than_the_trunks_rate(rate):
    script = Script(
        campaign(mode=PacingMode.RATIO, ratio=4.0),
        trunk=TrunkSettings(name=TRUNK, lines=1000, calls_per_second=rate),
    )
    script.log_in(60)
    script.start([lead(number) for number in range(1, 201)])
    for _ in range(32):
        script.end_round(0.25)
    starts = [record.at for record in script.all(AttemptStarted)]
    span = int(rate)
    assert len(starts) > 4 * rate
    assert all(later - first >= 1 - 1e-6 for first, later in zip(starts, starts[span:], strict=False))
    assert all(first <= later for first, later in pairwise(starts))


# --- a trunk that is not there -----------------------------------------------------------------------


def test_a_campaign_whose_trunk_is_missing_says_why_it_was_not_started():
    script = Script(campaign(trunk="elsewhere"))
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    reason = "not started: trunk elsewhere is not in the run's configuration: add [trunks.elsewhere] to it"
    assert said(script) == (CampaignState.STOPPED, reason, None)


def test_the_reason_goes_once_the_campaign_is_started():
    script = Script(campaign(trunk="elsewhere"))
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.tell(TrunkDefined(at=script.at, trunk=TrunkSettings(name="elsewhere")))
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    assert said(script) == (CampaignState.RUNNING, "", None)


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
