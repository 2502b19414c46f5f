"""Who comes to a real Asterisk by itself: a lead calls back, an agent dials in with a PIN, and they talk."""

from contextlib import ExitStack, closing

import pytest

from dialer.agi_config import AgiConfig
from dialer.asterisk_config import AsteriskConfig
from dialer.config import Config, TrunkConfig
from dialer.core.commands import Bridge, CallAgent, HangUp, TakeCall
from dialer.core.events import AgentCalledIn
from dialer.core.switch_events import CallerArrived, LegAnswered, LegEnded, LegsBridged
from dialer.live.call_ins import CallIns
from dialer.live.clock import Clock
from dialer.phone_hosts import PhoneHosts
from dialer.storage import agents
from telephony.asterisk.agi.desk import Desk
from telephony.asterisk.agi.server import AgiServer
from telephony.asterisk.switch import AsteriskTelephony
from tests.asterisk import NAME, Sessions, asterisk
from tests.integration.called_once import OURS, make_called_once
from tests.stores import Inbox, number, wait_until

FAR = """
[far]
exten => waits,1,Answer()
 same => n,Wait(120)
exten => keys,1,Answer()
 same => n,Wait(1)
 same => n,SendDTMF(1#48151#,300,100)
 same => n,Wait(120)
"""


def no_death(thread, error):
    raise AssertionError(thread) from error


@pytest.fixture
def store(tmp_path):
    """A campaign that called its lead once; anna, who calls in."""
    made = make_called_once(tmp_path)
    with made.database.write() as connection:
        agents.add(connection, made.workspace_id, name="anna", phone="", at=0.0)
    yield made
    made.database.close()


@pytest.fixture
def site(store, tmp_path):
    """A switch on an Asterisk whose dialplan asks; yields it, what it told, and the way to make calls come."""
    for name, text in (("agi.secret", "0123456789abcdef"), ("pins.toml", 'anna = "48151"')):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    agi = AgiConfig(secret_file=tmp_path / "agi.secret", pins=tmp_path / "pins.toml")
    clock, inbox = Clock(), Inbox()
    with ExitStack() as stack:
        desk = Desk(store.database, store.workspace_id, agi, caller_ids={})
        server = stack.enter_context(closing(AgiServer(agi, desk.handlers(), died=no_death)))
        agi = AgiConfig(port=server.port, secret_file=agi.secret_file)
        trunk = TrunkConfig(host="127.0.0.1", port=5099, server=NAME)
        config = Config(trunks={"carrier": trunk}, asterisk=AsteriskConfig(agi=agi))
        one = stack.enter_context(asterisk(config=config, extra={"extensions.conf": FAR}))
        call_ins = CallIns(store.database, store.workspace_id, clock=clock, post=inbox.post, died=no_death)
        stack.enter_context(closing(call_ins))
        switch = AsteriskTelephony(
            one.config.asterisk, one.config.trunks, clock=clock, post=inbox.post, phone_hosts=PhoneHosts(())
        )
        switch.on_call_in(call_ins.add, call_ins.add_call_back)
        stack.enter_context(closing(switch))
        switch.start()
        sessions = stack.enter_context(Sessions(one))

        def come(far, context, extension, caller):
            sessions.do(
                "Originate",
                Channel=f"Local/{far}@far/n",
                Context=context,
                Exten=extension,
                Priority="1",
                CallerID=f"<{caller}>",
                Async="true",
            )

        yield switch, inbox, come, sessions


def answered(inbox, leg_id):
    wait_until(lambda: any(one.leg_id == leg_id for one in inbox.of(LegAnswered)), within_s=60)


def test_a_lead_who_calls_back_talks_with_an_agent_who_dialed_in(site):
    switch, inbox, come, sessions = site
    come("keys", "dialer-login", "s", "201")
    (called_in,) = inbox.wait_for(AgentCalledIn, within_s=60)
    switch.place(CallAgent(leg_id="new-1", agent_id=called_in.agent_id), "calls-in:anna")
    answered(inbox, "new-1")

    come("waits", "dialer-in", OURS, number(0))
    (arrived,) = inbox.wait_for(CallerArrived, within_s=60)
    assert (arrived.attempt_id, arrived.trunk, arrived.caller_id) == ("old-1", "carrier", OURS)
    switch.execute(TakeCall(leg_id="new-2", arrival=arrived.arrival, wait_s=30))
    answered(inbox, "new-2")

    switch.execute(Bridge(call_id="new-3", customer_leg="new-2", agent_leg="new-1"))
    (joined,) = inbox.wait_for(LegsBridged, within_s=60)
    assert (joined.customer_leg, joined.agent_leg) == ("new-2", "new-1")
    for leg_id in ("new-2", "new-1"):
        switch.execute(HangUp(leg_id=leg_id))
    ended = inbox.wait_for(LegEnded, 2, within_s=60)
    assert sorted(one.leg_id for one in ended) == ["new-1", "new-2"]
    wait_until(lambda: not sessions.do("CoreShowChannels").items, within_s=60)


def test_a_call_back_that_nobody_takes_hears_the_message(site):
    _, inbox, come, sessions = site
    come("waits", "dialer-in", OURS, number(0))
    inbox.wait_for(CallerArrived, within_s=60)
    told = sessions.wait_for(lambda event: event.get("UserEvent") == "DialerMessage")
    assert told["Message"] == "safe-harbour"


def test_who_is_gone_before_being_taken_ends_at_once(site):
    switch, inbox, _, _ = site
    switch.execute(TakeCall(leg_id="new-1", arrival="nobody", wait_s=30))
    switch.place(CallAgent(leg_id="new-2", agent_id=1), "calls-in:anna")
    assert [one.leg_id for one in inbox.wait_for(LegEnded, 2)] == ["new-1", "new-2"]
