"""Who calls back: a task for an agent, without an attempt; and the wish to be called no more."""

import pytest

from dialer.core.allocation.capacity import Channel
from dialer.core.commands import Bridge, HangUp, PlayMessage, TakeCall
from dialer.core.events import ShutdownRequested, TimerFired
from dialer.core.messages import Message
from dialer.core.records import (
    AgentChanged,
    AttemptDisposed,
    AttemptEnded,
    InboundEnded,
    InboundStarted,
    JournalEntry,
    NumberBlocked,
)
from dialer.core.requests import Dispose, StartCampaign, StopCampaign
from dialer.core.settings import Inbound
from dialer.core.states import AgentState, CallState, EndCause, Outcome
from dialer.core.switch_events import (
    CallerArrived,
    LegAnswered,
    LegDigit,
    LegEnded,
    LegsBridged,
    LegShowsVideo,
    MessagePlayed,
)
from dialer.testing import CAMPAIGN, TRUNK, Script, campaign, lead

LAST = "earlier-1"


@pytest.fixture
def script():
    made = Script(campaign(wrap_up_s=5))
    made.ask(StartCampaign(campaign_id=CAMPAIGN))
    return made


def arrive(script, number=1, **changes):
    facts = {
        "arrival": f"arrival-{number}",
        "attempt_id": LAST,
        "campaign_id": CAMPAIGN,
        "lead": lead(number),
        "trunk": TRUNK,
        "caller_id": "+12125550199",
    }
    return script.tell(CallerArrived(at=script.at, **facts | changes))


def take(script, number=1):
    """Let a call arrive and be answered; return its leg."""
    leg_id = script.only(TakeCall, arrive(script, number)).leg_id
    script.tell(LegAnswered(at=script.at, leg_id=leg_id))
    return leg_id


def talk(script):
    """Let a call arrive and be joined with the only agent; return both legs."""
    (agent,) = script.log_in(1)
    leg_id = take(script)
    script.tell(LegsBridged(at=script.at, customer_leg=leg_id, agent_leg=agent.leg_id))
    return leg_id, agent


def fire(script, name, after_s):
    """Let a timer fire."""
    script.at += after_s
    generation = script.engine.workspace.timers[name]
    return script.tell(TimerFired(at=script.at, timer_id=name, generation=generation))


def the_call(script):
    (call,) = script.engine.workspace.calls.values()
    return call


def test_a_free_agent_takes_the_call(script):
    (agent,) = script.log_in(1)
    taken = script.only(TakeCall, arrive(script))
    leg_id = taken.leg_id
    assert (taken.arrival, taken.wait_s) == ("arrival-1", 30)
    (bridge,) = script.all(Bridge, script.tell(LegAnswered(at=script.at, leg_id=leg_id)))
    assert (bridge.customer_leg, bridge.agent_leg) == (leg_id, agent.leg_id)
    script.tell(LegsBridged(at=script.at, customer_leg=leg_id, agent_leg=agent.leg_id))
    assert agent.state is AgentState.TALKING
    assert script.all(AgentChanged)[-1].attempt_id == LAST


def test_a_call_in_progress_holds_a_line_and_an_agent_and_no_call_is_started_for_that_one(script):
    script.log_in(1)
    arrive(script)
    assert script.engine.workspace.trunks[TRUNK].lines_used == 1
    script.end_round()
    assert script.load([lead(2)]) == []


def test_what_the_agent_says_is_said_of_the_last_attempt_at_once(script):
    leg_id, agent = talk(script)
    script.ask(Dispose(agent_id=agent.agent_id, code="callback"))
    (said,) = script.all(AttemptDisposed)
    assert (said.attempt_id, said.ended, said.promised) == (LAST, True, True)
    script.at += 20
    script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=EndCause.CLEARED))
    script.ask(Dispose(agent_id=agent.agent_id, code="do_not_call"))
    assert script.all(AttemptDisposed)[-1].block


def test_it_costs_the_lead_no_attempt_and_its_end_is_on_record(script):
    leg_id, agent = talk(script)
    script.at += 20
    script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=EndCause.CLEARED))
    assert script.all(AttemptEnded) == []
    (started,), (ended,) = script.all(InboundStarted), script.all(InboundEnded)
    assert (started.call_id, started.attempt_id, started.caller_id) == (ended.call_id, LAST, "+12125550199")
    assert (ended.outcome, ended.agent_id, ended.talk_s) == (Outcome.CONNECTED, agent.agent_id, 20)
    assert agent.state is AgentState.WRAP_UP
    assert script.engine.workspace.trunks[TRUNK].lines_used == 0
    assert script.engine.workspace.campaigns[CAMPAIGN].open_attempts == 0


def test_who_waits_hears_that_the_call_goes_on_and_then_the_message(script):
    (agent, other) = script.log_in(2)
    take(script, 1)
    take(script, 2)
    leg_id = take(script, 3)
    assert (agent.state, other.state) == (AgentState.RESERVED, AgentState.RESERVED)
    assert script.all(PlayMessage)[-1] == PlayMessage(leg_id=leg_id, message=Message.HOLD, repeat=True)
    (waiting,) = [call for call in script.engine.workspace.calls.values() if call.state is CallState.ANSWERED]
    told = fire(script, f"connect:{waiting.call_id}", 30)
    assert script.only(PlayMessage, told).message == Message.SAFE_HARBOUR
    told = script.tell(MessagePlayed(at=script.at, leg_id=leg_id))
    assert script.only(HangUp, told).leg_id == leg_id
    script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=EndCause.CLEARED))
    (ended,) = script.all(InboundEnded)
    assert (ended.outcome, ended.wait_s) == (Outcome.ABANDONED, 30)


def test_who_hangs_up_before_an_agent_is_there_did_so_waiting(script):
    script.log_in(1)
    leg_id = script.only(TakeCall, arrive(script)).leg_id
    script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=EndCause.CLEARED))
    assert script.only(InboundEnded).outcome is Outcome.HUNG_UP_WAITING


def test_a_carriers_fault_in_this_direction_says_nothing_of_the_trunk(script):
    script.log_in(1)
    for number in range(1, 8):
        leg_id = script.only(TakeCall, arrive(script, number)).leg_id
        end = LegEnded(at=script.at, leg_id=leg_id, cause=EndCause.CARRIER_FAULT, sip_code=503)
        script.tell(end)
    assert script.engine.workspace.trunks[TRUNK].recent == []


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        pytest.param(lambda script: None, "nobody is there", id="no-agent"),
        pytest.param(
            lambda script: [script.log_in(1), script.ask(StopCampaign(campaign_id=CAMPAIGN))],
            "takes no calls",
            id="stopped",
        ),
        pytest.param(lambda script: [script.log_in(1), arrive(script)], "in progress", id="already-here"),
        pytest.param(
            lambda script: [
                script.log_in(1),
                script.tell(ShutdownRequested(at=script.at, finish_within_s=9)),
            ],
            "nobody is there",
            id="ending",
        ),
    ],
)
def test_a_call_that_nobody_may_take_is_left_to_the_switch(script, prepare, why):
    prepare(script)
    told = arrive(script)
    assert script.all(TakeCall, told) == []
    assert why in script.only(JournalEntry, told).detail


def test_a_campaign_may_want_no_calls_and_others_are_not_known():
    script = Script(campaign(inbound=Inbound.MESSAGE))
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.log_in(1)
    for changes in ({}, {"campaign_id": 9}, {"trunk": "another"}):
        assert script.all(TakeCall, arrive(script, **changes)) == []


# --- a key -------------------------------------------------------------------------------------------


def heard_message(script):
    """Let an answered call be abandoned; return its leg, which hears the message."""
    script.log_in(1)
    (first,) = script.start([lead(1)])
    script.dial(first)
    (agent,) = script.engine.workspace.agents.values()
    script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.CLEARED))
    script.tell(LegAnswered(at=script.at, leg_id=first.leg_id))
    fire(script, f"connect:{first.call_id}", 2)
    return first.leg_id


def test_a_key_during_the_message_puts_the_number_on_the_do_not_call_list_once(script):
    leg_id = heard_message(script)
    assert the_call(script).state is CallState.MESSAGE
    for digit in "99":
        script.tell(LegDigit(at=script.at, leg_id=leg_id, digit=digit))
    (blocked,) = script.all(NumberBlocked)
    assert (blocked.lead_id, blocked.digit) == (1, "9")


def test_a_key_in_a_talk_is_nobodys_business(script):
    leg_id, _ = talk(script)
    assert script.tell(LegDigit(at=script.at, leg_id=leg_id, digit="9")) == []


def test_a_caller_with_video_waits_for_an_agent_whose_phone_has_it(script):
    first, second = script.log_in(2)
    leg_id = script.only(TakeCall, arrive(script, channel=Channel.VIDEO)).leg_id
    script.tell(LegAnswered(at=script.at, leg_id=leg_id))
    assert script.all(Bridge) == []

    ordered = script.only(Bridge, script.tell(LegShowsVideo(at=script.at, leg_id=second.leg_id)))
    assert (ordered.customer_leg, ordered.agent_leg) == (leg_id, second.leg_id)
    assert first.state is AgentState.READY


def test_an_agent_with_video_takes_calls_without_it_too(script):
    (agent,) = script.log_in(1)
    script.tell(LegShowsVideo(at=script.at, leg_id=agent.leg_id))
    leg_id = script.only(TakeCall, arrive(script)).leg_id

    ordered = script.only(Bridge, script.tell(LegAnswered(at=script.at, leg_id=leg_id)))
    assert ordered.agent_leg == agent.leg_id


def test_that_a_customers_leg_shows_video_changes_nothing(script):
    leg_id, _ = talk(script)

    assert script.tell(LegShowsVideo(at=script.at, leg_id=leg_id)) == []
