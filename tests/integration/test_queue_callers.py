"""Callers of a queue on a real Asterisk: its dialplan hands them over, a run serves them, and nobody depends on the run."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from cli.asterisk.instance import Instance
from cli.demo.fixture import fixture
from cli.processes import end
from dialer.agi_config import AgiConfig
from dialer.asterisk_config import AsteriskConfig
from dialer.config import Config, TrunkConfig
from dialer.core.requests import Dispose
from dialer.core.states import AgentState, Outcome
from dialer.storage import schema
from dialer.storage.queue_tables import queue_call
from telephony.sip.emulator.log import Ended
from tests.asterisk import NAME, Sessions, program
from tests.floor import RealFloor, wait_until
from tests.integration.scripted_caller import Player
from tests.integration.sipp_carrier import free_port

HOST, LONG_S = "127.0.0.1", 90
CALLER, FIRST = "+12125550142", "+12125550141"
SECOND = 16_000
"""Bytes of a recording."""
SECRET = "0123456789abcdef"
PEOPLE = """
[default]
kind = "person"
ring_s = 0.2
patience_s = 600
talk_s = 600
"""
SITE = """
[site]
exten => support,1,Gosub(dialer-queue,s,1(support,language=fr,note=it is "urgent"))
 same => n,UserEvent(WentOn,Why: ${DIALER_QUEUED})
 same => n,Hangup()
exten => brief,1,Gosub(dialer-queue,s,1(brief))
 same => n,UserEvent(WentOn,Why: ${DIALER_QUEUED})
 same => n,Hangup()
exten => nonsense,1,Gosub(dialer-queue,s,1(nonsense))
 same => n,UserEvent(WentOn,Why: ${DIALER_QUEUED})
 same => n,Hangup()
"""
QUEUES = """
[queues.support]
trunk = "carrier"
wrap_up_s = 0.2
record = "on"
announce_every_s = 1
callback_key = "5"
[queues.brief]
trunk = "carrier"
inbound_wait_s = 2
overflow = "dialplan"
"""


class Site:
    """A run with an agent, an Asterisk whose dialplan knows queues, and people who call them."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        leads, behaviour = fixture(1).write(directory)
        behaviour.write_text(PEOPLE, encoding="utf-8")
        log, options = directory / "carrier.jsonl", ("--control", "--behaviour", str(behaviour))
        self.callers = stack.enter_context(Player("carrier", log, *options))
        self.phones = stack.enter_context(Player("phones", directory / "phones.jsonl", "--agents", "1"))
        carrier, phones = self.callers.port, self.phones.port
        secret = directory / "agi.secret"
        secret.touch(0o600)
        secret.write_text(SECRET)
        self.directory, agi_port = directory, free_port()
        agi = AgiConfig(port=agi_port, secret_file=secret)
        trunks = {"carrier": TrunkConfig(host=HOST, port=carrier, server=NAME)}
        config = Config(trunks=trunks, asterisk=AsteriskConfig(agi=agi))
        self.asterisk = Instance(config, NAME, extra={"extensions.conf": SITE}, program=program())
        stack.callback(self.asterisk.remove)
        self.floor = RealFloor(directory, carrier, phones)
        stack.callback(self.floor.database.close)
        stack.callback(self._end_run)
        self.floor.config.write_text(
            f'[run]\nfinish_talks_s = 0\nlog_dir = "{directory}/dialer-logs"\n'
            f"[asterisk.servers.{NAME}]\nport = {self.asterisk.ports.manager}\n"
            f'password_file = "{self.asterisk.server.password_file}"\n'
            f'[asterisk.agi]\nport = {agi_port}\nsecret_file = "{secret}"\n'
            f'[trunks.carrier]\nhost = "{HOST}"\nport = {carrier}\nserver = "{NAME}"\n{QUEUES}'
        )
        self.floor.prepare(leads, agent_count=1)
        self.asterisk.start()
        self.sessions = stack.enter_context(Sessions(self.asterisk))

    def _end_run(self) -> None:
        if self.floor.run is not None:
            end(self.floor.run)

    def begin(self) -> None:
        """Start the run and have its agent there."""
        self.floor.start_run()
        self.floor.log_everybody_in()

    def call(self, queue: str, number: str = CALLER) -> None:
        """Have somebody call a queue, by a SIP call with audio both ways."""
        self.sessions.do(
            "Originate",
            Channel=f"PJSIP/{number}@carrier",
            Context="site",
            Exten=queue,
            Priority="1",
            CallerID=f"<{number}>",
            Async="true",
        )

    def went_on(self) -> str:
        """Return why a caller went on in the site's own dialplan."""
        return self.sessions.wait_for(lambda told: told.get("UserEvent") == "WentOn")["Why"]

    def rows(self) -> list[object]:
        return list(self.floor.rows(select(queue_call).order_by(queue_call.c.started_at)))

    def wait(self, condition, what: str) -> None:
        wait_until(lambda: bool(condition()), LONG_S, what, self.story)

    def story(self) -> str:
        journal = self.floor.rows(select(schema.journal.c.kind, schema.journal.c.detail).limit(60))
        return f"{self.rows()} {journal} {self.floor.said()}"

    def agent_is(self, state: AgentState) -> None:
        self.wait(lambda: self.floor.states() == [state], f"the agent to be {state}")

    def ended(self, player: Player) -> Ended:
        """Return the end of the only call of an emulated side."""

        def found() -> list[Ended]:
            return [one for one in player.events() if isinstance(one, Ended)]

        self.wait(found, "the end of a call")
        return found()[-1]

    def recorded(self, file: str) -> int:
        """Return the bytes of a recording."""
        path = self.asterisk.home / "spool" / "monitor" / file
        return path.stat().st_size if path.exists() else 0

    def hang_up(self, number: str) -> None:
        """Have a caller hang up."""
        self.callers.tell(do="hang-up", number=number)


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(tmp_path, stack)


def test_a_caller_and_an_agent_hear_each_other_and_it_is_on_record(site):
    site.begin()
    site.call("support")
    site.agent_is(AgentState.TALKING)
    site.wait(lambda: site.floor.scalar(select(func.count()).select_from(schema.recording)), "a recording")
    site.floor.ask(Dispose(agent_id=1, code="sale"))
    (row,) = site.rows()
    assert (row.queue, row.number, row.region, row.inbound, row.agent_id) == (
        "support",
        CALLER,
        "US",
        True,
        1,
    )
    assert msgspec.json.decode(row.attributes)["language"] == "fr"
    site.wait(lambda: site.recorded(f"{row.id}.wav") > 3 * SECOND, "three seconds of the talk")
    site.hang_up(CALLER)
    caller = site.ended(site.callers)
    site.floor.stop_run()
    agent = site.ended(site.phones)
    assert caller.sent_pair in [heard.pair for heard in agent.heard]
    assert agent.sent_pair in [heard.pair for heard in caller.heard]
    (row,) = site.rows()
    assert (row.outcome, row.disposition, row.bridged_at is not None) == (Outcome.CONNECTED, "sale", True)
    assert row.talk_s > 0
    (file,) = site.floor.rows(select(schema.recording))
    assert (file.id, file.attempt_id, file.queue_call_id) == (f"{row.id}.wav", None, row.id)


def test_who_is_served_by_nobody_in_time_goes_on_in_the_dialplan(site):
    site.begin()
    site.call("support", FIRST)
    site.agent_is(AgentState.TALKING)
    site.call("brief")
    assert site.went_on() == "late"
    site.wait(lambda: site.rows()[-1].ended_at is not None, "the end of the wait")
    assert site.rows()[-1].outcome == Outcome.OVERFLOWED


def test_without_a_run_the_dialplan_goes_on_at_once(site):
    site.call("support")
    assert site.went_on() == "failed"


def test_a_queue_that_is_none_is_said_to_be_none(site):
    site.begin()
    site.call("nonsense")
    assert site.went_on() == "unknown"
    assert site.rows() == []


def test_who_waits_when_the_run_dies_goes_on_in_the_dialplan(site):
    site.begin()
    site.call("support", FIRST)
    site.agent_is(AgentState.TALKING)
    site.call("brief")
    site.wait(lambda: len(site.rows()) == 2 and site.rows()[-1].taken_at, "the second call to be taken")
    site.floor.kill_run()
    assert site.went_on() == "late"


def test_a_key_asks_to_be_called_back_and_they_are(site):
    site.begin()
    site.call("support", FIRST)
    site.agent_is(AgentState.TALKING)
    site.call("support")
    site.wait(lambda: len(site.rows()) == 2 and site.rows()[-1].taken_at, "the second call to be taken")
    waiting = site.rows()[-1]
    site.callers.tell(do="press", number=CALLER, keys="5")
    site.wait(lambda: site.rows()[1].callback_asked_at, "the wish to be called back")
    site.wait(lambda: site.rows()[1].outcome == Outcome.CALLBACK, "the end of the first call")
    site.hang_up(FIRST)
    site.wait(lambda: len(site.rows()) == 3 and site.rows()[2].bridged_at, "the call back")
    back = site.rows()[2]
    assert (back.callback_of, back.number, back.inbound) == (waiting.id, CALLER, False)
    assert back.waiting_since == waiting.waiting_since
