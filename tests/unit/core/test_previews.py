"""Leads that agents are shown before the call: called, skipped, or given back, and none lost."""

import msgspec
import pytest

from dialer.core.allocation.capacity import Limits
from dialer.core.allocation.profile import SharedLimits
from dialer.core.business import Queue
from dialer.core.commands import Bridge, Deliver, HangUp, Originate, PlayMessage, ReturnLeads
from dialer.core.events import (
    CampaignDefined,
    Delivered,
    LeadsLoaded,
    LimitsDefined,
    NotDelivered,
    ShutdownRequested,
    TimerFired,
    TrunkDefined,
)
from dialer.core.ids import AgentId
from dialer.core.presence_states import PausedBy
from dialer.core.preview_records import PreviewEnded, PreviewStarted
from dialer.core.preview_states import PreviewOutcome, PreviewTimeout
from dialer.core.records import (
    AgentChanged,
    AttemptEnded,
    AttemptStarted,
    LeadRefused,
    RequestAnswered,
)
from dialer.core.requests import (
    AddTask,
    CallLead,
    Halt,
    LogOut,
    MakeReady,
    PauseAgent,
    PauseCampaign,
    SkipLead,
    StopCampaign,
)
from dialer.core.settings import PacingMode, QueueSettings, RetryRule, TrunkSettings
from dialer.core.states import AgentState, CallState, CampaignState, EndCause, Outcome
from dialer.core.switch_events import (
    BridgeFailed,
    CallerArrived,
    LegAnswered,
    LegDigit,
    LegEnded,
    LegRinging,
    LegsBridged,
    OriginateRefused,
)
from dialer.testing import CAMPAIGN, NOON_IN_NEW_YORK, TRUNK, Script, campaign, lead

ANNA = AgentId(1)
HOUR = 3600.0


def shown(*, agents=1, leads=3, at=NOON_IN_NEW_YORK, trunk=None, **changes):
    """Return a floor on which each agent is shown a lead."""
    script = Script(campaign(mode=PacingMode.PREVIEW, **changes), at=at, trunk=trunk)
    script.log_in(agents)
    script.start([lead(number) for number in range(1, leads + 1)])
    deliver(script)
    return script


def deliver(script):
    for preview in list(script.engine.workspace.previews.values()):
        if preview.shown_at is None:
            script.tell(Delivered(at=script.at, handover_id=preview.preview_id))


def agent(script, agent_id=ANNA):
    return script.engine.workspace.agents[agent_id]


def lead_shown(script, agent_id=ANNA):
    preview = script.engine.workspace.previews.get(agent_id)
    return None if preview is None else preview.lead.lead_id


def fire(script, name):
    due = next(timer for timer in script.engine.workspace.timers if timer == name)
    generation = script.engine.workspace.timers[due]
    return script.tell(TimerFired(at=script.at, timer_id=due, generation=generation))


def call(script, agent_id=ANNA):
    return script.only(Originate, script.ask(CallLead(agent_id=agent_id)))


def answered(script, commands):
    return script.only(RequestAnswered, commands)


def test_a_free_agent_is_shown_a_lead_and_nobody_is_called():
    script = shown(agents=2, leads=3)
    assert [one.state for one in script.engine.workspace.agents.values()] == [AgentState.PREVIEWING] * 2
    assert {lead_shown(script, AgentId(1)), lead_shown(script, AgentId(2))} == {1, 2}
    assert script.all(Originate) == []
    assert len(script.all(PreviewStarted)) == 2


def test_the_time_to_decide_begins_once_the_lead_is_there_to_read():
    script = Script(campaign(mode=PacingMode.PREVIEW, preview_s=30))
    script.log_in(1)
    script.start([lead(1)])
    assert "preview:1" not in script.engine.workspace.timers
    assert "not there to read" in answered(script, script.ask(CallLead(agent_id=ANNA))).text
    script.at += 5
    told = script.tell(Delivered(at=script.at, handover_id=script.engine.workspace.previews[ANNA].preview_id))
    assert script.only(AgentChanged, told).until_at == script.at + 30
    assert script.only(PlayMessage, told).leg_id == agent(script).leg_id


def test_a_lead_that_is_called_is_that_agents_at_the_answer():
    script = shown(agents=2)
    placed = call(script)
    assert agent(script).state is AgentState.RESERVED
    assert placed.amd is None
    bridge = script.only(Bridge, script.answer(placed))
    assert (bridge.customer_leg, bridge.agent_leg) == (placed.leg_id, agent(script).leg_id)
    script.at += 0.1
    script.tell(LegsBridged(at=script.at, customer_leg=placed.leg_id, agent_leg=bridge.agent_leg))
    assert agent(script).state is AgentState.TALKING
    script.tell(LegEnded(at=script.at + 5, leg_id=placed.leg_id, cause=EndCause.CLEARED))
    ended = script.only(AttemptEnded)
    assert (ended.outcome, ended.agent_id) == (Outcome.CONNECTED, ANNA)
    assert ended.wait_s == pytest.approx(0.1)


def test_it_is_on_record_which_attempt_came_of_it():
    script = shown()
    started = script.only(AttemptStarted, script.ask(CallLead(agent_id=ANNA)))
    ended = script.only(PreviewEnded)
    assert (ended.outcome, ended.attempt_id) == (PreviewOutcome.CALLED, started.attempt_id)
    assert script.all(ReturnLeads) == []


def test_whoever_is_not_reached_leaves_the_agent_free_for_the_next_lead():
    script = shown()
    first, placed = lead_shown(script), call(script)
    script.dial(placed)
    script.tell(LegEnded(at=script.at, leg_id=placed.leg_id, cause=EndCause.BUSY, sip_code=486))
    assert agent(script).state is AgentState.READY
    script.end_round()
    assert lead_shown(script) not in (None, first)


def test_a_call_that_its_carrier_refuses_goes_on_through_another_trunk_for_the_same_agent():
    group = TrunkSettings(name=TRUNK, group="both", lines=5, calls_per_second=1000)
    script = Script(campaign(mode=PacingMode.PREVIEW, trunk="both"), trunk=group)
    other = msgspec.structs.replace(group, name="other")
    script.tell(TrunkDefined(at=script.at, trunk=other))
    script.log_in(2)
    script.start([lead(1), lead(2)])
    deliver(script)
    placed = call(script)
    script.dial(placed)
    gone = LegEnded(at=script.at, leg_id=placed.leg_id, cause=EndCause.CARRIER_FAULT, sip_code=503)
    again = script.only(Originate, script.tell(gone))
    assert (again.trunk, again.attempt_id) == ("other", placed.attempt_id)
    assert agent(script).state is AgentState.RESERVED
    assert script.only(Bridge, script.answer(again)).agent_leg == agent(script).leg_id


def test_calls_of_previews_are_no_calls_in_flight_that_others_need_agents_for():
    script = shown(agents=1)
    call(script)
    known = script.engine.workspace.campaigns[CAMPAIGN]
    assert (known.in_flight, known.open_attempts) == (0, 1)
    script.log_in(1)
    script.end_round()
    deliver(script)
    assert lead_shown(script, AgentId(2)) is not None


@pytest.mark.parametrize(
    ("tries", "promised", "finished"),
    [
        pytest.param({}, False, False, id="the first time it comes again"),
        pytest.param({Outcome.SKIPPED: 1}, False, True, id="the last time it is finished"),
        pytest.param({Outcome.SKIPPED: 5}, True, False, id="what was promised is never finished by skips"),
    ],
)
def test_a_lead_that_is_skipped_goes_by_the_rule(tries, promised, finished):
    script = Script(campaign(mode=PacingMode.PREVIEW, retry={Outcome.SKIPPED: RetryRule(2, 30)}))
    script.log_in(1)
    script.start([lead(1, tries=tries, promised=promised)])
    deliver(script)
    ended = script.only(PreviewEnded, script.ask(SkipLead(agent_id=ANNA, reason="wrong company")))
    assert (ended.outcome, ended.reason, ended.agent_id) == (PreviewOutcome.SKIPPED, "wrong company", ANNA)
    assert ended.retry_at == (None if finished else script.at + 1800)
    assert script.all(ReturnLeads) == []
    assert agent(script).state is AgentState.READY


def test_after_a_skip_the_next_lead_is_shown():
    script = shown()
    first = lead_shown(script)
    script.ask(SkipLead(agent_id=ANNA))
    script.end_round()
    assert lead_shown(script) not in (None, first)


def test_whoever_does_not_decide_in_time_is_paused_and_the_lead_goes_back():
    script = shown(leads=1)
    commands = fire(script, "preview:1")
    assert script.only(ReturnLeads, commands).lead_ids == (1,)
    assert (agent(script).state, agent(script).paused_by) == (AgentState.PAUSED, PausedBy.SYSTEM)
    ended = script.only(PreviewEnded, commands)
    assert (ended.outcome, ended.retry_at) == (PreviewOutcome.RETURNED, None)


def test_the_campaign_may_have_it_skipped_instead():
    script = shown(preview_timeout=PreviewTimeout.SKIP)
    ended = script.only(PreviewEnded, fire(script, "preview:1"))
    assert (ended.outcome, ended.reason) == (PreviewOutcome.SKIPPED, "not decided in time")
    assert agent(script).state is AgentState.READY


def test_the_campaign_may_have_it_called_instead():
    script = shown(preview_timeout=PreviewTimeout.CALL)
    script.only(Originate, fire(script, "preview:1"))
    assert agent(script).state is AgentState.RESERVED


def test_a_call_at_the_end_of_the_time_waits_for_a_line():
    script = shown(agents=2, preview_timeout=PreviewTimeout.CALL, trunk=TrunkSettings(name=TRUNK, lines=1))
    first = call(script, AgentId(2))
    assert script.all(Originate, fire(script, "preview:1")) == []
    assert agent(script).state is AgentState.PREVIEWING
    assert "no line is free" in answered(script, script.ask(CallLead(agent_id=ANNA))).text
    script.dial(first)
    script.tell(LegEnded(at=script.at + 1, leg_id=first.leg_id, cause=EndCause.BUSY))
    script.at += 1
    script.only(Originate, fire(script, "preview:1"))


@pytest.mark.parametrize(
    ("takes_away", "state"),
    [
        (PauseAgent(agent_id=ANNA, reason="lunch"), AgentState.PAUSED),
        (LogOut(agent_id=ANNA), AgentState.LOGGED_OUT),
    ],
)
def test_an_agent_who_leaves_gives_the_lead_back(takes_away, state):
    script = shown(leads=1)
    commands = script.ask(takes_away)
    assert agent(script).state is state
    assert script.only(ReturnLeads, commands).lead_ids == (1,)
    assert script.only(PreviewEnded, commands).outcome is PreviewOutcome.RETURNED
    assert script.engine.workspace.previews == {}


@pytest.mark.parametrize("cause", [EndCause.CLEARED, EndCause.LOST])
def test_a_phone_that_dies_gives_the_lead_back(cause):
    script = shown(leads=1)
    commands = script.tell(LegEnded(at=script.at, leg_id=agent(script).leg_id, cause=cause))
    assert script.only(ReturnLeads, commands).lead_ids == (1,)


def test_a_phone_that_dies_while_the_lead_rings_ends_the_call():
    script = shown(agents=2, leads=2)
    placed = call(script)
    script.dial(placed)
    script.tell(LegRinging(at=script.at, leg_id=placed.leg_id, sip_code=180))
    commands = script.tell(LegEnded(at=script.at, leg_id=agent(script).leg_id, cause=EndCause.CLEARED))
    assert placed.leg_id in [order.leg_id for order in script.all(HangUp, commands)]
    script.tell(LegEnded(at=script.at, leg_id=placed.leg_id, cause=EndCause.CANCELLED))
    assert script.only(AttemptEnded).outcome is Outcome.NO_ANSWER
    assert script.engine.workspace.calls == {}


def test_a_pause_while_the_lead_rings_comes_after_the_call():
    script = shown()
    placed = call(script)
    script.dial(placed)
    script.ask(PauseAgent(agent_id=ANNA, reason="lunch"))
    assert agent(script).state is AgentState.RESERVED
    script.tell(LegEnded(at=script.at, leg_id=placed.leg_id, cause=EndCause.BUSY))
    assert agent(script).state is AgentState.PAUSED


def test_a_bridge_that_fails_gives_the_customer_to_any_agent():
    script = shown(agents=1)
    placed = call(script)
    bridge = script.only(Bridge, script.answer(placed))
    failed = BridgeFailed(
        at=script.at, customer_leg=placed.leg_id, agent_leg=bridge.agent_leg, reason="no way"
    )
    assert script.only(Bridge, script.tell(failed)).customer_leg == placed.leg_id


@pytest.mark.parametrize(
    "request_", [PauseCampaign(campaign_id=CAMPAIGN), StopCampaign(campaign_id=CAMPAIGN), Halt()]
)
def test_what_stops_the_campaign_gives_its_leads_back(request_):
    script = shown(leads=1)
    script.ask(request_)
    commands = script.end_round()
    assert script.only(ReturnLeads, commands).lead_ids == (1,)
    assert agent(script).state is AgentState.READY
    assert script.all(Originate, script.ask(CallLead(agent_id=ANNA))) == []


def test_a_run_that_ends_gives_the_leads_back():
    script = shown(leads=1)
    script.tell(ShutdownRequested(at=script.at, finish_within_s=10))
    assert script.only(ReturnLeads, script.end_round()).lead_ids == (1,)
    assert agent(script).state is AgentState.LOGGED_OUT


def test_a_lead_whose_window_closes_meanwhile_is_not_called():
    at = NOON_IN_NEW_YORK + 9 * HOUR - 120
    script = shown(at=at, leads=1)
    script.at += 100
    commands = script.ask(CallLead(agent_id=ANNA))
    assert script.all(Originate, commands) == []
    assert "calling window closes" in answered(script, commands).text
    assert script.only(LeadRefused, commands).retry_at == NOON_IN_NEW_YORK + 9 * HOUR
    assert script.only(PreviewEnded, commands).outcome is PreviewOutcome.REFUSED
    assert agent(script).state is AgentState.READY


def test_a_lead_that_cannot_be_recorded_for_its_agent_goes_back():
    script = Script(campaign(mode=PacingMode.PREVIEW))
    script.log_in(1)
    script.start([lead(1)])
    preview_id = script.only(Deliver).handover_id
    commands = script.tell(NotDelivered(at=script.at, handover_id=preview_id, reason="the disk is full"))
    assert script.only(ReturnLeads, commands).lead_ids == (1,)
    assert agent(script).state is AgentState.READY


def test_a_campaign_is_not_complete_while_a_lead_is_shown():
    script = shown(leads=1)
    known = script.engine.workspace.campaigns[CAMPAIGN]
    for _ in range(2):
        script.at += 60
        script.tell(LeadsLoaded(at=script.at, campaign_id=CAMPAIGN, leads=()))
        script.end_round(60)
    assert (known.state, known.reason) == (CampaignState.RUNNING, "waiting for the last previews")
    script.ask(SkipLead(agent_id=ANNA))
    script.at += 60
    script.end_round(60)
    script.tell(LeadsLoaded(at=script.at, campaign_id=CAMPAIGN, leads=()))
    assert known.state is CampaignState.COMPLETE


@pytest.mark.parametrize("mode", [PacingMode.PROGRESSIVE, PacingMode.RATIO])
def test_a_mode_that_changes_while_leads_are_shown_loses_none(mode):
    script = shown(agents=2, leads=2)
    other = campaign(mode=mode, ratio=2.0)
    script.tell(CampaignDefined(at=script.at, campaign=other))
    script.end_round()
    placed = call(script)
    assert script.only(Bridge, script.answer(placed)).agent_leg == agent(script).leg_id
    script.ask(SkipLead(agent_id=AgentId(2)))
    assert {ended.lead_id for ended in script.all(PreviewEnded)} == {1, 2}
    known = script.engine.workspace.campaigns[CAMPAIGN]
    assert known.in_flight == 0


def test_a_campaign_that_becomes_one_of_previews_shows_the_leads_that_it_holds():
    script = Script(campaign())
    script.log_in(1)
    (first,) = script.start([lead(1), lead(2)])
    script.tell(CampaignDefined(at=script.at, campaign=campaign(mode=PacingMode.PREVIEW)))
    script.answer(first)
    script.tell(LegEnded(at=script.at, leg_id=first.leg_id, cause=EndCause.CLEARED))
    script.end_round()
    assert len(script.all(Originate)) == 1
    assert len(script.all(PreviewStarted)) == 1


def test_text_may_reach_whoever_reads_a_lead_but_no_more_than_beside_a_call():
    script = shown()
    limits = SharedLimits(workspace=Limits(first=1, second=3))
    script.tell(LimitsDefined(at=script.at, limits=limits))
    script.engine.workspace.queues["chat"] = Queue(settings=QueueSettings(name="chat"))
    for _ in range(2):
        script.ask(AddTask(queue="chat"))
    assert agent(script).volume == 1
    assert agent(script).state is AgentState.PREVIEWING
    call(script)


def wait_for_somebody(script):
    """Let a caller of the lead wait for an agent; return the call's state."""
    arrived = CallerArrived(
        at=script.at,
        arrival="x",
        attempt_id="test-900",
        campaign_id=CAMPAIGN,
        lead=lead(900),
        trunk=TRUNK,
        caller_id="+12125550199",
    )
    script.tell(arrived)
    (inbound,) = script.engine.workspace.calls.values()
    script.tell(LegAnswered(at=script.at, leg_id=inbound.leg_id))
    script.end_round(0.0)
    return inbound.state


def test_a_caller_does_not_take_an_agent_who_reads_a_lead():
    script = shown()
    assert wait_for_somebody(script) is CallState.ANSWERED
    assert agent(script).state is AgentState.PREVIEWING


def test_a_caller_may_if_the_campaign_says_so_and_the_lead_goes_back():
    script = shown(preview_yields=True, leads=1)
    assert wait_for_somebody(script) is CallState.CONNECTING
    assert agent(script).state is AgentState.RESERVED
    assert script.only(ReturnLeads).lead_ids == (1,)


def press(script, keys):
    for digit in keys:
        script.tell(LegDigit(at=script.at, leg_id=agent(script).leg_id, digit=digit))


@pytest.mark.parametrize(("keys", "outcome"), [("#", PreviewOutcome.CALLED), ("*#", PreviewOutcome.SKIPPED)])
def test_a_key_decides(keys, outcome):
    script = shown()
    script.at += 2
    press(script, keys)
    assert script.only(PreviewEnded).outcome is outcome


def test_a_key_right_at_the_beginning_was_meant_for_the_wrap_up_before():
    script = shown()
    press(script, "#")
    assert agent(script).state is AgentState.PREVIEWING


def test_there_is_nothing_to_decide_without_a_lead():
    script = Script(campaign())
    script.log_in(1)
    for request in (CallLead(agent_id=ANNA), SkipLead(agent_id=ANNA)):
        reply = answered(script, script.ask(request))
        assert not reply.done
        assert "no lead to decide about" in reply.text


def test_being_ready_already_changes_nothing_for_whoever_reads_a_lead():
    script = shown()
    assert answered(script, script.ask(MakeReady(agent_id=ANNA))).text == "the agent is previewing"
    assert lead_shown(script) is not None


def test_a_call_that_never_left_gives_the_agent_back():
    script = shown()
    placed = call(script)
    script.tell(OriginateRefused(at=script.at, leg_id=placed.leg_id, reason="do_not_call"))
    assert agent(script).state is AgentState.READY
    assert script.only(AttemptEnded).outcome is Outcome.CANCELLED


def test_an_agent_who_is_lost_as_the_lead_picks_up_leaves_it_to_the_others():
    script = shown(agents=2)
    script.ask(SkipLead(agent_id=AgentId(2)))
    placed = call(script)
    script.answer(placed)
    gone = LegEnded(at=script.at, leg_id=agent(script).leg_id, cause=EndCause.CLEARED)
    bridge = script.only(Bridge, script.tell(gone))
    assert bridge.agent_leg == agent(script, AgentId(2)).leg_id
