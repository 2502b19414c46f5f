"""Third parties who are consulted or join a talk: who speaks with whom at each step."""

import pytest

from dialer.core.commands import Bridge, Confer, HangUp, LeaveTalk, PlayMessage
from dialer.core.messages import Message
from dialer.core.records import AttemptEnded
from dialer.core.states import AgentState, CallState, EndCause, Outcome
from dialer.core.transfer_states import TransferState
from tests.unit.core.talk import COMPLETE, CONFERENCE, CONSULT, MERGE, RETURN, Talk


def test_customer_and_agent_talk_on_until_the_third_party_picks_up():
    talk = Talk()
    talk.ask(CONSULT)
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    told = talk.answer()

    ordered = talk.script.only(Bridge, told)
    assert (ordered.customer_leg, ordered.agent_leg) == (talk.third, talk.agent.leg_id)
    assert PlayMessage(leg_id=talk.customer, message=Message.HOLD, repeat=True) in told
    assert (talk.call.state, talk.agent.state) == (CallState.HELD, AgentState.TALKING)


@pytest.mark.parametrize("way", [CONSULT, CONFERENCE])
def test_the_talk_just_goes_on_if_the_third_party_is_not_reached(way):
    talk = Talk()
    talk.ask(way)
    told = talk.end(talk.third, EndCause.BUSY)

    assert (talk.call.state, talk.transfer) == (CallState.TALKING, None)
    assert talk.script.all(Bridge, told) == []
    assert PlayMessage(leg_id=talk.agent.leg_id, message=Message.TONE_REFUSED) in told
    assert talk.outcome() is Outcome.BUSY


def test_a_consult_that_is_completed_leaves_the_customer_to_the_third_party():
    talk = Talk().with_third(CONSULT)
    before = len(talk.script.commands)
    assert talk.arrange(COMPLETE)[0]
    told = talk.script.commands[before:]

    assert [type(one) for one in told if isinstance(one, LeaveTalk | Bridge)] == [LeaveTalk, Bridge]
    ordered = talk.script.only(Bridge, told)
    assert (ordered.customer_leg, ordered.agent_leg) == (talk.customer, talk.third)
    assert (talk.call.state, talk.agent.state) == (CallState.TRANSFERRED, AgentState.WRAP_UP)


@pytest.mark.parametrize("how", ["asked", "third party hangs up", "not joined"])
def test_a_consult_that_is_over_brings_customer_and_agent_together_again(how):
    talk = Talk()
    if how == "not joined":
        talk.ask(CONSULT)
        talk.answer()
        told = talk.fail(talk.third, talk.agent.leg_id)
    else:
        talk.with_third(CONSULT)
        before = len(talk.script.commands)
        if how == "asked":
            assert talk.arrange(RETURN)[0]
        else:
            talk.end(talk.third)
        told = talk.script.commands[before:]
    ordered = talk.script.only(Bridge, told)
    talk.join(ordered.customer_leg, ordered.agent_leg)

    assert (ordered.customer_leg, ordered.agent_leg) == (talk.customer, talk.agent.leg_id)
    assert (HangUp(leg_id=talk.third) in told) == (how != "third party hangs up")
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    assert talk.transfer is None


def test_a_customer_who_hangs_up_while_held_ends_the_consult_and_the_agent_wraps_up():
    talk = Talk().with_third(CONSULT)
    told = talk.end(talk.customer)

    assert HangUp(leg_id=talk.third) in told
    assert (talk.agent.state, talk.transfer) == (AgentState.WRAP_UP, None)
    assert talk.script.only(AttemptEnded).outcome is Outcome.CONNECTED


def test_an_agent_whose_phone_is_lost_in_a_consult_loses_the_third_party_and_keeps_the_customer():
    talk = Talk().with_third(CONSULT)
    told = talk.end(talk.agent.leg_id, EndCause.CLEARED)

    assert HangUp(leg_id=talk.third) in told
    assert (talk.call.state, talk.agent.state) == (CallState.HELD, AgentState.RECONNECTING)
    assert talk.call.agent_id == talk.agent.agent_id


def test_an_agent_who_leaves_before_anybody_picked_up_made_it_a_blind_transfer():
    talk = Talk()
    talk.ask(CONSULT)
    assert talk.arrange(COMPLETE)[0]

    assert (talk.call.state, talk.agent.state) == (CallState.TRANSFERRED, AgentState.WRAP_UP)
    ordered = talk.script.only(Bridge, talk.answer())
    assert (ordered.customer_leg, ordered.agent_leg) == (talk.customer, talk.third)


def test_a_third_party_joins_the_talk_of_customer_and_agent():
    talk = Talk()
    talk.ask(CONFERENCE)
    told = talk.answer()
    talk.carry_out(told)

    assert talk.script.only(Confer, told) == Confer(leg_id=talk.third, beside=talk.customer)
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    assert talk.transfer.state is TransferState.CONFERRING


def test_a_consult_becomes_a_conference_by_the_customer_who_joins():
    talk = Talk().with_third(CONSULT)
    before = len(talk.script.commands)
    assert talk.arrange(MERGE)[0]
    told = talk.script.commands[before:]
    talk.carry_out(told)

    assert talk.script.only(Confer, told) == Confer(leg_id=talk.customer, beside=talk.third)
    assert (talk.call.state, talk.transfer.state) == (CallState.TALKING, TransferState.CONFERRING)


def test_an_agent_leaves_a_conference_and_the_other_two_go_on():
    talk = Talk().with_third(CONFERENCE)
    before = len(talk.script.commands)
    assert talk.arrange(COMPLETE)[0]
    told = talk.script.commands[before:]

    assert talk.script.only(LeaveTalk, told) == LeaveTalk(leg_id=talk.agent.leg_id)
    assert (talk.call.state, talk.agent.state) == (CallState.TRANSFERRED, AgentState.WRAP_UP)


@pytest.mark.parametrize("how", ["asked", "hangs up"])
def test_customer_and_agent_go_on_when_the_third_party_leaves_a_conference(how):
    talk = Talk().with_third(CONFERENCE)
    before = len(talk.script.commands)
    talk.arrange(RETURN) if how == "asked" else talk.end(talk.third)
    talk.carry_out(talk.script.commands[before:])

    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    assert talk.transfer is None


def test_the_end_of_the_customer_ends_a_conference_for_all():
    talk = Talk().with_third(CONFERENCE)

    assert HangUp(leg_id=talk.third) in talk.end(talk.customer)
    assert talk.agent.state is AgentState.WRAP_UP
