"""A carrier, phones and SIP adapters for one test."""

import time

from dialer.config import TrunkConfig
from dialer.core.commands import Bridge, CallAgent
from dialer.core.ids import AgentId, CallId, LegId
from dialer.core.switch_events import LegAnswered, LegsBridged
from dialer.live.clock import Clock
from telephony.sip.pool import SipTelephony
from tests.contract.rig import Behaviour
from tests.contract.sip_rig import NUMBERS, Sink, behaviour_file, originate, sip_config
from tests.integration.scripted_caller import Player

HOST = "127.0.0.1"
ANSWERS = NUMBERS[Behaviour.ANSWERS]


class Site:
    """A carrier, two phones, and as many adapters as a test wants."""

    def __init__(self, directory, *carrier_options, environment=None):
        self.directory = directory
        self.sink = Sink()
        self.clock = Clock()
        self._adapters = []
        self.carrier = Player(
            "carrier",
            directory / "carrier.log",
            *("--behaviour", str(behaviour_file(directory)), *carrier_options),
            environment=environment,
        )
        self.phones = Player("phones", directory / "phones.log", "--agents", "2", "--control")

    def adapter(self, *, trunk=None, died=None, **settings):
        trunk = trunk or TrunkConfig(host=HOST, port=self.carrier.port, lines=2)
        one = SipTelephony(
            sip_config(self.directory, **settings),
            {"carrier": trunk},
            clock=self.clock,
            post=self.sink.post,
            note=self.sink.note,
            died=died,
        )
        self._adapters.append(one)
        return one

    def started(self, **settings):
        one = self.adapter(**settings)
        one.start()
        return one

    def wait_for(self, kind, leg_id, *, within_s=30.0):
        return self.sink.wait_for(
            lambda event: isinstance(event, kind) and getattr(event, "leg_id", None) == leg_id,
            within_s=within_s,
        )

    def call(self, adapter, number=1, address=ANSWERS):
        command = originate(number)
        adapter.place(command, address)
        return command.leg_id

    def call_agent(self, adapter, index=1, *, parameters=""):
        leg_id = LegId(f"t-9{index}")
        adapter.place(
            CallAgent(leg_id=leg_id, agent_id=AgentId(index)),
            f"sip:agent-{index}@{HOST}:{self.phones.port}{parameters}",
        )
        return leg_id

    def talk(self, adapter, *, parameters=""):
        agent, customer = self.call_agent(adapter, parameters=parameters), self.call(adapter)
        self.wait_for(LegAnswered, agent)
        self.wait_for(LegAnswered, customer)
        adapter.execute(Bridge(call_id=CallId("talk-1"), customer_leg=customer, agent_leg=agent))
        self.sink.wait_for(lambda event: isinstance(event, LegsBridged))
        return customer, agent

    def close(self):
        for one in self._adapters:
            one.close()
        self.carrier.stop()
        self.phones.stop()


def until(condition, *, within_s=30.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it does not become true"
        time.sleep(0.02)
