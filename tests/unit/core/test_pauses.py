"""Why agents pause, and how long they may."""

import pytest

from dialer.core.commands import StartTimer
from dialer.core.events import PausesDefined, TimerFired
from dialer.core.records import JournalEntry, RequestAnswered
from dialer.core.requests import MakeReady, PauseAgent
from dialer.core.settings import PauseCode
from dialer.core.states import AgentState
from dialer.testing import Script

CODES = (PauseCode(code="lunch", limit_s=1800.0), PauseCode(code="training"))


@pytest.fixture
def script():
    made = Script()
    made.tell(PausesDefined(at=made.at, pauses=CODES))
    made.log_in(1)
    return made


def pause(script, code):
    return script.only(RequestAnswered, script.ask(PauseAgent(agent_id=1, reason=code)))


def timers(script):
    return [timer for timer in script.all(StartTimer) if timer.timer_id.startswith("pause:")]


def over(script, timer):
    fired = TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation)
    return [entry for entry in script.all(JournalEntry, script.tell(fired)) if entry.kind == "pause_over"]


def test_only_the_codes_that_are_set_are_taken(script):
    answer = pause(script, "siesta")
    assert (answer.done, answer.text) == (
        False,
        "there is no pause code 'siesta': there are lunch, training, pause",
    )


@pytest.mark.parametrize("code", ["lunch", "training", "pause"])
def test_a_code_that_is_set_is_taken_and_so_is_the_one_without_a_reason(script, code):
    assert pause(script, code).done
    assert script.engine.workspace.agents[1].reason == code


def test_without_codes_any_reason_is_taken():
    script = Script()
    script.log_in(1)
    assert pause(script, "siesta").done


def test_a_pause_over_its_limit_is_on_record_once(script):
    began_at = script.at
    pause(script, "lunch")
    script.at += 60
    pause(script, "lunch")
    (timer,) = timers(script)
    assert timer.due_at == began_at + 1800
    (entry,) = over(script, timer)
    assert (entry.agent_id, entry.detail) == (1, "lunch")
    assert over(script, timer) == []


@pytest.mark.parametrize("request_", [MakeReady(agent_id=1), PauseAgent(agent_id=1, reason="training")])
def test_a_pause_that_ended_in_time_or_became_another_is_not(script, request_):
    pause(script, "lunch")
    script.ask(request_)
    (timer,) = timers(script)
    assert over(script, timer) == []


def test_the_next_pause_has_its_whole_time(script):
    pause(script, "lunch")
    script.ask(MakeReady(agent_id=1))
    script.at += 600
    pause(script, "lunch")
    assert [timer.due_at for timer in timers(script)][-1] == script.at + 1800
    assert script.engine.workspace.agents[1].state is AgentState.PAUSED
