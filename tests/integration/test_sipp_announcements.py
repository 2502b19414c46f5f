"""A foreign carrier that says aloud what became of calls: SIPp plays tones and announcements, and both switches make them out.

It plays with its 183 or its answer, without a pause before, which is sooner than carriers do. Tones come twice, as whoever is late by
more than the first of them must wait for the next; on a busy machine anybody is.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from sqlalchemy import func, select

from cli.asterisk.instance import Instance
from dialer.config import Config, SipConfig, TrunkConfig
from dialer.core.states import AgentState, EndCause, Outcome
from dialer.storage import schema
from telephony.sip.emulator.tones import encode
from tests import sounds
from tests.asterisk import NAME, asterisk, channels, listening
from tests.floor import RealFloor, wait_until
from tests.integration.sipp_carrier import HOST, floor_beside_sipp, free_port, sipp_carrier
from tests.integration.test_sipp_asterisk import AREAS

KNOWN = {
    "switched-off": (21, EndCause.SWITCHED_OFF),
    "suspended": (22, EndCause.SUSPENDED),
    "unreachable": (23, EndCause.UNREACHABLE),
}
"""The carrier's announcements: what they are made of, and mean."""
COMMON_S = 1.5
"""They all begin alike, as "The number you have dialed" does."""
RING_S = 15.0


class End(NamedTuple):
    """What is on record of an attempt."""

    outcome: Outcome
    sip_code: int | None
    cause: EndCause


EXPECTED = {
    "20": End(Outcome.INVALID, None, EndCause.UNALLOCATED),
    "21": End(Outcome.SWITCHED_OFF, None, EndCause.SWITCHED_OFF),
    "22": End(Outcome.SUSPENDED, None, EndCause.SUSPENDED),
    "23": End(Outcome.UNREACHABLE, None, EndCause.UNREACHABLE),
    "24": End(Outcome.CONNECTED, 200, EndCause.CLEARED),
    "25": End(Outcome.BUSY, 486, EndCause.BUSY),
    "26": End(Outcome.SWITCHED_OFF, None, EndCause.SWITCHED_OFF),
    "27": End(Outcome.UNREACHABLE, None, EndCause.UNREACHABLE),
    "28": End(Outcome.NO_ANSWER, 480, EndCause.NO_ANSWER),
    "29": End(Outcome.INVALID, 200, EndCause.CHANGED),
}
"""By the last two digits of a number; what was made out has no code of the carrier's before an answer."""


def announcement(seed: int) -> sounds.Samples:
    """Return what a carrier says."""
    return np.concatenate([sounds.speech(20, COMMON_S), sounds.speech(seed, 5.0)])


def ringing() -> sounds.Samples:
    """Return North American ringback: 2 s of both its tones."""
    return sounds.tone(440, 2.0) + sounds.tone(480, 2.0)


def write_sounds(directory: Path) -> None:
    """Write what SIPp plays, what of it is known, and what it means."""
    said = {name: announcement(seed) for name, (seed, _) in KNOWN.items()}
    sits = {name: sounds.tones(sounds.SITS[name][1], level=0.2) for name in ("vacant", "intercept", "itu")}
    twice = {name: np.concatenate([tones, sounds.silence(1.0), tones]) for name, tones in sits.items()}
    after = np.concatenate([sits["itu"], sounds.silence(0.3), said["switched-off"]])
    person = np.concatenate([sounds.silence(0.3), sounds.speech(30, 4.0)])
    played: Mapping[str, sounds.Samples] = {
        **said,
        "vacant": twice["vacant"],
        "intercept": twice["intercept"],
        "plain": twice["itu"],
        "tones-and-switched-off": after,
        "ringing": np.concatenate([ringing(), sounds.silence(1.0)]),
        "person": person,
        "beginning": said["switched-off"][: int(0.9 * 8000)],
    }
    for name, samples in played.items():
        (directory / f"{name}.ul").write_bytes(encode(samples.astype(np.float64), "PCMU"))
    entries = []
    for name, (_, means) in KNOWN.items():
        sounds.write_wav(directory / f"{name}.wav", said[name])
        entries.append(f'[[plays]]\nrecording = "{name}.wav"\nmeans = "{means}"\n')
    (directory / "causes.toml").write_text("[sit]\n" + "".join(entries))


@contextmanager
def site(directory: Path, numbers: list[str], *, through: str) -> Iterator[tuple[RealFloor, Instance | None]]:
    """Run a floor whose calls go to SIPp, through Asterisk or not."""
    write_sounds(directory)
    port, one = free_port(), None
    trunk = f'causes = "{directory}/causes.toml"\nbreaker_faults = 1000\nbreaker_calls = 1000\n'
    with ExitStack() as stack:
        stack.enter_context(sipp_carrier("announcing", directory, port, echo=False))
        if through == "asterisk":
            config = Config(
                sip=SipConfig(no_audio_s=15),
                trunks={"carrier": TrunkConfig(host=HOST, port=port, server=NAME)},
            )
            one = stack.enter_context(asterisk(config=config))
            trunk += (
                f'server = "{NAME}"\n[asterisk.servers.{NAME}]\nport = {one.ports.manager}\n'
                f'password_file = "{one.server.password_file}"\n'
            )
        floor = stack.enter_context(
            floor_beside_sipp(directory, numbers, port=port, trunk=trunk, ring_s=RING_S, ratio=1.0)
        )
        yield floor, one


def results(floor: RealFloor) -> list[tuple[str, End]]:
    """Return which kinds of number came to which ends."""
    attempt, call = schema.attempt.c, schema.call.c
    query = select(call.number, attempt.outcome, attempt.sip_code, attempt.cause)
    rows = floor.rows(query.join_from(schema.attempt, schema.call).where(attempt.ended_at.is_not(None)))
    return [(row.number[-2:], End(row.outcome, row.sip_code, row.cause)) for row in rows]


def call_all(directory: Path, numbers: list[str], *, through: str, within_s: float) -> None:
    """Call every number; compare what is on record with what was said, and see that nothing is left of it."""
    with site(directory, numbers, through=through) as (floor, one):
        floor.start_campaign()
        wait_until(
            floor.is_complete, within_s, "the campaign's end", lambda: f"{results(floor)} {floor.said()}"
        )
        found = results(floor)
        assert [kind for kind in found if EXPECTED[kind[0]] != kind[1]] == []
        assert len(found) == len(numbers)
        wait_until(lambda: set(floor.states()) <= {AgentState.READY, AgentState.WRAP_UP}, 60, "every agent")
        if one is not None:
            query = select(schema.leg.c.id).where(schema.leg.c.ended_at.is_(None))
            wait_until(
                lambda: channels(one) == {row.id for row in floor.rows(query)},
                60,
                "no channel but agents' legs",
            )
            wait_until(lambda: not listening(one), 60, "nobody to listen")
        journal = schema.journal.c
        heard = floor.scalar(select(func.count()).where(journal.kind == "heard"))
        assert heard == sum(number[-2:] not in ("24", "25", "28") for number in numbers)
        assert not (directory / "announcing.errors").exists(), "SIPp met something that it did not expect"


@pytest.mark.parametrize("through", ["sip", "asterisk"])
def test_what_a_foreign_carrier_says_aloud_is_on_record(tmp_path, through):
    numbers = [f"+121255501{digits}" for digits in EXPECTED]
    call_all(tmp_path, numbers, through=through, within_s=120)


@pytest.mark.soak
@pytest.mark.parametrize("through", ["sip", "asterisk"])
def test_two_hundred_calls_of_whose_fates_a_foreign_carrier_speaks(tmp_path, through):
    numbers = [f"+1{area}55501{digits}" for area in AREAS for digits in EXPECTED][:200]
    call_all(tmp_path, numbers, through=through, within_s=900)
