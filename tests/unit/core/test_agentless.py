"""Campaigns whose calls no agent takes: who is called, what is said, the key, and what goes on record."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from dialer.core.agentless_records import MessageBegan, MessageOver, OptedOut
from dialer.core.commands import (
    Bridge,
    FetchLeads,
    HangUp,
    Originate,
    PlayMessage,
    SendToDialplan,
    StartTimer,
)
from dialer.core.messages import Message
from dialer.core.pacing.obstacles import Obstacle
from dialer.core.records import (
    AttemptEnded,
    AttemptStarted,
    CampaignChanged,
    JournalEntry,
    LeadRefused,
    NumberBlocked,
    RequestAnswered,
)
from dialer.core.requests import Halt, StartCampaign
from dialer.core.rules.agentless import KEY_S, NO_CONSENT
from dialer.core.rules.machine_detection import AmdSettings, Reaction, Verdict
from dialer.core.settings import TrunkSettings
from dialer.core.states import Outcome
from dialer.core.switch_events import (
    LegClassified,
    LegDigit,
    MessagePlayed,
    OriginateRefused,
)
from dialer.core.work.agentless import CONFIRM_S, MARGIN_S
from dialer.testing import CAMPAIGN, TRUNK, lead
from tests.unit.core.agentless_floor import (
    ASTERISK,
    agreed,
    answered,
    end,
    fire,
    load,
    press,
    reason,
    script,
)

# --- who is called -----------------------------------------------------------------------------------


def test_calls_are_placed_though_no_agent_is_there():
    floor = script()
    assert len(load(floor, [agreed(number) for number in range(1, 4)])) == 3
    assert reason(floor) == ""


def test_no_more_calls_than_the_campaign_may_have_at_a_time_are_in_progress():
    floor = script(says={"max_calls": 2})
    calls = load(floor, [agreed(number) for number in range(1, 6)])
    assert len(calls) == 2
    floor.answer(calls[0])
    assert floor.all(Originate, floor.end_round()) == []
    end(floor, calls[0])
    assert len(floor.all(Originate, floor.end_round())) == 1


def test_lines_and_calls_per_second_bound_them_as_any_others():
    floor = script(trunk=replace(ASTERISK, lines=3))
    assert len(load(floor, [agreed(number) for number in range(1, 6)])) == 3
    slow = script(trunk=replace(ASTERISK, calls_per_second=4))
    assert len(load(slow, [agreed(number) for number in range(1, 6)])) == 1
    assert len(slow.all(Originate, slow.end_round(0.25))) == 1


def test_a_lead_without_consent_is_refused():
    floor = script()
    assert len(load(floor, [lead(1), agreed(2)])) == 1
    refused = floor.only(LeadRefused)
    assert (refused.lead_id, refused.reason, refused.retry_at) == (1, NO_CONSENT, None)


def test_leads_are_asked_about_by_the_seller_and_the_attempt_says_so():
    floor = script()
    load(floor, [agreed(1)])
    assert floor.all(FetchLeads)[-1].consent_for == "Example Energy"
    assert floor.only(AttemptStarted).consent_for == "Example Energy"


def test_a_consent_that_was_revoked_at_the_last_moment_keeps_the_lead_from_being_called():
    floor = script()
    (call,) = load(floor, [agreed(1)])
    told = floor.tell(OriginateRefused(at=floor.at, leg_id=call.leg_id, reason="no_consent"))
    assert floor.only(AttemptEnded, told).outcome is Outcome.CANCELLED
    assert floor.only(LeadRefused, told).reason == NO_CONSENT


def test_agents_are_not_counted_as_needed_by_such_calls():
    floor = script()
    floor.log_in(1)
    load(floor, [agreed(1)])
    assert floor.engine.workspace.campaigns[CAMPAIGN].in_flight == 0


def test_a_halt_stops_them_too():
    floor = script()
    floor.ask(Halt(reason="test"))
    assert load(floor, [agreed(1)]) == []
    assert reason(floor) == Obstacle.HALTED


# --- what is refused ---------------------------------------------------------------------------------

SIP = TrunkSettings(name=TRUNK, lines=50, calls_per_second=1000)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"says": {"message": ""}}, "nothing to say", id="no-recording-and-no-context"),
        pytest.param({"says": {"message": "other"}}, "no recording 'other'", id="no-such-recording"),
        pytest.param({"says": {"opt_out_key": ""}}, "--opt-out-key 9", id="no-key"),
        pytest.param({"says": {"seller": ""}}, "--seller", id="no-seller"),
        pytest.param({"caller_id": ""}, "--caller-id", id="no-caller-id"),
        pytest.param(
            {"says": {"message": "", "context": "offers"}, "trunk": SIP}, "no dialplan", id="no-dialplan"
        ),
    ],
)
def test_a_campaign_that_lacks_something_is_not_started_and_told_what(changes, words):
    floor = script(**changes)
    (refused,) = floor.all(RequestAnswered, floor.ask(StartCampaign(campaign_id=CAMPAIGN)))
    assert not refused.done
    assert words in refused.text
    assert words in floor.only(CampaignChanged).reason


def test_the_trunks_caller_id_is_enough():
    floor = script(caller_id="", trunk=replace(ASTERISK, caller_id="+12125550198"))
    assert len(load(floor, [agreed(1)])) == 1


# --- what people hear --------------------------------------------------------------------------------


def test_whoever_picks_up_hears_the_recording_and_nobody_is_looked_for():
    floor = script()
    floor.log_in(1)
    call = answered(floor)
    played = floor.only(PlayMessage)
    assert (played.leg_id, played.message, played.opt_out_key) == (call.leg_id, "renewal", "9")
    assert floor.all(Bridge) == []
    began = floor.only(MessageBegan)
    assert (began.call_id, began.message, began.version) == (call.call_id, "renewal", "f00d")


def test_a_message_that_is_heard_to_its_end_leaves_time_for_the_key_before_the_hang_up():
    floor = script()
    call = answered(floor)
    told = floor.tell(MessagePlayed(at=floor.at, leg_id=call.leg_id))
    assert floor.only(MessageOver, told).heard is True
    assert floor.all(HangUp, told) == []
    assert floor.only(HangUp, fire(floor, "message")).leg_id == call.leg_id
    ended = end(floor, call)
    assert (ended.outcome, ended.retry_at, ended.counted) == (Outcome.MESSAGE_HEARD, None, True)
    assert len(floor.all(MessageOver)) == 1


def test_whoever_hangs_up_before_its_end_has_not_heard_it_and_was_not_abandoned():
    floor = script()
    call = answered(floor)
    floor.at += 3.0
    assert end(floor, call).outcome is Outcome.MESSAGE_CUT
    assert floor.only(MessageOver).heard is False


@pytest.mark.parametrize("digit", ["9", "1"])
def test_only_the_campaigns_key_puts_the_number_on_the_list(digit):
    floor = script()
    call = answered(floor)
    told = press(floor, call, digit)
    assert [(one.lead_id, one.digit) for one in floor.all(NumberBlocked, told)] == [(1, "9")] * (digit == "9")
    assert [one.digit for one in floor.all(OptedOut, told)] == ["9"] * (digit == "9")


def test_after_the_key_the_tone_is_awaited_and_the_call_hung_up():
    floor = script()
    call = answered(floor)
    told = press(floor, call, "9")
    assert floor.only(MessageOver, told).heard is False
    assert floor.all(HangUp, told) == []
    assert press(floor, call, "9") == []
    assert floor.only(HangUp, fire(floor, "message")).leg_id == call.leg_id
    assert end(floor, call).outcome is Outcome.MESSAGE_CUT


def test_a_key_after_the_message_counts_and_the_message_was_heard():
    floor = script()
    call = answered(floor)
    floor.tell(MessagePlayed(at=floor.at, leg_id=call.leg_id))
    assert floor.only(NumberBlocked, press(floor, call, "9")).digit == "9"
    assert end(floor, call).outcome is Outcome.MESSAGE_HEARD


def test_timers_leave_the_message_its_length_the_key_its_time_and_the_tone_its_own():
    floor = script()
    call = answered(floor)
    began = floor.at
    floor.tell(MessagePlayed(at=began + 20, leg_id=call.leg_id))
    floor.tell(LegDigit(at=began + 21, leg_id=call.leg_id, digit="9"))
    due = [one.due_at - began for one in floor.all(StartTimer) if one.timer_id.startswith("message")]
    assert due == [20 + MARGIN_S, 20 + KEY_S, 21 + CONFIRM_S]
    assert all(one < other for one, other in pairwise(due[1:]))


def test_a_message_that_cannot_be_played_ends_the_call_as_failed():
    floor = script()
    call = answered(floor)
    told = floor.tell(MessagePlayed(at=floor.at, leg_id=call.leg_id, failed="no file"))
    assert floor.only(MessageOver, told).failed == "no file"
    assert floor.only(HangUp, told).leg_id == call.leg_id
    assert end(floor, call).outcome is Outcome.FAILED


def test_a_message_that_never_reports_its_end_is_cut_on_record():
    floor = script()
    call = answered(floor)
    told = fire(floor, "message")
    assert [one.kind for one in floor.all(JournalEntry, told)] == ["anomaly", "hang_up"]
    assert end(floor, call).outcome is Outcome.MESSAGE_CUT


def test_on_asterisk_answered_calls_may_go_to_a_context_instead():
    floor = script(says={"message": "", "context": "offers"})
    call = answered(floor)
    sent = floor.only(SendToDialplan)
    assert (sent.leg_id, sent.context) == (call.leg_id, "offers")
    assert floor.only(MessageBegan).context == "offers"
    assert floor.all(PlayMessage) == []
    told = press(floor, call, "9")
    assert floor.only(PlayMessage, told).message == Message.TONE_DONE
    played = floor.tell(MessagePlayed(at=floor.at, leg_id=call.leg_id))
    assert floor.only(HangUp, played).leg_id == call.leg_id
    assert end(floor, call).outcome is Outcome.DIALPLAN
    assert floor.only(MessageOver).heard is None


# --- machines ----------------------------------------------------------------------------------------


def classified(floor, verdict, cause=""):
    call = answered(floor)
    told = floor.tell(LegClassified(at=floor.at, leg_id=call.leg_id, verdict=verdict, cause=cause))
    return call, told


@pytest.mark.parametrize("verdict", [Verdict.HUMAN, Verdict.UNSURE])
def test_with_detection_people_and_doubt_hear_the_message(verdict):
    floor = script(amd=AmdSettings(on=True))
    _, told = classified(floor, verdict)
    assert floor.only(PlayMessage, told).opt_out_key == "9"


@pytest.mark.parametrize("machine", [Reaction.HANG_UP, Reaction.AGENT])
def test_a_machine_is_hung_up_on_as_no_agent_could_take_it(machine):
    floor = script(amd=AmdSettings(on=True, machine=machine, sample_share=1.0))
    call, told = classified(floor, Verdict.MACHINE, "TOOLONG-1-1")
    assert floor.only(HangUp, told).leg_id == call.leg_id
    assert end(floor, call).outcome is Outcome.MACHINE
    assert floor.all(MessageBegan) == []


def test_a_machine_is_left_a_message_after_its_beep_if_the_campaign_says_so():
    floor = script(amd=AmdSettings(on=True, machine=Reaction.MESSAGE, message="renewal"))
    call, told = classified(floor, Verdict.MACHINE, "TOOLONG-1-1")
    assert floor.only(PlayMessage, told).after_beep is True
    assert floor.only(MessageBegan).to_machine is True
    press(floor, call, "9")
    floor.tell(MessagePlayed(at=floor.at, leg_id=call.leg_id))
    assert end(floor, call).outcome is Outcome.MESSAGE_LEFT
    assert floor.only(MessageOver).heard is True
    assert floor.all(NumberBlocked) == []


def test_whoever_hangs_up_under_detection_was_not_abandoned():
    floor = script(amd=AmdSettings(on=True))
    call = answered(floor)
    assert end(floor, call).outcome is Outcome.MESSAGE_CUT
