"""T2 to T5: customers who go to whoever has a skill, is of a team or on site, and wait if nobody is free."""

from itertools import product

import pytest

from dialer.core.allocation.profile import AgentKind, Profile
from dialer.core.allocation.suitability import facts_of, unsuited
from dialer.core.allocation.workflow import Workflow, WorkflowStep
from dialer.core.commands import Bridge, PlayMessage
from dialer.core.events import AgentProfiled, NotDelivered, TimerFired, WorkflowDefined
from dialer.core.messages import Message
from dialer.core.queue_events import QueueDefined
from dialer.core.records import HandoverStarted
from dialer.core.requests import EndWrapUp, LogOut, MakeReady, PauseAgent
from dialer.core.settings import QueueSettings
from dialer.core.states import AgentState, CallState, EndCause
from dialer.core.transfer_states import TransferState, Way
from dialer.core.work import handovers
from dialer.core.workspace import Workspace
from tests.unit.core.talk import BLIND, COMPLETE, CONSULT, RETURN, Talk

REMOTE, SEAT = AgentKind.REMOTE, AgentKind.SEAT
LOAN = WorkflowStep(name="loans", skills={"loans": 2}, kind=SEAT)


def be(talk, agent, **facts):
    profiled = AgentProfiled(at=talk.script.at, agent_id=agent.agent_id, profile=Profile(**facts))
    talk.script.tell(profiled)


def floor(*profiles):
    """Return a talk of a remote agent, beside others who are as given, all ready."""
    talk = Talk(agents=1 + len(profiles))
    be(talk, talk.agent, kind=REMOTE)
    for agent, facts in zip(talk.others, profiles, strict=True):
        be(talk, agent, **facts)
    return talk


def busy(talk, agent):
    talk.script.ask(PauseAgent(agent_id=agent.agent_id, reason="lunch"))


def is_free(talk, agent):
    """Let somebody be ready; return what follows."""
    return talk.script.ask(MakeReady(agent_id=agent.agent_id))


def fire(talk):
    timer = handovers.timer(talk.call_id)
    workspace = talk.script.engine.workspace
    at = max(talk.transfer.until, talk.script.at)
    return talk.script.tell(TimerFired(at=at, timer_id=timer, generation=workspace.timers[timer]))


def given(talk):
    return [one.to_agent_id for one in talk.script.all(HandoverStarted)]


# --- who ---------------------------------------------------------------------------------------------


def test_t3_a_customer_goes_to_a_seat_agent_of_the_operations_skill_group():
    talk = floor(
        {"kind": REMOTE, "skills": {"loans": 9}},
        {"kind": SEAT, "skills": {"cards": 9}},
        {"kind": SEAT, "skills": {"loans": 1}},
        {"kind": SEAT, "skills": {"loans": 2}},
    )
    assert talk.ask(CONSULT, wanted=LOAN)[0]

    assert given(talk) == [talk.others[3].agent_id]


@pytest.mark.parametrize("way", Way)
def test_t3_a_remote_agent_is_never_given_an_operation_however_long_it_takes(way):
    talk = floor({"kind": REMOTE, "skills": {"loans": 100}}, {"kind": SEAT, "skills": {"loans": 2}})
    remote, seat = talk.others
    busy(talk, seat)
    assert talk.ask(way, wanted=LOAN)[0]
    talk.script.ask(PauseAgent(agent_id=remote.agent_id, reason="x"))
    is_free(talk, remote)
    assert given(talk) == []
    is_free(talk, seat)

    assert given(talk) == [seat.agent_id]


@pytest.mark.parametrize(("kind", "level"), [*product(AgentKind, (1, 2, 100))])
def test_t3_only_seat_agents_with_the_skill_are_eligible_for_an_operation(kind, level):
    facts = facts_of(Profile(kind=kind, skills={"loans": level}))

    assert (unsuited(LOAN, facts, {}) is None) == (kind is SEAT and level >= 2)


def test_t5_whose_matter_needs_no_operation_stays_with_the_remote_agent_to_the_end():
    talk = floor({"kind": SEAT, "skills": {"loans": 2}})
    talk.end(talk.customer)

    assert given(talk) == []
    assert (talk.agent.state, talk.others[0].state) == (AgentState.WRAP_UP, AgentState.READY)


def test_t6_of_a_team_whoever_is_free_longest_is_called():
    talk = floor({"teams": ("cards",)}, {"teams": ("loans",)}, {"teams": ("loans", "cards")})
    assert talk.ask(CONSULT, wanted=WorkflowStep(name="team", teams=("loans",)))[0]

    assert given(talk) == [talk.others[1].agent_id]


def test_t6_by_which_nobody_could_have_the_customer_is_refused():
    talk = floor({"kind": SEAT, "skills": {"cards": 2}}, {"kind": REMOTE, "skills": {"loans": 2}})
    done, text = talk.ask(BLIND, wanted=LOAN)

    assert not done
    assert "nobody else who is logged in" in text
    assert (talk.call.state, talk.transfer) == (CallState.TALKING, None)


# --- waiting -----------------------------------------------------------------------------------------


def waiting(way):
    """Return a talk whose agent wants a seat agent for it, who is busy, and that agent."""
    talk = floor({"kind": SEAT, "skills": {"loans": 2}})
    (seat,) = talk.others
    busy(talk, seat)
    assert talk.ask(way, wanted=LOAN)[0]
    return talk, seat


def test_t6_customer_and_agent_talk_on_while_nobody_is_free_for_a_consult():
    talk, seat = waiting(CONSULT)
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    talk.carry_out(is_free(talk, seat))

    assert talk.transfer.state is TransferState.CONSULTING
    assert (talk.agent.state, seat.state) == (AgentState.TALKING, AgentState.TALKING)


def test_t6_a_customer_who_was_left_waits_in_music_and_goes_to_the_first_who_is_free():
    talk, seat = waiting(BLIND)
    assert (talk.call.state, talk.agent.state) == (CallState.TRANSFERRED, AgentState.WRAP_UP)
    assert talk.script.all(PlayMessage)[-1].message is Message.HOLD
    talk.carry_out(is_free(talk, seat))

    assert (talk.call.state, talk.call.agent_id) == (CallState.TALKING, seat.agent_id)
    assert talk.transfer is None


def test_t4_an_agent_who_becomes_free_reads_before_the_customer_who_waits_comes():
    talk, seat = waiting(BLIND)
    told = is_free(talk, seat)

    assert talk.script.all(Bridge, told) == []
    assert talk.script.only(Bridge, talk.deliver()).agent_leg == seat.leg_id


def test_a_blind_transfer_to_somebody_free_leaves_the_customer_only_once_the_record_is_there():
    talk = floor({"kind": SEAT, "skills": {"loans": 2}})
    talk.ask(BLIND, wanted=LOAN)
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    talk.carry_out(talk.deliver())

    assert talk.call.agent_id == talk.others[0].agent_id


@pytest.mark.parametrize("arrangement", [RETURN, COMPLETE], ids=["taken-back", "now-blind"])
def test_a_starter_may_want_it_otherwise_while_nobody_is_free(arrangement):
    talk, seat = waiting(CONSULT)
    assert talk.arrange(arrangement)[0]
    talk.carry_out(is_free(talk, seat))

    assert given(talk) == ([] if arrangement is RETURN else [seat.agent_id])
    assert talk.call.agent_id == (talk.agent if arrangement is RETURN else seat).agent_id


def test_who_waits_for_an_agent_waits_on_after_a_snapshot():
    talk, seat = waiting(BLIND)
    engine = talk.script.engine
    talk.script.engine = type(engine)(Workspace.from_json(engine.workspace.to_json()))
    told = talk.script.ask(MakeReady(agent_id=seat.agent_id))

    assert talk.script.only(HandoverStarted, told).to_agent_id == seat.agent_id


def test_who_is_found_and_lost_before_the_record_is_there_is_looked_for_anew():
    talk, seat = waiting(CONSULT)
    be(talk, seat, kind=SEAT, skills={"loans": 3})
    is_free(talk, seat)
    talk.end(seat.leg_id, EndCause.CLEARED)
    assert (talk.call.state, talk.transfer.to_agent) == (CallState.TALKING, None)
    told = fire(talk)

    assert PlayMessage(leg_id=talk.agent.leg_id, message=Message.TONE_REFUSED) in told
    assert (talk.transfer, talk.call.state) == (None, CallState.TALKING)


# --- nobody takes it -----------------------------------------------------------------------------------


def declined(talk, _):
    handover_id = talk.transfer.handover_id
    return talk.script.tell(NotDelivered(at=talk.script.at, handover_id=handover_id, reason="x"))


def nobody_in_time(talk, _):
    return fire(talk)


def phone_lost(talk, seat):
    return [*talk.end(seat.leg_id), *fire(talk)]


def not_joined(talk, seat):
    talk.deliver()
    return talk.fail(talk.customer, seat.leg_id)


def phone_lost_at_the_join(talk, seat):
    talk.deliver()
    return talk.end(seat.leg_id)


FAILURES = [
    pytest.param(nobody_in_time, False, id="nobody-in-time"),
    pytest.param(declined, True, id="not-delivered"),
    pytest.param(phone_lost, True, id="phone-lost-before"),
    pytest.param(not_joined, True, id="not-joined"),
    pytest.param(phone_lost_at_the_join, True, id="phone-lost-at-the-join"),
]


def left(failure, seat_is_free):
    """Return a talk whose agent left the customer, before that came to nothing."""
    talk, seat = waiting(BLIND)
    if seat_is_free:
        is_free(talk, seat)
    return talk, lambda: failure(talk, seat)


@pytest.mark.parametrize(("failure", "seat_is_free"), FAILURES)
def test_t6_a_customer_whom_nobody_takes_goes_back_to_the_starter(failure, seat_is_free):
    talk, fails = left(failure, seat_is_free)
    talk.carry_out(fails())

    assert (talk.call.state, talk.call.agent_id) == (CallState.TALKING, talk.agent.agent_id)
    assert (talk.transfer, talk.agent.state) == (None, AgentState.TALKING)


@pytest.mark.parametrize(("failure", "seat_is_free"), FAILURES)
def test_t6_a_customer_whose_starter_has_left_goes_on_as_one_whose_agent_is_lost(failure, seat_is_free):
    talk, fails = left(failure, seat_is_free)
    talk.script.ask(LogOut(agent_id=talk.agent.agent_id))
    talk.script.ask(EndWrapUp(agent_id=talk.agent.agent_id))
    before = len(talk.script.commands)
    fails()
    (late,) = talk.script.log_in(1) if talk.call.agent_id is None else (None,)

    assert talk.agent.state is AgentState.LOGGED_OUT
    assert talk.transfer is None
    agent_id = talk.call.agent_id
    assert talk.script.all(Bridge, talk.script.commands[before:])
    assert agent_id == (late.agent_id if late else talk.others[0].agent_id)


def test_t6_a_customer_who_hangs_up_while_waiting_is_waited_for_by_nobody():
    talk, seat = waiting(BLIND)
    talk.end(talk.customer)
    is_free(talk, seat)

    assert given(talk) == []
    assert talk.script.engine.workspace.tasks == {}
    assert seat.state is AgentState.READY


@pytest.mark.parametrize("dials", [True, False], ids=["outside", "sought"])
def test_a_customer_whose_agent_is_lost_while_somebody_is_called_goes_to_the_next_agent(dials):
    talk = floor({"kind": REMOTE})
    (seat,) = (agent for agent in talk.others)
    if dials:
        assert talk.ask(CONSULT)[0]
    else:
        be(talk, seat, kind=SEAT, skills={"loans": 2})
        busy(talk, seat)
        assert talk.ask(CONSULT, wanted=LOAN)[0]
        be(talk, seat, kind=REMOTE)
        is_free(talk, seat)
    talk.script.ask(LogOut(agent_id=talk.agent.agent_id))
    talk.carry_out(talk.end(talk.agent.leg_id))

    assert given(talk) == []
    assert talk.transfer is None
    assert (talk.call.state, talk.call.agent_id) == (CallState.TALKING, seat.agent_id)


def test_c2_a_customer_does_not_go_back_to_a_starter_who_has_too_much_text_by_then():
    talk, _ = waiting(BLIND)
    talk.agent.volume = 4
    fire(talk)

    assert talk.call.agent_id is None


def test_c2_an_agent_who_has_too_much_text_is_not_called_to_a_talk():
    talk = floor({})
    talk.others[0].volume = 4
    done, text = talk.ask(CONSULT, to_agent=talk.others[0].agent_id)

    assert not done
    assert "text" in text


def relaxed(talk):
    """Have a workflow that asks for a seat agent first, and for anybody after 20 s."""
    steps = (
        WorkflowStep(name="seat", kind=SEAT, timeout_s=20.0),
        WorkflowStep(name="anybody"),
    )
    workflow = Workflow(name="operations", steps=steps, version=1)
    talk.script.tell(WorkflowDefined(at=talk.script.at, workflow=workflow))


def test_t6_a_workflow_leads_a_customer_from_step_to_step_to_an_agent():
    talk = floor({"kind": REMOTE})
    relaxed(talk)
    assert talk.ask(BLIND, workflow="operations")[0]
    assert given(talk) == []
    timer = f"step:{talk.call_id}"
    generation = talk.script.engine.workspace.timers[timer]
    fired = TimerFired(at=talk.script.at + 20, timer_id=timer, generation=generation)
    talk.carry_out(talk.script.tell(fired))

    assert talk.call.agent_id == talk.others[0].agent_id


def test_t6_a_workflow_that_is_not_there_is_refused():
    talk = floor({})
    done, text = talk.ask(BLIND, workflow="operations")

    assert not done
    assert "no workflow" in text


@pytest.mark.parametrize("workflow", ["", "operations"])
def test_t6_a_queue_stands_for_whoever_may_have_its_tasks(workflow):
    talk = floor({"kind": REMOTE}, {"kind": SEAT})
    relaxed(talk)
    talk.script.tell(QueueDefined(at=talk.script.at, queue=QueueSettings(name="loans", workflow=workflow)))
    assert talk.ask(CONSULT, queue="loans")[0]

    assert given(talk) == [talk.others[1 if workflow else 0].agent_id]


def test_t6_a_queue_that_is_not_there_is_refused():
    done, text = floor({}).ask(BLIND, queue="loans")

    assert not done
    assert "no queue" in text
