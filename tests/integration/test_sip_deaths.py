"""The SIP adapter when a process dies: legs end on the wire and in events."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from dialer.core.commands import Bridge
from dialer.core.ids import CallId
from dialer.core.states import EndCause
from dialer.core.switch_events import (
    AnomalySeen,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegsBridged,
    OriginateRefused,
)
from telephony.sip.emulator.log import Acked, Ended, Sent, open_legs
from tests.contract.rig import Behaviour
from tests.contract.sip_rig import NUMBERS
from tests.integration.scripted_caller import Player
from tests.integration.sip_site import until

HOST = "127.0.0.1"
ANSWERS = NUMBERS[Behaviour.ANSWERS]
RINGS = NUMBERS[Behaviour.NEVER_ANSWERS]


def worker_of(adapter, leg_id):
    return adapter._exchange._legs[leg_id].process.pid


def test_a_killed_worker_loses_its_legs_and_is_replaced(site):
    adapter = site.started()
    leg = site.call(adapter)
    site.wait_for(LegAnswered, leg)
    os.kill(worker_of(adapter, leg), signal.SIGKILL)
    assert site.wait_for(LegEnded, leg).cause is EndCause.LOST

    until(lambda: _is_answered(site, adapter))


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        pytest.param(Behaviour.ANSWERS, "hung-up", id="answered"),
        pytest.param(Behaviour.NEVER_ANSWERS, "cancelled", id="ringing"),
    ],
)
def test_the_legs_of_a_killed_worker_end_at_the_carrier_too(site, behaviour, reason):
    adapter = site.started()
    leg = site.call(adapter, address=NUMBERS[behaviour])
    site.wait_for(LegRinging, leg)
    until(lambda: behaviour is Behaviour.NEVER_ANSWERS or LegAnswered in map(type, site.sink.events))
    os.kill(worker_of(adapter, leg), signal.SIGKILL)

    until(lambda: not open_legs(site.carrier.events()))
    assert [event.reason for event in site.carrier.events() if isinstance(event, Ended)] == [reason]


def _is_answered(site, adapter):
    """Call until a line is free again; a call that comes before the replacement is refused."""
    leg = site.call(adapter, number=len(site.sink.events) + 100)
    event = site.sink.wait_for(
        lambda event: isinstance(event, LegAnswered | OriginateRefused) and event.leg_id == leg
    )
    return isinstance(event, LegAnswered)


def test_a_hung_worker_is_killed_and_its_legs_are_lost(site):
    adapter = site.started()
    leg = site.call(adapter)
    site.wait_for(LegAnswered, leg)
    os.kill(worker_of(adapter, leg), signal.SIGSTOP)

    assert site.wait_for(LegEnded, leg).cause is EndCause.LOST


def test_when_the_agents_worker_dies_the_customer_stays(site):
    adapter = site.started()
    customer, agent = site.talk(adapter)
    os.kill(worker_of(adapter, agent), signal.SIGKILL)
    assert site.wait_for(LegEnded, agent).cause is EndCause.LOST

    other = site.call_agent(adapter, 2)
    site.wait_for(LegAnswered, other)
    adapter.execute(Bridge(call_id=CallId("talk-1"), customer_leg=customer, agent_leg=other))
    site.sink.wait_for(lambda event: isinstance(event, LegsBridged) and event.agent_leg == other)


def test_when_the_customers_worker_dies_the_agent_stays(site):
    adapter = site.started()
    customer, agent = site.talk(adapter)
    os.kill(worker_of(adapter, customer), signal.SIGKILL)
    assert site.wait_for(LegEnded, customer).cause is EndCause.LOST

    until(lambda: _is_answered(site, adapter))
    assert not any(isinstance(event, LegEnded) and event.leg_id == agent for event in site.sink.events)


def test_far_ends_that_are_gone_without_a_word_end_their_legs_on_record(site):
    adapter = site.started(no_audio_s=5)
    customer, agent = site.talk(adapter)
    until(
        lambda: any(
            set(news.legs) == {customer, agent} and news.bridges == ((customer, agent),)
            for news in site.sink.audits
        )
    )
    os.kill(site.phones.pid, signal.SIGKILL)
    os.kill(site.carrier.pid, signal.SIGSTOP)
    try:
        for leg in (agent, customer):
            assert site.wait_for(LegEnded, leg, within_s=20).cause is EndCause.NO_AUDIO
            assert site.wait_for(AnomalySeen, leg).kind == "no_audio"
    finally:
        os.kill(site.carrier.pid, signal.SIGCONT)


@pytest.mark.soak
def test_a_phone_that_forgot_its_call_is_found_by_the_session_timer(site):
    adapter = site.started(no_audio_s=600)
    agent = site.call_agent(adapter)
    site.wait_for(LegAnswered, agent)
    os.kill(site.phones.pid, signal.SIGKILL)
    site.phones.stop()
    listen = ("--listen", f"{HOST}:{site.phones.port}")
    site.phones = Player("phones", site.directory / "later.log", "--agents", "2", *listen)

    site.wait_for(LegEnded, agent, within_s=60)


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_when_the_parent_is_gone_every_leg_ends_at_the_carrier(site, tmp_path, death):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import signal
            from pathlib import Path
            from dialer.config import TrunkConfig
            from dialer.live.clock import Clock
            from telephony.sip.pool import SipTelephony
            from tests.contract.sip_rig import originate, sip_config
            trunk = TrunkConfig(host="{HOST}", port={site.carrier.port}, lines=4)
            one = SipTelephony(
                sip_config(Path("{tmp_path}")), {{"carrier": trunk}}, clock=Clock(), post=lambda _: None
            )
            one.start()
            for number, address in enumerate(["{ANSWERS}", "{RINGS}"]):
                one.place(originate(number), address)
            signal.pause()
            """
        )
    )
    with subprocess.Popen(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    ) as parent:
        try:
            site.carrier.await_event(Acked)
            site.carrier.await_event(Sent, lambda event: event.number == RINGS and event.status == 180)
            parent.send_signal(death)
            until(lambda: not open_legs(site.carrier.events()))
        finally:
            parent.kill()

    reasons = {event.reason for event in site.carrier.events() if isinstance(event, Ended)}
    assert reasons == {"hung-up", "cancelled"}


def test_closing_ends_every_leg_on_the_wire_and_says_so(site):
    adapter = site.started()
    answered, ringing = site.call(adapter, 1), site.call(adapter, 2, NUMBERS[Behaviour.NEVER_ANSWERS])
    site.wait_for(LegAnswered, answered)
    adapter.close()

    assert site.wait_for(LegEnded, answered).cause is EndCause.CLEARED
    assert site.wait_for(LegEnded, ringing).cause is EndCause.CANCELLED
    until(lambda: not open_legs(site.carrier.events()))
