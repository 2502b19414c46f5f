"""Who calls a queue: taken for an agent, told a place in the line, and left to the dialplan if nobody comes."""

import pytest

from dialer.core.commands import (
    AnnouncePlace,
    Bridge,
    HangUp,
    LeaveToDialplan,
    Originate,
    PlayMessage,
    TakeCall,
)
from dialer.core.events import ShutdownRequested, TimerFired
from dialer.core.messages import Message
from dialer.core.queue_events import CallArrived, QueueDefined
from dialer.core.queue_records import (
    CallDisposed,
    QueueCallAnswered,
    QueueCallEnded,
    QueueCallMoved,
    QueueCallTaken,
)
from dialer.core.records import AttemptEnded, RecordingStarted
from dialer.core.requests import Dispose, StartCampaign
from dialer.core.settings import Overflow, QueueSettings, RecordingMode
from dialer.core.states import AgentState, EndCause, Outcome
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged, MessagePlayed
from dialer.core.workspace import Workspace
from dialer.testing import CAMPAIGN, TRUNK, Script, campaign, lead


def queue(name="support", **changes):
    return QueueSettings(name=name, **{"trunk": TRUNK, "wrap_up_s": 5.0, "inbound_wait_s": 60.0, **changes})


def floor(*queues):
    script = Script(campaign())
    for each in queues or (queue(),):
        script.tell(QueueDefined(at=script.at, queue=each))
    return script


@pytest.fixture
def script():
    return floor()


def arrive(script, number=1, **changes):
    facts = {
        "arrival": f"arrival-{number}",
        "call_id": f"q{number}",
        "queue": "support",
        "region": "US",
        "has_number": True,
    }
    return script.tell(CallArrived(at=script.at, **facts | changes))


def take(script, number=1, **changes):
    """Let a call arrive and be taken; return its leg."""
    leg_id = script.only(TakeCall, arrive(script, number, **changes)).leg_id
    script.tell(LegAnswered(at=script.at, leg_id=leg_id))
    return leg_id


def talk(script, number=1, **changes):
    """Let a call arrive and be joined with the only agent; return both."""
    (agent,) = script.log_in(1)
    leg_id = take(script, number, **changes)
    script.tell(LegsBridged(at=script.at, customer_leg=leg_id, agent_leg=agent.leg_id))
    return leg_id, agent


def fire(script, name, after_s):
    """Let a timer fire."""
    script.at += after_s
    generation = script.engine.workspace.timers[name]
    return script.tell(TimerFired(at=script.at, timer_id=name, generation=generation))


def end(script, leg_id):
    return script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=EndCause.CLEARED))


def test_a_free_agent_takes_the_call(script):
    (agent,) = script.log_in(1)
    told = arrive(script)
    taken = script.only(TakeCall, told)
    assert (taken.arrival, taken.wait_s) == ("arrival-1", 60)
    record = script.only(QueueCallTaken, told)
    assert (record.call_id, record.leg_id, record.trunk) == ("q1", taken.leg_id, TRUNK)
    (bridge,) = script.all(Bridge, script.tell(LegAnswered(at=script.at, leg_id=taken.leg_id)))
    assert (bridge.customer_leg, bridge.agent_leg) == (taken.leg_id, agent.leg_id)
    told = script.tell(LegsBridged(at=script.at, customer_leg=taken.leg_id, agent_leg=agent.leg_id))
    assert script.only(QueueCallAnswered, told).agent_id == agent.agent_id
    assert agent.state is AgentState.TALKING


def test_its_end_is_on_record_and_the_agent_wraps_up_by_the_queue(script):
    leg_id, agent = talk(script)
    script.at += 20
    ended = script.only(QueueCallEnded, end(script, leg_id))
    assert (ended.outcome, ended.agent_id, ended.wait_s, ended.talk_s) == (
        Outcome.CONNECTED,
        agent.agent_id,
        0,
        20,
    )
    assert script.all(AttemptEnded) == []
    assert agent.state is AgentState.WRAP_UP
    assert script.engine.workspace.trunks[TRUNK].lines_used == 0
    fire(script, f"wrap-up:{agent.agent_id}", 5)
    assert agent.state is AgentState.READY


def test_an_agent_says_what_came_of_it(script):
    leg_id, agent = talk(script)
    script.ask(Dispose(agent_id=agent.agent_id, code="callback"))
    script.at += 20
    end(script, leg_id)
    script.ask(Dispose(agent_id=agent.agent_id, code="do_not_call"))
    said = script.all(CallDisposed)
    assert [(one.call_id, one.disposition, one.block) for one in said] == [
        ("q1", "callback", False),
        ("q1", "do_not_call", True),
    ]


def test_a_talk_is_recorded_by_the_queues_rule():
    script = floor(queue(record=RecordingMode.BY_CONSENT, one_party_regions=("US",)))
    talk(script)
    (started,) = script.all(RecordingStarted)
    assert (started.attempt_id, started.call_id, started.file) == (None, "q1", "q1.wav")


def test_callers_and_answered_leads_wait_in_one_line(script):
    (agent,) = script.log_in(1)
    (dialed,) = script.start([lead(1)])
    first = take(script)
    assert agent.state is AgentState.RESERVED
    script.tell(LegsBridged(at=script.at, customer_leg=first, agent_leg=agent.leg_id))
    script.answer(dialed)
    script.at += 1
    second = take(script, 2)
    script.at += 1
    end(script, first)
    told = fire(script, f"wrap-up:{agent.agent_id}", 5)
    assert script.only(Bridge, told).customer_leg == dialed.leg_id
    script.tell(LegsBridged(at=script.at, customer_leg=dialed.leg_id, agent_leg=agent.leg_id))
    end(script, dialed.leg_id)
    told = fire(script, f"wrap-up:{agent.agent_id}", 10)
    assert script.only(Bridge, told).customer_leg == second


def test_a_head_start_lets_a_later_call_go_first():
    script = floor(queue(), queue("urgent", priority_s=30.0))
    first, agent = talk(script)
    take(script, 2)
    script.at += 20
    urgent = take(script, 3, queue="urgent")
    end(script, first)
    told = fire(script, f"wrap-up:{agent.agent_id}", 5)
    assert script.only(Bridge, told).customer_leg == urgent


def test_who_waits_hears_the_place_in_the_line_and_the_wait_to_expect(script):
    talk(script)
    script.engine.workspace.queues["support"].handle_s = 100.0
    take(script, 2)
    script.at += 1
    waiting = take(script, 3)
    assert script.all(PlayMessage)[-1] == PlayMessage(leg_id=waiting, message=Message.HOLD, repeat=True)
    told = fire(script, "place:q3", 30)
    assert script.only(AnnouncePlace, told) == AnnouncePlace(leg_id=waiting, place=2, wait_min=4)
    assert "place:q3" in script.engine.workspace.timers


def test_nobody_is_told_a_place_once_served(script):
    first, agent = talk(script)
    waiting = take(script, 2)
    end(script, first)
    fire(script, f"wrap-up:{agent.agent_id}", 5)
    script.tell(LegsBridged(at=script.at, customer_leg=waiting, agent_leg=agent.leg_id))
    assert "place:q2" not in script.engine.workspace.timers


def test_who_waited_in_vain_hears_the_message(script):
    talk(script)
    leg_id = take(script, 2)
    told = fire(script, "connect:q2", 60)
    assert script.only(PlayMessage, told).message == Message.SAFE_HARBOUR
    told = script.tell(MessagePlayed(at=script.at, leg_id=leg_id))
    assert script.only(HangUp, told).leg_id == leg_id
    ended = script.only(QueueCallEnded, end(script, leg_id))
    assert (ended.outcome, ended.wait_s) == (Outcome.ABANDONED, 60)


def test_who_waited_in_vain_goes_on_in_the_dialplan_if_the_queue_says_so():
    script = floor(queue(overflow=Overflow.DIALPLAN))
    talk(script)
    leg_id = take(script, 2)
    told = fire(script, "connect:q2", 60)
    assert script.only(LeaveToDialplan, told).leg_id == leg_id
    assert script.all(HangUp, told) == []
    ended = script.only(QueueCallEnded, end(script, leg_id))
    assert (ended.outcome, ended.wait_s) == (Outcome.OVERFLOWED, 60)


def test_who_waited_in_vain_waits_for_another_queue_in_the_old_place():
    script = floor(queue(overflow=Overflow.QUEUE, overflow_to="sales"), queue("sales"))
    first, agent = talk(script)
    leg_id = take(script, 2)
    script.at += 30
    take(script, 3, queue="sales")
    told = fire(script, "connect:q2", 30)
    assert script.only(QueueCallMoved, told).queue == "sales"
    end(script, first)
    told = fire(script, f"wrap-up:{agent.agent_id}", 5)
    assert script.only(Bridge, told).customer_leg == leg_id


@pytest.mark.parametrize(
    "arrange",
    [
        pytest.param(
            lambda script: script.tell(ShutdownRequested(at=script.at, finish_within_s=9)), id="ending"
        ),
        pytest.param(lambda script: None, id="nobody-there"),
        pytest.param(lambda script: {"queue": "nonsense"}, id="no-such-queue"),
    ],
)
def test_a_call_that_nobody_can_take_is_left_to_the_dialplan(script, arrange):
    changes = arrange(script)
    told = arrive(script, **(changes if isinstance(changes, dict) else {}))
    assert script.all(TakeCall, told) == []
    assert script.only(QueueCallEnded, told).outcome is Outcome.OVERFLOWED


def test_who_hangs_up_before_an_agent_is_there_did_so_waiting(script):
    talk(script)
    leg_id = take(script, 2)
    script.at += 12
    ended = script.only(QueueCallEnded, end(script, leg_id))
    assert (ended.outcome, ended.wait_s, ended.agent_id) == (Outcome.HUNG_UP_WAITING, 12, None)


def test_a_customer_whose_agent_is_lost_goes_to_the_next_one(script):
    leg_id, agent = talk(script)
    (other,) = script.log_in(1)
    script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.CLEARED))
    told = fire(script, f"reconnect:{agent.agent_id}", 10)
    bridge = script.only(Bridge, told)
    assert (bridge.customer_leg, bridge.agent_leg) == (leg_id, other.leg_id)


def test_no_call_is_started_for_an_agent_who_serves_a_queue(script):
    talk(script)
    script.ask(StartCampaign(campaign_id=CAMPAIGN))
    script.end_round()
    assert script.load([lead(1)]) == []
    assert script.all(Originate) == []


def test_what_is_known_of_queues_survives_a_snapshot(script):
    talk(script)
    take(script, 2, attributes={"language": "fr"})
    workspace = script.engine.workspace
    assert Workspace.from_json(workspace.to_json()) == workspace
