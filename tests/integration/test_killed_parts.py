"""`kill -9` of what a run depends on, in mid-campaign: its workers, the carrier, the agents' phones.

No lead is lost, no INVITE leaves beyond the calls on record, every attempt has an outcome, and nobody is stuck.
"""

import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from cli.demo.fixture import fixture
from cli.processes import end, start
from dialer.core.requests import LogIn
from dialer.core.states import AgentState, Outcome
from dialer.live.clock import Clock
from dialer.live.requests import post_request
from dialer.storage import agents, schema
from dialer.storage.schema import HopperState
from telephony.sip.emulator.log import Invited, Started, open_legs, read_log
from tests.floor import RealFloor, real_floor, wait_until
from tests.integration.sipp_carrier import free_port

PEOPLE = """
seed = 1
[default]
kind = "person"
ring_s = [0.3, 1.5]
talk_s = [0.5, 4.0]
patience_s = 8
"""
TALKER = """
[default]
kind = "person"
ring_s = 0.3
talk_s = 8
"""
STUCK_S = 60.0
_MAY_LAST = frozenset({AgentState.LOGGED_OUT, AgentState.READY, AgentState.PAUSED})


class Emulated:
    """The carrier or the phones, at one port for all their lives."""

    def __init__(self, role: str, directory: Path, *arguments: str) -> None:
        self.port = free_port()
        self._module = f"telephony.sip.emulator.{role}"
        self._arguments = ("--listen", f"127.0.0.1:{self.port}", *arguments)
        self._log = directory / f"{role}.jsonl"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = start(self._module, "--log", str(self._log), *self._arguments, output=subprocess.PIPE)
        assert self._process.stdout.readline(), "it does not start"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def stop(self) -> None:
        end(self._process)
        self._process.stdout.close()


def children(pid: int) -> list[int]:
    """Return the SIP workers of a run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat, words = (entry / "stat").read_text(), (entry / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if stat.rpartition(")")[2].split()[1] == str(pid) and b"telephony.sip.worker" in words:
            found.append(int(entry.name))
    return sorted(found)


def process_at(port: int) -> int:
    """Return which process has a UDP port of loopback."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    inode = next(row[9] for row in rows if row[1] == f"0100007F:{port:04X}")
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink().name == f"socket:[{inode}]":
                return int(link.parts[2])
        except OSError:
            continue
    raise AssertionError(f"nobody has port {port}")


class Ordeal:
    """A floor whose parts are killed while it works."""

    def __init__(self, directory: Path, *, leads: int, agent_count: int, seed: int) -> None:
        file, behaviour = fixture(leads).write(directory)
        behaviour.write_text(PEOPLE)
        self.chance = Random(seed)
        self.longest_s: dict[str, float] = defaultdict(float)
        self.carrier = Emulated("carrier", directory, "--behaviour", str(behaviour))
        self.phones = Emulated("phones", directory, "--agents", str(agent_count))
        self.carrier.start()
        self.phones.start()
        self.floor = RealFloor(directory, self.carrier.port, self.phones.port)
        with self.floor.config.open("a") as config:
            config.write("[sip]\nno_audio_s = 5\n")
        self.floor.prepare(file, agent_count=agent_count)

    def close(self) -> None:
        if self.floor.run is not None:
            end(self.floor.run)
        self.floor.database.close()
        self.carrier.stop()
        self.phones.stop()

    def survive(self, kills: list[str]) -> None:
        """Kill these parts one after the other, each at a random moment; then let the campaign end."""
        self.floor.start_run()
        self.floor.log_everybody_in()
        self.floor.start_campaign()
        for part in kills:
            wanted = self.floor.ended_attempts() + self.chance.randint(1, 3)
            self._wait(lambda wanted=wanted: self.floor.ended_attempts() >= wanted, 90, "some calls")
            wait_until(lambda: self.chance.random() < 0.3, 30, "a random moment")
            assert not self.floor.is_complete(), "there are too few leads for so many kills"
            getattr(self, f"kill_{part}")()
        self._wait(self.floor.is_complete, 300, "the campaign's end")
        assert self.floor.stop_run() == 0
        self.check()

    def kill_worker(self) -> None:
        os.kill(self.chance.choice(children(self.floor.run.pid)), signal.SIGKILL)

    def kill_hung(self) -> None:
        """Let a worker hang, which the run has to find out and end."""
        os.kill(self.chance.choice(children(self.floor.run.pid)), signal.SIGSTOP)

    def kill_carrier(self) -> None:
        self.carrier.kill()
        self.carrier.start()

    def kill_phones(self) -> None:
        self.phones.kill()
        self.phones.start()

    def _wait(self, condition, within_s: float, what: str) -> None:
        def done() -> bool:
            self._look()
            return condition()

        wait_until(done, within_s, what)

    def _look(self) -> None:
        """See that nobody is stuck, and log in again who was logged out, as people do."""
        now = Clock().now()
        with self.floor.database.read() as connection:
            rows = agents.every(connection, self.floor.workspace_id)
        for row in rows:
            if row.state not in _MAY_LAST:
                self.longest_s[row.state] = max(self.longest_s[row.state], now - row.since_at)
                assert now - row.since_at <= STUCK_S, (row.name, row.state)
            elif row.state is AgentState.LOGGED_OUT:
                key = f"again-{row.agent_id}-{row.since_at}"
                request = LogIn(agent_id=row.agent_id, ready=True)
                post_request(
                    self.floor.database, self.floor.workspace_id, request, who="test", key=key, expires_s=30
                )

    def check(self) -> None:
        """Compare what is on record with what the carrier saw."""
        attempt, call, hopper = schema.attempt.c, schema.call.c, schema.hopper.c
        log = self.floor.carrier_log()
        seen = Counter(number for number, _ in {(e.number, e.call_id) for e in log if isinstance(e, Invited)})
        committed = Counter(row.number for row in self.floor.rows(select(call.number)))
        assert {number: count for number, count in seen.items() if count > committed[number]} == {}
        begun = max(index for index, event in enumerate(log) if isinstance(event, Started))
        wait_until(lambda: not open_legs(self.floor.carrier_log()[begun:]), 45, "the carrier's last leg")
        assert self.floor.scalar(select(func.count()).where(attempt.outcome.is_(None))) == 0
        assert self.floor.scalar(select(func.count()).where(hopper.state != HopperState.DONE)) == 0
        leads = self.floor.scalar(select(func.count()).select_from(schema.lead))
        assert self.floor.scalar(select(func.count(attempt.lead_id.distinct()))) == leads

    def figures(self) -> str:
        """Return what was seen, for people."""
        query = select(schema.attempt.c.outcome, func.count()).group_by(schema.attempt.c.outcome)
        outcomes = {row[0]: row[1] for row in self.floor.rows(query)}
        anomalies = Counter(
            row.detail
            for row in self.floor.rows(
                select(schema.journal.c.detail).where(schema.journal.c.kind == "anomaly")
            )
        )
        longest = {state: round(seconds, 1) for state, seconds in self.longest_s.items()}
        return f"outcomes {outcomes}; longest in a state {longest}; anomalies {dict(anomalies)}"


@pytest.fixture
def make_ordeal(tmp_path):
    made = []

    def make(**facts) -> Ordeal:
        made.append(Ordeal(tmp_path, **facts))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_floor_survives_the_death_of_its_workers_its_carrier_and_its_phones(make_ordeal):
    ordeal = make_ordeal(leads=24, agent_count=3, seed=1)
    ordeal.survive(["worker", "carrier", "worker", "phones", "hung", "carrier", "phones"])
    sys.stdout.write(f"{ordeal.figures()}\n")


def test_a_customer_whose_agents_process_dies_goes_on_with_the_same_agent(tmp_path):
    with real_floor(tmp_path, leads=1, agent_count=1, behaviour=TALKER) as floor:
        floor.start_run()
        floor.log_everybody_in()
        floor.start_campaign()
        wait_until(lambda: floor.states() == [AgentState.TALKING], 60, "the talk")
        (called,) = [event for event in read_log(tmp_path / "phones.jsonl") if isinstance(event, Invited)]
        os.kill(process_at(int(called.source.rpartition(":")[2])), signal.SIGKILL)
        wait_until(lambda: kinds(floor).count("bridged") == 2, 60, "the talk to go on")
        assert floor.states() == [AgentState.TALKING]
        assert [kind for kind in kinds(floor) if kind in ("held", "bridged", "anomaly")] == [
            "bridged",
            "held",
            "bridged",
        ]
        wait_until(lambda: floor.ended_attempts() == 1, 60, "the end of the talk")
        (attempt,) = floor.rows(select(schema.attempt))
        assert (attempt.outcome, attempt.agent_id is not None) == (Outcome.CONNECTED, True)
        assert floor.stop_run() == 0


def kinds(floor: RealFloor) -> list[str]:
    """Return the kinds of what is in the journal, in order."""
    return [row.kind for row in floor.rows(select(schema.journal.c.kind).order_by(schema.journal.c.id))]


@pytest.mark.soak
def test_a_floor_survives_fifty_dead_workers(make_ordeal):
    ordeal = make_ordeal(leads=180, agent_count=5, seed=2)
    ordeal.survive(["worker", "worker", "worker", "worker", "hung"] * 10)
    sys.stdout.write(f"{ordeal.figures()}\n")


@pytest.mark.soak
def test_a_floor_survives_dead_carriers_and_phones(make_ordeal):
    ordeal = make_ordeal(leads=90, agent_count=5, seed=3)
    ordeal.survive(["carrier", "phones"] * 4)
    sys.stdout.write(f"{ordeal.figures()}\n")
