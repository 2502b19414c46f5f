"""Campaigns start, wait, halt and complete; limits of pacing."""

import pytest

from dialer.core.commands import EndRun, FetchLeads, HangUp, Originate, ReturnLeads
from dialer.core.events import LeadsLoaded, ShutdownRequested
from dialer.core.records import CampaignChanged, LeadRefused
from dialer.core.requests import Halt, LogOut, PauseCampaign, Resume, StartCampaign, StopCampaign
from dialer.core.settings import PacingMode, TrunkSettings
from dialer.core.states import CampaignState, EndCause
from dialer.core.switch_events import LegAnswered, LegEnded, OriginateRefused
from dialer.testing import CAMPAIGN, NEW_YORK, NOON_IN_NEW_YORK, TRUNK, Script, campaign, lead

HOUR = 3600.0
LEADS = [lead(number) for number in range(1, 21)]


def test_progressive_places_one_call_for_each_free_agent():
    script = Script()
    script.log_in(3)
    assert len(script.start(LEADS)) == 3
    assert script.all(Originate, script.end_round()) == []


def test_ratio_places_the_whole_number_of_calls_below_its_ratio():
    script = Script(campaign(mode=PacingMode.RATIO, ratio=1.5))
    script.log_in(3)
    assert len(script.start(LEADS)) == 4


def test_nobody_there_means_no_fetch_and_no_call():
    script = Script()
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    commands = script.end_round()
    assert script.all(FetchLeads, commands) == script.all(Originate, commands) == []


def test_the_last_log_out_stops_new_calls():
    script = Script()
    script.log_in(1)
    (call,) = script.start(LEADS)
    script.dial(call)
    script.ask(LogOut(agent_id=1))
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.BUSY))
    assert script.all(Originate, script.end_round()) == []


def test_lines_are_never_exceeded():
    script = Script(trunk=TrunkSettings(name=TRUNK, lines=2, calls_per_second=100))
    script.log_in(5)
    assert len(script.start(LEADS)) == 2


def test_calls_per_second_are_spread_over_time():
    script = Script(trunk=TrunkSettings(name=TRUNK, lines=50, calls_per_second=4))
    script.log_in(10)
    script.start(LEADS)
    for _ in range(8):
        script.end_round(0.25)
    assert 8 <= len(script.all(Originate)) <= 10


@pytest.mark.parametrize("request_type", [PauseCampaign, StopCampaign])
def test_pause_and_stop_give_claimed_leads_back_and_start_no_more_calls(request_type):
    script = Script()
    script.log_in(1)
    (call,) = script.start(LEADS)
    commands = script.ask(request_type(campaign_id=CAMPAIGN))
    assert len(script.only(ReturnLeads, commands).lead_ids) == 19
    script.dial(call)
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.BUSY))
    assert script.all(Originate, script.end_round()) == []


def test_a_paused_campaign_serves_what_rings():
    script = Script()
    (agent,) = script.log_in(1)
    (call,) = script.start(LEADS)
    script.dial(call)
    script.ask(PauseCampaign(campaign_id=CAMPAIGN))
    script.tell(LegAnswered(at=script.at, leg_id=call.leg_id))
    assert agent.call_id == call.call_id


def test_a_halt_withdraws_what_has_not_left_and_starts_nothing_until_resumed():
    script = Script()
    script.log_in(1)
    (call,) = script.start(LEADS)
    assert script.only(HangUp, script.ask(Halt(reason="drill"))).leg_id == call.leg_id
    script.tell(OriginateRefused(at=script.at, leg_id=call.leg_id, reason="withdrawn"))
    assert script.all(Originate, script.end_round()) == []
    script.ask(Resume())
    assert len(script.all(Originate, script.end_round())) == 1


def test_old_news_stop_pacing_until_they_are_fresh_again():
    script = Script()
    script.log_in(1)
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.end_round()
    script.tell(
        LeadsLoaded(
            at=script.at,
            campaign_id=CAMPAIGN,
            leads=tuple(LEADS),
            zone_groups={NEW_YORK: ("America/New_York",)},
        )
    )
    assert script.all(Originate, script.end_round(lag_s=1.2)) == []
    assert len(script.all(Originate, script.end_round())) == 1


@pytest.mark.parametrize(
    ("local_hour", "calls"),
    [
        pytest.param(7.9, 0, id="before-opening"),
        pytest.param(8.1, 1, id="after-opening"),
        pytest.param(20.97, 1, id="time-enough-before-closing"),
        pytest.param(20.99, 0, id="could-be-answered-after-closing"),
        pytest.param(21.1, 0, id="after-closing"),
    ],
)
def test_no_call_starts_that_could_be_answered_outside_its_window(local_hour, calls):
    script = Script(at=NOON_IN_NEW_YORK + (local_hour - 12) * HOUR)
    script.log_in(1)
    assert len(script.start([lead(1)])) == calls


def test_the_window_must_be_open_in_every_zone_of_the_number():
    script = Script(at=NOON_IN_NEW_YORK - 3 * HOUR)  # 9:00 in New York, 6:00 in Los Angeles
    script.log_in(1)
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.end_round()
    zones = {NEW_YORK: ("America/New_York", "America/Los_Angeles")}
    script.tell(LeadsLoaded(at=script.at, campaign_id=CAMPAIGN, leads=(lead(1),), zone_groups=zones))
    refused = script.only(LeadRefused, script.end_round())
    assert (refused.reason, refused.retry_at) == ("calling window closed", NOON_IN_NEW_YORK - HOUR)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param({"kind": "premium_rate"}, "number kind premium_rate", id="premium"),
        pytest.param({"kind": "satellite"}, "number kind satellite", id="satellite"),
        pytest.param({"region": "CU"}, "country CU not allowed", id="country"),
        pytest.param({"do_not_call": True}, "do-not-call list", id="do-not-call"),
        pytest.param({"attempts": 10}, "most attempts reached", id="attempts"),
    ],
)
def test_what_may_never_be_called_is_refused_with_its_reason(facts, reason):
    script = Script(campaign(countries=("US",)))
    script.log_in(1)
    assert script.start([lead(1, **facts)]) == []
    refused = script.all(LeadRefused)[-1]
    assert (refused.reason, refused.retry_at) == (reason, None)


def test_a_campaign_whose_leads_are_finished_is_complete():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.dial(call)
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.UNALLOCATED))
    script.load([])  # asked for while the attempt was open
    assert script.engine.workspace.campaigns[CAMPAIGN].state is CampaignState.RUNNING
    script.load([])
    assert script.all(CampaignChanged)[-1].state is CampaignState.COMPLETE


def test_a_campaign_that_waits_for_a_retry_says_until_when():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.dial(call)
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.BUSY))
    script.at += 10
    script.end_round()
    due_at = script.at + 590
    script.tell(LeadsLoaded(at=script.at, campaign_id=CAMPAIGN, leads=(), next_due_at=due_at, remaining=True))
    changed = script.all(CampaignChanged)[-1]
    assert (changed.state, changed.reason, changed.until) == (
        CampaignState.RUNNING,
        "waiting for a retry",
        due_at,
    )


def test_a_run_that_ends_lets_talks_finish_and_then_logs_everybody_out():
    script = Script()
    (agent,) = script.log_in(1)
    (call,) = script.start([lead(1)])
    script.answer(call)
    script.tell(ShutdownRequested(at=script.at, finish_within_s=60))
    script.end_round()
    assert script.all(EndRun) == []
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    phone = agent.leg_id
    assert [command.leg_id for command in script.all(HangUp, script.end_round())] == [phone]
    script.tell(LegEnded(at=script.at, leg_id=phone, cause=EndCause.CLEARED))
    assert len(script.all(EndRun, script.end_round())) == 1


def test_a_second_request_to_end_hangs_up_at_once():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.answer(call)
    script.tell(ShutdownRequested(at=script.at, finish_within_s=60))
    commands = script.tell(ShutdownRequested(at=script.at, finish_within_s=0))
    assert script.only(HangUp, commands).leg_id == call.leg_id
