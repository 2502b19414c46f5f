"""Three campaigns and people who call a queue, on the same agents: simulated, and on a real Asterisk."""

import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from random import Random
from time import sleep

import msgspec
import pytest
from sqlalchemy import func, select

from cli.asterisk.instance import Instance
from cli.demo.full_floor import numbers
from cli.demo.play import settings as campaign_settings
from cli.processes import emulator, end
from dialer.agi_config import AgiConfig
from dialer.asterisk_config import AsteriskConfig
from dialer.config import Config, TrunkConfig, load
from dialer.core.ids import QueueName
from dialer.core.queue_records import QueueCallEnded
from dialer.core.records import AgentChanged, AttemptEnded
from dialer.core.requests import StartCampaign, StopCampaign
from dialer.core.settings import PacingMode, QueueSettings
from dialer.core.states import AgentState, Outcome
from dialer.leads.importer import ImportOptions, import_file
from dialer.live.clock import Clock
from dialer.reports.intervals import wilson
from dialer.simulation.behaviour import People
from dialer.simulation.callers import Callers
from dialer.simulation.floor import FloorSettings, OtherCampaign, simulate
from dialer.storage import agents, campaigns, hopper, schema
from dialer.storage.queue_tables import queue_call
from tests.asterisk import NAME, Sessions, program
from tests.drawn_carrier import rule_of
from tests.floor import RealFloor, wait_until
from tests.integration.sipp_carrier import free_port

LIMIT = 0.03
"""Of abandonment, a campaign. Source: 16 CFR 310.4(b)(4)(i)."""
IN_TIME_S, TARGET = 20.0, 0.8
"""Of callers, so many are answered within so long: the level that call centres name most often."""
SUPPORT = QueueSettings(name=QueueName("support"), wrap_up_s=25.0)


class Blend(msgspec.Struct, frozen=True, kw_only=True):
    """A floor of three campaigns of one call for each free agent, and a queue."""

    agents: int = 20
    leads: int = 600
    """Of each campaign."""
    seconds: float = 900.0
    callers_per_hour: float = 110.0
    """With talks of 180 s and their wrap-up, 30 % of the work of 20 agents."""
    caller_talk_s: float = 180.0
    wrap_up_s: float = 25.0
    people: People = People()


FULL = Blend()
MOMENT = Blend(
    agents=3,
    leads=30,
    seconds=20.0,
    callers_per_hour=900.0,
    caller_talk_s=3.0,
    wrap_up_s=0.5,
    people=People(human_share=0.8, human_ring_s=1.0, refusal_s=2.0, talk_s=3.0, machine_talk_s=1.0),
)


# --- simulated -----------------------------------------------------------------------------------------


def simulated(blend, seed):
    """Return the records of a simulated floor."""
    records = []
    floor = FloorSettings(
        agents=blend.agents,
        leads=blend.leads,
        others=(OtherCampaign(leads=blend.leads), OtherCampaign(leads=blend.leads)),
        callers=(Callers(queue=SUPPORT, per_hour=blend.callers_per_hour, talk_s=blend.caller_talk_s),),
        seconds=blend.seconds,
        seed=seed,
        lines=90,
    )
    simulate(floor, on_record=records.append)
    return records


def judged(days):
    """Return abandonment by campaign, and the share of callers who were answered in time, of several days."""
    outcomes = Counter()
    waits = []
    for records in days:
        outcomes.update((one.campaign_id, one.outcome) for one in records if isinstance(one, AttemptEnded))
        waits += [one for one in records if isinstance(one, QueueCallEnded)]
    abandoned = {
        campaign: rate(outcomes[campaign, Outcome.ABANDONED], outcomes[campaign, Outcome.CONNECTED])
        for campaign in (1, 2, 3)
    }
    in_time = sum(one.outcome is Outcome.CONNECTED and one.wait_s <= IN_TIME_S for one in waits)
    return abandoned, in_time / len(waits)


def rate(abandoned, connected):
    return abandoned / max(1, abandoned + connected)


@pytest.mark.parametrize(
    "days", [pytest.param(2, id="two"), pytest.param(100, id="hundred", marks=pytest.mark.soak)]
)
def test_campaigns_and_callers_share_simulated_agents_each_within_its_limit(days):
    blend = msgspec.structs.replace(FULL, leads=1_500, seconds=3_600.0)
    records = [simulated(blend, seed) for seed in range(days)]
    abandoned, service_level = judged(records)
    work = Counter(
        one.state for day in records for one in day if isinstance(one, AgentChanged) and one.begins
    )
    sys.stdout.write(f"\n{days} hours: abandonment {abandoned}, service level {service_level:.3f}\n")
    assert work[AgentState.TALKING] > 100 * days
    assert max(abandoned.values()) <= LIMIT
    assert service_level >= TARGET


# --- on Asterisk ---------------------------------------------------------------------------------------

SITE = """
[site]
exten => support,1,Gosub(dialer-queue,s,1(support))
 same => n,Hangup()
"""


class Site:
    """A run over three lists, an Asterisk whose dialplan hands callers over, and the people who call and are called."""

    def __init__(self, directory, blend, stack):
        self.directory, self.blend = directory, blend
        called = numbers(3 * blend.leads)
        self.lists = [called[index * blend.leads : (index + 1) * blend.leads] for index in range(3)]
        behaviour = directory / "carrier.toml"
        behaviour.write_text(self._behaviour(), encoding="utf-8")
        self.carrier = stack.enter_context(
            emulator("carrier", ("--behaviour", str(behaviour)), log=directory / "carrier.jsonl")
        )
        self.phones = stack.enter_context(
            emulator("phones", ("--agents", str(blend.agents)), log=directory / "phones.jsonl")
        )
        self.floor = RealFloor(directory, self.carrier, self.phones)
        stack.callback(self.floor.database.close)
        self.asterisk = self._switch(stack)
        stack.callback(lambda: self.floor.run is None or end(self.floor.run))
        self.campaigns = self._prepare()

    def _behaviour(self):
        """Write what each number does: people who are called are drawn; whoever calls us stays until somebody has talked."""
        chance = Random(1)
        rules = [
            rule_of(self.blend.people.plan(chance)) | {"numbers": [number]}
            for numbers_ in self.lists
            for number in numbers_
        ]
        caller = {"kind": "person", "ring_s": 0.1, "talk_s": self.blend.caller_talk_s, "patience_s": 120.0}
        return in_toml(caller, rules)

    def _switch(self, stack):
        agi_port, secret = free_port(), self.directory / "agi.secret"
        secret.touch(0o600)
        secret.write_text("0123456789abcdef")
        trunks = {"carrier": TrunkConfig(host="127.0.0.1", port=self.carrier, server=NAME)}
        agi = AgiConfig(port=agi_port, secret_file=secret)
        config = Config(trunks=trunks, asterisk=AsteriskConfig(agi=agi))
        instance = Instance(config, NAME, extra={"extensions.conf": SITE}, program=program())
        stack.callback(instance.remove)
        self.floor.config.write_text(
            f'[run]\nfinish_talks_s = 20\nlog_dir = "{self.directory}/dialer-logs"\n'
            f"[asterisk.servers.{NAME}]\nport = {instance.ports.manager}\n"
            f'password_file = "{instance.server.password_file}"\n'
            f'[asterisk.agi]\nport = {agi_port}\nsecret_file = "{secret}"\n'
            f'[trunks.carrier]\nhost = "127.0.0.1"\nport = {self.carrier}\nserver = "{NAME}"\nlines = 90\n'
            "calls_per_second = 20\n"
            f'[queues.support]\ntrunk = "carrier"\nwrap_up_s = {self.blend.wrap_up_s}\ninbound_wait_s = 120\n'
        )
        load(self.floor.config)
        instance.start()
        self.sessions = stack.enter_context(Sessions(instance))
        return instance

    def _prepare(self):
        at, place = Clock().now(), self.floor.place
        made = []
        for index, called in enumerate(self.lists, 1):
            path = self.directory / f"list-{index}.csv"
            path.write_text("name,phone\n" + "".join(f"Lead {number},{number}\n" for number in called))
            options = ImportOptions(list_name=f"list-{index}", region="US")
            import_file(place.database, place.workspace_id, path=path, options=options, at=at)
            chosen = msgspec.structs.replace(
                campaign_settings(PacingMode.PROGRESSIVE, 1.0, ring_s=26.0), wrap_up_s=self.blend.wrap_up_s
            )
            with place.database.write() as connection:
                list_id = connection.scalar(
                    select(schema.lead_list.c.id).where(schema.lead_list.c.name == f"list-{index}")
                )
                campaign_id = campaigns.create(
                    connection, place.workspace_id, name=f"campaign-{index}", list_id=list_id, settings=chosen, at=at
                )  # fmt: skip
            hopper.fill(place.database, campaign_id, list_id, at=at)
            made.append(campaign_id)
        with place.database.write() as connection:
            for index in range(1, self.blend.agents + 1):
                phone = f"sip:agent-{index}@127.0.0.1:{self.phones}"
                agents.add(connection, place.workspace_id, name=f"agent-{index}", phone=phone, at=at)
        return made

    def live(self):
        """Let everybody call for the time that is given, and the last talks end."""
        self.floor.start_run()
        self.floor.log_everybody_in()
        for campaign_id in self.campaigns:
            self.floor.ask(StartCampaign(campaign_id=campaign_id))
        chance, clock = Random(2), Clock()
        ends_at = clock.now() + self.blend.seconds
        callers = 0
        next_at = clock.now() + chance.expovariate(self.blend.callers_per_hour / 3_600)
        while clock.now() < ends_at:
            if clock.now() >= next_at:
                callers += 1
                self.call(f"+12125550{199 - callers % 30:03}")
                next_at += chance.expovariate(self.blend.callers_per_hour / 3_600)
            sleep(0.1)
        for campaign_id in self.campaigns:
            self.floor.ask(StopCampaign(campaign_id=campaign_id))
        wait_until(lambda: self.open() == 0, 420, "the last calls", self.floor.said)
        assert self.floor.stop_run() == 0, self.floor.said()
        return callers

    def call(self, number):
        """Have somebody call the queue."""
        self.sessions.do(
            "Originate",
            Channel=f"PJSIP/{number}@carrier",
            Context="site",
            Exten="support",
            Priority="1",
            CallerID=f"<{number}>",
            Async="true",
        )

    def open(self):
        """Return how many calls are not over."""
        attempts = select(func.count()).select_from(schema.attempt).where(schema.attempt.c.ended_at.is_(None))
        called = select(func.count()).select_from(queue_call).where(queue_call.c.ended_at.is_(None))
        return self.floor.scalar(attempts) + self.floor.scalar(called)

    def abandonment(self):
        """Return connected calls and the rate of abandonment, by campaign."""
        kept = schema.attempt.c
        outcomes = Counter(
            {
                (row.campaign_id, row.outcome): row.count
                for row in self.floor.rows(
                    select(kept.campaign_id, kept.outcome, func.count().label("count")).group_by(
                        kept.campaign_id, kept.outcome
                    )
                )
            }
        )
        return {
            one: (
                outcomes[one, Outcome.CONNECTED],
                rate(outcomes[one, Outcome.ABANDONED], outcomes[one, Outcome.CONNECTED]),
            )
            for one in self.campaigns
        }

    def served(self):
        """Return of the queue's calls how many came, and how many were answered in time."""
        rows = self.floor.rows(select(queue_call.c.outcome, queue_call.c.wait_s))
        in_time = [row for row in rows if row.outcome == Outcome.CONNECTED and row.wait_s <= IN_TIME_S]
        return len(rows), len(in_time)


def in_toml(default, rules):
    def table(values):
        return "".join(f"{key} = {value_of(value)}\n" for key, value in values.items())

    def value_of(value):
        return (
            f'["{value[0]}"]'
            if isinstance(value, list)
            else f'"{value}"'
            if isinstance(value, str)
            else value
        )

    return "[default]\n" + table(default) + "".join("[[rule]]\n" + table(rule) for rule in rules)


@contextmanager
def site(directory, blend):
    with ExitStack() as stack:
        yield Site(directory, blend, stack)


def test_campaigns_and_callers_share_the_agents_of_a_small_floor_on_asterisk(tmp_path):
    with site(tmp_path, MOMENT) as here:
        callers = here.live()
        came, in_time = here.served()
        connected = [count for count, _ in here.abandonment().values()]
        anomalies = here.floor.rows(select(schema.journal.c.detail).where(schema.journal.c.kind == "anomaly"))
    assert callers - 1 <= came <= callers
    assert in_time > 0
    assert min(connected) > 0
    assert anomalies == []


@pytest.mark.soak
def test_twenty_agents_on_asterisk_keep_three_campaigns_within_their_limit_beside_callers(tmp_path):
    with site(tmp_path, FULL) as here:
        here.live()
        came, in_time = here.served()
        by_campaign = here.abandonment()
    sys.stdout.write(
        f"\nconnected and abandonment {by_campaign}, callers {came}, service level {in_time / came:.3f}\n"
    )
    # In a quarter of an hour a campaign has some 40 talks: one accident is 2.5 %, and shows nothing. The limit is broken if the rate
    # is above it with 95 % confidence; what many hours come to is shown above.
    for connected, abandoned in by_campaign.values():
        answered = round(connected / (1 - abandoned))
        assert wilson(answered - connected, answered)[0] <= LIMIT
    assert in_time / came >= TARGET
