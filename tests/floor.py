"""A real floor for tests: emulated carrier and phones, a database, and a run that can be killed and started again.

Every process is of this machine and ended by its own id.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Select, func, select

from cli.demo.fixture import fixture
from cli.options import Workplace
from cli.processes import emulator, end
from dialer.core.ids import CampaignId, TrunkName
from dialer.core.requests import LogIn, Request, StartCampaign
from dialer.core.settings import DEFAULT_RETRY, CampaignSettings, PacingMode, RetryRule
from dialer.core.states import AgentState, CampaignState, Outcome
from dialer.leads.importer import ImportOptions, import_file
from dialer.live.clock import Clock
from dialer.live.lease import holder
from dialer.live.requests import post_request, wait_for_answer
from dialer.storage import agents, campaigns, hopper, schema
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace
from telephony.sip.emulator.log import read_log

UNKNOWN_RETRY_S = 3.0


def wait_until(
    condition: Callable[[], bool], within_s: float, what: str, told: Callable[[], str] = str
) -> None:
    """Wait for something real to happen, up to a deadline; what is `told` then is told of a failure."""
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, f"waited {within_s:.0f} s for {what} {told()}"
        time.sleep(0.05)


class RealFloor:
    """A campaign over fixture leads, agents whose phones are emulated, and at most one run."""

    def __init__(
        self, directory: Path, carrier_port: int, phones_port: int, *, url: str | None = None
    ) -> None:
        self.directory = directory
        self.url = url or f"sqlite:///{directory}/dialer.db"
        self.config = directory / "dialer.toml"
        self.config.write_text(
            f'[run]\nlog_dir = "{directory}/dialer-logs"\n'
            f'[trunks.carrier]\nhost = "127.0.0.1"\nport = {carrier_port}\nlines = 20\ncalls_per_second = 20\n'
        )
        self._phones_port = phones_port
        self.database = open_database(self.url)
        self.workspace_id = ensure_workspace(self.database, "default")
        self.campaign_id = CampaignId(0)
        self.run: subprocess.Popen[bytes] | None = None

    @property
    def place(self) -> Workplace:
        """Return what commands take."""
        return Workplace(self.database, self.workspace_id)

    def prepare(self, leads: Path, *, agent_count: int, **changes: object) -> None:
        """Import leads, make the campaign and its agents."""
        at = Clock().now()
        options = ImportOptions(list_name="leads", region="US")
        import_file(self.database, self.workspace_id, path=leads, options=options, at=at)
        facts = {
            "mode": PacingMode.RATIO,
            "ratio": 1.5,
            "ring_s": 15.0,
            "wrap_up_s": 0.2,
            "window_opens_min": 0,
            "window_closes_min": 24 * 60,
            "retry": {
                **{outcome: RetryRule(1, 0.0) for outcome in DEFAULT_RETRY},
                Outcome.UNKNOWN: RetryRule(100, UNKNOWN_RETRY_S / 60),
            },
            "max_attempts": 100,
            "faults_per_day": 0,
        } | changes
        settings = CampaignSettings(campaign_id=CampaignId(0), trunk=TrunkName("carrier"), **facts)
        with self.database.write() as connection:
            list_id = connection.execute(select(schema.lead_list.c.id)).scalar_one()
            self.campaign_id = campaigns.create(
                connection, self.workspace_id, name="test", list_id=list_id, settings=settings, at=at
            )
            for index in range(1, agent_count + 1):
                phone = f"sip:agent-{index}@127.0.0.1:{self._phones_port}"
                agents.add(connection, self.workspace_id, name=f"agent-{index}", phone=phone, at=at)
        hopper.fill(self.database, self.campaign_id, list_id, at=at)

    def start_run(self, module: str = "cli", *arguments: str) -> None:
        """Start `dialer run` and wait until it holds the workspace."""
        command = [sys.executable, "-m", module, "--database", self.url, "--config", str(self.config)]
        words = [*command, "run"] if module == "cli" else [*command, *arguments]
        with (self.directory / "run.log").open("ab") as output:
            self.run = subprocess.Popen(words, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        wait_until(self._runs, 120, "the run, which says:", self.said)

    def _runs(self) -> bool:
        assert self.run is not None
        assert self.run.poll() is None, self.said()
        held = holder(self.database, self.workspace_id, clock=Clock())
        return held is not None and held.pid == self.run.pid

    def said(self) -> str:
        """Return the end of what the run wrote."""
        return self.run_log()[-2000:]

    def run_log(self) -> str:
        """Return what the runs wrote, one after the other."""
        log = self.directory / "run.log"
        return log.read_text() if log.exists() else ""

    def kill_run(self) -> None:
        """Kill the run without a warning."""
        assert self.run is not None
        os.kill(self.run.pid, signal.SIGKILL)
        self.run.wait()

    def stop_run(self) -> int:
        """End the run, if there is one, as an operator does; return its exit code."""
        if self.run is None:
            return 0
        return end(self.run, within_s=40)

    def ask(self, request: Request) -> str:
        """Have the run do something."""
        key = f"{type(request).__name__}-{Clock().now()}"
        posted = post_request(self.database, self.workspace_id, request, who="test", key=key, expires_s=60)
        answer = wait_for_answer(self.database, posted)
        assert answer.state == "done", answer.text
        return answer.text

    def log_everybody_in(self) -> None:
        """Log the agents in and wait until their phones are up."""
        with self.database.read() as connection:
            ids = [row.agent_id for row in agents.every(connection, self.workspace_id)]
        for agent_id in ids:
            self.ask(LogIn(agent_id=agent_id, ready=True))
        wait_until(lambda: self.states() == [AgentState.READY] * len(ids), 120, "the agents' phones")

    def start_campaign(self) -> None:
        """Let the campaign call."""
        self.ask(StartCampaign(campaign_id=self.campaign_id))

    def states(self) -> list[AgentState]:
        """Return the agents' states."""
        with self.database.read() as connection:
            return [row.state for row in agents.every(connection, self.workspace_id)]

    def ended_attempts(self) -> int:
        """Return how many attempts have an outcome."""
        return self.scalar(select(func.count()).where(schema.attempt.c.ended_at.is_not(None)))

    def is_complete(self) -> bool:
        """Return whether the campaign is complete."""
        return self.scalar(select(schema.campaign.c.state)) == CampaignState.COMPLETE

    def scalar(self, query: Select[tuple[object]]) -> object:
        """Return one value of the database."""
        with self.database.read() as connection:
            return connection.scalar(query)

    def rows(self, query: Select[tuple[object, ...]]) -> Sequence[object]:
        """Return the rows of a query."""
        with self.database.read() as connection:
            return connection.execute(query).all()

    def carrier_log(self) -> list[object]:
        """Return what the carrier saw so far."""
        return read_log(self.directory / "carrier.jsonl")


@contextmanager
def real_floor(
    directory: Path,
    *,
    leads: int,
    agent_count: int,
    behaviour: str | None = None,
    url: str | None = None,
    **changes: object,
) -> Iterator[RealFloor]:
    """Set a floor up; the run is the test's to start.

    Args:
        directory: Empty.
        leads: How many can be called.
        agent_count: Agents, and phones.
        behaviour: TOML of the carrier; None takes the demo's mixture.
        url: Of the database; None makes an SQLite file.
        changes: To the campaign's settings.
    """
    file, carrier = fixture(leads).write(directory)
    if behaviour is not None:
        carrier.write_text(behaviour, encoding="utf-8")
    with (
        emulator("carrier", ("--behaviour", str(carrier)), log=directory / "carrier.jsonl") as carrier_port,
        emulator("phones", ("--agents", str(agent_count)), log=directory / "phones.jsonl") as phones_port,
    ):
        floor = RealFloor(directory, carrier_port, phones_port, url=url)
        try:
            floor.prepare(file, agent_count=agent_count, **changes)
            yield floor
        finally:
            if floor.run is not None:
                end(floor.run)
            floor.database.close()
