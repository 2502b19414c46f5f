"""Trunks that stand in for each other, their limits of harm, and one that is missing."""

from itertools import pairwise

import pytest

from dialer.core.commands import CallAgent, HangUp, Originate
from dialer.core.events import TimerFired, TrunkDefined
from dialer.core.records import (
    AttemptEnded,
    AttemptStarted,
    CallStarted,
    CampaignChanged,
    JournalEntry,
    TrunkChanged,
)
from dialer.core.requests import PauseCampaign, StartCampaign
from dialer.core.settings import PacingMode, TrunkSettings
from dialer.core.states import CallState, CampaignState, EndCause, Outcome, TrunkState
from dialer.core.switch_events import LegEnded, LegsBridged
from dialer.testing import CAMPAIGN, TRUNK, Script, campaign, lead
from tests.trunks import (
    LEADS,
    MIDNIGHT,
    OTHER,
    TODAY,
    be_silent,
    fail,
    floor,
    group,
    placed,
    ring,
    said,
    trunk,
)


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
