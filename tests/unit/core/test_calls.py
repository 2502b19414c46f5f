"""The life of a call, as sequences of events and the commands they lead to."""

import pytest

from dialer.core.commands import Bridge, HangUp, PlayMessage, StartTimer
from dialer.core.events import TimerFired
from dialer.core.records import AttemptEnded, JournalEntry, LeadRefused
from dialer.core.settings import PacingMode, RetryRule
from dialer.core.states import AgentState, EndCause, Outcome
from dialer.core.switch_events import (
    BridgeFailed,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegsBridged,
    MessagePlayed,
    OriginateRefused,
)
from dialer.testing import Script, campaign, lead


def bridge(script, call):
    """Answer a call and complete its bridge."""
    ordered = script.only(Bridge, script.answer(call))
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))
    return ordered


def end(script, leg_id, cause=EndCause.CLEARED, **facts):
    return script.only(AttemptEnded, script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=cause, **facts)))


def fire(script, prefix, at):
    """Let the newest timer of a kind fire."""
    timer = [t for t in script.all(StartTimer) if t.timer_id.startswith(prefix)][-1]
    return script.tell(TimerFired(at=at, timer_id=timer.timer_id, generation=timer.generation))


def test_an_answered_call_goes_to_the_agent_who_has_been_free_longest():
    script = Script()
    first, second = script.log_in(2)
    script.at += 1
    call, _ = script.start([lead(1), lead(2)])
    assert script.only(Bridge, script.answer(call)).agent_leg == first.leg_id
    assert (first.state, second.state) == (AgentState.RESERVED, AgentState.READY)


def test_a_talk_is_followed_by_wrap_up_and_then_the_agent_is_free_again():
    script = Script(campaign(wrap_up_s=7))
    (agent,) = script.log_in(1)
    (call,) = script.start([lead(1)])
    bridge(script, call)
    assert agent.state is AgentState.TALKING
    script.at += 30
    record = end(script, call.leg_id)
    assert (record.outcome, record.talk_s, record.agent_id) == (Outcome.CONNECTED, 30, agent.agent_id)
    assert agent.state is AgentState.WRAP_UP
    fire(script, "wrap-up:", script.at + 7)
    assert agent.state is AgentState.READY


def test_nobody_free_within_two_seconds_means_the_message_and_abandoned():
    script = Script(campaign(mode=PacingMode.RATIO, ratio=2.0))
    script.log_in(1)
    talking, waiting = script.start([lead(1), lead(2)])
    bridge(script, talking)
    answered_at = script.at
    assert script.all(Bridge, script.answer(waiting)) == []
    played = script.only(PlayMessage, fire(script, "connect:", answered_at + 2))
    assert played.leg_id == waiting.leg_id
    hung_up = script.only(HangUp, script.tell(MessagePlayed(at=script.at + 5, leg_id=waiting.leg_id)))
    assert hung_up.leg_id == waiting.leg_id
    record = end(script, waiting.leg_id)
    assert (record.outcome, record.wait_s, record.retry_at) == (Outcome.ABANDONED, 2, None)


def test_an_agent_who_becomes_free_in_time_takes_the_call_that_waits():
    script = Script(campaign(mode=PacingMode.RATIO, ratio=2.0, wrap_up_s=0))
    (agent,) = script.log_in(1)
    talking, waiting = script.start([lead(1), lead(2)])
    bridge(script, talking)
    script.answer(waiting)
    script.at += 1.5
    commands = script.tell(LegEnded(at=script.at, leg_id=talking.leg_id, cause=EndCause.CLEARED))
    assert script.only(Bridge, commands).customer_leg == waiting.leg_id
    assert agent.call_id == waiting.call_id


def test_who_hangs_up_before_the_bridge_is_on_record_with_the_seconds_waited():
    script = Script(campaign(mode=PacingMode.RATIO, ratio=2.0))
    script.log_in(1)
    talking, waiting = script.start([lead(1), lead(2)])
    bridge(script, talking)
    script.answer(waiting)
    script.at += 1.25
    record = end(script, waiting.leg_id)
    assert (record.outcome, record.wait_s) == (Outcome.HUNG_UP_WAITING, 1.25)


@pytest.mark.parametrize("cause", [EndCause.NO_AUDIO, EndCause.MEDIA_REFUSED])
def test_an_answer_without_audio_is_a_failure_and_nobodys_impatience(cause):
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.answer(call)
    assert end(script, call.leg_id, cause).outcome is Outcome.FAILED


def test_a_customer_who_leaves_while_the_bridge_is_made_frees_the_agent_in_the_old_place():
    script = Script()
    first, _ = script.log_in(2)
    free_since = first.free_since
    call, _ = script.start([lead(1), lead(2)])
    script.answer(call)
    record = end(script, call.leg_id)
    assert record.outcome is Outcome.HUNG_UP_WAITING
    assert (first.state, first.free_since) == (AgentState.READY, free_since)


def test_a_bridge_that_fails_offers_the_call_to_the_next_agent_on_the_same_clock():
    script = Script()
    _, second = script.log_in(2)
    call, _ = script.start([lead(1), lead(2)])
    ordered = script.only(Bridge, script.answer(call))
    answered_at = script.at
    script.at += 1
    failed = BridgeFailed(
        at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg, reason="488"
    )
    again = script.only(Bridge, script.tell(failed))
    assert again.agent_leg == second.leg_id
    script.at += 0.5
    script.tell(LegsBridged(at=script.at, customer_leg=again.customer_leg, agent_leg=again.agent_leg))
    assert end(script, call.leg_id).wait_s == pytest.approx(script.at - answered_at)


def test_an_agent_whose_leg_is_dead_is_logged_out_and_the_call_goes_on():
    script = Script()
    first, second = script.log_in(2)
    call, _ = script.start([lead(1), lead(2)])
    ordered = script.only(Bridge, script.answer(call))
    failed = BridgeFailed(
        at=script.at,
        customer_leg=ordered.customer_leg,
        agent_leg=ordered.agent_leg,
        reason="gone",
        dead_leg=ordered.agent_leg,
    )
    assert script.only(Bridge, script.tell(failed)).agent_leg == second.leg_id
    assert first.state is AgentState.LOGGED_OUT


def test_a_number_rings_its_time_from_the_first_ringing():
    script = Script(campaign(ring_s=20, post_dial_s=5))
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.dial(call)
    dialed_at = script.at
    script.tell(LegRinging(at=dialed_at + 4, leg_id=call.leg_id))
    assert script.all(HangUp, fire(script, "ring:", dialed_at + 24)) != []
    assert [t.due_at - dialed_at for t in script.all(StartTimer) if t.timer_id.startswith("ring:")] == [
        25,
        24,
    ]
    assert end(script, call.leg_id, EndCause.CANCELLED, sip_code=487).outcome is Outcome.NO_ANSWER


def test_ringing_again_does_not_lengthen_the_time():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.dial(call)
    script.tell(LegRinging(at=script.at + 1, leg_id=call.leg_id))
    again = script.tell(LegRinging(at=script.at + 2, leg_id=call.leg_id, sip_code=183))
    assert script.all(StartTimer, again) == []


@pytest.mark.parametrize(
    ("cause", "outcome", "retry_after_s"),
    [
        pytest.param(EndCause.BUSY, Outcome.BUSY, 600, id="busy"),
        pytest.param(EndCause.NO_ANSWER, Outcome.NO_ANSWER, 7200, id="not-answered"),
        pytest.param(EndCause.UNALLOCATED, Outcome.INVALID, None, id="no-such-number"),
        pytest.param(EndCause.UNREACHABLE, Outcome.UNREACHABLE, 7200, id="out-of-reach"),
        pytest.param(EndCause.SWITCHED_OFF, Outcome.SWITCHED_OFF, 14_400, id="switched-off"),
        pytest.param(EndCause.SUSPENDED, Outcome.SUSPENDED, 86_400, id="suspended"),
        pytest.param(EndCause.DECLINED, Outcome.DECLINED, None, id="declined"),
        pytest.param(EndCause.CONGESTION, Outcome.CONGESTION, 300, id="no-circuit"),
        pytest.param(EndCause.NO_REPLY, Outcome.FAILED, 900, id="no-reply"),
    ],
)
def test_a_call_that_is_not_answered_is_retried_by_the_rule_of_its_outcome(cause, outcome, retry_after_s):
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.dial(call)
    record = end(script, call.leg_id, cause)
    assert record.outcome is outcome
    assert record.retry_at == (None if retry_after_s is None else script.at + retry_after_s)


def test_a_campaign_made_before_an_outcome_was_told_apart_retries_it_by_the_default():
    script = Script(settings=campaign(retry={Outcome.NO_ANSWER: RetryRule(2, 5)}))
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.dial(call)
    assert end(script, call.leg_id, EndCause.UNREACHABLE).retry_at == script.at + 7200


def test_the_last_try_of_an_outcome_finishes_the_lead():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1, tries={Outcome.BUSY: 2}, attempts=2)])
    script.dial(call)
    assert end(script, call.leg_id, EndCause.BUSY).retry_at is None


def test_a_call_that_could_not_be_recorded_costs_the_lead_nothing():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    record = script.only(
        AttemptEnded, script.tell(OriginateRefused(at=script.at, leg_id=call.leg_id, reason="not_recorded"))
    )
    assert (record.outcome, record.counted, record.retry_at) == (Outcome.CANCELLED, False, script.at + 60)


def test_a_number_that_joined_the_do_not_call_list_at_the_last_moment_finishes_its_lead():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    commands = script.tell(OriginateRefused(at=script.at, leg_id=call.leg_id, reason="do_not_call"))
    assert script.only(LeadRefused, commands).retry_at is None


def test_what_a_switch_should_not_say_is_an_anomaly_and_ends_that_call():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    commands = script.tell(LegAnswered(at=script.at, leg_id=call.leg_id))
    assert script.only(HangUp, commands).leg_id == call.leg_id
    assert "anomaly" in [entry.kind for entry in script.all(JournalEntry, commands)]
    assert end(script, call.leg_id).outcome is Outcome.ABANDONED


def test_events_of_a_leg_that_nobody_owns_hang_it_up():
    script = Script()
    commands = script.tell(LegAnswered(at=script.at, leg_id="other-1"))
    assert script.only(HangUp, commands).leg_id == "other-1"


def test_the_line_is_free_again_after_every_end():
    script = Script()
    script.log_in(3)
    calls = script.start([lead(1), lead(2), lead(3)])
    script.tell(OriginateRefused(at=script.at, leg_id=calls[0].leg_id, reason="no_line"))
    script.dial(calls[1])
    end(script, calls[1].leg_id, EndCause.BUSY)
    bridge(script, calls[2])
    end(script, calls[2].leg_id)
    workspace = script.engine.workspace
    assert workspace.trunks["main"].lines_used == 0
    assert workspace.campaigns[1].in_flight == workspace.campaigns[1].open_attempts == 0
    assert workspace.calls == {}
