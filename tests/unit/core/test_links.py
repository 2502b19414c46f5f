"""Customers at one server, agents at another: who takes whom, how many at a time, and which calls are placed for them."""

import pytest

from dialer.core.allocation.service_queue import IDLE_S_PER_MS
from dialer.core.commands import Bridge, CallAgent, Originate, PlayMessage, StartTimer
from dialer.core.events import (
    AgentDefined,
    CampaignDefined,
    LinkDefined,
    ServerLost,
    ServerRegained,
    TimerFired,
    TrunkDefined,
)
from dialer.core.ids import AgentId
from dialer.core.pacing.forecast.answer_odds import AnswerOdds
from dialer.core.pacing.forecast.learned import Learned
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.records import CampaignChanged, JournalEntry
from dialer.core.requests import LogIn, PauseAgent
from dialer.core.rules.abandonment import Tally
from dialer.core.settings import Inbound, LinkSettings, PacingMode, TrunkSettings
from dialer.core.states import AgentState, CallState, EndCause
from dialer.core.switch_events import BridgeFailed, LegAnswered, LegEnded, LegsBridged
from dialer.testing import CAMPAIGN, Script, campaign, lead

HERE, THERE, FAR = "here", "there", "far"


def floor(*, slots=1, delay_ms=25.0, trunks=(HERE,), **changes):
    """Return a floor of servers that are joined in a row, with a trunk at each named one."""
    first, *others = [trunk(server) for server in trunks]
    script = Script(campaign(**{"trunk": "all", "connect_within_s": 2.0, **changes}), trunk=first)
    for other in others:
        script.tell(TrunkDefined(at=script.at, trunk=other))
    for servers in ((HERE, THERE), (THERE, FAR)):
        link = LinkSettings(servers=servers, slots=slots, delay_ms=delay_ms)
        script.tell(LinkDefined(at=script.at, link=link))
    return script


def trunk(server):
    return TrunkSettings(name=f"at-{server}", group="all", server=server, lines=50, calls_per_second=1000)


def log_in(script, server):
    agent_id = AgentId(len(script.engine.workspace.agents) + 1)
    script.tell(AgentDefined(at=script.at, agent_id=agent_id))
    called = script.only(CallAgent, script.ask(LogIn(agent_id=agent_id, ready=True)))
    script.tell(LegAnswered(at=script.at, leg_id=called.leg_id, server=server))
    return script.engine.workspace.agents[agent_id]


def log_in_all(script, *servers):
    return [log_in(script, server) for server in servers]


def leads(count):
    return [lead(number) for number in range(1, count + 1)]


def made(script, ordered):
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))


def not_made(script, ordered, **facts):
    legs = {"customer_leg": ordered.customer_leg, "agent_leg": ordered.agent_leg}
    return script.tell(BridgeFailed(at=script.at, reason="x", **legs, **facts))


def ordered(script, commands):
    """Return the agents for whom bridges were ordered."""
    legs = [command.agent_leg for command in script.all(Bridge, commands)]
    agents = script.engine.workspace.agents.values()
    return [one.agent_id for leg in legs for one in agents if one.leg_id == leg]


# --- who takes a customer --------------------------------------------------------------------------------


def test_an_agent_at_the_customers_server_comes_before_one_elsewhere_who_is_free_a_little_longer():
    script = floor()
    log_in(script, THERE)
    script.at += 25.0 * IDLE_S_PER_MS - 1
    near = log_in(script, HERE)
    (call, _) = script.start(leads(2))
    assert ordered(script, script.answer(call)) == [near.agent_id]


def test_an_agent_elsewhere_who_has_been_free_for_long_enough_comes_first():
    script = floor()
    other = log_in(script, THERE)
    script.at += 25.0 * IDLE_S_PER_MS + 1
    log_in(script, HERE)
    (call, _) = script.start(leads(2))
    assert ordered(script, script.answer(call)) == [other.agent_id]


def test_without_a_way_between_the_servers_nobody_elsewhere_is_chosen_and_nobody_is_called_for_them():
    script = floor()
    log_in(script, FAR)
    assert script.start(leads(2)) == []


def test_a_slot_that_is_given_back_goes_to_whoever_waits_for_it():
    script = floor(slots=1, mode=PacingMode.RATIO, ratio=3.0)
    taken, free = log_in_all(script, THERE, THERE)
    first, second, *_ = script.start(leads(9))
    assert ordered(script, script.answer(first)) == [taken.agent_id]
    assert ordered(script, script.answer(second)) == []
    waits = script.engine.workspace.calls[second.call_id]
    assert (waits.state, free.state) == (CallState.ANSWERED, AgentState.READY)
    commands = script.tell(LegEnded(at=script.at, leg_id=first.leg_id, cause=EndCause.CLEARED))
    assert len(ordered(script, commands)) == 1
    assert waits.state is CallState.CONNECTING


def test_who_waits_in_vain_for_a_slot_hears_the_message_within_the_limit():
    script = floor(slots=1, mode=PacingMode.RATIO, ratio=3.0)
    log_in_all(script, THERE, THERE)
    first, second, *_ = script.start(leads(9))
    script.answer(first)
    (limit,) = script.all(StartTimer, script.answer(second))[-1:]
    assert limit.due_at == script.at + 2.0
    fired = TimerFired(at=limit.due_at, timer_id=limit.timer_id, generation=limit.generation)
    assert script.only(PlayMessage, script.tell(fired)).leg_id == second.leg_id


def test_a_customer_whose_way_to_a_server_failed_is_not_sent_there_again():
    script = floor(slots=5)
    first, second = log_in_all(script, THERE, THERE)
    call, _ = script.start(leads(2))
    (bridge,) = script.all(Bridge, script.answer(call))
    assert script.all(Bridge, not_made(script, bridge)) == []
    assert [first.state, second.state] == [AgentState.READY, AgentState.READY]
    assert script.engine.workspace.links["here there"].used == 0


def test_a_customer_whose_agents_leg_was_dead_is_sent_to_the_next_one_there():
    script = floor(slots=5)
    first, second = log_in_all(script, THERE, THERE)
    call, _ = script.start(leads(2))
    (bridge,) = script.all(Bridge, script.answer(call))
    commands = not_made(script, bridge, dead_leg=first.leg_id)
    assert ordered(script, commands) == [second.agent_id]


def test_an_agent_whose_phone_comes_back_out_of_reach_wraps_up_and_the_customer_goes_to_the_next():
    script = floor(slots=1, wrap_up_s=10.0)
    talks = log_in(script, HERE)
    (call,) = script.start(leads(1))
    (bridge,) = script.all(Bridge, script.answer(call))
    made(script, bridge)
    other = log_in(script, THERE)
    commands = script.tell(LegEnded(at=script.at, leg_id=talks.leg_id, cause=EndCause.NO_AUDIO))
    called = script.only(CallAgent, commands)
    commands = script.tell(LegAnswered(at=script.at, leg_id=called.leg_id, server=FAR))
    assert ordered(script, commands) == [other.agent_id]
    assert talks.state is AgentState.WRAP_UP
    assert talks.talk is not None


def test_an_inbound_call_is_where_it_came_in_not_where_its_lead_was_called():
    script = floor(trunks=(HERE, THERE), inbound=Inbound.AGENTS)
    log_in(script, THERE)
    (call,) = script.start(leads(1))
    workspace = script.engine.workspace
    workspace.calls[call.call_id].inbound = True
    script.tell(LegAnswered(at=script.at, leg_id=script.dial(call), server=FAR))
    assert workspace.calls[call.call_id].server == FAR


# --- which calls are placed ------------------------------------------------------------------------------


def alarms(script):
    return [entry.kind for entry in script.all(JournalEntry) if entry.kind.startswith("alarm")]


def fire(script, name):
    timer = [one for one in script.all(StartTimer) if one.timer_id == name][-1]
    return script.tell(TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation))


def two_joins_fail(script):
    """Let two customers be sent to agents at the other server in vain; return the calls that are left."""
    first, second, *others = script.start(leads(9))
    for call in (first, second):
        (bridge,) = script.all(Bridge, script.answer(call))
        not_made(script, bridge)
    return others


def test_a_way_that_failed_twice_in_a_row_is_left_alone_for_a_while_and_then_tried_by_one():
    script = floor(slots=5, mode=PacingMode.RATIO, ratio=2.0)
    log_in_all(script, THERE, THERE)
    third, fourth = two_joins_fail(script)
    assert alarms(script) == ["alarm"]
    assert script.all(Bridge, script.answer(third)) == []
    assert script.load([lead(10)]) == []
    (bridge,) = script.all(Bridge, fire(script, "link:here there"))
    not_made(script, bridge)
    assert script.all(Bridge, script.answer(fourth)) == []
    assert alarms(script) == ["alarm"]


def test_a_way_that_works_again_says_so_and_is_used_as_before():
    script = floor(slots=5, mode=PacingMode.RATIO, ratio=2.0)
    log_in_all(script, THERE, THERE)
    third, fourth = two_joins_fail(script)
    script.answer(third)
    (bridge,) = script.all(Bridge, fire(script, "link:here there"))
    made(script, bridge)
    assert alarms(script) == ["alarm", "alarm_over"]
    assert len(script.all(Bridge, script.answer(fourth))) == 1


def test_a_campaign_says_that_every_agent_is_out_of_its_reach_until_one_is_not():
    script = floor(trunks=(HERE,), slots=1)
    log_in(script, FAR)
    script.start(leads(2))
    assert script.all(CampaignChanged)[-1].reason == "no agent is in reach: they are at far"
    log_in(script, THERE)
    script.end_round()
    assert script.all(CampaignChanged)[-1].reason == ""


@pytest.mark.parametrize("server", [HERE, THERE])
def test_nobody_at_a_server_that_is_lost_is_given_a_customer_until_it_is_back(server):
    script = floor(slots=5, mode=PacingMode.RATIO, ratio=2.0)
    agent = log_in(script, server)
    first, _ = script.start(leads(2))
    script.tell(ServerLost(at=script.at, server=server))
    assert script.all(Bridge, script.answer(first)) == []
    commands = script.tell(ServerRegained(at=script.at, server=server))
    assert ordered(script, commands) == [agent.agent_id]


def test_nobody_is_called_for_agents_at_a_server_that_is_lost():
    script = floor(slots=5, trunks=(HERE, THERE))
    log_in_all(script, THERE, THERE)
    for _ in range(2):
        script.tell(ServerLost(at=script.at, server=THERE))
    assert script.start(leads(3)) == []
    near = log_in(script, HERE)
    assert placed(script.all(Originate, script.end_round())) == ["at-here"]
    assert near.state is AgentState.READY
    for _ in range(2):
        script.tell(ServerRegained(at=script.at, server=THERE))
    assert placed(script.all(Originate, script.end_round())) == ["at-there", "at-there"]


def placed(calls):
    return sorted(call.trunk for call in calls)


@pytest.mark.parametrize(
    ("agents", "slots", "expected"),
    [
        pytest.param([HERE, HERE], 0, ["at-here", "at-here"], id="where-everybody-is"),
        pytest.param([THERE, THERE], 5, ["at-there", "at-there"], id="not-through-the-first-trunk"),
        pytest.param([HERE, THERE], 5, ["at-here", "at-there"], id="where-each-is"),
        pytest.param([FAR, FAR], 1, ["at-there"], id="no-more-than-there-are-slots"),
        pytest.param([FAR, FAR], 0, [], id="none-without-a-slot"),
        pytest.param([HERE, FAR], 1, ["at-here", "at-there"], id="near-and-across"),
    ],
)
def test_calls_are_placed_where_agents_are_free_or_in_reach(agents, slots, expected):
    script = floor(trunks=(HERE, THERE), slots=slots)
    log_in_all(script, *agents)
    assert placed(script.start(leads(9))) == expected


def test_calls_in_flight_at_a_server_stand_for_its_agents():
    script = floor(trunks=(HERE, THERE), slots=0, mode=PacingMode.RATIO, ratio=2.0)
    log_in_all(script, HERE, THERE)
    assert placed(script.start(leads(3))) == ["at-here", "at-here", "at-there"]
    assert placed(script.load([lead(4), lead(5)])) == ["at-there"]


def test_a_campaign_whose_trunk_is_out_of_reach_leaves_the_agents_to_the_others():
    script = floor(trunks=(HERE, THERE), slots=0)
    only_here = campaign(trunk="at-here")
    script.tell(CampaignDefined(at=script.at, campaign=only_here))
    log_in(script, THERE)
    assert script.start(leads(3)) == []
    script.tell(CampaignDefined(at=script.at, campaign=campaign(trunk="at-there")))
    log_in(script, HERE)
    assert placed(script.all(Originate, script.end_round())) == ["at-there"]


def test_an_attempt_goes_on_through_the_trunk_where_agents_are():
    script = floor(trunks=(HERE, THERE, FAR), slots=0)
    log_in_all(script, HERE, FAR)
    call, _ = script.start(leads(2))
    failed = LegEnded(
        at=script.at, leg_id=script.dial(call), cause=EndCause.CARRIER_FAULT, sip_code=503, q850=None
    )
    end_of_far = [one for one in script.engine.workspace.calls.values() if one.server == FAR]
    script.tell(LegEnded(at=script.at, leg_id=end_of_far[0].leg_id, cause=EndCause.BUSY, sip_code=486))
    assert placed(script.all(Originate, script.tell(failed))) == ["at-far"]


def test_a_waiting_customer_out_of_reach_holds_no_calls_back_for_agents_elsewhere():
    script = floor(trunks=(HERE, THERE), slots=0, mode=PacingMode.RATIO, ratio=2.0)
    log_in(script, HERE)
    first, second = script.start(leads(2))
    script.answer(first)
    script.answer(second)
    log_in(script, THERE)
    assert placed(script.load([lead(3)])) == ["at-there"]
    assert script.all(PlayMessage) == []


@pytest.mark.parametrize("mode", [PacingMode.PREDICTIVE, PacingMode.ADAPTIVE])
@pytest.mark.parametrize(
    ("agents", "reached"), [((FAR, FAR, THERE), 1), ((HERE, FAR, THERE), 2), ((HERE,) * 3, 3)]
)
def test_modes_that_call_ahead_count_no_agent_whom_their_customers_cannot_be_joined_with(
    mode, agents, reached
):
    script = floor(mode=mode)
    log_in_all(script, *agents)
    assert len(script.start(leads(20)) + script.all(Originate, script.end_round(0.5))) == reached


@pytest.mark.parametrize(("agents", "share"), [((HERE, THERE), 1 / 2), ((HERE, THERE, THERE), 2 / 3)])
def test_calls_ahead_of_agents_are_spread_over_servers_by_the_agents_there(agents, share):
    script = floor(trunks=(HERE, THERE), mode=PacingMode.PREDICTIVE)
    known = script.engine.workspace.campaigns[CAMPAIGN]
    known.tally = Tally(connected=1000, until_at=known.tally.until_at)
    known.outlook = Outlook(learned=Learned(odds=AnswerOdds(at=script.at, calls=100)))
    log_in_all(script, *4 * agents)
    calls = script.start(leads(60)) + script.all(Originate, script.end_round(0.5))
    assert len(calls) > 4 * len(agents) + 4
    there = sum(call.trunk == "at-there" for call in calls)
    assert there == pytest.approx(share * len(calls), abs=1)


def test_calls_for_agents_who_are_free_go_where_they_are_and_those_ahead_where_agents_are_at_work():
    script = floor(trunks=(HERE, THERE), mode=PacingMode.PREDICTIVE)
    log_in_all(script, HERE, HERE, THERE, THERE, THERE, THERE)
    for agent_id in (1, 2):
        script.ask(PauseAgent(agent_id=AgentId(agent_id), reason="break"))
    calls = script.start(leads(60)) + script.all(Originate, script.end_round(0.5))
    assert [call.trunk for call in calls] == ["at-there"] * 4
