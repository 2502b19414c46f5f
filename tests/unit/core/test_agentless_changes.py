"""Campaigns without agents whose settings change while they run, and what an earlier run left of their calls."""

from msgspec.structs import replace

from dialer.core.agentless_records import MessageOver
from dialer.core.commands import (
    Bridge,
    FetchLeads,
    PlayMessage,
    ReturnLeads,
)
from dialer.core.events import (
    AttemptLeftOpen,
    CallFound,
    CampaignDefined,
    MessagesDefined,
)
from dialer.core.records import (
    AttemptEnded,
    LeadRefused,
    RequestAnswered,
)
from dialer.core.requests import StartCampaign, TakeUpSettings
from dialer.core.settings import PacingMode
from dialer.core.states import CallState, Outcome
from dialer.core.switch_events import (
    LegAnswered,
    MessagePlayed,
)
from dialer.testing import CAMPAIGN, TRUNK, Script, lead
from tests.unit.core.agentless_floor import (
    ASTERISK,
    MESSAGES,
    SAYS,
    SETTINGS,
    agreed,
    answer_fetch,
    end,
    load,
    reason,
    script,
)

# --- while it runs -----------------------------------------------------------------------------------


def change(floor, settings):
    floor.tell(CampaignDefined(at=floor.at, campaign=settings))
    return floor.only(RequestAnswered, floor.ask(TakeUpSettings(campaign_id=CAMPAIGN)))


def test_a_campaign_without_agents_becomes_one_with_them_and_its_calls_stay_what_they_are():
    floor = script(says={"max_calls": 1})
    (call,) = load(floor, [agreed(1), agreed(2)])
    floor.log_in(1)
    assert change(floor, replace(SETTINGS, mode=PacingMode.PROGRESSIVE)).done
    assert floor.only(ReturnLeads).lead_ids == (2,)
    floor.answer(call)
    assert floor.all(Bridge) == []
    assert floor.only(PlayMessage).message == "renewal"
    assert answer_fetch(floor, []) == []
    assert floor.all(FetchLeads)[-1].consent_for is None
    (other,) = answer_fetch(floor, [lead(2)])
    floor.answer(other)
    assert floor.only(Bridge).customer_leg == other.leg_id


def test_a_campaign_with_agents_becomes_one_without_and_agents_still_get_its_calls():
    floor = Script(replace(SETTINGS, mode=PacingMode.PROGRESSIVE), trunk=ASTERISK)
    floor.tell(MessagesDefined(at=floor.at, messages=MESSAGES))
    floor.log_in(1)
    (call,) = floor.start([lead(1), lead(2)])
    assert change(floor, SETTINGS).done
    floor.answer(call)
    assert floor.only(Bridge).customer_leg == call.leg_id
    assert answer_fetch(floor, []) == []
    (other,) = answer_fetch(floor, [agreed(2)])
    floor.answer(other)
    assert floor.only(PlayMessage).leg_id == other.leg_id


def test_leads_that_were_asked_for_by_other_settings_go_back():
    floor = Script(replace(SETTINGS, mode=PacingMode.PROGRESSIVE), trunk=ASTERISK)
    floor.tell(MessagesDefined(at=floor.at, messages=MESSAGES))
    floor.log_in(1)
    floor.ask(StartCampaign(campaign_id=CAMPAIGN))
    floor.end_round()
    change(floor, SETTINGS)
    assert floor.load([lead(1)]) == []
    assert floor.only(ReturnLeads).lead_ids == (1,)
    assert floor.all(LeadRefused) == []


def test_settings_that_lack_something_keep_a_running_campaign_from_calling_and_say_why():
    floor = script(says={"max_calls": 1})
    load(floor, [agreed(1), agreed(2)])
    answer = change(floor, replace(SETTINGS, agentless=replace(SAYS, opt_out_key="")))
    assert not answer.done
    floor.end_round()
    assert "--opt-out-key 9" in reason(floor)


# --- what an earlier run left --------------------------------------------------------------------------


def found(floor, **facts):
    event = {
        "at": floor.at,
        "attempt_id": "old-1",
        "call_id": "old-2",
        "leg_id": "old-3",
        "campaign_id": CAMPAIGN,
        "lead": agreed(1),
        "trunk": TRUNK,
        "started_at": floor.at - 9,
        "answered_at": floor.at - 3,
        "agentless": True,
    }
    return floor.tell(CallFound(**(event | facts)))


def test_a_call_of_an_earlier_run_goes_on_with_its_message():
    floor = script()
    found(floor, state=CallState.MESSAGE, message_at=floor.at - 2)
    assert floor.all(PlayMessage) == []
    told = floor.tell(MessagePlayed(at=floor.at, leg_id="old-3"))
    assert floor.only(MessageOver, told).heard is True


def test_a_call_of_an_earlier_run_that_was_said_nothing_yet_is_said_it_now():
    floor = script()
    told = found(floor, state=CallState.ANSWERED)
    assert floor.only(PlayMessage, told).message == "renewal"


def test_a_call_that_did_not_outlive_its_run_was_not_abandoned():
    floor = script()
    told = floor.tell(
        AttemptLeftOpen(
            at=floor.at,
            attempt_id="old-1",
            call_id="old-2",
            campaign_id=CAMPAIGN,
            lead=agreed(1),
            started_at=floor.at - 9,
            answered_at=floor.at - 3,
            agentless=True,
        )
    )
    assert floor.only(AttemptEnded, told).outcome is Outcome.MESSAGE_CUT


def test_an_answer_that_could_not_be_told_is_no_abandonment_either():
    floor = script()
    (call,) = load(floor, [agreed(1)])
    floor.dial(call)
    floor.tell(LegAnswered(at=floor.at, leg_id=call.leg_id, waited_s=2.0))
    assert end(floor, call).outcome is Outcome.MESSAGE_CUT
