"""What ends an agent's time for notes, by the line of business of the talk that it is about."""

import pytest

from dialer.core.commands import Bridge, PlayMessage, StartTimer
from dialer.core.events import CampaignDefined, TimerFired
from dialer.core.floor import presence
from dialer.core.messages import Message
from dialer.core.presence_states import PausedBy
from dialer.core.records import AgentChanged, AttemptDisposed, AttemptEnded, RequestAnswered
from dialer.core.requests import Dispose, EndWrapUp, LogOut, MakeReady, MoreTime, PauseAgent
from dialer.core.rules import wrap_up
from dialer.core.settings import WrapUp
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import LegDigit, LegEnded, LegsBridged
from dialer.core.workspace import Pause
from dialer.errors import ConfigError
from dialer.testing import Script, campaign, lead

OPTIONAL, TIMED, MANDATORY, DISPOSED = WrapUp
EARLY = (EndWrapUp(agent_id=1), MakeReady(agent_id=1))


class Floor:
    """An agent whose talk has just ended."""

    def __init__(self, mode=OPTIONAL, **settings):
        self.script = Script(campaign(wrap_up=mode, **{"wrap_up_s": 20.0, **settings}))
        (self.agent,) = self.script.log_in(1)
        (call,) = self.script.start([lead(1)])
        bridge = self.script.only(Bridge, self.script.answer(call))
        told = LegsBridged(at=self.script.at, customer_leg=bridge.customer_leg, agent_leg=bridge.agent_leg)
        self.script.tell(told)
        self.script.at += 30.0
        self.ended = self.script.tell(LegEnded(at=self.script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))

    def ask(self, request):
        answer = self.script.only(RequestAnswered, self.script.ask(request))
        return answer.done, answer.text

    def time_is_over(self):
        timer = [one for one in self.script.all(StartTimer) if one.timer_id.startswith("wrap-up:")][-1]
        self.script.at = timer.due_at
        fired = TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation)
        self.script.tell(fired)

    @property
    def now(self):
        return (self.agent.state, self.agent.reason)

    @property
    def said(self):
        return self.script.all(AgentChanged)[-1]


READY = (AgentState.READY, "")
WRAPS_UP = (AgentState.WRAP_UP, "")
UNENDED = (AgentState.WRAP_UP, "to be ended")
LUNCH = PauseAgent(agent_id=1, reason="lunch")


@pytest.mark.parametrize("early", EARLY)
@pytest.mark.parametrize(
    ("mode", "after"),
    [
        pytest.param(OPTIONAL, READY, id="optional"),
        pytest.param(TIMED, WRAPS_UP, id="timed"),
        pytest.param(MANDATORY, WRAPS_UP, id="mandatory"),
        pytest.param(DISPOSED, WRAPS_UP, id="disposed"),
    ],
)
def test_only_an_optional_wrap_up_ends_at_once_when_the_agent_says_so(mode, after, early):
    floor = Floor(mode)
    assert floor.now == WRAPS_UP
    done, _ = floor.ask(early)
    assert (done, floor.now) == (after is READY, after)


@pytest.mark.parametrize(
    ("mode", "after"),
    [
        pytest.param(OPTIONAL, READY, id="optional"),
        pytest.param(TIMED, READY, id="timed"),
        pytest.param(MANDATORY, UNENDED, id="mandatory"),
        pytest.param(DISPOSED, (AgentState.WRAP_UP, "to be disposed of"), id="disposed"),
    ],
)
def test_the_time_alone_ends_what_waits_for_nothing_else(mode, after):
    floor = Floor(mode)
    floor.time_is_over()
    assert floor.now == after


@pytest.mark.parametrize("end", EARLY)
def test_a_mandatory_wrap_up_is_ended_by_the_agent_once_its_time_is_over(end):
    floor = Floor(MANDATORY)
    done, text = floor.ask(end)
    assert (done, text) == (False, "the wrap-up cannot be ended early: it lasts 20 s more")
    floor.time_is_over()
    assert floor.script.all(PlayMessage)[-1].message == Message.TONE_DONE
    assert floor.ask(end)[0]
    assert floor.now == READY


def test_a_mandatory_wrap_up_of_no_time_lasts_until_the_agent_ends_it():
    floor = Floor(MANDATORY, wrap_up_s=0.0)
    assert floor.now == UNENDED
    floor.ask(EndWrapUp(agent_id=1))
    assert floor.now == READY


@pytest.mark.parametrize("mode", [OPTIONAL, TIMED])
def test_a_wrap_up_of_no_time_is_none(mode):
    assert Floor(mode, wrap_up_s=0.0).now == READY


@pytest.mark.parametrize("mode", [TIMED, MANDATORY])
@pytest.mark.parametrize(
    ("request_", "after"),
    [
        pytest.param(LUNCH, AgentState.PAUSED, id="pause"),
        pytest.param(LogOut(agent_id=1), AgentState.LOGGED_OUT, id="log-out"),
    ],
)
def test_what_is_asked_for_before_the_time_is_over_begins_then(mode, request_, after):
    floor = Floor(mode)
    done, text = floor.ask(request_)
    assert (done, floor.now) == (True, WRAPS_UP)
    assert text.endswith("after the wrap-up")
    floor.time_is_over()
    assert floor.agent.state is after


def test_ready_does_not_take_back_what_it_cannot_do_itself():
    floor = Floor(TIMED)
    floor.ask(LUNCH)
    assert not floor.ask(MakeReady(agent_id=1))[0]
    assert floor.agent.pause_next == Pause("lunch")


def test_a_client_that_is_locked_ends_a_mandatory_wrap_up_that_only_waits_for_its_agent():
    floor = Floor(MANDATORY)
    away = Pause("away", PausedBy.CLIENT)
    floor.time_is_over()
    presence.make_busy(floor.script.engine._step, floor.agent, away)
    assert floor.now == (AgentState.PAUSED, "away")


def test_the_key_that_ends_a_wrap_up_is_refused_before_its_time():
    floor = Floor(TIMED)
    floor.script.tell(LegDigit(at=floor.script.at, leg_id=floor.agent.leg_id, digit="#"))
    assert floor.now == WRAPS_UP
    assert floor.script.all(PlayMessage)[-1].message == Message.TONE_REFUSED


def test_a_choice_ends_no_wrap_up_whose_end_is_up_to_the_agent():
    floor = Floor(MANDATORY)
    floor.time_is_over()
    floor.ask(Dispose(agent_id=1, code="sale"))
    assert floor.now == UNENDED


def test_the_wrap_up_of_each_line_is_its_own_and_the_talk_just_ended_says_which():
    floor = Floor(TIMED)
    floor.time_is_over()
    settings = campaign(wrap_up=MANDATORY, wrap_up_s=5.0)
    floor.script.tell(CampaignDefined(at=floor.script.at, campaign=settings))
    (call,) = floor.script.load([lead(2)])
    bridge = floor.script.all(Bridge, floor.script.answer(call))[0]
    told = LegsBridged(at=floor.script.at, customer_leg=bridge.customer_leg, agent_leg=bridge.agent_leg)
    floor.script.tell(told)
    floor.script.tell(LegEnded(at=floor.script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    assert floor.said.until_at == floor.script.at + 5.0
    floor.time_is_over()
    assert floor.now == UNENDED


# --- more time -----------------------------------------------------------------------------------------


def test_the_end_of_a_wrap_up_is_on_record_and_can_be_put_off_as_far_as_the_line_allows():
    floor = Floor(wrap_up_more_s=30.0)
    ends_at = floor.script.at + 20.0
    assert floor.said.until_at == ends_at
    assert floor.ask(MoreTime(agent_id=1, seconds=20.0)) == (True, "the wrap-up lasts 40 s more")
    assert (floor.said.until_at, floor.said.begins) == (ends_at + 20.0, False)
    assert floor.ask(MoreTime(agent_id=1, seconds=20.0)) == (
        False,
        "the wrap-up can last 10 s longer at most",
    )
    assert floor.ask(MoreTime(agent_id=1, seconds=10.0))[0]
    assert not floor.ask(MoreTime(agent_id=1, seconds=1.0))[0]
    floor.time_is_over()
    assert (floor.now, floor.script.at) == (READY, ends_at + 30.0)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_no_time_at_all_is_no_more_time(seconds):
    floor = Floor(wrap_up_more_s=30.0)
    assert not floor.ask(MoreTime(agent_id=1, seconds=seconds))[0]


def test_a_line_that_gives_no_more_time_says_so():
    floor = Floor()
    assert floor.ask(MoreTime(agent_id=1, seconds=5.0)) == (
        False,
        "the line of business gives no more time for this wrap-up",
    )


def test_there_is_nothing_to_put_off_outside_of_a_wrap_up_or_after_its_time():
    floor = Floor(MANDATORY, wrap_up_more_s=30.0)
    floor.time_is_over()
    assert "no wrap-up whose end" in floor.ask(MoreTime(agent_id=1, seconds=5.0))[1]
    floor.ask(EndWrapUp(agent_id=1))
    assert "the agent is ready" in floor.ask(MoreTime(agent_id=1, seconds=5.0))[1]


def test_no_lead_is_called_again_before_the_longest_wrap_up_could_be_over():
    floor = Floor(wrap_up_more_s=30.0)
    begun_at = floor.script.at
    floor.ask(MoreTime(agent_id=1, seconds=20.0))
    disposed = floor.script.only(
        AttemptDisposed,
        floor.script.ask(Dispose(agent_id=1, code="callback", callback_at=begun_at + 1.0)),
    )
    assert disposed.retry_at == begun_at + 50.0
    (ended,) = floor.script.all(AttemptEnded, floor.ended)
    assert ended.retry_at is None


@pytest.mark.parametrize("mode", WrapUp)
def test_a_choice_cannot_end_a_wrap_up_that_lasts_its_time(mode):
    settings = campaign(wrap_up=mode, dispose_ends_wrap_up=True)
    if mode in (OPTIONAL, DISPOSED):
        wrap_up.check(settings)
        return
    with pytest.raises(ConfigError, match="not ended by a disposition before its time"):
        wrap_up.check(settings)
