"""Which talks are recorded, what may be asked of a recording, and what is on record of it."""

import pytest

from dialer.core.commands import Bridge, PlayMessage, RecordTalk
from dialer.core.records import JournalEntry, RecordingEnded, RecordingStarted, RequestAnswered
from dialer.core.requests import RecordCall
from dialer.core.settings import RecordingMode
from dialer.core.states import EndCause, RecordingMove, RecordingState
from dialer.core.switch_events import LegEnded, LegsBridged, MessagePlayed, RecordingFailed
from dialer.testing import Script, campaign, lead

START, PAUSE, RESUME, STOP = (
    RecordingMove.START,
    RecordingMove.PAUSE,
    RecordingMove.RESUME,
    RecordingMove.STOP,
)


def talking(mode, *, agents=1, one_party=()):
    """Return a script in which the first agent talks, with the agents and the call."""
    script = Script(campaign(record=mode, one_party_regions=one_party))
    everybody = script.log_in(agents)
    (call,) = script.start([lead(1)])
    ordered = script.only(Bridge, script.answer(call))
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))
    return script, everybody, call


def orders(script):
    return [(order.move, order.file) for order in script.all(RecordTalk)]


def ask(script, agent, move, *, consented=False):
    request = RecordCall(agent_id=agent.agent_id, move=move, consented=consented)
    said = script.only(RequestAnswered, script.ask(request))
    return said.done, said.text


def recording_of(script, call):
    return script.engine.workspace.calls[call.call_id].recording


def heard(script, call, *, failed=""):
    script.tell(MessagePlayed(at=script.at, leg_id=call.leg_id, failed=failed))


@pytest.mark.parametrize(
    ("mode", "one_party", "begins"),
    [
        pytest.param(RecordingMode.OFF, ("US",), False, id="off"),
        pytest.param(RecordingMode.ON, (), True, id="on, wherever the number is"),
        pytest.param(RecordingMode.BY_CONSENT, (), False, id="all must consent"),
        pytest.param(RecordingMode.BY_CONSENT, ("CA",), False, id="all must consent but in Canada"),
        pytest.param(RecordingMode.BY_CONSENT, ("CA", "US"), True, id="one side's consent is enough"),
        pytest.param(RecordingMode.ANNOUNCED, ("US",), False, id="not before the announcement"),
    ],
)
def test_a_talk_is_recorded_from_its_beginning_as_the_campaign_and_the_region_say(mode, one_party, begins):
    script, _, call = talking(mode, one_party=one_party)

    assert orders(script) == ([(START, f"{call.call_id}.wav")] if begins else [])
    assert [record.file for record in script.all(RecordingStarted)] == [file for _, file in orders(script)]


def test_an_announced_recording_begins_once_the_customer_heard_of_it_and_the_agent_hears_it_too():
    script, (agent,), call = talking(RecordingMode.ANNOUNCED)
    played = [message.leg_id for message in script.all(PlayMessage) if message.message == "recording"]
    before = orders(script)
    heard(script, call)

    assert played == [call.leg_id, agent.leg_id]
    assert (before, orders(script)) == ([], [(START, f"{call.call_id}.wav")])


def test_without_its_announcement_a_talk_is_not_recorded():
    script, _, call = talking(RecordingMode.ANNOUNCED)
    heard(script, call, failed="no such file")

    assert orders(script) == []
    assert recording_of(script, call) is RecordingState.OFF
    assert "anomaly" in [entry.kind for entry in script.all(JournalEntry)]


def test_a_recording_is_paused_and_goes_on_in_the_same_file():
    script, (agent,), call = talking(RecordingMode.ON)
    answers = [ask(script, agent, move)[0] for move in (PAUSE, PAUSE, RESUME, RESUME, STOP, STOP)]

    assert answers == [True, False, True, False, True, False]
    assert orders(script) == [(move, f"{call.call_id}.wav") for move in (START, PAUSE, RESUME, STOP)]


def test_a_recording_that_was_stopped_starts_again_in_another_file():
    script, (agent,), call = talking(RecordingMode.ON)
    ask(script, agent, STOP)
    ask(script, agent, START)

    assert orders(script)[-1] == (START, f"{call.call_id}-2.wav")
    assert [record.file for record in script.all(RecordingEnded)] == [f"{call.call_id}.wav"]


@pytest.mark.parametrize(
    ("mode", "one_party", "consented", "done"),
    [
        pytest.param(RecordingMode.OFF, (), False, False, id="nobody asked the customer"),
        pytest.param(RecordingMode.OFF, (), True, True, id="all agreed"),
        pytest.param(RecordingMode.OFF, ("US",), False, True, id="one side's consent is enough"),
        pytest.param(RecordingMode.BY_CONSENT, (), False, False, id="by consent, which nobody gave"),
    ],
)
def test_a_recording_is_started_in_mid_talk_only_with_the_consent_that_the_place_asks_for(
    mode, one_party, consented, done
):
    script, (agent,), call = talking(mode, one_party=one_party)

    assert ask(script, agent, START, consented=consented)[0] is done
    assert orders(script) == ([(START, f"{call.call_id}.wav")] if done else [])


def test_the_refusal_says_what_to_do():
    script, (agent,), _ = talking(RecordingMode.OFF)

    assert "--consented" in ask(script, agent, START)[1]


def test_a_start_where_talks_are_announced_announces_it_again():
    script, (agent,), call = talking(RecordingMode.ANNOUNCED)
    heard(script, call)
    ask(script, agent, STOP)
    ask(script, agent, START)
    before = len(orders(script))
    heard(script, call)

    assert (before, orders(script)[-1]) == (2, (START, f"{call.call_id}-2.wav"))


def test_nothing_is_recorded_without_a_talk():
    script = Script(campaign(record=RecordingMode.ON))
    (agent,) = script.log_in(1)

    assert ask(script, agent, START) == (
        False,
        "the agent is ready: a recording is of a talk that goes on",
    )


def test_the_end_of_the_talk_is_the_end_of_the_recording():
    script, _, call = talking(RecordingMode.ON)
    script.tell(LegEnded(at=script.at + 9, leg_id=call.leg_id, cause=EndCause.CLEARED))

    ended = script.only(RecordingEnded)
    assert (ended.file, ended.at - script.only(RecordingStarted).at) == (f"{call.call_id}.wav", 9)


def test_a_recording_that_fails_is_an_anomaly_and_the_talk_goes_on():
    script, (agent,), call = talking(RecordingMode.ON)
    file = f"{call.call_id}.wav"
    script.tell(RecordingFailed(at=script.at, leg_id=call.leg_id, file=file, reason="disk full"))

    assert script.only(RecordingEnded).failed == "disk full"
    assert [entry.detail for entry in script.all(JournalEntry) if entry.kind == "anomaly"] == [
        "not recorded: disk full"
    ]
    assert (agent.state, recording_of(script, call)) == ("talking", RecordingState.OFF)


@pytest.mark.parametrize("paused", [pytest.param(False, id="recorded"), pytest.param(True, id="paused")])
def test_a_recording_is_with_the_next_agent_as_it_was_with_the_one_who_was_lost(paused):
    script, (first, second), call = talking(RecordingMode.ON, agents=2)
    if paused:
        ask(script, first, PAUSE)
    first.log_out_next = True
    ordered = script.only(
        Bridge, script.tell(LegEnded(at=script.at, leg_id=first.leg_id, cause=EndCause.CLEARED))
    )
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))
    before = orders(script)
    ask(script, second, RESUME)

    assert before[-1] == ((STOP, f"{call.call_id}.wav") if paused else (START, f"{call.call_id}-2.wav"))
    assert orders(script)[-1] == (START, f"{call.call_id}-2.wav")
