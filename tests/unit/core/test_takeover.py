"""Calls and phones that outlived a run: what goes on under the next one."""

import pytest

from dialer.core.commands import Bridge, CallAgent, HangUp, PlayMessage, StartTimer
from dialer.core.events import AgentDefined, AttemptLeftOpen, CallFound, MemberSeen
from dialer.core.records import AgentChanged, AttemptEnded
from dialer.core.states import AgentState, CallState, EndCause, Outcome, Presence
from dialer.core.switch_events import LegAnswered, LegEnded, MessagePlayed
from dialer.core.workspace import Pause
from dialer.testing import CAMPAIGN, TRUNK, Script, lead


def restarted(*phones):
    """Return a run that has just started, beside phones of agents who were ready."""
    script = Script()
    for number, leg_id in enumerate(phones, 1):
        ready = AgentState.READY
        script.tell(
            AgentDefined(
                at=script.at, agent_id=number, state=ready, leg_id=leg_id, phone_up=leg_id is not None
            )
        )
    return script


def find(script, state, **facts):
    event = CallFound(
        at=script.at,
        attempt_id="old-1",
        call_id="old-2",
        leg_id="old-3",
        campaign_id=CAMPAIGN,
        lead=lead(1),
        trunk=TRUNK,
        state=state,
        **{"started_at": script.at - 60, **facts},
    )
    return script.tell(event)


def end(script, cause=EndCause.CLEARED):
    script.at += 10
    return script.only(AttemptEnded, script.tell(LegEnded(at=script.at, leg_id="old-3", cause=cause)))


def agent(script, number=1):
    return script.engine.workspace.agents[number]


def test_a_phone_that_stayed_up_is_not_called_and_its_agent_is_ready():
    script = restarted("phone")

    assert script.all(CallAgent) == []
    assert [change.state for change in script.all(AgentChanged)] == [AgentState.READY]


def test_a_phone_that_is_gone_is_called():
    assert len(restarted(None).all(CallAgent)) == 1


def test_an_agent_who_was_paused_is_paused():
    script = restarted()
    paused = AgentState.PAUSED
    script.tell(
        AgentDefined(at=script.at, agent_id=1, state=paused, reason="lunch", leg_id="phone", phone_up=True)
    )

    assert (agent(script).state, agent(script).reason) == (paused, "lunch")


def test_a_phone_that_still_rings_is_waited_for():
    script = restarted()
    script.tell(AgentDefined(at=script.at, agent_id=1, state=AgentState.LOGGING_IN, leg_id="phone"))
    before = agent(script).state
    script.tell(LegAnswered(at=script.at, leg_id="phone"))

    assert (before, agent(script).state) == (AgentState.LOGGING_IN, AgentState.READY)


def beside_a_member(*, phone_up):
    script = restarted()
    script.tell(
        AgentDefined(
            at=script.at, agent_id=1, state=AgentState.TALKING, member=True, leg_id="phone", phone_up=phone_up
        )
    )
    return script


def see_a_member(script):
    return script.tell(MemberSeen(at=script.at, agent_id=1, member="m-1", presence=Presence.FREE))


def test_a_member_of_a_queue_goes_on_talking_and_the_leg_ends_with_the_talk():
    script = beside_a_member(phone_up=True)
    told = find(script, CallState.TALKING, agent_leg="phone", answered_at=script.at - 30)
    assert script.only(AgentChanged, told[-1:]).state is AgentState.TALKING
    assert [one for one in see_a_member(script) if isinstance(one, HangUp)] == []
    script.tell(LegEnded(at=script.at, leg_id="old-3", cause=EndCause.CLEARED))
    assert script.all(HangUp) == [HangUp(leg_id="phone")]


@pytest.mark.parametrize("phone_up", [True, False])
def test_a_members_leg_by_which_nobody_speaks_is_hung_up_and_the_member_is_free(phone_up):
    script = beside_a_member(phone_up=phone_up)
    see_a_member(script)
    script.tell(LegEnded(at=script.at, leg_id="phone", cause=EndCause.CLEARED))
    assert HangUp(leg_id="phone") in script.all(HangUp)
    assert agent(script).state is AgentState.READY


def test_who_talks_goes_on_talking_and_the_talk_counts_from_its_beginning():
    script = restarted("phone")
    at = script.at
    asked = find(script, CallState.TALKING, answered_at=at - 31, bridged_at=at - 30, agent_leg="phone")
    talking = agent(script).state
    ended = end(script)

    assert not [order for order in asked if isinstance(order, Bridge | HangUp | PlayMessage)]
    assert (talking, agent(script).state) == (AgentState.TALKING, AgentState.WRAP_UP)
    assert (ended.outcome, ended.agent_id, ended.wait_s, ended.talk_s) == (Outcome.CONNECTED, 1, 1, 40)


def test_a_talk_whose_agent_was_to_pause_is_finished_first():
    script = restarted()
    script.tell(
        AgentDefined(
            at=script.at, agent_id=1, state=AgentState.PAUSED, reason="lunch", leg_id="phone", phone_up=True
        )
    )
    find(script, CallState.TALKING, answered_at=script.at - 9, agent_leg="phone")

    assert (agent(script).state, agent(script).pause_next) == (AgentState.TALKING, Pause("lunch"))


def test_whoever_waits_gets_a_free_agent_at_once():
    script = restarted("phone")
    ordered = script.only(Bridge, find(script, CallState.ANSWERED, answered_at=script.at - 1))

    assert (ordered.customer_leg, ordered.agent_leg) == ("old-3", "phone")


def test_whoever_waited_too_long_while_nothing_ran_hears_the_message_at_once():
    script = restarted()
    find(script, CallState.ANSWERED, answered_at=script.at - 60)
    due = [timer.due_at for timer in script.all(StartTimer) if timer.timer_id == "connect:old-2"]

    assert due == [script.at]


def test_whoever_hears_the_message_of_the_switch_was_abandoned():
    script = restarted("phone")
    find(script, CallState.MESSAGE, answered_at=script.at - 5, waited_s=2.1)
    ended = end(script)

    assert script.all(Bridge) == []
    assert (ended.outcome, ended.wait_s) == (Outcome.ABANDONED, 2.1)


def test_whoever_hears_a_message_since_nobody_knows_when_waited_no_longer_than_since_the_answer():
    script = restarted("phone")
    find(script, CallState.MESSAGE, answered_at=script.at - 5)

    assert end(script).wait_s == 15


def test_a_machine_that_is_left_a_message_was_not_abandoned():
    script = restarted("phone")
    find(script, CallState.MESSAGE, answered_at=script.at - 5, machine=True)
    script.tell(MessagePlayed(at=script.at, leg_id="old-3"))

    assert end(script).outcome is Outcome.MESSAGE_LEFT


def test_a_customer_whose_agent_is_gone_goes_to_the_next_as_one_who_was_connected():
    script = restarted("other")
    asked = find(
        script, CallState.TALKING, answered_at=script.at - 9, bridged_at=script.at - 8, agent_leg="x"
    )

    assert script.only(Bridge, asked).agent_leg == "other"
    assert end(script).outcome is Outcome.CONNECTED


@pytest.mark.parametrize("state", [CallState.DIALING, CallState.RINGING])
def test_a_call_that_rings_is_answered_or_given_up_as_any_other(state):
    script = restarted("phone")
    find(script, state, started_at=script.at - 3)
    timers = [timer.timer_id for timer in script.all(StartTimer)]
    in_flight = script.engine.workspace.campaigns[CAMPAIGN].in_flight
    ordered = script.only(Bridge, script.tell(LegAnswered(at=script.at, leg_id="old-3")))

    assert "ring:old-3" in timers
    assert (in_flight, ordered.agent_leg) == (1, "phone")


def test_its_line_and_its_attempt_are_counted_until_it_ends():
    script = restarted()
    workspace = script.engine.workspace
    find(script, CallState.RINGING)
    counts = (workspace.trunks[TRUNK].lines_used, workspace.campaigns[CAMPAIGN].open_attempts)
    end(script, EndCause.NO_ANSWER)

    assert counts == (1, 1)
    assert (workspace.trunks[TRUNK].lines_used, workspace.campaigns[CAMPAIGN].open_attempts) == (0, 0)
    assert workspace.calls == {}


@pytest.mark.parametrize(
    ("answered_at", "outcome"),
    [
        pytest.param(None, Outcome.UNKNOWN, id="nobody knows"),
        pytest.param(5.0, Outcome.ABANDONED, id="answered, and nobody came"),
    ],
)
def test_an_attempt_whose_legs_are_gone_is_unknown_unless_somebody_was_abandoned(answered_at, outcome):
    script = restarted()
    left = AttemptLeftOpen(
        at=script.at,
        attempt_id="old-1",
        call_id="old-2",
        campaign_id=CAMPAIGN,
        lead=lead(1),
        started_at=1.0,
        answered_at=answered_at,
    )

    assert script.only(AttemptEnded, script.tell(left)).outcome is outcome
