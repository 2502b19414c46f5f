"""A slow database keeps no customer waiting: answer to bridge beside delayed commits and a large import."""

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

import pytest
from sqlalchemy import func, select

from cli.demo.verdict import carrier_legs, quantiles_ms
from dialer.live.clock import Clock
from dialer.storage import schema
from telephony.sip.emulator.log import Invited
from tests.floor import RealFloor, real_floor, wait_until

PEOPLE = """
seed = 1
[default]
kind = "person"
ring_s = [0.2, 1.0]
talk_s = [0.4, 1.2]
patience_s = 8
"""


def write_list(path: Path, rows: int) -> None:
    """Write a list of numbers of the exchange 555, which belongs to nobody."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "phone"])
        for number in range(rows):
            area = 201 + number // 10_000
            writer.writerow([f"Lead {number}", f"+1{area}555{number % 10_000:04}"])


def in_phase(
    floor: RealFloor, calls: int, meanwhile: Callable[[], None] = lambda: None
) -> tuple[float, float]:
    """Let so many more calls be answered while an agent is free, and end; return the times between."""
    since = Clock().now()
    attempt = schema.attempt.c
    served = select(func.count()).where(attempt.answered_at >= since, attempt.agents_free > 0)

    def enough() -> bool:
        meanwhile()
        return floor.scalar(served) >= calls

    wait_until(enough, 900, f"{calls} calls")
    return since, Clock().now()


class Imports:
    """Imports one file again and again, each time into another list."""

    def __init__(self, floor: RealFloor, rows: int) -> None:
        self._floor = floor
        self._file = floor.directory / "large.csv"
        self._current: subprocess.Popen[bytes] | None = None
        self.begun = 0
        write_list(self._file, rows)

    def go_on(self) -> None:
        """See to it that an import is going on."""
        if self._current is not None and self._current.poll() is None:
            return
        assert self._current is None or self._current.returncode == 0
        self.begun += 1
        words = ["leads", "import", str(self._file), "--list", f"large-{self.begun}", "--region", "US"]
        self._current = subprocess.Popen(
            [sys.executable, "-m", "cli", "--database", self._floor.url, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """Kill the import that goes on; the next one goes on where it was."""
        if self._current is not None:
            self._current.kill()
            self._current.wait()
            self._current = None
            self.begun -= 1


def delays_s(floor: RealFloor, phase: tuple[float, float]) -> list[float]:
    """Return answer to first audio of the peer, of calls answered in a phase while an agent was free."""
    attempt = schema.attempt.c
    query = (
        select(schema.lead.c.phone)
        .join(schema.attempt, attempt.lead_id == schema.lead.c.id)
        .where(attempt.agents_free > 0)
    )
    served = {row.phone for row in floor.rows(query)}
    ended = (leg.ended for leg in carrier_legs(floor.carrier_log()) if leg.number in served)
    return [
        end.first_peer_audio_at - end.answered_at
        for end in ended
        if end and end.answered_at and end.first_peer_audio_at and phase[0] <= end.answered_at <= phase[1]
    ]


def no_invite_precedes_its_row(floor: RealFloor) -> None:
    """Compare the carrier's log with the rows: as many calls on record as came, each begun before it came."""
    begun = {row.number: row.started_at for row in floor.rows(select(schema.call))}
    came = {event.number: event.at for event in floor.carrier_log() if isinstance(event, Invited)}
    assert {number for number, at in came.items() if number not in begun or begun[number] > at} == set()


def disturb(floor: RealFloor, *, turns: int, calls: int, import_rows: int) -> list[list[float]]:
    """Return the delays undisturbed, with commits delayed by 1 s, and beside an import.

    The three take turns, so that whatever else the machine does meets all of them.
    """
    slow = floor.directory / "commit-delay"
    imports = Imports(floor, import_rows)
    floor.start_run("tests.slow_run")
    floor.log_everybody_in()
    floor.start_campaign()
    in_phase(floor, 5)
    found: list[list[float]] = [[], [], []]
    for _ in range(turns):
        phases = [in_phase(floor, calls)]
        slow.write_text("1.0")
        phases.append(in_phase(floor, calls))
        slow.unlink()
        try:
            phases.append(in_phase(floor, calls, imports.go_on))
        finally:
            imports.stop()
        for delays, phase in zip(found, phases, strict=True):
            delays.extend(delays_s(floor, phase))
    assert floor.stop_run() == 0
    no_invite_precedes_its_row(floor)
    return found


def surely_at_least(some: list[float], others: list[float]) -> float:
    """Return what the ratio of two medians is at least, with 99 % confidence.

    Source:
        Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile intervals).
    """
    chance = Random(1)

    def drawn() -> float:
        again, beside = chance.choices(some, k=len(some)), chance.choices(others, k=len(others))
        return median(again) / median(beside)

    return sorted(drawn() for _ in range(1000))[10]


def test_a_slow_database_and_an_import_do_not_delay_the_bridge(tmp_path):
    with real_floor(tmp_path, leads=240, agent_count=8, behaviour=PEOPLE) as floor:
        quiet, slowed, loaded = disturb(floor, turns=4, calls=6, import_rows=400_000)
    # Some twenty calls each have no 99 % quantile, and medians that chance moves by a tenth; the long run
    # compares the quantiles. An engine that waited for one commit would be off by a factor of ten.
    assert surely_at_least(slowed, quiet) <= 1.2
    assert surely_at_least(loaded, quiet) <= 1.2


@pytest.mark.soak
def test_the_bridge_is_as_quick_beside_slow_commits_and_a_million_rows(tmp_path, capsys):
    with real_floor(tmp_path, leads=2_000, agent_count=10, behaviour=PEOPLE) as floor:
        phases = disturb(floor, turns=10, calls=30, import_rows=1_000_000)
    quiet, slowed, loaded = (quantiles_ms(phase) for phase in phases)
    with capsys.disabled():
        sys.stdout.write(f"\nquiet {quiet}\nslowed {slowed}\nloaded {loaded}\n")
    assert slowed.p99 <= 1.2 * quiet.p99
    assert loaded.p99 <= 1.2 * quiet.p99
