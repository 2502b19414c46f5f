"""Calls under answering machine detection, as sequences of events and what they lead to."""

import pytest

from dialer.core.commands import Bridge, HangUp, Originate, PlayMessage, StartTimer
from dialer.core.events import CampaignDefined, TimerFired
from dialer.core.records import AttemptClassified, AttemptEnded, JournalEntry, RequestAnswered
from dialer.core.requests import StartCampaign, TakeUpSettings
from dialer.core.rules.machine_detection import AmdSettings, ClockStart, Reaction, Verdict
from dialer.core.settings import PacingMode, TrunkSettings
from dialer.core.states import AgentState, CallState, EndCause, Outcome
from dialer.core.switch_events import (
    LegAnswered,
    LegClassified,
    LegEnded,
    LegsBridged,
    LegSpoke,
    MessagePlayed,
)
from dialer.testing import CAMPAIGN, TRUNK, Script, campaign, lead

DETECTS = TrunkSettings(name=TRUNK, lines=50, calls_per_second=1000, detects_machines=True)
HUMAN, MACHINE, SILENCE = "HUMAN-800-800", "MAXWORDS-4-3", "INITIALSILENCE-2500-2500"


def floor(agents=1, *, amd=None, **changes):
    listening = amd or AmdSettings(on=True, sample_share=0.0)
    script = Script(campaign(amd=listening, **changes), trunk=DETECTS)
    script.log_in(agents)
    return script


def answered(script, count=1):
    calls = script.start([lead(number) for number in range(1, count + 1)])
    for call in calls:
        script.answer(call)
    return calls


def judge(script, call, verdict, cause, *, after_s=0.0):
    script.at += after_s
    return script.tell(LegClassified(at=script.at, leg_id=call.leg_id, verdict=verdict, cause=cause))


def end(script, call, after_s=0.0):
    script.at += after_s
    ended = LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED)
    return script.only(AttemptEnded, script.tell(ended))


def fire(script, prefix):
    timer = [t for t in script.all(StartTimer) if t.timer_id.startswith(prefix)][-1]
    at = max(script.at, timer.due_at)
    return script.tell(TimerFired(at=at, timer_id=timer.timer_id, generation=timer.generation))


def test_a_call_that_is_listened_to_says_so_when_it_is_placed_and_waits_for_the_verdict():
    script = floor()
    (call,) = script.start([lead(1)])
    assert call.amd == AmdSettings(on=True, sample_share=0.0)
    assert script.all(Bridge, script.answer(call)) == []
    (only,) = script.engine.workspace.calls.values()
    assert only.state is CallState.CLASSIFYING


def test_a_person_gets_the_agent_and_the_verdict_is_on_record():
    script = floor()
    (call,) = answered(script)
    commands = judge(script, call, Verdict.HUMAN, HUMAN, after_s=1.5)
    assert script.only(Bridge, commands).customer_leg == call.leg_id
    record = script.only(AttemptClassified, commands)
    assert (record.verdict, record.cause, record.after_s) == (Verdict.HUMAN, HUMAN, 1.5)


def test_a_machine_is_hung_up_on_and_its_lead_waits():
    script = floor()
    (call,) = answered(script)
    assert script.only(HangUp, judge(script, call, Verdict.MACHINE, MACHINE)).leg_id == call.leg_id
    record = end(script, call)
    assert (record.outcome, record.retry_at) == (Outcome.MACHINE, script.at + 240 * 60)


def test_a_machine_is_left_a_message_after_its_beep():
    amd = AmdSettings(on=True, sample_share=0.0, machine=Reaction.MESSAGE, message="hello")
    script = floor(amd=amd)
    (call,) = answered(script)
    played = script.only(PlayMessage, judge(script, call, Verdict.MACHINE, MACHINE))
    assert (played.message, played.after_beep) == ("hello", True)
    script.only(HangUp, script.tell(MessagePlayed(at=script.at + 20, leg_id=call.leg_id)))
    record = end(script, call)
    assert (record.outcome, record.retry_at) == (Outcome.MESSAGE_LEFT, None)


@pytest.mark.parametrize("how", ["it hangs up", "it was not played", "it never ends"])
def test_a_message_that_the_machine_did_not_take_is_not_left(how):
    amd = AmdSettings(on=True, sample_share=0.0, machine=Reaction.MESSAGE, message="hello")
    script = floor(amd=amd)
    (call,) = answered(script)
    judge(script, call, Verdict.MACHINE, MACHINE)
    if how == "it was not played":
        script.tell(MessagePlayed(at=script.at, leg_id=call.leg_id, failed="no such file"))
    elif how == "it never ends":
        script.only(HangUp, fire(script, "message:"))
    assert end(script, call).outcome is Outcome.MACHINE


@pytest.mark.parametrize(
    ("verdict", "cause"),
    [(Verdict.UNSURE, "TOOLONG-5000"), (Verdict.MACHINE, SILENCE), (Verdict.UNSURE, "")],
)
def test_doubt_and_silence_go_to_an_agent(verdict, cause):
    script = floor()
    (call,) = answered(script)
    script.only(Bridge, judge(script, call, verdict, cause))


def test_no_verdict_in_time_goes_to_an_agent_and_one_that_comes_too_late_changes_nothing():
    script = floor()
    (call,) = answered(script)
    answered_at = script.at
    commands = fire(script, "verdict:")
    record = script.only(AttemptClassified, commands)
    assert (record.verdict, record.cause, record.after_s) == (Verdict.UNSURE, "NOVERDICT", 6.0)
    assert script.at == answered_at + 6
    ordered = script.only(Bridge, commands)
    late = judge(script, call, Verdict.MACHINE, MACHINE, after_s=0.1)
    assert (script.all(HangUp, late), script.all(AttemptClassified, late)) == ([], [])
    assert script.only(JournalEntry, late).detail == "machine (MAXWORDS-4-3), too late"
    joined = LegsBridged(at=script.at, customer_leg=call.leg_id, agent_leg=ordered.agent_leg)
    script.tell(joined)
    assert end(script, call, 10).outcome is Outcome.CONNECTED


def test_a_machine_in_the_sample_goes_to_an_agent():
    script = floor(amd=AmdSettings(on=True, sample_share=1.0))
    (call,) = answered(script)
    commands = judge(script, call, Verdict.MACHINE, MACHINE)
    script.only(Bridge, commands)
    assert any("sampled" in entry.detail for entry in script.all(JournalEntry, commands))


@pytest.mark.parametrize(
    ("clock", "left_s"),
    [(ClockStart.ANSWER, 0.5), (ClockStart.GREETING_START, 1.0), (ClockStart.GREETING_END, 1.2)],
)
def test_a_person_whom_nobody_takes_hears_the_message_two_seconds_after_the_clocks_start(clock, left_s):
    amd = AmdSettings(on=True, clock=clock)
    script = floor(amd=amd, mode=PacingMode.RATIO, ratio=2.0)
    first, second = answered(script, 2)
    judge(script, first, Verdict.HUMAN, HUMAN)
    script.at += 0.5
    script.tell(LegSpoke(at=script.at, leg_id=second.leg_id))
    assert script.all(Bridge, judge(script, second, Verdict.HUMAN, HUMAN, after_s=1.0)) == []
    verdict_at = script.at
    played = script.only(PlayMessage, fire(script, "connect:"))
    assert script.at == pytest.approx(verdict_at + left_s)
    assert (played.message, played.after_beep) == ("safe-harbour", False)
    record = end(script, second)
    assert (record.outcome, record.wait_s) == (Outcome.ABANDONED, pytest.approx(2.0))


@pytest.mark.parametrize(
    ("clock", "wait_s"),
    [(ClockStart.ANSWER, 1.5), (ClockStart.GREETING_START, 1.0), (ClockStart.GREETING_END, 0.0)],
)
def test_who_hangs_up_before_the_verdict_waited_as_long_as_the_rule_says(clock, wait_s):
    script = floor(amd=AmdSettings(on=True, clock=clock))
    (call,) = answered(script)
    script.at += 0.5
    script.tell(LegSpoke(at=script.at, leg_id=call.leg_id))
    script.tell(LegSpoke(at=script.at + 0.7, leg_id=call.leg_id))
    record = end(script, call, 0.3)
    assert (record.outcome, record.wait_s) == (Outcome.HUNG_UP_WAITING, pytest.approx(wait_s))
    (only,) = script.engine.workspace.campaigns.values()
    assert only.in_flight == 0


def test_a_call_without_a_verdict_stands_for_an_agent_as_one_that_rings():
    script = floor(agents=1)
    (call,) = answered(script)
    assert script.load([lead(2)], remaining=True) == []
    judge(script, call, Verdict.MACHINE, MACHINE)
    assert len(script.all(Originate, script.end_round())) == 1


def test_an_agents_phone_is_never_classified():
    script = floor()
    (agent,) = script.engine.workspace.agents.values()
    script.tell(LegSpoke(at=script.at, leg_id=agent.leg_id))
    script.tell(LegClassified(at=script.at, leg_id=agent.leg_id, verdict=Verdict.MACHINE, cause=MACHINE))
    assert agent.state is AgentState.READY


def test_a_verdict_about_a_call_that_is_hung_up_changes_nothing():
    script = floor()
    (call,) = answered(script)
    judge(script, call, Verdict.MACHINE, MACHINE)
    assert script.all(HangUp, judge(script, call, Verdict.HUMAN, HUMAN)) == []
    assert end(script, call).outcome is Outcome.MACHINE


def test_a_verdict_about_a_call_that_nobody_answered_is_an_anomaly_and_ends_it():
    script = floor()
    (call,) = script.start([lead(1)])
    script.dial(call)
    assert script.only(HangUp, judge(script, call, Verdict.HUMAN, HUMAN)).leg_id == call.leg_id


def test_a_campaign_with_detection_does_not_start_over_a_trunk_without_it():
    script = Script(campaign(amd=AmdSettings(on=True)))
    refused = script.only(RequestAnswered, script.ask(StartCampaign(campaign_id=CAMPAIGN)))
    assert not refused.done
    assert "trunk main has none" in refused.text
    assert "dialer campaign amd" in refused.text


def test_detection_that_is_turned_on_over_a_trunk_without_it_is_refused_and_calls_go_on_without():
    script = Script()
    script.log_in(1)
    calls = script.start([lead(1)])
    script.tell(CampaignDefined(at=script.at, campaign=campaign(amd=AmdSettings(on=True))))
    refused = script.only(RequestAnswered, script.ask(TakeUpSettings(campaign_id=CAMPAIGN)))
    assert not refused.done
    script.tell(LegAnswered(at=script.at, leg_id=script.dial(calls[0])))
    script.only(Bridge)
