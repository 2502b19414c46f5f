"""What becomes of calls that a machine of the network's speaks to."""

import pytest

from dialer.core.commands import Bridge, HangUp
from dialer.core.records import AttemptEnded, JournalEntry, LegClosed
from dialer.core.settings import PacingMode
from dialer.core.states import AgentState, EndCause, Outcome, TrunkState
from dialer.core.switch_events import AnnouncementHeard, LegAnswered, LegEnded, LegRinging, LegsBridged
from dialer.testing import Script, campaign, lead
from tests.trunks import LEADS, dial, floor, trunk


def hear(script, call, means=EndCause.UNALLOCATED):
    said = "SIT vacant"
    return script.tell(AnnouncementHeard(at=script.at, leg_id=call.leg_id, means=means, said=said))


def end(script, call, cause=EndCause.CANCELLED, **facts):
    return script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=cause, **facts))


def early(script, call):
    """Let a call come to early media."""
    script.tell(LegRinging(at=script.at, leg_id=dial(script, call), sip_code=183, early_media=True))


@pytest.mark.parametrize(
    ("means", "outcome", "retry_after_s"),
    [
        pytest.param(EndCause.UNALLOCATED, Outcome.INVALID, None, id="unallocated"),
        pytest.param(EndCause.SWITCHED_OFF, Outcome.SWITCHED_OFF, 14_400, id="switched-off"),
        pytest.param(EndCause.SUSPENDED, Outcome.SUSPENDED, 86_400, id="suspended"),
        pytest.param(EndCause.CONGESTION, Outcome.CONGESTION, 300, id="congestion"),
    ],
)
def test_before_the_answer_the_call_ends_at_once_with_what_was_said(means, outcome, retry_after_s):
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    early(script, call)
    assert script.only(HangUp, hear(script, call, means)).leg_id == call.leg_id
    ended = end(script, call, sip_code=487)
    record, leg = script.only(AttemptEnded, ended), script.only(LegClosed, ended)
    assert (record.outcome, record.cause, record.counted) == (outcome, means, True)
    assert record.retry_at == (None if retry_after_s is None else script.at + retry_after_s)
    assert (leg.cause, leg.text) == (means, "SIT vacant")


def test_it_is_on_record_what_was_heard():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    early(script, call)
    kinds = {entry.kind: entry.detail for entry in script.all(JournalEntry, hear(script, call))}
    assert kinds == {"heard": "SIT vacant: unallocated", "hang_up": "an announcement"}


def test_after_the_answer_nobody_was_abandoned():
    script = Script(campaign(mode=PacingMode.RATIO, ratio=2.0))
    script.log_in(1)
    talking, waiting = script.start([lead(1), lead(2)])
    script.answer(talking)
    script.answer(waiting)
    script.at += 1
    assert script.only(HangUp, hear(script, waiting)).leg_id == waiting.leg_id
    record = script.only(AttemptEnded, end(script, waiting, EndCause.CLEARED))
    assert (record.outcome, record.bridged_at) == (Outcome.INVALID, None)


def test_an_agent_who_was_given_the_call_is_free_again():
    script = Script()
    (agent,) = script.log_in(1)
    (call,) = script.start([lead(1)])
    script.only(Bridge, script.answer(call))
    assert agent.state is AgentState.RESERVED
    hear(script, call)
    assert agent.state is AgentState.READY


def test_an_agent_who_hears_it_too_has_a_wrap_up_and_the_attempt_is_no_talk():
    script = Script()
    (agent,) = script.log_in(1)
    (call,) = script.start([lead(1)])
    ordered = script.only(Bridge, script.answer(call))
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))
    hear(script, call)
    assert agent.state is AgentState.WRAP_UP
    assert script.only(AttemptEnded, end(script, call, EndCause.CLEARED)).outcome is Outcome.INVALID


def test_what_is_heard_while_we_hang_up_changes_nothing():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    early(script, call)
    hear(script, call)
    assert hear(script, call, EndCause.BUSY) == []
    assert script.only(AttemptEnded, end(script, call)).outcome is Outcome.INVALID


def test_an_answer_that_crosses_it_is_hung_up_too():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    early(script, call)
    hear(script, call)
    script.tell(LegAnswered(at=script.at, leg_id=call.leg_id))
    record = script.only(AttemptEnded, end(script, call, EndCause.CLEARED))
    assert (record.outcome, script.all(Bridge)) == (Outcome.INVALID, [])


@pytest.mark.parametrize(
    ("means", "state", "counted"),
    [
        pytest.param(EndCause.CARRIER_FAULT, TrunkState.OUT, False, id="the-carriers-fault"),
        pytest.param(EndCause.CONGESTION, TrunkState.UP, True, id="no-line"),
        pytest.param(EndCause.SWITCHED_OFF, TrunkState.UP, True, id="about-the-number"),
    ],
)
def test_the_breaker_counts_announcements_as_what_they_mean(means, state, counted):
    script = floor()
    for call in script.start(LEADS):
        early(script, call)
        hear(script, call, means)
        end(script, call, sip_code=487)
    assert trunk(script).state is state
    assert {record.counted for record in script.all(AttemptEnded)} == {counted}


def test_an_announcement_about_the_number_shows_that_its_trunk_works_and_one_of_no_line_shows_nothing():
    script = floor()
    calls = script.start(LEADS)
    for call, means in zip(calls, (EndCause.SWITCHED_OFF, EndCause.CONGESTION), strict=False):
        early(script, call)
        hear(script, call, means)
        end(script, call)
    assert trunk(script).recent == [False]
