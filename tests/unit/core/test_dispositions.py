"""What agents say came of their talks, and what becomes of the leads."""

import pytest

from dialer.core.commands import Bridge, FetchLeads, Originate, PlayMessage, StartTimer
from dialer.core.events import AttemptLeftOpen, CampaignDefined, LeadsLoaded, TimerFired
from dialer.core.records import AgentChanged, AttemptDisposed, AttemptEnded, CampaignChanged, RequestAnswered
from dialer.core.requests import Dispose, EndWrapUp, LogOut, MakeReady, PauseAgent
from dialer.core.rules.dispositions import DEFAULT_DISPOSITIONS, Disposition, Fate, Flag, check
from dialer.core.settings import RetryRule, WrapUp
from dialer.core.states import AgentState, CampaignState, EndCause, Outcome
from dialer.core.switch_events import LegEnded, LegsBridged
from dialer.errors import ConfigError
from dialer.testing import CAMPAIGN, Script, campaign, lead

HOUR_S = 3600.0


def talking(script, count=1):
    """Log agents in and have each talk."""
    agents = script.log_in(count)
    calls = script.start([lead(number + 1) for number in range(count)])
    for call in calls:
        ordered = script.only(Bridge, script.answer(call))
        script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))
    return agents, calls


def end(script, call, after_s=30.0):
    script.at += after_s
    return script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))


def wrapping_up(settings=None):
    """Return a floor whose one agent is in wrap-up."""
    script = Script(settings)
    (agent,), (call,) = talking(script)
    end(script, call)
    return script, agent


def fire(script, prefix):
    timer = [t for t in script.all(StartTimer) if t.timer_id.startswith(prefix)][-1]
    return script.tell(TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation))


def answer(script, request):
    said = script.only(RequestAnswered, script.ask(request))
    return said.done, said.text


def fates(script):
    """Return what the leads' hoppers are told, in order."""
    return [
        record.retry_at
        for record in script.all((AttemptEnded, AttemptDisposed))
        if isinstance(record, AttemptEnded) or record.ended
    ]


@pytest.mark.parametrize(
    ("code", "after_s", "promised", "block"),
    [
        pytest.param("sale", None, False, False, id="finish"),
        pytest.param("not_there", 2 * HOUR_S, False, False, id="retry"),
        pytest.param("callback", 2 * HOUR_S, True, False, id="callback-without-a-time"),
        pytest.param("do_not_call", None, False, True, id="block"),
    ],
)
def test_a_disposition_in_wrap_up_settles_the_lead(code, after_s, promised, block):
    script, agent = wrapping_up()
    script.at += 3
    record = script.only(AttemptDisposed, script.ask(Dispose(agent_id=1, code=code)))
    assert (record.disposition, record.promised, record.block, record.ended) == (code, promised, block, True)
    assert record.retry_at == (None if after_s is None else script.at + after_s)
    assert agent.state is AgentState.WRAP_UP


def test_a_disposition_in_mid_talk_is_carried_out_by_the_end_of_the_attempt():
    script = Script()
    _, (call,) = talking(script)
    chosen_at = script.at
    record = script.only(AttemptDisposed, script.ask(Dispose(agent_id=1, code="callback")))
    assert not record.ended
    ended = script.only(AttemptEnded, end(script, call))
    assert (ended.retry_at, ended.promised) == (chosen_at + 2 * HOUR_S, True)
    assert fates(script) == [ended.retry_at]


def test_a_later_choice_in_the_same_wrap_up_replaces_the_earlier_one():
    script = Script()
    _, (call,) = talking(script)
    script.ask(Dispose(agent_id=1, code="not_there"))
    end(script, call)
    script.ask(Dispose(agent_id=1, code="sale"))
    fire(script, "wrap-up:")
    assert [record.disposition for record in script.all(AttemptDisposed)] == ["not_there", "sale"]
    assert fates(script)[-1] is None


def test_a_callback_comes_when_it_was_promised():
    script, _ = wrapping_up()
    asked = Dispose(agent_id=1, code="callback", callback_at=script.at + 3 * HOUR_S)
    record = script.only(AttemptDisposed, script.ask(asked))
    assert record.retry_at == asked.callback_at


@pytest.mark.parametrize(
    ("code", "in_s", "why"),
    [
        pytest.param("sold", None, "there are sale, not_interested", id="no-such-code"),
        pytest.param("sale", 60.0, "promises no callback", id="time-without-a-callback"),
        pytest.param("callback", -60.0, "has passed", id="in-the-past"),
        pytest.param("callback", 10 * HOUR_S, "between 8:00 and 21:00", id="at-night"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_the_remedy(code, in_s, why):
    script, _ = wrapping_up()
    asked = Dispose(agent_id=1, code=code, callback_at=None if in_s is None else script.at + in_s)
    done, text = answer(script, asked)
    assert not done
    assert why in text
    assert script.all(AttemptDisposed) == []


def test_a_callback_in_the_night_does_not_open_the_window_now_or_close_it():
    script, _ = wrapping_up()
    script.ask(Dispose(agent_id=1, code="callback", callback_at=script.at + 20 * HOUR_S))
    fire(script, "wrap-up:")
    assert len(script.load([lead(2)])) == 1


def test_without_a_talk_there_is_nothing_to_dispose_of():
    script = Script()
    script.log_in(1)
    assert answer(script, Dispose(agent_id=1, code="sale"))[0] is False


def test_a_retry_counts_against_the_limit_of_attempts_and_a_promise_does_not():
    due = {}
    for code in ("not_there", "callback"):
        script, _ = wrapping_up(campaign(max_attempts=1))
        due[code] = script.only(AttemptDisposed, script.ask(Dispose(agent_id=1, code=code))).retry_at
    assert due["not_there"] is None
    assert due["callback"] is not None


def test_a_promised_lead_is_called_beyond_the_limit_of_attempts():
    script = Script(campaign(max_attempts=1))
    script.log_in(1)
    (call,) = script.start([lead(1, attempts=3, promised=True)])
    assert call.lead_id == 1


def test_a_promised_lead_is_called_before_those_that_wait_already():
    script = Script()
    script.log_in(1)
    (first,) = script.start([lead(1), lead(2)])
    script.load([lead(3), lead(4, promised=True), lead(5, promised=True)])
    script.tell(LegEnded(at=script.at, leg_id=script.dial(first), cause=EndCause.BUSY))
    assert script.only(Originate, script.end_round()).lead_id == 4


def test_no_lead_is_due_before_the_wrap_up_in_which_its_fate_may_change():
    short = (Disposition(code="again", fate=Fate.RETRY, minutes=0.1),)
    script = Script(
        campaign(
            wrap_up_s=60, dispositions=short, retry={Outcome.CONNECTED: RetryRule(attempts=9, minutes=0)}
        )
    )
    _, (call,) = talking(script)
    script.ask(Dispose(agent_id=1, code="again"))
    ended = script.only(AttemptEnded, end(script, call))
    record = script.only(AttemptDisposed, script.ask(Dispose(agent_id=1, code="again")))
    assert ended.retry_at == record.retry_at == script.at + 60


# --- the end of the wrap-up --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param(lambda script: fire(script, "wrap-up:"), id="time-is-over"),
        pytest.param(lambda script: script.ask(MakeReady(agent_id=1)), id="ready"),
        pytest.param(lambda script: script.ask(EndWrapUp(agent_id=1)), id="wrap-up-end"),
        pytest.param(lambda script: script.ask(PauseAgent(agent_id=1, reason="lunch")), id="pause"),
        pytest.param(lambda script: script.ask(LogOut(agent_id=1)), id="log-out"),
    ],
)
def test_the_default_stands_in_for_a_choice_that_was_not_made(leave):
    script, _ = wrapping_up(campaign(default_disposition="not_there"))
    record = script.only(AttemptDisposed, leave(script))
    assert (record.disposition, record.ended) == ("not_there", True)


def test_the_default_does_not_replace_a_choice():
    script, _ = wrapping_up(campaign(default_disposition="not_there"))
    script.ask(Dispose(agent_id=1, code="sale"))
    assert script.all(AttemptDisposed, fire(script, "wrap-up:")) == []


def test_without_a_wrap_up_the_default_comes_with_the_end_of_the_talk():
    script = Script(campaign(wrap_up_s=0, default_disposition="callback"))
    (agent,), (call,) = talking(script)
    ended = script.only(AttemptEnded, end(script, call))
    assert (ended.promised, fates(script)) == (True, [ended.retry_at])
    assert agent.state is AgentState.READY


@pytest.mark.parametrize("wrap_up_s", [0, 10])
def test_an_agent_who_has_to_choose_is_held_until_then(wrap_up_s):
    script, agent = wrapping_up(campaign(wrap_up=WrapUp.DISPOSED, wrap_up_s=wrap_up_s))
    if wrap_up_s:
        fire(script, "wrap-up:")
    assert (agent.state, agent.reason) == (AgentState.WRAP_UP, "to be disposed of")
    assert script.all(PlayMessage)[-1].leg_id == agent.leg_id
    for request in (MakeReady(agent_id=1), EndWrapUp(agent_id=1)):
        done, text = answer(script, request)
        assert not done
        assert "dialer agent dispose" in text
    script.ask(Dispose(agent_id=1, code="sale"))
    assert agent.state is AgentState.READY


def test_a_choice_in_time_holds_nobody_and_leaves_the_rest_of_the_wrap_up():
    script, agent = wrapping_up(campaign(wrap_up=WrapUp.DISPOSED))
    script.ask(Dispose(agent_id=1, code="sale"))
    assert agent.state is AgentState.WRAP_UP
    fire(script, "wrap-up:")
    assert agent.state is AgentState.READY


def test_a_pause_asked_for_while_the_choice_is_missing_begins_with_it():
    script, agent = wrapping_up(campaign(wrap_up=WrapUp.DISPOSED))
    assert "once the call is disposed of" in answer(script, PauseAgent(agent_id=1, reason="lunch"))[1]
    assert script.all(AgentChanged)[-1].to_come == "pause: lunch"
    script.ask(Dispose(agent_id=1, code="sale"))
    assert (agent.state, agent.reason) == (AgentState.PAUSED, "lunch")


def test_nobody_is_held_for_a_choice_from_nothing():
    script, agent = wrapping_up(campaign(wrap_up=WrapUp.DISPOSED, dispositions=()))
    fire(script, "wrap-up:")
    assert agent.state is AgentState.READY


@pytest.mark.parametrize("in_talk", [True, False])
def test_a_campaign_can_let_the_choice_end_the_wrap_up(in_talk):
    script = Script(campaign(dispose_ends_wrap_up=True))
    (agent,), (call,) = talking(script)
    if not in_talk:
        end(script, call)
    script.ask(Dispose(agent_id=1, code="sale"))
    if in_talk:
        end(script, call)
    assert agent.state is AgentState.READY


def test_wrap_up_can_only_be_ended_in_wrap_up():
    script = Script()
    script.log_in(1)
    assert answer(script, EndWrapUp(agent_id=1)) == (False, "the agent is ready: there is no wrap-up to end")


def test_a_phone_that_dies_in_wrap_up_leaves_the_default():
    script, agent = wrapping_up(campaign(wrap_up=WrapUp.DISPOSED, default_disposition="not_there"))
    commands = script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.LOST))
    assert script.only(AttemptDisposed, commands).disposition == "not_there"


def test_a_campaign_is_not_complete_while_a_wrap_up_may_bring_a_lead_back():
    script, _ = wrapping_up()
    script.at += 1
    script.load([])
    script.at += 1
    assert script.engine.workspace.campaigns[CAMPAIGN].state is CampaignState.RUNNING
    script.ask(Dispose(agent_id=1, code="sale"))
    script.ask(EndWrapUp(agent_id=1))
    script.only(FetchLeads, script.end_round())
    assert script.only(CampaignChanged, _nothing_left(script)).state is CampaignState.COMPLETE


def _nothing_left(script):
    return script.tell(LeadsLoaded(at=script.at, campaign_id=CAMPAIGN, leads=()))


# --- what waits for the end of the call --------------------------------------------------------------


def test_what_is_to_come_after_the_call_is_told_and_can_be_taken_back():
    script = Script()
    (agent,), _ = talking(script)
    told = []
    for request in (PauseAgent(agent_id=1, reason="lunch"), LogOut(agent_id=1), MakeReady(agent_id=1)):
        (change,) = script.all(AgentChanged, script.ask(request))
        assert (change.state, change.begins) == (AgentState.TALKING, False)
        told.append(change.to_come)
    assert told == ["pause: lunch", "log out", ""]
    assert (agent.pause_next, agent.log_out_next) == (None, False)


# --- runs that died ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disposition", "retry_at", "promised"),
    [
        pytest.param("", 30 * 60, None, id="nothing-chosen"),
        pytest.param("sale", None, False, id="finished"),
        pytest.param("callback", 5000, True, id="promised"),
    ],
)
def test_what_was_chosen_before_a_run_died_still_holds(disposition, retry_at, promised):
    script = Script()
    due_at = None if retry_at is None else script.at + retry_at
    left = AttemptLeftOpen(
        at=script.at,
        attempt_id="old-1",
        call_id="old-2",
        campaign_id=CAMPAIGN,
        lead=lead(1),
        started_at=script.at - 60,
        disposition=disposition,
        retry_at=due_at if disposition else None,
    )
    record = script.only(AttemptEnded, script.tell(left))
    assert (record.outcome, record.retry_at, record.promised) == (Outcome.UNKNOWN, due_at, promised)


def test_new_settings_hold_for_the_talk_at_hand():
    script, _ = wrapping_up()
    own = (Disposition(code="gold"),)
    script.tell(CampaignDefined(at=script.at, campaign=campaign(dispositions=own)))
    assert answer(script, Dispose(agent_id=1, code="gold"))[0]


# --- the settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "learned"),
    [
        pytest.param(["sale"], (1, 1), id="person"),
        pytest.param(["machine"], (1, 0), id="machine"),
        pytest.param(["silence"], (0, 0), id="nobody-knows"),
        pytest.param(["machine", "sale"], (1, 1), id="the-last-choice-counts"),
        pytest.param([], (0, 0), id="none"),
    ],
)
def test_pacing_learns_by_the_choice_how_many_of_those_connected_are_people(codes, learned):
    script, _ = wrapping_up()
    for code in codes:
        script.ask(Dispose(agent_id=1, code=code))
    script.ask(EndWrapUp(agent_id=1))
    people = script.engine.workspace.campaigns[CAMPAIGN].outlook.learned.people
    assert (people.fresh_of, people.fresh_so) == learned


def test_the_default_set_is_sound():
    check(DEFAULT_DISPOSITIONS, "sale")


@pytest.mark.parametrize(
    ("dispositions", "default", "fault"),
    [
        pytest.param([Disposition(code="Big Sale")], "", "small letters", id="code"),
        pytest.param([Disposition(code="a", digit="12")], "", "0 to 9", id="digit"),
        pytest.param([Disposition(code="a", minutes=0)], "", "more than 0", id="minutes"),
        pytest.param([Disposition(code="a"), Disposition(code="a")], "", "there twice", id="same-code"),
        pytest.param(
            [Disposition(code="a", digit="1"), Disposition(code="b", digit="1")],
            "",
            "chooses two",
            id="same-digit",
        ),
        pytest.param([Disposition(code="a", flags=(Flag.DO_NOT_CALL,))], "", "block", id="must-block"),
        pytest.param([Disposition(code="a")], "b", "none of: a", id="default"),
        pytest.param([Disposition(code="a", fate=Fate.BLOCK)], "a", "only agents", id="default-that-blocks"),
    ],
)
def test_a_set_that_nobody_could_choose_from_is_refused(dispositions, default, fault):
    with pytest.raises(ConfigError, match=fault):
        check(dispositions, default)
