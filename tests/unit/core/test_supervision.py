"""Who may supervise an agent, what is ordered then, and what is on record of it."""

import pytest

from dialer.core.commands import Bridge, CallAgent, CallGuest, HangUp, RingMember, Supervise
from dialer.core.events import MemberSeen, TimerFired
from dialer.core.guest_states import Supervision
from dialer.core.ids import GuestId
from dialer.core.records import GuestCalled, GuestEnded, JournalEntry, LegClosed, RequestAnswered
from dialer.core.requests import Halt, LogIn, LogOut, SuperviseAgent
from dialer.core.settings import TrunkSettings
from dialer.core.states import EndCause, Outcome, Presence
from dialer.core.switch_events import LegAnswered, LegDigit, LegEnded, LegsBridged, OriginateRefused
from dialer.core.work import guests
from dialer.testing import TRUNK, Script, lead

ABLE = TrunkSettings(name=TRUNK, lines=50, calls_per_second=1000)
LISTEN, WHISPER, BARGE = Supervision


def floor(trunk=ABLE):
    """Return a script, and an agent who talks."""
    script = Script(trunk=trunk)
    (agent,) = script.log_in(1)
    talk(script)
    return script, agent


def talk(script):
    (call,) = script.start([lead(1)])
    ordered = script.only(Bridge, script.answer(call))
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))
    return call


def ask(script, agent, mode=LISTEN, guest_id=7):
    request = SuperviseAgent(agent_id=agent.agent_id, mode=mode, guest_id=guest_id)
    said = script.only(RequestAnswered, script.ask(request))
    return said.done, said.text


def supervisor(script, agent, mode=LISTEN):
    """Return the leg of a supervisor who picked up."""
    assert ask(script, agent, mode)[0]
    leg_id = script.only(CallGuest).leg_id
    script.tell(LegAnswered(at=script.at, leg_id=leg_id))
    return leg_id


def test_a_supervisors_phone_is_called_beside_the_agents_and_has_a_row_before():
    script, agent = floor()
    ask(script, agent)

    called, row = script.only(CallGuest), script.only(GuestCalled)
    assert called == CallGuest(leg_id=row.leg_id, guest_id=GuestId(7), beside=agent.leg_id)
    assert (row.guest_id, row.kind, row.agent_id) == (7, "supervisor", agent.agent_id)
    assert row.attempt_id is not None
    assert script.all(Supervise) == []


@pytest.mark.parametrize("mode", list(Supervision))
def test_who_picks_up_supervises_as_was_asked(mode):
    script, agent = floor()
    leg_id = supervisor(script, agent, mode)

    assert script.only(Supervise) == Supervise(leg_id=leg_id, agent_leg=agent.leg_id, mode=mode)


def test_how_is_changed_by_request_and_by_keys_of_the_supervisors_phone():
    script, agent = floor()
    leg_id = supervisor(script, agent)
    ask(script, agent, WHISPER, guest_id=None)
    for digit in "6644#":
        script.tell(LegDigit(at=script.at, leg_id=leg_id, digit=digit))

    assert [order.mode for order in script.all(Supervise)] == [LISTEN, WHISPER, BARGE, LISTEN]


def test_each_talk_that_is_heard_has_that_on_record():
    script = Script(trunk=ABLE)
    (agent,) = script.log_in(1)
    supervisor(script, agent, WHISPER)
    call = talk(script)

    notes = [entry for entry in script.all(JournalEntry) if entry.kind == "supervised"]
    assert [(note.detail, note.attempt_id) for note in notes] == [
        ("whisper", None),
        ("whisper", call.attempt_id),
    ]


@pytest.mark.parametrize(
    ("before", "guest_id", "words"),
    [
        pytest.param(None, None, "--phone", id="nobody is there to change"),
        pytest.param("supervised", 8, "already", id="somebody supervises already"),
        pytest.param("halted", 8, "dialer resume", id="halted"),
        pytest.param("logged out", 8, "logged_out", id="the agent is not there"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(before, guest_id, words):
    script, agent = floor()
    match before:
        case "supervised":
            supervisor(script, agent)
        case "halted":
            script.ask(Halt())
        case "logged out":
            agent.log_out_next = True
            script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.CLEARED))
    placed = len(script.all(CallGuest))
    done, text = ask(script, agent, guest_id=guest_id)

    assert not done
    assert words in text
    assert len(script.all(CallGuest)) == placed


def test_the_supervisor_goes_with_the_agents_phone():
    script, agent = floor()
    leg_id = supervisor(script, agent)
    hung_up = script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.CLEARED))

    assert HangUp(leg_id=leg_id) in hung_up


def test_a_supervisor_of_a_phone_that_was_hung_up_at_log_out_is_none_of_the_next_phones():
    script = Script(trunk=ABLE)
    (agent,) = script.log_in(1)
    before, first = agent.leg_id, supervisor(script, agent)
    script.ask(LogOut(agent_id=agent.agent_id))
    called = script.only(CallAgent, script.ask(LogIn(agent_id=agent.agent_id, ready=True)))
    script.tell(LegAnswered(at=script.at, leg_id=called.leg_id))
    assert ask(script, agent, guest_id=8)[0]
    second = script.all(CallGuest)[-1].leg_id
    hung_up = script.tell(LegEnded(at=script.at, leg_id=before, cause=EndCause.CLEARED))

    assert HangUp(leg_id=first) in hung_up
    assert HangUp(leg_id=second) not in hung_up


def test_a_member_of_a_queue_is_supervised_for_one_talk():
    script = Script(trunk=ABLE)
    script.tell(MemberSeen(at=script.at, agent_id=1, member="m-1", presence=Presence.FREE))
    (member,) = script.engine.workspace.agents.values()
    assert ask(script, member) == (False, "the agent is ready: there is no phone to listen to")
    (call,) = script.start([lead(1)])
    ring = script.only(RingMember, script.answer(call))
    join = script.only(Bridge, script.tell(LegAnswered(at=script.at, leg_id=ring.leg_id)))
    script.tell(LegsBridged(at=script.at, customer_leg=join.customer_leg, agent_leg=join.agent_leg))
    leg_id = supervisor(script, member)
    assert script.only(Supervise).agent_leg == ring.leg_id
    hung_up = script.tell(LegEnded(at=script.at, leg_id=ring.leg_id, cause=EndCause.CLEARED))

    assert HangUp(leg_id=leg_id) in hung_up


def test_who_does_not_pick_up_is_hung_up_after_a_while_and_was_not_reached():
    script, agent = floor()
    ask(script, agent)
    leg_id = script.only(CallGuest).leg_id
    timer = guests.ring_timer(leg_id)
    generation = script.engine.workspace.timers[timer]
    fired = TimerFired(at=script.at + guests.RING_S, timer_id=timer, generation=generation)

    assert HangUp(leg_id=leg_id) in script.tell(fired)
    script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=EndCause.CANCELLED))
    assert script.only(GuestEnded).outcome is Outcome.NO_ANSWER


def test_the_row_says_since_when_the_supervisor_heard_and_until_when():
    script, agent = floor()
    leg_id = supervisor(script, agent)
    since = script.at
    script.tell(LegEnded(at=since + 9, leg_id=leg_id, cause=EndCause.CLEARED))

    row = script.only(GuestEnded)
    assert (row.outcome, row.joined_at, row.at) == (Outcome.CONNECTED, since, since + 9)
    assert leg_id in [closed.leg_id for closed in script.all(LegClosed)]
    assert script.engine.workspace.guests == {}


def test_a_supervisor_who_may_not_be_called_leaves_nothing_behind():
    script, agent = floor()
    ask(script, agent)
    leg_id = script.only(CallGuest).leg_id
    script.tell(OriginateRefused(at=script.at, leg_id=leg_id, reason="do_not_call"))

    assert script.only(GuestEnded).outcome is Outcome.CANCELLED
    assert leg_id not in script.engine.workspace.legs
    assert ask(script, agent)[0]
