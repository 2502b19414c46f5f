"""A carrier that refuses, forbids, falls silent and comes back: no lead pays, one probe at a time, no hand needed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from cli.processes import emulator
from dialer.core.settings import RetryRule
from dialer.core.states import Outcome, TrunkState
from dialer.storage import schema, trunks
from tests.floor import RealFloor, real_floor, wait_until

LEADS = 6
PHASES = {
    "503": 'kind = "congestion"',
    "403": 'kind = "congestion"\nstatus = 403',
    "silence": 'kind = "silent"',
    "good": 'kind = "person"\nring_s = 0.1\ntalk_s = 0.5\npatience_s = 8',
}


class Carrier:
    """One address, and on it one emulated carrier after the other."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._now = ExitStack()
        self.port = 0

    def be(self, phase: str) -> None:
        """Take the place of the carrier before."""
        self._now.close()
        behaviour = self._directory / f"{phase}.toml"
        behaviour.write_text(f"[default]\n{PHASES[phase]}\n")
        listen = ("--listen", f"127.0.0.1:{self.port}", "--behaviour", str(behaviour))
        log = self._directory / f"{phase}.jsonl"
        self.port = self._now.enter_context(emulator("carrier", listen, log=log))

    def close(self) -> None:
        """End the last one."""
        self._now.close()


@contextmanager
def floor_with(carrier: Carrier, directory: Path) -> Iterator[RealFloor]:
    """Set up a floor whose trunk is tripped by three faults and probed twice a second."""
    retry = {Outcome.FAILED: RetryRule(2, 0.5 / 60), Outcome.CANCELLED: RetryRule(2, 0.01)}
    with real_floor(directory, leads=LEADS, agent_count=2, faults_per_day=1000, retry=retry) as floor:
        floor.config.write_text(
            f'[run]\nlog_dir = "{directory}/dialer-logs"\n'
            f'[trunks.carrier]\nhost = "127.0.0.1"\nport = {carrier.port}\nlines = 4\n'
            "breaker_faults = 3\nbreaker_calls = 3\nprobe_after_s = 0.3\nprobe_at_most_s = 0.5\n"
        )
        yield floor


def trunk(floor: RealFloor) -> trunks.TrunkRow:
    """Return what the run last said of its trunk."""
    with floor.database.read() as connection:
        (row,) = trunks.every(connection, floor.workspace_id)
    return row


def says(floor: RealFloor) -> str:
    """Return what the campaign waits for."""
    return str(floor.scalar(select(schema.campaign.c.reason)))


def test_a_carrier_that_fails_in_every_way_charges_no_lead_and_dialing_goes_on_by_itself(tmp_path):
    carrier = Carrier(tmp_path)
    carrier.be("503")
    with floor_with(carrier, tmp_path) as floor:
        floor.start_run()
        floor.log_everybody_in()
        floor.start_campaign()
        wait_until(lambda: trunk(floor).state is TrunkState.OUT, 60, "the breaker")
        wait_until(lambda: says(floor).startswith("trunk carrier is out: 503"), 60, "the campaign's reason")
        carrier.be("403")
        wait_until(lambda: trunk(floor).reason.startswith("403"), 60, "a probe that is forbidden")
        carrier.be("silence")
        wait_until(lambda: trunk(floor).reason.startswith("no reply"), 60, "a probe that hears nothing")
        carrier.be("good")
        wait_until(floor.is_complete, 120, "the campaign's end")
        assert floor.stop_run() == 0
        assert trunk(floor).state is TrunkState.UP
        check(floor)
    carrier.close()


def check(floor: RealFloor) -> None:
    """Look for leads that paid, for the alarm, and for probes that were not single."""
    attempt, journal, leg = schema.attempt.c, schema.journal.c, schema.leg.c
    counted = floor.rows(select(attempt.lead_id, attempt.outcome).where(attempt.counted))
    assert [row.outcome for row in counted] == [Outcome.CONNECTED] * LEADS
    assert len({row.lead_id for row in counted}) == LEADS
    assert floor.rows(select(schema.hopper.c.attempts)) == [(1,)] * LEADS
    opened_at, closed_at = (
        floor.scalar(select(func.min(journal.at)).where(journal.kind == kind))
        for kind in ("alarm", "alarm_over")
    )
    probes = floor.rows(
        select(leg.started_at, leg.ended_at)
        .where(leg.call_id.is_not(None), leg.started_at > opened_at, leg.started_at < closed_at)
        .order_by(leg.started_at)
    )
    assert len(probes) >= 3
    assert all(before.ended_at <= after.started_at for before, after in pairwise(probes))
