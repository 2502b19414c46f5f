"""A floor that goes on and on holds no more of anything than when it began."""

import os
import time
from typing import NamedTuple

import msgspec
import pytest
from sqlalchemy import func, select

from cli.demo import play
from cli.demo.fixture import Fixture, fixture
from cli.demo.stage import carrier_log, phones_log, stage, wait_for
from dialer.core.settings import PacingMode
from dialer.storage import schema
from telephony.sip.emulator.log import open_legs, read_log
from tests.processes import growth, holdings

SETTLE_S = 20.0
SAMPLE_S = 5.0
NUMBERS = [f"+121255501{index:02}" for index in range(50)]
QUICK = Fixture(
    rows=(("name", "phone"), *((f"Lead {index}", number) for index, number in enumerate(NUMBERS))),
    kinds={},
    carrier={
        "rule": [
            {"kind": "person", "ring_s": 0.2, "talk_s": 0.5, "patience_s": 8, "numbers": NUMBERS[::2]},
            {"kind": "busy", "ring_s": 0.3, "numbers": NUMBERS[1::2]},
        ]
    },
)


class Floor:
    """Agents at work, campaign after campaign, and what all processes held meanwhile."""

    def __init__(self, here, *, agents, ratio):
        self.here = here
        self.agents = agents
        self.samples = []
        self.quiet_at = []
        self._settings = play.settings(PacingMode.RATIO, ratio)
        self._sampled_at = 0.0
        play.add_agents(here, agents)
        play.log_in(here, agents, self.sample)

    def sample(self, _said):
        if time.monotonic() - self._sampled_at >= SAMPLE_S:
            self._sampled_at = time.monotonic()
            self.samples.append(held())

    def call_every_lead(self, *, seconds=None):
        name = f"pass-{len(self.quiet_at)}"
        campaign_id = play.prepare(self.here, name, self.here.leads, self._settings)
        play.call(self.here, campaign_id, seconds, self.sample)
        wait_for(lambda: self.legs() == self.agents, SETTLE_S, "the legs of customers to end", self.here)
        self.quiet_at.append(time.time())

    def legs(self):
        leg = schema.leg.c
        with self.here.place.database.read() as connection:
            return connection.execute(select(func.count(leg.id)).where(leg.ended_at.is_(None))).scalar_one()


def without_silence(given):
    """Return the fixture without numbers that never say a word: the carrier keeps their calls to its end."""
    rules = [rule | {"kind": "busy"} if rule["kind"] == "silent" else rule for rule in given.carrier["rule"]]
    return msgspec.structs.replace(given, carrier=given.carrier | {"rule": rules})


class Things(NamedTuple):
    """What a process holds, but for memory, which no few calls tell anything of."""

    files: int
    threads: int

    def exceeds(self, other):
        return self.files > other.files or self.threads > other.threads


def held():
    """What the stage's processes hold; a database server that other tests started here is not of the stage."""
    return [one for one in holdings(os.getpid()) if not one.role.startswith("postgres")]


def files_and_threads():
    return {(one.role, one.pid): Things(one.files, one.threads) for one in held()}


def settled(here):
    """Return what all hold once nothing changes any more: sockets of calls are closed a moment late."""
    seen = []

    def same():
        seen.append(files_and_threads())
        return len(seen) > 5 and all(one == seen[-1] for one in seen[-5:])

    wait_for(same, SETTLE_S, "sockets to be closed", here)
    return seen[-1]


def check_nothing_is_left(directory, floor):
    carrier = read_log(carrier_log(directory))
    for at in floor.quiet_at:
        assert open_legs(carrier, at=at) == {}
    assert open_legs(carrier) == open_legs(read_log(phones_log(directory))) == {}
    assert floor.legs() == 0


def test_fifty_calls_leave_no_file_no_thread_and_no_leg(tmp_path):
    with stage(tmp_path, QUICK, agents=5, lines=10) as here:
        floor = Floor(here, agents=5, ratio=2.0)
        floor.call_every_lead()
        before = settled(here)
        floor.call_every_lead()
        after = settled(here)
        assert after.keys() == before.keys()
        assert {who: (before[who], what) for who, what in after.items() if what.exceeds(before[who])} == {}
        here.stop_run()
        check_nothing_is_left(tmp_path, floor)


@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
def test_an_hour_of_twenty_agents_takes_no_more_memory_threads_files_or_legs(tmp_path):
    ends_at = time.monotonic() + float(os.environ.get("SOAK_S", "3600"))
    given = without_silence(fixture(2600, calls_per_answer=3))
    with stage(tmp_path, given, agents=20, lines=80) as here:
        floor = Floor(here, agents=20, ratio=3.0)
        while (left := ends_at - time.monotonic()) > 0:
            floor.call_every_lead(seconds=left)
        samples = list(floor.samples)
        here.stop_run()
        check_nothing_is_left(tmp_path, floor)
    assert growth(samples) == []
