"""The busy mark, the serving mark and the order of those who may be given work: requirements P1 to P4."""

import pytest

from dialer.core.commands import Bridge
from dialer.core.events import AgentDefined, RunStarted
from dialer.core.floor import marks, presence
from dialer.core.presence_states import LAPSED, PausedBy
from dialer.core.records import AgentChanged
from dialer.core.requests import EndWrapUp, MakeReady, PauseAgent
from dialer.core.settings import PacingMode
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged
from dialer.core.workspace import Pause
from dialer.testing import Script, campaign, lead

DAY_S = 86_400.0


class Floor:
    """Agents who are ready, and calls that are answered one by one."""

    def __init__(self, agents, **settings):
        self.script = Script(campaign(wrap_up_s=30.0, **settings))
        self.agents = []
        for _ in range(agents):
            self.pass_time(1.0)
            self.agents += self.script.log_in(1)
        self.calls = self.script.start([lead(number) for number in range(1, agents + 1)])

    def pass_time(self, seconds):
        self.script.at += seconds

    def answer(self):
        """Let the next call be answered; return who gets it, None if nobody does."""
        call = self.calls.pop(0)
        for bridge in self.script.all(Bridge, self.script.answer(call)):
            told = LegsBridged(
                at=self.script.at, customer_leg=bridge.customer_leg, agent_leg=bridge.agent_leg
            )
            self.script.tell(told)
            return next(agent for agent in self.agents if agent.leg_id == bridge.agent_leg)
        return None

    def hang_up(self, agent):
        call = self.script.engine.workspace.calls[agent.call_id]
        self.script.tell(LegEnded(at=self.script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))

    def said(self, agent):
        return [one for one in self.script.all(AgentChanged) if one.agent_id == agent.agent_id][-1]


def test_p1_a_busy_request_sets_the_busy_mark_and_a_ready_request_removes_it():
    floor = Floor(1)
    (agent,) = floor.agents
    assert marks.busy_code(agent) == floor.said(agent).busy_code == ""
    floor.script.ask(PauseAgent(agent_id=agent.agent_id, reason="lunch"))
    assert marks.busy_code(agent) == floor.said(agent).busy_code == "lunch"
    assert floor.said(agent).paused_by is PausedBy.REQUEST
    floor.script.ask(MakeReady(agent_id=agent.agent_id))
    assert marks.busy_code(agent) == floor.said(agent).busy_code == ""
    assert floor.said(agent).paused_by is PausedBy.NOBODY


def test_p1_a_busy_request_in_a_talk_sets_the_mark_at_once_and_ready_takes_it_back():
    floor = Floor(1)
    agent = floor.answer()
    floor.script.ask(PauseAgent(agent_id=agent.agent_id, reason="lunch"))
    assert (agent.state, floor.said(agent).busy_code) == (AgentState.TALKING, "lunch")
    floor.script.ask(MakeReady(agent_id=agent.agent_id))
    assert (agent.state, floor.said(agent).busy_code) == (AgentState.TALKING, "")


def test_p2_a_call_goes_to_the_first_of_the_service_queue_who_has_no_busy_mark():
    floor = Floor(3)
    first, second, _third = floor.agents
    floor.script.ask(PauseAgent(agent_id=first.agent_id, reason="lunch"))
    assert floor.answer() is second


def test_p2_nobody_gets_a_second_call():
    floor = Floor(2, mode=PacingMode.RATIO, ratio=2.0)
    floor.calls += floor.script.load([lead(8), lead(9)])
    served = {floor.answer().agent_id, floor.answer().agent_id}
    assert served == {agent.agent_id for agent in floor.agents}
    assert floor.answer() is None


def test_p3_a_connect_sets_the_serving_mark_and_counts_and_an_end_takes_both_away():
    floor = Floor(1)
    (agent,) = floor.agents
    assert floor.said(agent).serving == 0
    floor.answer()
    assert (marks.serving(agent), floor.said(agent).serving) == (1, 1)
    floor.hang_up(agent)
    assert (agent.state, marks.serving(agent), floor.said(agent).serving) == (AgentState.WRAP_UP, 0, 0)


def test_p3_a_customer_whom_the_agent_is_joined_with_again_is_counted_once():
    floor = Floor(1)
    agent = floor.answer()
    floor.script.tell(LegEnded(at=floor.script.at, leg_id=agent.leg_id, cause=EndCause.LOST))
    assert (agent.state, floor.said(agent).serving) == (AgentState.RECONNECTING, 1)
    floor.script.tell(LegAnswered(at=floor.script.at, leg_id=agent.leg_id))
    bridge = floor.script.all(Bridge)[-1]
    told = LegsBridged(at=floor.script.at, customer_leg=bridge.customer_leg, agent_leg=bridge.agent_leg)
    floor.script.tell(told)
    assert (floor.said(agent).serving, floor.said(agent).served) == (1, 1)


def test_p3_what_was_served_today_is_counted_from_midnight_of_the_workspace():
    floor = Floor(1)
    script, agent = floor.script, floor.answer()
    assert (agent.today, floor.said(agent).served) == (1, 1)
    midnight = floor.said(agent).served_until
    script.at = midnight - 1
    script.end_round(0.5)
    assert agent.today == 1
    script.at = midnight
    script.end_round(0.0)
    assert agent.today == 0
    floor.hang_up(agent)
    assert floor.said(agent).served_until == midnight + DAY_S


def test_p3_the_day_ends_by_the_clock_of_the_workspace():
    script = Script()
    script.tell(RunStarted(at=script.at, instance="again", zone="America/New_York"))
    # Script begins at noon there.
    assert script.engine.workspace.day_ends_at == script.at + DAY_S / 2


def test_p3_a_count_outlives_the_run():
    script = Script()
    script.tell(AgentDefined(at=script.at, agent_id=1, served_today=7))
    assert script.engine.workspace.agents[1].today == 7


def test_p4_who_ends_a_session_goes_behind_those_who_are_free_for_longer():
    floor = Floor(3)
    first, second, third = floor.agents
    assert floor.answer() is first
    floor.pass_time(5.0)
    floor.hang_up(first)
    floor.script.ask(EndWrapUp(agent_id=first.agent_id))
    assert [floor.answer() for _ in range(2)] == [second, third]
    floor.calls = floor.script.load([lead(20)])
    assert floor.answer() is first


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_p4_whose_busy_mark_is_removed_takes_the_place_of_that_moment(order):
    floor = Floor(3)
    for index in (0, 1):
        floor.script.ask(PauseAgent(agent_id=floor.agents[index].agent_id, reason="lunch"))
    for index in order:
        floor.pass_time(1.0)
        floor.script.ask(MakeReady(agent_id=floor.agents[index].agent_id))
    third = floor.agents[2]
    assert [floor.answer() for _ in range(3)] == [third, *(floor.agents[index] for index in order)]


def test_the_system_can_pause_and_no_wrap_up_is_cut_short_by_it():
    floor = Floor(1)
    agent = floor.answer()
    floor.hang_up(agent)
    presence.make_busy(floor.script.engine._step, agent, Pause(LAPSED, PausedBy.SYSTEM))
    assert (agent.state, marks.busy_code(agent)) == (AgentState.WRAP_UP, LAPSED)
    floor.script.ask(EndWrapUp(agent_id=agent.agent_id))
    assert (agent.state, agent.reason, agent.paused_by) == (AgentState.PAUSED, LAPSED, PausedBy.SYSTEM)
    assert (floor.said(agent).state, floor.said(agent).paused_by) == (AgentState.PAUSED, PausedBy.SYSTEM)
