"""A real floor on a real Asterisk, and what can be lost of it: the Asterisk, its manager connections, the run.

Each fault happens in mid-campaign; what is waited for afterwards is that every agent has been ready and has talked again.
"""

from collections.abc import Callable
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import NamedTuple, Self

from sqlalchemy import func, select

from cli.asterisk.instance import Instance
from cli.demo.fixture import fixture
from cli.processes import emulator, end
from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import Config, SipConfig, TrunkConfig
from dialer.core.settings import DEFAULT_RETRY, RecordingMode, RetryRule
from dialer.core.states import AgentState, Outcome
from dialer.live.clock import Clock
from dialer.storage import schema
from telephony.sip.emulator.log import Ended
from tests.asterisk import NAME, channels, program
from tests.floor import RealFloor, wait_until
from tests.integration.cuttable import Cuttable
from tests.integration.sipp_carrier import free_port

HOST, ELSEWHERE = "127.0.0.1", "elsewhere"
AGAIN_S = 3.0
"""When a lead is called again whose call was lost."""
ABLE = "calls can be placed"
"""What a run writes then."""
# Half a second, so that a message is soon over.
_SHORT = files("telephony.sip") / "audio" / "tone_done.wav"
PEOPLE = """
seed = 1
[default]
kind = "person"
ring_s = [0.2, 1.0]
talk_s = [0.5, 1.5]
patience_s = 8
"""
"""People who pick up soon and do not talk for long."""
_AGAIN = RetryRule(100, AGAIN_S / 60)
RETRY = {
    **{outcome: RetryRule(1, 0.0) for outcome in DEFAULT_RETRY},
    Outcome.UNKNOWN: _AGAIN,
    Outcome.FAILED: _AGAIN,
}
"""Nobody is called twice but whose call was lost."""


class Recovery(NamedTuple):
    """How long after the reconnection an agent was ready again."""

    fault: str
    agent_id: int
    seconds: float


class AsteriskFloor:
    """A campaign whose calls and phones go through Asterisk, until `close`."""

    def __init__(
        self,
        directory: Path,
        *,
        leads: int,
        agent_count: int,
        seed: int,
        people: str = PEOPLE,
        ratio: float = 1.5,
        between_servers: bool = False,
        record: RecordingMode = RecordingMode.OFF,
    ) -> None:
        """Set it up.

        Args:
            directory: Empty.
            leads: How many can be called.
            agent_count: Agents, and phones.
            seed: Of the moments when things are lost.
            people: TOML of the carrier.
            ratio: Calls per free agent.
            between_servers: Whether customers are called by another Asterisk than agents.
            record: What is recorded.
        """
        self.chance = Random(seed)
        self.recoveries: list[Recovery] = []
        file, behaviour = fixture(leads).write(directory)
        behaviour.write_text(people, encoding="utf-8")
        with ExitStack() as stack:
            carrier = stack.enter_context(
                emulator("carrier", ("--behaviour", str(behaviour)), log=directory / "carrier.jsonl")
            )
            phones = stack.enter_context(
                emulator("phones", ("--agents", str(agent_count)), log=directory / "phones.jsonl")
            )
            names = (NAME, ELSEWHERE) if between_servers else (NAME,)
            servers = {name: AsteriskServer(sip=f"{HOST}:{free_port()}") for name in names}
            config = Config(
                sip=SipConfig(safe_harbour=_SHORT),
                trunks={"carrier": TrunkConfig(host=HOST, port=carrier, server=names[-1])},
                asterisk=AsteriskConfig(servers=servers),
            )
            self.instances = {name: Instance(config, name, program=program()) for name in names}
            for one in self.instances.values():
                stack.callback(one.remove)
            self.asterisk = self.instances[NAME]
            self.line = Cuttable(self.asterisk.ports.manager)
            stack.callback(self.line.close)
            self.floor = RealFloor(directory, carrier, phones)
            stack.callback(self.floor.database.close)
            stack.callback(self._end_run)
            self._configure(carrier)
            self.floor.prepare(file, agent_count=agent_count, retry=RETRY, ratio=ratio, record=record)
            for one in self.instances.values():
                one.start()
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _configure(self, carrier: int) -> None:
        reached = {name: one.ports.manager for name, one in self.instances.items()} | {NAME: self.line.port}
        servers = "".join(
            f"[asterisk.servers.{name}]\nport = {reached[name]}\n"
            f'password_file = "{one.server.password_file}"\nsip = "{one.server.sip}"\n'
            for name, one in self.instances.items()
        )
        self.floor.config.write_text(
            f'[run]\nfinish_talks_s = 0\nlog_dir = "{self.floor.directory}/dialer-logs"\n{servers}[trunks.carrier]\nhost = "{HOST}"\n'
            f'port = {carrier}\nserver = "{[*self.instances][-1]}"\nlines = 20\ncalls_per_second = 20\n'
        )

    def _end_run(self) -> None:
        if self.floor.run is not None:
            end(self.floor.run)

    # --- faults -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start the run, and the campaign once every agent is there."""
        self.floor.start_run()
        self.floor.log_everybody_in()
        self.floor.start_campaign()

    def suffer(self, fault: str) -> None:
        """Have something lost at a random moment while calls go on, and wait until every agent has talked again."""
        wanted = self.floor.ended_attempts() + self.chance.randint(2, 4)
        wait_until(lambda: self.floor.ended_attempts() >= wanted, 90, "some calls", self.floor.said)
        wait_until(lambda: self.chance.random() < 0.3, 30, "a random moment")
        assert not self.floor.is_complete(), "there are too few leads for so many faults"
        since = getattr(self, fault)()
        for agent_id in self.agent_ids():
            self._await(
                lambda agent_id=agent_id: self._ready_at(agent_id, since), f"{fault}: agent {agent_id}"
            )
            ready_at = self._ready_at(agent_id, since)
            self.recoveries.append(Recovery(fault, agent_id, ready_at - since))
            self._await(
                lambda agent_id=agent_id: self.talked(agent_id, since), f"{fault}: a call for {agent_id}"
            )

    def killed_asterisk(self) -> float:
        """Kill Asterisk and start it again; return when the run had it back."""
        before = self._regained()
        self.asterisk.kill()
        self.asterisk.start()
        return self._back(before)

    def kill(self) -> Callable[[], float]:
        """Kill the run without a warning; return what starts another."""
        self.floor.kill_run()
        return self.restart

    def cut(self) -> Callable[[], float]:
        """Cut both manager connections and wait until the run knows; return what mends them."""
        before = self._regained()
        self.line.cut()
        wait_until(lambda: self._alarms() > len(before), 30, "the run to notice", self.floor.said)

        def mend() -> float:
            self.line.mend()
            return self._back(before)

        return mend

    def cut_connection(self) -> float:
        """Cut both manager connections, for as long as some calls take; return when the run had them back."""
        over, mend = self._ended_at_carrier(), self.cut()
        wanted = over + self.chance.randint(0, 2)
        wait_until(
            lambda: self._ended_at_carrier() >= wanted or self.chance.random() < 0.02, 30, "calls to end"
        )
        return mend()

    def killed_run(self) -> float:
        """Kill the run without a warning and start another; return when that could place calls."""
        restart = self.kill()
        wait_until(lambda: self.chance.random() < 0.05, 30, "a random moment")
        return restart()

    def restart(self) -> float:
        """Start a run; return when it could place calls, as it had whatever Asterisk still held."""
        before = self._able_runs()
        self.floor.start_run()
        self._await(lambda: self._able_runs() > before, "the run to place calls")
        return Clock().now()

    def _able_runs(self) -> int:
        # A new run has lost nothing, so that its journal tells of no reconnection.
        return self.floor.run_log().count(ABLE)

    def _back(self, before: list[float]) -> float:
        self._await(lambda: len(self._regained()) > len(before), "the run to be connected again")
        return self._regained()[len(before)]

    def _await(self, condition: Callable[[], object], what: str) -> None:
        wait_until(lambda: bool(condition()), 90, what, lambda: f"{self.story()} {self.floor.said()}")

    # --- what is on record --------------------------------------------------------------------------------

    def agent_ids(self) -> list[int]:
        """Return all agents."""
        return [row.id for row in self.floor.rows(select(schema.agent.c.id).order_by(schema.agent.c.id))]

    def talked(self, agent_id: int, since: float) -> bool:
        """Return whether an agent was joined with a customer after an instant."""
        kept = schema.journal.c
        query = select(func.count()).where(kept.kind == "bridged", kept.agent_id == agent_id, kept.at > since)
        return bool(self.floor.scalar(query))

    def _ready_at(self, agent_id: int, since: float) -> float | None:
        """Return when an agent was first ready after an instant."""
        kept = schema.agent_period.c
        found = self.floor.scalar(
            select(func.min(kept.started_at)).where(
                kept.agent_id == agent_id,
                kept.state == AgentState.READY,
                func.coalesce(kept.ended_at, since + 1e9) > since,
            )
        )
        return None if found is None else max(found, since)

    def _journal(self, kind: str) -> list[float]:
        kept = schema.journal.c
        return [row.at for row in self.floor.rows(select(kept.at).where(kept.kind == kind).order_by(kept.id))]

    def _alarms(self) -> int:
        return len(self._journal("alarm"))

    def _regained(self) -> list[float]:
        return self._journal("alarm_over")

    def _ended_at_carrier(self) -> int:
        return len(self.over())

    def over(self) -> list[Ended]:
        """Return the calls that are over at the carrier."""
        return [event for event in self.floor.carrier_log() if isinstance(event, Ended)]

    def story(self) -> list[str]:
        """Return the end of what became of agents and calls, for people."""
        kept = schema.journal.c
        rows = self.floor.rows(select(schema.journal).order_by(kept.id.desc()).limit(60))
        told = [f"{row.at:.2f} {row.kind} {row.leg_id} {row.agent_id} {row.detail}" for row in reversed(rows)]
        periods = self.floor.rows(
            select(schema.agent_period).order_by(schema.agent_period.c.id.desc()).limit(30)
        )
        return told + [
            f"{row.started_at:.2f} agent {row.agent_id} {row.state} {row.reason}" for row in periods
        ]

    def open_legs(self) -> set[str]:
        """Return the legs that the run knows of."""
        return {
            row.id for row in self.floor.rows(select(schema.leg.c.id).where(schema.leg.c.ended_at.is_(None)))
        }

    def channels(self) -> set[str]:
        """Return the legs that every Asterisk has channels of."""
        return {leg_id for one in self.instances.values() for leg_id in channels(one)}
