"""What takes agents away from leads that they are shown, and what becomes of those leads."""

import pytest

from dialer.core.allocation.capacity import Limits
from dialer.core.allocation.profile import SharedLimits
from dialer.core.business import Queue
from dialer.core.commands import Bridge, Deliver, HangUp, Originate, ReturnLeads
from dialer.core.events import (
    CampaignDefined,
    LeadsLoaded,
    LimitsDefined,
    NotDelivered,
    ShutdownRequested,
)
from dialer.core.ids import AgentId
from dialer.core.preview_records import PreviewEnded, PreviewStarted
from dialer.core.preview_states import PreviewOutcome
from dialer.core.records import (
    AttemptEnded,
    LeadRefused,
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
from dialer.core.settings import PacingMode, QueueSettings
from dialer.core.states import AgentState, CallState, CampaignState, EndCause, Outcome
from dialer.core.switch_events import (
    BridgeFailed,
    CallerArrived,
    LegAnswered,
    LegDigit,
    LegEnded,
    LegRinging,
    OriginateRefused,
)
from dialer.testing import CAMPAIGN, NOON_IN_NEW_YORK, TRUNK, Script, campaign, lead
from tests.unit.core.shown_leads import ANNA, agent, answered, call, lead_shown, shown

HOUR = 3600.0


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
