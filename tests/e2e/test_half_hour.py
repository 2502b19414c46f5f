"""A live floor on Asterisk does what simulated ones foretell: the same engine, the same invented people, real calls."""

import sys
from collections import Counter
from statistics import quantiles

import msgspec
import pytest
from sqlalchemy import select

from cli.ask import post_and_wait
from cli.demo import play
from cli.demo.stage import Backend, database_url, pause, stage
from dialer import log
from dialer.core.record import Record
from dialer.core.requests import StartCampaign
from dialer.core.settings import DEFAULT_RETRY, PacingMode, RetryRule
from dialer.core.states import Outcome
from dialer.live.clock import Clock
from dialer.simulation.behaviour import People
from dialer.simulation.floor import FloorSettings, simulate
from dialer.simulation.measures import measure
from dialer.storage import schema
from dialer.storage.database import open_database
from tests.drawn_carrier import drawn

DAYS = 200
ONCE = {outcome: RetryRule(1, 0.0) for outcome in DEFAULT_RETRY}
HALF_HOUR = FloorSettings(
    agents=20,
    leads=2_000,
    mode=PacingMode.RATIO,
    ratio=2.0,
    ring_s=26.0,
    retry=ONCE,
    lines=90,
    seconds=1_800.0,
)
"""People ring off after 26 s, as in the stationary model: docs/pacing."""
HASTY = People(human_share=0.7, human_ring_s=1.0, refusal_s=2.0, talk_s=4.0, machine_talk_s=1.0)
MOMENT = FloorSettings(
    agents=3,
    leads=60,
    mode=PacingMode.RATIO,
    ratio=2.0,
    ring_s=15.0,
    wrap_up_s=1.0,
    retry=ONCE,
    people=HASTY,
    lines=12,
    seconds=15.0,
)


def lived(directory, floor):
    """Let a floor work on Asterisk, its carrier drawn by the floor's seed; return the records of its run."""
    given = drawn(floor.people, leads=floor.leads, seed=floor.seed)
    settings = msgspec.structs.replace(
        play.settings(floor.mode, floor.ratio, ring_s=floor.ring_s), wrap_up_s=floor.wrap_up_s
    )
    with stage(directory, given, agents=floor.agents, lines=floor.lines, backend=Backend.ASTERISK) as here:
        play.add_agents(here, floor.agents)
        play.log_in(here, floor.agents, lambda _: None)
        campaign_id = play.prepare(here, "drawn", here.leads, settings)
        post_and_wait(here.place, StartCampaign(campaign_id=campaign_id))
        clock = Clock()
        ends_at = clock.now() + floor.seconds
        while clock.now() < ends_at:
            here.check()
            pause()
        here.stop_run()
    records = []
    for path in sorted((directory / "dialer-logs").glob("*.jsonl")):
        _, rounds = log.read(path)
        records += [command for one in rounds for command in one.commands if isinstance(command, Record)]
    return records


def foretold(floor):
    """Return what `DAYS` simulated days of a floor come to, each with other people."""
    days = []
    for seed in range(DAYS):
        records = []
        simulate(msgspec.structs.replace(floor, seed=seed), on_record=records.append)
        days.append(measure(records, seconds=floor.seconds))
    return days


def interval_95(values):
    cuts = quantiles(values, n=40, method="inclusive")
    return cuts[0], cuts[-1]


def test_what_is_measured_of_a_live_run_is_what_its_database_says(tmp_path):
    records = lived(tmp_path, MOMENT)

    measures = measure(records, seconds=float("inf"))

    database = open_database(database_url(tmp_path), create=False)
    with database.read() as connection:
        outcomes = Counter(connection.execute(select(schema.attempt.c.outcome)).scalars())
    database.close()
    assert measures.connected > MOMENT.agents
    assert measures.attempts == outcomes.total()
    assert measures.connected == outcomes[Outcome.CONNECTED]
    assert measures.abandoned == outcomes[Outcome.ABANDONED]


@pytest.mark.soak
@pytest.mark.parametrize("mode", [PacingMode.RATIO, PacingMode.PREDICTIVE])
def test_half_an_hour_of_twenty_agents_is_as_the_simulated_days_foretell(tmp_path, mode):
    floor = msgspec.structs.replace(HALF_HOUR, mode=mode)
    live = measure(lived(tmp_path, floor), seconds=floor.seconds)
    days = foretold(floor)

    for name in ("utilisation", "abandonment"):
        low, high = interval_95([getattr(day, name) for day in days])
        sys.stdout.write(f"\n{name}: live {getattr(live, name):.4f}, foretold {low:.4f} to {high:.4f}")
        assert low <= getattr(live, name) <= high
    sys.stdout.write(f"\n{live}\n")
