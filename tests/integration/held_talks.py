"""Talks that are held in the middle, as they are recorded: one file, with silence where the customer was alone."""

from itertools import groupby

from dialer.core.commands import HangUp, LeaveTalk, PlayMessage, RecordTalk
from dialer.core.messages import Message
from dialer.core.states import RecordingMove
from tests.contract.talks import answered, join, talk
from tests.integration.test_asterisk_supervision import level
from tests.integration.test_recording import samples_of
from tests.stores import wait_until

PART_S = 2.0
HELD_S = 2.0
BUFFERED_S = 2.1
"""So much of a recording may not be on disk yet: Asterisk writes 32,768 bytes at a time, at 16,000 a second (main/file.c)."""
LOUD = 328.0
"""40 dB below full scale, which is 32,768: above what codecs make of silence."""


def heard_in(rig, samples, legs):
    """Return who of those is heard in a piece of a recording."""
    levels = {name: level(samples, rig.last_word(leg).sent_pair) for name, leg in legs.items()}
    return {name for name, one in levels.items() if one > max(levels.values()) / 10}


def longest_silence_s(samples):
    pieces = abs(samples[: len(samples) // 80 * 80]).reshape(-1, 80).max(axis=1) < LOUD
    return max(len(list(group)) for quiet, group in groupby(pieces) if quiet) / 100


def check_one_recording_of_a_consult(rig):
    """Let an agent consult a third party and leave it the customer; see who is heard when in the one recording."""
    customer, agent = talk(rig)
    third = rig.place_guest(agent)
    answered(rig, third)
    path = rig.recording(f"{customer}.wav")

    def record(move):
        rig.execute(RecordTalk(leg_id=customer, move=move, file=path.name))

    def grown(by):
        size = path.stat().st_size if path.is_file() else 0
        grown_size = size + (BUFFERED_S + by) * 16_000
        wait_until(lambda: path.is_file() and path.stat().st_size > grown_size, within_s=60)

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
