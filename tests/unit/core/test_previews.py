"""Leads that agents are shown before the call: called, skipped, or given back, and none lost."""

import msgspec
import pytest

from dialer.core.commands import Bridge, Originate, PlayMessage, ReturnLeads
from dialer.core.events import (
    Delivered,
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
)
from dialer.core.requests import (
    CallLead,
    SkipLead,
)
from dialer.core.settings import PacingMode, RetryRule, TrunkSettings
from dialer.core.states import AgentState, EndCause, Outcome
from dialer.core.switch_events import (
    LegEnded,
    LegsBridged,
)
from dialer.testing import CAMPAIGN, TRUNK, Script, campaign, lead
from tests.unit.core.shown_leads import ANNA, agent, answered, call, deliver, fire, lead_shown, shown


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
