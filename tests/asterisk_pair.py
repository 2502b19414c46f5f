"""A real floor on two Asterisks, each with a trunk to the same carrier, of which one may be killed while the campaign goes on."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from sqlalchemy import func, select, update

from cli.asterisk.instance import Instance
from cli.demo.fixture import fixture
from cli.processes import emulator, end
from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import Config, TrunkConfig
from dialer.storage import schema
from tests.asterisk import channels, program
from tests.asterisk_floor import HOST, PEOPLE, RETRY
from tests.floor import RealFloor, wait_until
from tests.integration.sipp_carrier import free_port

ONE, TWO = "one", "two"
GROUP = "carrier"
_LEADS = 400
"""More than any test waits for."""


class PairFloor:
    """A campaign over trunks of two servers, until `close`.

    Args:
        directory: Empty.
        agent_count: Agents, whose phones are called by their addresses, by the first server that can be reached.
        registered: How many of them, the last, have their phones at the second server instead.
        given_up_after_s: Of both servers.
    """

    def __init__(
        self,
        directory: Path,
        *,
        agent_count: int,
        registered: int = 0,
        given_up_after_s: float | None = None,
    ) -> None:
        file, behaviour = fixture(_LEADS).write(directory)
        behaviour.write_text(PEOPLE, encoding="utf-8")
        with ExitStack() as stack:
            carrier = stack.enter_context(
                emulator("carrier", ("--behaviour", str(behaviour)), log=directory / "carrier.jsonl")
            )
            phones = stack.enter_context(
                emulator("phones", ("--agents", str(agent_count)), log=directory / "phones.jsonl")
            )
            names = [f"agent-{number}" for number in range(agent_count - registered + 1, agent_count + 1)]
            config = _config(carrier, given_up_after_s)
            self.servers: dict[str, Instance] = {}
            for server in (ONE, TWO):
                extra = {"pjsip.conf": "".join(_registered(name, phones) for name in names)}
                self.servers[server] = Instance(config, server, extra=extra, program=program())
                stack.callback(self.servers[server].remove)
                config = self.servers[server].config
            self.floor = RealFloor(directory, carrier, phones)
            stack.callback(self.floor.database.close)
            stack.callback(self._end_run)
            self.floor.config.write_text(_written(config, directory))
            self.floor.prepare(file, agent_count=agent_count, retry=RETRY)
            self._register(names)
            for one in self.servers.values():
                one.start()
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _end_run(self) -> None:
        if self.floor.run is not None:
            end(self.floor.run)

    def _register(self, names: list[str]) -> None:
        kept = schema.agent.c
        with self.floor.database.write() as connection:
            for name in names:
                connection.execute(
                    update(schema.agent).where(kept.name == name).values(phone=f"sip:{name}@{TWO}")
                )

    def begin(self) -> None:
        """Start the run, and the campaign once every agent is there."""
        self.floor.start_run()
        self.floor.log_everybody_in()
        self.floor.start_campaign()

    def talks(self, *, through: str | None = None, since: float = 0.0) -> int:
        """Return how many talks began since an instant, of calls through the trunk of one server or any."""
        call, attempt = schema.call.c, schema.attempt.c
        query = select(func.count()).select_from(
            schema.attempt.join(schema.call, call.attempt_id == attempt.id)
        )
        query = query.where(attempt.bridged_at > since, call.started_at > since)
        return int(str(self.floor.scalar(query if through is None else query.where(call.trunk == through))))

    def talked(self, agent: str, since: float) -> bool:
        """Return whether an agent began a talk since an instant."""
        kept, journal = schema.agent.c, schema.journal.c
        query = select(func.count()).select_from(
            schema.journal.join(schema.agent, kept.id == journal.agent_id)
        )
        return bool(
            self.floor.scalar(query.where(kept.name == agent, journal.kind == "bridged", journal.at > since))
        )

    def unended(self) -> int:
        """Return how many attempts have no outcome."""
        return int(str(self.floor.scalar(select(func.count()).where(schema.attempt.c.outcome.is_(None)))))

    def outcomes(self) -> set[str]:
        """Return what became of all attempts."""
        return {str(row.outcome) for row in self.floor.rows(select(schema.attempt.c.outcome).distinct())}

    def noted(self, kind: str, since: float = 0.0) -> int:
        """Return how many entries of a kind the journal has since an instant."""
        kept = schema.journal.c
        return int(str(self.floor.scalar(select(func.count()).where(kept.kind == kind, kept.at > since))))

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something, up to a deadline that a busy machine can keep."""
        wait_until(condition, 120, what, self.floor.said)

    def channels(self) -> set[str]:
        """Return the legs that the servers have channels of, those that live."""
        alive = [
            one for one in self.servers.values() if one.process is not None and one.process.poll() is None
        ]
        return {leg for one in alive for leg in channels(one)}


def _config(carrier: int, given_up_after_s: float | None) -> Config:
    servers = {
        name: AsteriskServer(sip=f"{HOST}:{free_port()}", given_up_after_s=given_up_after_s)
        for name in (ONE, TWO)
    }
    trunks = {
        name: TrunkConfig(
            host=HOST,
            port=carrier,
            server=name,
            endpoint="out",
            group=GROUP,
            lines=20,
            calls_per_second=20,
        )
        for name in servers
    }
    return Config(trunks=trunks, asterisk=AsteriskConfig(servers=servers))


def _registered(name: str, phones: int) -> str:
    """Return what makes Asterisk know where a phone is, as if it had registered."""
    return f"[{name}](dialer-phones)\naors = {name}\n[{name}]\ntype = aor\ncontact = sip:{name}@{HOST}:{phones}\n"


def _written(config: Config, directory: Path) -> str:
    text = f'[run]\nlog_dir = "{directory}/dialer-logs"\n'
    for name, server in config.asterisk.servers.items():
        text += (
            f'[asterisk.servers.{name}]\nport = {server.port}\nsip = "{server.sip}"\n'
            f'password_file = "{server.password_file}"\n'
        )
        if server.given_up_after_s is not None:
            text += f"given_up_after_s = {server.given_up_after_s}\n"
    for name, trunk in config.trunks.items():
        text += (
            f'[trunks.{name}]\nhost = "{HOST}"\nport = {trunk.port}\nserver = "{name}"\nendpoint = "out"\n'
            f'group = "{GROUP}"\nlines = 20\ncalls_per_second = 20\n'
        )
    return text
