"""Third parties in a talk: what may not be, what the audit mends, and the recording."""

import pytest

from dialer.core.commands import Bridge, CallGuest, HangUp, RecordTalk
from dialer.core.ids import GuestId, TrunkName
from dialer.core.records import JournalEntry
from dialer.core.requests import Halt, PauseAgent
from dialer.core.settings import RecordingMode
from dialer.core.states import AgentState, Outcome, RecordingMove
from dialer.core.switch_events import (
    LegsOpen,
    OriginateRefused,
)
from dialer.core.transfer_states import Arrangement
from tests.unit.core.talk import ABLE, BLIND, COMPLETE, CONFERENCE, CONSULT, Talk, with_agent


@pytest.mark.parametrize(
    ("before", "changes", "words"),
    [
        pytest.param("halted", {}, "dialer resume", id="halted"),
        pytest.param("third", {}, "return", id="there is one already"),
        pytest.param("over", {}, "wrap_up", id="no talk"),
        pytest.param("", {"trunk": TrunkName("nowhere")}, "nowhere", id="no such trunk"),
        pytest.param("full", {}, "no line", id="no line"),
        pytest.param("", {"to_agent": 2}, "paused", id="the other agent is not ready"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(before, changes, words):
    talk = Talk(agents=2)
    talk.script.ask(PauseAgent(agent_id=talk.others[0].agent_id, reason="lunch"))
    match before:
        case "halted":
            talk.script.ask(Halt())
        case "third":
            talk.with_third(CONFERENCE)
        case "over":
            talk.end(talk.customer)
        case "full":
            talk.trunk.lines_used = talk.trunk.settings.lines
    called = len(talk.script.all(CallGuest))
    wanted = {"guest_id": GuestId(8), "dials": True} if "to_agent" not in changes else {}
    done, text = talk.ask(CONSULT, **wanted, **changes)

    assert (done, words in text) == (False, True), text
    assert len(talk.script.all(CallGuest)) == called


@pytest.mark.parametrize("arrangement", list(Arrangement))
def test_without_a_third_party_there_is_nothing_to_arrange(arrangement):
    done, text = Talk().arrange(arrangement)

    assert (done, "dialer call consult" in text) == (False, True)


def test_a_number_on_the_do_not_call_list_is_no_third_party():
    talk = Talk()
    talk.ask(BLIND)
    talk.script.tell(OriginateRefused(at=talk.script.at, leg_id=talk.third, reason="do_not_call"))

    assert talk.outcome() is Outcome.CANCELLED
    assert talk.agent.state is AgentState.RESERVED
    assert talk.trunk.lines_used == 1


def test_a_third_party_counts_against_the_trunks_lines_and_calls_per_second():
    talk = Talk()
    tokens = talk.trunk.tokens
    talk.ask(CONFERENCE)

    assert talk.trunk.lines_used == 2
    assert talk.trunk.tokens < max(tokens, ABLE.calls_per_second)


def audited(talk, *bridges, after_s=10.0):
    """Have the switch tell twice who is joined with whom; return what is done then."""
    told = []
    for _ in range(2):
        legs = tuple(talk.script.engine.workspace.legs)
        told += talk.script.tell(LegsOpen(at=talk.script.at + after_s, legs=legs, bridges=bridges))
    return told


def test_a_customer_who_was_handed_over_and_is_with_nobody_comes_back():
    talk = Talk().with_third(BLIND)
    told = audited(talk)

    assert HangUp(leg_id=talk.third) in told
    ordered = talk.script.only(Bridge, told)
    assert (ordered.customer_leg, ordered.agent_leg) == (talk.customer, talk.agent.leg_id)


def test_a_consult_that_was_neither_joined_nor_given_up_is_over():
    talk = Talk()
    talk.ask(CONSULT)
    talk.answer()
    told = audited(talk)

    assert HangUp(leg_id=talk.third) in told
    assert talk.script.only(Bridge, told).customer_leg == talk.customer


def test_what_was_joined_without_a_word_goes_on():
    talk = Talk()
    talk.ask(CONSULT)
    talk.answer()
    told = audited(talk, (talk.third, talk.agent.leg_id))

    assert HangUp(leg_id=talk.third) not in told
    assert talk.transfer.joined


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(BLIND, id="handed-over"),
        pytest.param(CONSULT, id="consult"),
        pytest.param(CONFERENCE, id="three"),
    ],
)
def test_what_is_as_it_should_be_stays_so(way):
    talk = Talk().with_third(way)
    pair = {
        BLIND: (talk.customer, talk.third),
        CONSULT: (talk.third, talk.agent.leg_id),
        CONFERENCE: (talk.customer, talk.agent.leg_id),
    }[way]

    assert talk.script.all(JournalEntry, audited(talk, pair)) == []


def test_a_consulted_agent_is_no_agent_without_a_customer():
    talk, other = with_agent(CONSULT)

    assert talk.script.all(JournalEntry, audited(talk, (other.leg_id, talk.agent.leg_id))) == []


def test_the_recording_is_one_file_that_is_silent_while_the_customer_is_held():
    talk = Talk(record=RecordingMode.ON)
    talk.with_third(CONSULT)
    before = len(talk.script.commands)
    talk.arrange(COMPLETE)
    talk.carry_out(talk.script.commands[before:])
    moves = [(one.move, one.file) for one in talk.script.all(RecordTalk)]
    file = talk.call.file

    assert moves == [
        (RecordingMove.START, file),
        (RecordingMove.PAUSE, file),
        (RecordingMove.RESUME, file),
    ]
