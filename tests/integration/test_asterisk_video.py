"""A lead who calls back with video, at a real Asterisk: told of as such, and seen by the agent whose phone has it."""

import threading
from contextlib import ExitStack, closing

import pytest

from dialer.agi_config import AgiConfig
from dialer.asterisk_config import AsteriskConfig
from dialer.config import Config, TrunkConfig
from dialer.core.allocation.capacity import Channel
from dialer.core.commands import Bridge, CallAgent, HangUp, TakeCall
from dialer.core.switch_events import CallerArrived, LegAnswered, LegsBridged, LegShowsVideo
from dialer.live.call_ins import CallIns
from dialer.live.clock import Clock
from dialer.phone_hosts import PhoneHosts
from telephony.asterisk.agi.desk import Desk
from telephony.asterisk.agi.server import AgiServer
from telephony.asterisk.switch import AsteriskTelephony
from telephony.sip.emulator.log import Ended
from tests.asterisk import NAME, asterisk
from tests.integration.called_once import OURS, make_called_once
from tests.integration.scripted_caller import HOST, Caller, Player, UdpWire
from tests.stores import Inbox, number, wait_until

PAIR = "400+1900"
"""What the caller sends, and says its pictures are of."""
SEEN_PACKETS = 10


def no_death(thread, error):
    raise AssertionError(thread) from error


@pytest.fixture
def store(tmp_path):
    made = make_called_once(tmp_path)
    yield made
    made.database.close()


class Visitor:
    """Somebody who calls our number with or without video, and talks until told to stop."""

    def __init__(self, wire, port, *, video):
        self.call = Caller(wire, OURS, port=port, pair=PAIR, video=video, caller=number(0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._talk)
        self._thread.start()

    def _talk(self):
        self.call.answered()
        while not self._over.is_set():
            self.call.talk(0.2)

    def close(self):
        """Stop; a call that nobody answered raises in its thread, which the test's other waits show first."""
        self._over.set()
        self._thread.join()
        self.call.__exit__()


@pytest.fixture
def site(store, tmp_path):
    """A switch on an Asterisk with a trunk and phones that have video; yields it, what it told, and who can call."""
    (tmp_path / "agi.secret").write_text("0123456789abcdef")
    (tmp_path / "agi.secret").chmod(0o600)
    agi = AgiConfig(secret_file=tmp_path / "agi.secret")
    clock, inbox = Clock(), Inbox()
    with ExitStack() as stack:
        desk = Desk(store.database, store.workspace_id, agi, caller_ids={})
        server = stack.enter_context(closing(AgiServer(agi, desk.handlers(), died=no_death)))
        wire = stack.enter_context(closing(UdpWire(9)))
        trunk = TrunkConfig(host=HOST, port=wire.port, server=NAME, video=True)
        asked = AsteriskConfig(agi=AgiConfig(port=server.port, secret_file=agi.secret_file), video=True)
        one = stack.enter_context(asterisk(config=Config(trunks={"carrier": trunk}, asterisk=asked)))
        wire.turn_to(one.ports.sip)
        call_ins = CallIns(store.database, store.workspace_id, clock=clock, post=inbox.post, died=no_death)
        stack.enter_context(closing(call_ins))
        switch = AsteriskTelephony(
            one.config.asterisk,
            one.config.trunks,
            clock=clock,
            post=inbox.post,
            phone_hosts=PhoneHosts((HOST,)),
        )
        switch.on_call_in(call_ins.add, call_ins.add_call_back)
        stack.enter_context(closing(switch))
        switch.start()

        def come(*, video):
            return stack.enter_context(closing(Visitor(wire, one.ports.sip, video=video)))

        yield switch, inbox, come


def phones(tmp_path, *options):
    return Player("phones", tmp_path / "phones.log", "--agents", "1", "--rtp-timeout", "20", *options)


def answered(inbox, leg_id):
    wait_until(lambda: any(one.leg_id == leg_id for one in inbox.of(LegAnswered)), within_s=60)


def taken(switch, inbox):
    """Have who calls taken, and joined with the agent; return how the call was told of."""
    (arrived,) = inbox.wait_for(CallerArrived, within_s=60)
    switch.execute(TakeCall(leg_id="new-2", arrival=arrived.arrival, wait_s=30))
    answered(inbox, "new-2")
    switch.execute(Bridge(call_id="new-3", customer_leg="new-2", agent_leg="new-1"))
    inbox.wait_for(LegsBridged, within_s=60)
    return arrived


def test_a_caller_with_video_and_an_agent_see_and_hear_each_other(site, tmp_path):
    switch, inbox, come = site
    with phones(tmp_path, "--video") as player:
        switch.place(CallAgent(leg_id="new-1", agent_id=1), f"sip:agent-1@{HOST}:{player.port}")
        wait_until(lambda: [one.leg_id for one in inbox.of(LegShowsVideo)] == ["new-1"], within_s=60)
        visitor = come(video=True)
        assert taken(switch, inbox).channel is Channel.VIDEO

        wait_until(lambda: visitor.call.seen_video.total() >= 5 * SEEN_PACKETS, within_s=60)
        wait_until(visitor.call.pairs_heard, within_s=60)
        switch.execute(HangUp(leg_id="new-1"))
        agent = player.await_event(Ended)
        assert visitor.call.seen_video.keys() == visitor.call.pairs_heard() == {agent.sent_pair}
        assert agent.video_seen[PAIR] >= SEEN_PACKETS
        assert PAIR in [heard.pair for heard in agent.heard]


def test_a_caller_without_video_is_a_call_as_ever(site, tmp_path):
    switch, inbox, come = site
    with phones(tmp_path, "--video") as player:
        switch.place(CallAgent(leg_id="new-1", agent_id=1), f"sip:agent-1@{HOST}:{player.port}")
        answered(inbox, "new-1")
        visitor = come(video=False)
        assert taken(switch, inbox).channel is Channel.VOICE
        wait_until(visitor.call.pairs_heard, within_s=60)
        assert visitor.call.seen_video == {}


def test_an_agent_whose_phone_declines_video_is_told_of_as_such_and_heard_all_the_same(site, tmp_path):
    switch, inbox, come = site
    with phones(tmp_path) as player:
        switch.place(CallAgent(leg_id="new-1", agent_id=1), f"sip:agent-1@{HOST}:{player.port}")
        answered(inbox, "new-1")
        visitor = come(video=True)
        taken(switch, inbox)
        wait_until(visitor.call.pairs_heard, within_s=60)

        assert "new-1" not in [one.leg_id for one in inbox.of(LegShowsVideo)]
        assert visitor.call.seen_video == {}
