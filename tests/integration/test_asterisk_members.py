"""Members of a queue of a real Asterisk take the dialer's calls: seen, rung, joined, and left to their queue afterwards."""

from contextlib import ExitStack, closing

import msgspec
import pytest

from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import Config, TrunkConfig
from dialer.core.commands import Bridge, HangUp, Originate, RingMember
from dialer.core.states import Presence
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged
from dialer.live.clock import Clock
from dialer.phone_hosts import PhoneHosts
from dialer.queue_config import AsteriskQueue
from telephony.asterisk.switch import AsteriskTelephony
from tests.asterisk import NAME, Sessions, asterisk
from tests.integration.cuttable import Cuttable
from tests.integration.scripted_caller import Player
from tests.stores import Inbox, wait_until

CUSTOMER = "+12125550100"
WITHIN_S = 60
EXTRA = {
    "modules.conf": "load=app_queue.so",
    "queues.conf": (
        "[support]\nstrategy=ringall\nwrapuptime=1\n"
        "member => Local/anna@far,0,Anna\nmember => Local/ben@far,0,Ben\n"
    ),
    "extensions.conf": (
        "[far]\nexten => anna,1,Answer()\n same => n,Wait(120)\n"
        "exten => ben,1,Ringing()\n same => n,Wait(120)\n"
        "exten => caller,1,Answer()\n same => n,Wait(120)\n"
        "[in]\nexten => call,1,Queue(support)\n"
        "exten => pause,1,PauseQueueMember(support,Local/anna@far,,lunch)\n"
        "exten => come,1,AddQueueMember(support,Local/caller@far,,,Carla)\n"
        "exten => go,1,RemoveQueueMember(support,Local/caller@far)\n"
    ),
}


class Floor:
    def __init__(self, switch, *, inbox, sessions, line):
        self.switch, self.inbox, self.sessions, self.line, self.news = switch, inbox, sessions, line, []
        switch.on_member(self.news.append)

    def now(self, name):
        return next((one for one in reversed(self.news) if one.name == name), None)

    def wait(self, name, presence):
        wait_until(lambda: (one := self.now(name)) and one.presence is presence, within_s=WITHIN_S)
        return self.now(name)

    def run(self, extension):
        """Have the site's own dialplan do something."""
        self.sessions.do(
            "Originate",
            Channel="Local/caller@far/n",
            Context="in",
            Exten=extension,
            Priority="1",
            Async="true",
        )

    def answered(self, leg_id):
        wait_until(lambda: any(one.leg_id == leg_id for one in self.inbox.of(LegAnswered)), within_s=WITHIN_S)


@pytest.fixture
def floor(tmp_path):
    behaviour = tmp_path / "behaviour.toml"
    behaviour.write_text(f'[[rule]]\nnumbers = ["{CUSTOMER}"]\nkind = "person"\nring_s = 0.1\ntalk_s = 100\n')
    with ExitStack() as stack:
        carrier = stack.enter_context(Player("carrier", tmp_path / "log", "--behaviour", str(behaviour)))
        config = Config(
            trunks={"carrier": TrunkConfig(host="127.0.0.1", port=carrier.port, server=NAME)},
            asterisk=AsteriskConfig(
                servers={NAME: AsteriskServer()}, queues={"support": AsteriskQueue(server=NAME)}
            ),
        )
        one = stack.enter_context(asterisk(config=config, extra=EXTRA))
        inbox = Inbox()
        line = stack.enter_context(closing(Cuttable(one.ports.manager)))
        servers = {NAME: msgspec.structs.replace(one.server, port=line.port)}
        reached = msgspec.structs.replace(one.config.asterisk, servers=servers)
        switch = AsteriskTelephony(
            reached, one.config.trunks, clock=Clock(), post=inbox.post, phone_hosts=PhoneHosts(())
        )
        stack.enter_context(closing(switch))
        sessions = stack.enter_context(Sessions(one))
        made = Floor(switch, inbox=inbox, sessions=sessions, line=line)
        switch.start()
        yield made


def test_a_member_is_rung_for_a_customer_and_joined_and_free_again_afterwards(floor):
    anna = floor.wait("Anna", Presence.FREE)
    assert anna.wrap_up_s == 1.0
    floor.switch.place(
        Originate(leg_id="t-1", call_id="c-1", attempt_id="a-1", lead_id=1, trunk="carrier"), CUSTOMER
    )
    floor.answered("t-1")
    floor.switch.execute(RingMember(leg_id="t-2", member=anna.member))
    floor.answered("t-2")
    floor.switch.execute(Bridge(call_id="c-1", customer_leg="t-1", agent_leg="t-2"))
    floor.inbox.wait_for(LegsBridged, within_s=WITHIN_S)
    floor.wait("Anna", Presence.BUSY)
    for leg_id in ("t-1", "t-2"):
        floor.switch.execute(HangUp(leg_id=leg_id))
    floor.inbox.wait_for(LegEnded, 2, within_s=WITHIN_S)
    floor.wait("Anna", Presence.FREE)


def test_pauses_and_who_comes_and_goes_are_the_queues_own(floor):
    floor.wait("Anna", Presence.FREE)
    floor.run("pause")
    assert floor.wait("Anna", Presence.PAUSED).reason == "lunch"
    floor.run("come")
    floor.wait("Carla", Presence.FREE)
    floor.run("go")
    floor.wait("Carla", Presence.AWAY)


def test_a_member_whom_the_queues_own_caller_rings_is_taken(floor):
    floor.wait("Ben", Presence.FREE)
    floor.run("call")
    told = floor.news
    wait_until(
        lambda: any((one.name, one.presence) == ("Ben", Presence.TAKEN) for one in told), within_s=WITHIN_S
    )
    floor.wait("Anna", Presence.TAKEN)


def test_while_the_connection_is_cut_nobody_is_free_and_then_what_was_missed_is_known(floor):
    floor.wait("Anna", Presence.FREE)
    floor.line.cut()
    floor.wait("Anna", Presence.AWAY)
    floor.wait("Ben", Presence.AWAY)
    floor.run("pause")
    floor.sessions.wait_for(lambda told: told.get("Event") == "QueueMemberPause")
    floor.line.mend()
    assert floor.wait("Anna", Presence.PAUSED).reason == "lunch"
    floor.wait("Ben", Presence.FREE)
