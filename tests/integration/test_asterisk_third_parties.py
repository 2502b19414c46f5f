"""Talks with third parties through Asterisk: what is recorded of them, and what is left when their switch is gone."""

from itertools import groupby

import pytest

from dialer.core.commands import Confer, HangUp, LeaveTalk, PlayMessage, RecordTalk
from dialer.core.messages import Message
from dialer.core.states import CallState, RecordingMove
from dialer.core.switch_events import LegEnded
from tests.asterisk import channels
from tests.contract.talks import answered, bridged, join, talk
from tests.integration.test_asterisk_lost import CutRig
from tests.integration.test_asterisk_supervision import level
from tests.integration.test_asterisk_takeover import next_switch
from tests.integration.test_recording import samples_of
from tests.stores import wait_until

PART_S = 2.0
HELD_S = 2.0
LOUD = 328.0
"""40 dB below full scale, which is 32,768: above what codecs make of silence."""


@pytest.fixture
def rig(tmp_path):
    one = CutRig(tmp_path)
    yield one
    one.close()


def test_customer_and_agent_of_a_talk_of_three_go_on_when_the_next_switch_lets_the_third_party_go(rig):
    customer, agent = talk(rig)
    third = rig.place_guest(agent)
    answered(rig, third)
    rig.execute(Confer(leg_id=third, beside=customer))
    bridged(rig, third, customer)
    rig.line.cut()

    with next_switch(rig) as (switch, sink):
        found = {one.leg_id: one for one in switch.survivors()}
        assert (found[customer].state, found[customer].partner) == (CallState.TALKING, agent)
        wait_until(lambda: third not in channels(rig.asterisk))
        rig.settle()
        audits = len(sink.audits)
        wait_until(lambda: len(sink.audits) >= audits + 2)
        assert (customer, agent) in sink.audits[-1].bridges
        assert not any(isinstance(event, LegEnded) for event in sink.events)


def heard_in(rig, samples, legs):
    """Return who of those is heard in a piece of a recording."""
    levels = {name: level(samples, rig.last_word(leg).sent_pair) for name, leg in legs.items()}
    return {name for name, one in levels.items() if one > max(levels.values()) / 10}


def longest_silence_s(samples):
    pieces = abs(samples[: len(samples) // 80 * 80]).reshape(-1, 80).max(axis=1) < LOUD
    return max(len(list(group)) for quiet, group in groupby(pieces) if quiet) / 100


def test_one_recording_has_the_agent_and_then_the_third_party_with_silence_between(rig):
    customer, agent = talk(rig)
    third = rig.place_guest(agent)
    answered(rig, third)
    path = rig.asterisk.home / "spool" / "monitor" / f"{customer}.wav"

    def record(move):
        rig.execute(RecordTalk(leg_id=customer, move=move, file=path.name))

    def grown(by):
        size = path.stat().st_size if path.is_file() else 0
        wait_until(lambda: path.is_file() and path.stat().st_size > size + by * 16_000, within_s=60)

    record(RecordingMove.START)
    grown(PART_S)
    record(RecordingMove.PAUSE)
    rig.execute(PlayMessage(leg_id=customer, message=Message.HOLD, repeat=True))
    join(rig, third, agent)
    rig.settle(HELD_S)
    rig.execute(LeaveTalk(leg_id=agent))
    join(rig, customer, third)
    record(RecordingMove.RESUME)
    grown(PART_S)
    record(RecordingMove.STOP)
    legs = {"customer": customer, "agent": agent, "third": third}
    for leg in legs.values():
        rig.execute(HangUp(leg_id=leg))
    samples = samples_of(path)
    part = int(PART_S * 8_000) // 2

    assert heard_in(rig, samples[:part], legs) == {"customer", "agent"}
    assert heard_in(rig, samples[-part:], legs) == {"customer", "third"}
    assert longest_silence_s(samples) > HELD_S / 2
