"""Third parties in a talk: who speaks with whom at each step, and what becomes of everybody."""

import pytest

from dialer.core.commands import Bridge, CallGuest, Confer, HangUp, LeaveTalk, PlayMessage, RecordTalk
from dialer.core.events import TimerFired
from dialer.core.ids import GuestId, TrunkName
from dialer.core.messages import Message
from dialer.core.records import AttemptEnded, GuestEnded, JournalEntry, RequestAnswered
from dialer.core.requests import ArrangeTalk, CallThirdParty, EndWrapUp, Halt, LogOut, PauseAgent
from dialer.core.settings import RecordingMode, TrunkSettings
from dialer.core.states import AgentState, CallState, EndCause, Outcome, RecordingMove
from dialer.core.switch_events import (
    BridgeFailed,
    LegAnswered,
    LegEnded,
    LegsBridged,
    LegsOpen,
    OriginateRefused,
)
from dialer.core.transfer_states import Arrangement, TransferState, Way
from dialer.core.work import guests
from dialer.testing import TRUNK, Script, campaign, lead

ABLE = TrunkSettings(name=TRUNK, lines=50, calls_per_second=1000, calls_guests=True)
BLIND, CONSULT, CONFERENCE = Way
MERGE, COMPLETE, RETURN = Arrangement


class Talk:
    """A floor with a customer and an agent who talk, and maybe a third party."""

    def __init__(self, *, agents=1, trunk=ABLE, **settings):
        self.script = Script(campaign(**settings), trunk=trunk)
        self.agent, *self.others = self.script.log_in(agents)
        # The others wait until the talk has begun.
        (call,) = self.script.start([lead(1)])
        ordered = self.script.only(Bridge, self.script.answer(call))
        self.join(ordered.customer_leg, ordered.agent_leg)
        self.customer, self.attempt_id, self.call_id = call.leg_id, call.attempt_id, call.call_id
        self.third = None

    @property
    def call(self):
        return self.script.engine.workspace.calls.get(self.call_id)

    @property
    def transfer(self):
        return self.script.engine.workspace.transfers.get(self.call_id)

    @property
    def trunk(self):
        return self.script.engine.workspace.trunks[TRUNK]

    def join(self, one, other):
        return self.script.tell(LegsBridged(at=self.script.at, customer_leg=one, agent_leg=other))

    def fail(self, one, other):
        failed = BridgeFailed(at=self.script.at, customer_leg=one, agent_leg=other, reason="x")
        return self.script.tell(failed)

    def end(self, leg_id, cause=EndCause.CLEARED):
        return self.script.tell(LegEnded(at=self.script.at, leg_id=leg_id, cause=cause))

    def ask(self, way, **changes):
        wanted = changes or {"guest_id": GuestId(7), "dials": True}
        request = CallThirdParty(agent_id=self.agent.agent_id, way=way, **wanted)
        said = self.script.only(RequestAnswered, self.script.ask(request))
        called = self.script.all(CallGuest)
        self.third = called[-1].leg_id if called else None
        return said.done, said.text

    def arrange(self, arrangement):
        said = self.script.ask(ArrangeTalk(agent_id=self.agent.agent_id, arrangement=arrangement))
        answer = self.script.only(RequestAnswered, said)
        return answer.done, answer.text

    def answer(self):
        return self.script.tell(LegAnswered(at=self.script.at, leg_id=self.third))

    def with_third(self, way):
        """Have a third party called who picks up, and is joined."""
        assert self.ask(way)[0]
        ordered = self.answer()
        self.carry_out(ordered)
        return self

    def carry_out(self, commands):
        """Let the switch join as ordered."""
        for order in commands:
            if isinstance(order, Bridge):
                self.join(order.customer_leg, order.agent_leg)
            elif isinstance(order, Confer):
                self.join(order.leg_id, order.beside)

    def outcome(self):
        (guest,) = self.script.all(GuestEnded)
        return guest.outcome

    def said(self):
        return [entry.detail for entry in self.script.all(JournalEntry) if entry.kind == "transfer"]


# --- blind -------------------------------------------------------------------------------------------


def test_a_blind_transfer_holds_the_customer_and_frees_the_agent_at_once():
    talk = Talk()
    done, _ = talk.ask(BLIND)

    assert done
    assert (talk.call.state, talk.agent.state) == (CallState.TRANSFERRED, AgentState.WRAP_UP)
    assert talk.script.all(PlayMessage)[-1] == PlayMessage(
        leg_id=talk.customer, message=Message.HOLD, repeat=True
    )
    assert talk.script.only(CallGuest).trunk == TRUNK


def test_whoever_picks_up_gets_the_customer_of_a_blind_transfer():
    talk = Talk()
    talk.ask(BLIND)
    ordered = talk.script.only(Bridge, talk.answer())
    talk.join(ordered.customer_leg, ordered.agent_leg)

    assert (ordered.customer_leg, ordered.agent_leg) == (talk.customer, talk.third)
    assert (talk.transfer.state, talk.transfer.joined) == (TransferState.HANDED_OVER, True)
    assert talk.said() == ["blind: handed over", "blind: handed_over"]


@pytest.mark.parametrize(
    ("leg", "hung_up"),
    [pytest.param("customer", "third", id="customer"), pytest.param("third", "customer", id="third party")],
)
def test_a_talk_that_was_handed_over_ends_with_either_side(leg, hung_up):
    talk = Talk().with_third(BLIND)
    told = talk.end(getattr(talk, leg))
    assert HangUp(leg_id=getattr(talk, hung_up)) in told
    talk.end(getattr(talk, hung_up))

    assert talk.script.only(AttemptEnded).outcome is Outcome.CONNECTED
    assert talk.outcome() is Outcome.CONNECTED
    assert talk.script.engine.workspace.guests == {}
    assert talk.trunk.lines_used == 0


@pytest.mark.parametrize("cause", [EndCause.BUSY, EndCause.DECLINED, EndCause.CARRIER_FAULT])
def test_who_is_not_reached_leaves_the_customer_to_the_agent_who_transferred(cause):
    talk = Talk()
    talk.ask(BLIND)
    ordered = talk.script.only(Bridge, talk.end(talk.third, cause))
    talk.join(ordered.customer_leg, ordered.agent_leg)

    assert (ordered.customer_leg, ordered.agent_leg) == (talk.customer, talk.agent.leg_id)
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    assert talk.transfer is None


def test_who_does_not_pick_up_is_hung_up_after_the_campaigns_time():
    talk = Talk(ring_s=20.0, post_dial_s=5.0)
    talk.ask(BLIND)
    timer = guests.ring_timer(talk.third)
    generation = talk.script.engine.workspace.timers[timer]
    fired = TimerFired(at=talk.script.at + 25, timer_id=timer, generation=generation)
    assert HangUp(leg_id=talk.third) in talk.script.tell(fired)
    talk.end(talk.third, EndCause.CANCELLED)

    assert talk.outcome() is Outcome.NO_ANSWER
    assert talk.agent.state is AgentState.RESERVED


def test_a_customer_whose_agent_is_no_longer_there_goes_to_the_next_as_if_the_agent_were_lost():
    talk = Talk(agents=2)
    talk.ask(BLIND)
    talk.script.ask(PauseAgent(agent_id=talk.agent.agent_id, reason="lunch"))
    ordered = talk.script.only(Bridge, talk.end(talk.third, EndCause.BUSY))

    assert ordered.agent_leg == talk.others[0].leg_id


def test_a_customer_for_whom_nobody_is_left_hears_the_message():
    talk = Talk()
    talk.ask(BLIND)
    talk.script.ask(LogOut(agent_id=talk.agent.agent_id))
    talk.script.ask(EndWrapUp(agent_id=talk.agent.agent_id))
    talk.end(talk.third, EndCause.NO_ANSWER)
    timer = f"connect:{talk.call_id}"
    generation = talk.script.engine.workspace.timers[timer]
    talk.script.tell(TimerFired(at=talk.script.at + 2, timer_id=timer, generation=generation))

    assert talk.script.all(PlayMessage)[-1].message is Message.SAFE_HARBOUR


def test_a_customer_who_hangs_up_while_held_ends_the_call_to_the_third_party():
    talk = Talk()
    talk.ask(BLIND)

    assert HangUp(leg_id=talk.third) in talk.end(talk.customer)
    talk.end(talk.third, EndCause.CANCELLED)
    assert talk.trunk.lines_used == 0


def test_a_third_party_whose_process_dies_costs_the_customer_nothing_but_the_wait():
    talk = Talk().with_third(BLIND)
    ordered = talk.script.only(Bridge, talk.end(talk.third, EndCause.LOST))

    assert ordered.agent_leg == talk.agent.leg_id


# --- consult -----------------------------------------------------------------------------------------


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


# --- conference --------------------------------------------------------------------------------------


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


# --- another agent -----------------------------------------------------------------------------------


def with_agent(way):
    talk = Talk(agents=2)
    (other,) = talk.others
    before = len(talk.script.commands)
    assert talk.ask(way, to_agent=other.agent_id)[0]
    talk.carry_out(talk.script.commands[before:])
    return talk, other


def test_a_customer_goes_to_another_agent_at_once():
    talk, other = with_agent(BLIND)

    assert (talk.agent.state, other.state) == (AgentState.WRAP_UP, AgentState.TALKING)
    assert (talk.call.state, talk.call.agent_id) == (CallState.TALKING, other.agent_id)


@pytest.mark.parametrize(
    ("way", "state"), [(CONSULT, CallState.HELD), (CONFERENCE, CallState.TALKING)], ids=["consult", "all"]
)
def test_another_agent_is_consulted_and_takes_the_customer(way, state):
    talk, other = with_agent(way)
    assert (talk.call.state, talk.call.agent_id) == (state, talk.agent.agent_id)
    assert (talk.agent.state, other.state) == (AgentState.TALKING, AgentState.TALKING)
    before = len(talk.script.commands)
    assert talk.arrange(COMPLETE)[0]
    talk.carry_out(talk.script.commands[before:])

    assert (talk.agent.state, other.state) == (AgentState.WRAP_UP, AgentState.TALKING)
    assert (talk.call.state, talk.call.agent_id) == (CallState.TALKING, other.agent_id)
    assert talk.transfer is None


def test_another_agent_is_free_again_after_a_consult():
    talk, other = with_agent(CONSULT)
    before = len(talk.script.commands)
    assert talk.arrange(RETURN)[0]
    told = talk.script.commands[before:]
    talk.carry_out(told)

    assert LeaveTalk(leg_id=other.leg_id) in told
    assert (other.state, talk.call.state) == (AgentState.READY, CallState.TALKING)


def test_a_consulted_agent_whose_phone_is_lost_brings_customer_and_agent_together_again():
    talk, other = with_agent(CONSULT)
    told = talk.end(other.leg_id)
    talk.carry_out(told)

    assert other.state is AgentState.RECONNECTING
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)


# --- what may not be ---------------------------------------------------------------------------------


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


def test_a_switch_that_calls_nobody_else_refuses_and_names_one_that_does():
    done, text = Talk(trunk=TrunkSettings(name=TRUNK)).ask(BLIND)

    assert (done, "Asterisk" in text) == (False, True)


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


# --- the audit ---------------------------------------------------------------------------------------


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


# --- the recording -----------------------------------------------------------------------------------


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
