"""Busy and ready from what happens at an agent's client: requirement P7."""

from itertools import product

import pytest

from dialer.core.commands import Bridge, StartTimer
from dialer.core.events import AgentDefined, PresenceDefined, TimerFired
from dialer.core.presence_states import CLIENT_MOVES, ClientMove, ClientState, PausedBy
from dialer.core.records import RequestAnswered
from dialer.core.requests import ClientTold, EndWrapUp, LogIn, LogOut, MakeReady, PauseAgent
from dialer.core.settings import ClientRule
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged
from dialer.testing import Script, lead

LOCKED, UNLOCKED, IDLE, ACTIVE, GONE = ClientMove
RULES = (
    ClientRule(client=ClientState.LOCKED, pause="away"),
    ClientRule(client=ClientState.IDLE, pause="asleep", after_s=300.0),
    ClientRule(client=ClientState.GONE, pause="lost", ready_again=False),
)


class Floor:
    """One agent, whose client tells what happens to it."""

    def __init__(self, rules=RULES):
        self.script = Script()
        self.script.tell(PresenceDefined(at=self.script.at, rules=rules))
        (self.agent,) = self.script.log_in(1)

    def say(self, what):
        asked = self.script.ask(ClientTold(agent_id=1, what=what))
        return self.script.only(RequestAnswered, asked)

    def is_due(self):
        """Let the newest timer of the client fire, as the world does even when it was stopped."""
        timer = [one for one in self.script.all(StartTimer) if one.timer_id.startswith("client:")][-1]
        fired = TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation)
        self.script.at = timer.due_at
        self.script.tell(fired)

    def talk(self):
        (call,) = self.script.start([lead(1)])
        bridge = self.script.only(Bridge, self.script.answer(call))
        told = LegsBridged(at=self.script.at, customer_leg=bridge.customer_leg, agent_leg=bridge.agent_leg)
        self.script.tell(told)
        return call

    def end_talk(self, call):
        self.script.tell(LegEnded(at=self.script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))

    @property
    def now(self):
        return (self.agent.state, self.agent.reason, self.agent.paused_by)


READY = (AgentState.READY, "", PausedBy.NOBODY)
AWAY = (AgentState.PAUSED, "away", PausedBy.CLIENT)


def test_p7_every_message_of_a_client_is_understood_in_every_state_of_it():
    assert set(CLIENT_MOVES) == set(product(ClientState, ClientMove))


def test_p7_a_locked_screen_makes_busy_and_an_unlocked_one_ready_again():
    floor = Floor()
    floor.say(LOCKED)
    assert floor.now == AWAY
    floor.say(UNLOCKED)
    assert floor.now == READY


def test_p7_a_mouse_that_moves_before_a_locked_screen_unlocks_nothing():
    floor = Floor()
    floor.say(LOCKED)
    floor.say(ACTIVE)
    floor.say(IDLE)
    assert floor.now == AWAY


def test_p7_no_input_makes_busy_after_its_time():
    floor = Floor()
    assert "in 300 s" in floor.say(IDLE).text
    assert floor.now == READY
    floor.is_due()
    assert floor.now == (AgentState.PAUSED, "asleep", PausedBy.CLIENT)
    floor.say(ACTIVE)
    assert floor.now == READY


def test_p7_who_comes_back_in_time_is_not_made_busy():
    floor = Floor()
    floor.say(IDLE)
    floor.say(ACTIVE)
    floor.is_due()
    assert floor.now == READY


def test_p7_a_pause_by_hand_is_never_ended_by_the_client():
    floor = Floor()
    floor.script.ask(PauseAgent(agent_id=1, reason="lunch"))
    for what in (LOCKED, UNLOCKED, IDLE, ACTIVE, GONE, ACTIVE):
        floor.say(what)
        assert floor.now == (AgentState.PAUSED, "lunch", PausedBy.REQUEST)


def test_p7_who_pauses_by_hand_while_the_client_has_paused_stays_paused_at_the_return():
    floor = Floor()
    floor.say(LOCKED)
    floor.script.ask(PauseAgent(agent_id=1, reason="lunch"))
    floor.say(UNLOCKED)
    assert floor.now == (AgentState.PAUSED, "lunch", PausedBy.REQUEST)


def test_p7_ready_by_hand_holds_while_the_screen_stays_locked():
    floor = Floor()
    floor.say(LOCKED)
    floor.script.ask(MakeReady(agent_id=1))
    assert "as before" in floor.say(LOCKED).text
    assert floor.now == READY


def test_p7_the_return_leaves_paused_whom_the_rule_says_so():
    floor = Floor()
    floor.say(GONE)
    assert "stays paused" in floor.say(ACTIVE).text
    assert floor.now == (AgentState.PAUSED, "lost", PausedBy.CLIENT)


def test_p7_what_has_no_rule_makes_nobody_busy():
    floor = Floor(rules=())
    for what in (IDLE, LOCKED, GONE):
        assert "makes nobody busy" in floor.say(what).text
    assert floor.now == READY


def test_p7_in_a_talk_the_pause_waits_for_the_end_of_it_and_its_wrap_up():
    floor = Floor()
    call = floor.talk()
    floor.say(LOCKED)
    assert floor.agent.state is AgentState.TALKING
    floor.end_talk(call)
    assert floor.agent.state is AgentState.WRAP_UP
    floor.script.ask(EndWrapUp(agent_id=1))
    assert floor.now == AWAY


def test_p7_the_return_in_time_takes_the_pause_back_that_was_to_come():
    floor = Floor()
    call = floor.talk()
    floor.say(GONE)
    floor.end_talk(call)
    floor.say(ACTIVE)
    floor.script.ask(EndWrapUp(agent_id=1))
    assert floor.now == READY


def test_p7_a_log_in_begins_with_an_active_client():
    floor = Floor()
    floor.say(GONE)
    floor.script.ask(LogOut(agent_id=1))
    floor.say(GONE)
    floor.script.ask(LogIn(agent_id=1, ready=True))
    floor.script.tell(LegAnswered(at=floor.script.at, leg_id=floor.agent.leg_id))
    assert floor.now == READY
    floor.say(GONE)
    assert floor.now == (AgentState.PAUSED, "lost", PausedBy.CLIENT)


def test_p7_who_is_logged_out_stays_so():
    floor = Floor()
    floor.script.ask(LogOut(agent_id=1))
    assert "logged out" in floor.say(LOCKED).text
    assert floor.agent.state is AgentState.LOGGED_OUT


def test_p7_the_next_run_knows_that_it_was_the_client_that_paused():
    script = Script()
    script.tell(PresenceDefined(at=script.at, rules=RULES))
    script.tell(
        AgentDefined(
            at=script.at, agent_id=1, state=AgentState.PAUSED, reason="away", paused_by=PausedBy.CLIENT
        )
    )
    agent = script.engine.workspace.agents[1]
    script.tell(LegAnswered(at=script.at, leg_id=agent.leg_id))
    assert (agent.state, agent.reason, agent.paused_by) == AWAY
    script.ask(ClientTold(agent_id=1, what=UNLOCKED))
    assert agent.state is AgentState.READY


@pytest.mark.parametrize("what", ClientMove)
def test_p7_nothing_is_made_of_an_agent_whom_nobody_knows(what):
    script = Script()
    answer = script.only(RequestAnswered, script.ask(ClientTold(agent_id=9, what=what)))
    assert not answer.done
