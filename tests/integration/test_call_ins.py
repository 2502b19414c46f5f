"""Agents' phones that call in: on the wire, from the challenge to a talk."""

import json
import shutil
import subprocess
import sys
import threading
from importlib.resources import files
from pathlib import Path

import pytest

from dialer.core.addresses import CALLS_IN
from dialer.core.commands import Bridge, CallAgent, HangUp
from dialer.core.ids import AgentId, CallId, LegId
from dialer.core.states import EndCause
from dialer.core.switch_events import LegAnswered, LegDigit, LegEnded, LegsBridged, OriginateRefused
from dialer.errors import SwitchUnavailableError
from telephony.sip.doorkeeper import TRIES
from tests.contract.sip_rig import sip_config
from tests.integration.calling_phone import Phone
from tests.integration.sip_site import until

ANNA = LegId("t-91")


class Door:
    """A site whose phones call in; remembers who is told of."""

    def __init__(self, site, **settings):
        secrets = site.directory / "phones.toml"
        secrets.write_text('anna = "between us"\n"berta b" = "other"\n')
        secrets.chmod(0o600)
        self.port = sip_config(site.directory).port + 350
        self.site = site
        self.called_in = []
        self.adapter = site.adapter(agents_port=self.port, agent_secrets=secrets, **settings)
        self.adapter.on_call_in(self._called_in)
        self.takes = True
        self.adapter.start()
        self._phones = []

    def _called_in(self, name):
        self.called_in.append(name)
        if self.takes:
            self.order(name)

    def order(self, name="anna"):
        """Do what the engine does: order a leg for an agent who calls in."""
        self.adapter.place(CallAgent(leg_id=ANNA, agent_id=AgentId(1)), f"{CALLS_IN}{name}")

    def phone(self, **options):
        one = Phone(self.port, **options)
        self._phones.append(one)
        return one

    def close(self):
        for one in self._phones:
            one.close()


@pytest.fixture
def door(site):
    one = Door(site)
    yield one
    one.close()


def in_background(call):
    """Keep a call's audio going while the test waits for something else."""
    thread = threading.Thread(target=call.talk, args=(3.0,))
    thread.start()
    return thread


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_phone_that_calls_in_is_the_agents_leg_and_takes_a_customer(door, algorithm):
    call, final = door.phone().call(algorithm=algorithm)
    assert final.status == 200
    assert door.called_in == ["anna"]
    talking = in_background(call)
    door.site.wait_for(LegAnswered, ANNA)
    customer = door.site.call(door.adapter)
    door.site.wait_for(LegAnswered, customer)
    door.adapter.execute(Bridge(call_id=CallId("talk-1"), customer_leg=customer, agent_leg=ANNA))
    door.site.sink.wait_for(lambda event: isinstance(event, LegsBridged))
    talking.join()
    assert call.pairs_heard(), "the agent hears nobody"
    door.adapter.execute(HangUp(leg_id=ANNA))
    assert call.until_bye().method == "BYE"
    assert door.site.wait_for(LegEnded, ANNA).cause is EndCause.CLEARED
    kept = "".join(text for leg_id, _, _, text in door.site.sink.messages if leg_id == ANNA)
    assert kept.startswith("INVITE sip:i-")
    assert "Digest" not in kept


def test_a_leg_that_was_ordered_first_waits_for_the_phone(door):
    door.order()
    call, final = door.phone().call()

    assert (final.status, door.called_in) == (200, [])
    door.site.wait_for(LegAnswered, ANNA)
    assert call.hang_up().status == 200
    door.site.wait_for(LegEnded, ANNA)


def test_a_leg_that_waits_for_a_phone_can_be_hung_up(door):
    door.order()
    door.adapter.execute(HangUp(leg_id=ANNA))

    assert door.site.wait_for(LegEnded, ANNA).cause is EndCause.CANCELLED


@pytest.mark.parametrize("who", [{"password": "guess"}, {"user": "carla"}])
def test_who_does_not_know_the_password_is_refused(door, who):
    _, final = door.phone(**who).call()

    assert (final.status, door.called_in) == (403, [])


def test_a_replay_lets_nobody_in_and_a_guesser_is_braked(door):
    door.takes = False
    phone = door.phone()
    call, answer = phone.ask()
    call.cseq += 1
    call.invite(extra=(("Authorization", answer),))
    until(lambda: door.called_in == ["anna"])
    thief, _ = door.phone().ask()
    assert door.phone().again(thief, answer).status == 401

    for _ in range(TRIES):
        assert door.phone(password="guess").call()[1].status == 403
    late = door.phone()
    with pytest.raises(AssertionError):
        late.ask()
    assert door.called_in == ["anna"]


def test_a_phone_that_gives_up_while_it_is_held_leaves_nothing(door):
    door.takes = False
    phone = door.phone()
    call, answer = phone.ask()
    call.cseq += 1
    call.invite(extra=(("Authorization", answer),))
    until(lambda: door.called_in == ["anna"])
    call.in_transaction("CANCEL")
    assert call.final("CANCEL").status == 200
    assert call.final().status == 487
    door.order()
    door.adapter.execute(HangUp(leg_id=ANNA))

    assert door.site.wait_for(LegEnded, ANNA).cause is EndCause.CANCELLED


def test_keys_of_a_phone_that_called_in_are_told(door):
    call, _ = door.phone().call()
    door.site.wait_for(LegAnswered, ANNA)
    call.cseq += 1
    info = call.request("INFO", extra=(("Content-Type", "application/dtmf"),))
    call.send(type(info)(method="INFO", uri=info.uri, headers=info.headers, body=b"7"))

    assert door.site.wait_for(LegDigit, ANNA).digit == "7"


def test_only_allowed_hosts_are_answered_at_all(site):
    one = Door(site, allowed_phone_hosts=("192.0.2.0/24",))
    phone = one.phone()
    phone.wire.send(b"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n\r\n")
    phone.wire.send(_options(phone))
    assert phone.wire.receive(0.5) is None
    one.close()


def test_whatever_comes_the_reception_goes_on(door):
    phone = door.phone()
    for data in (b"", b"\0" * 100, b"INVITE", b"SIP/2.0 200 OK\r\n\r\n", b"\r\n\r\n", b"x" * 9000):
        phone.wire.send(data)
    phone.wire.send(_options(phone))

    assert phone.wire.receive(5.0).status == 200


def _options(phone):
    return (
        f"OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{phone.wire.port};rport;branch=z9hG4bKo\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n\r\n"
    ).encode()


def test_a_port_in_use_says_which_setting_to_change(site, door):
    with pytest.raises(SwitchUnavailableError, match=r"sip\.agents_port: 127\.0\.0\.1:\d+ cannot be had"):
        Door(site)


def test_a_run_that_ends_refuses_who_waits(door):
    door.order()
    until(lambda: door.adapter is not None)
    door.adapter.close()

    assert door.site.wait_for(OriginateRefused, ANNA).reason == "no_line"


def test_a_phone_made_of_pjsua2_is_let_in(door, tmp_path):
    script = Path(__file__).with_name("pjsua2_caller.py")
    result = tmp_path / "result.json"
    shutil.copy(files("telephony.sip") / "audio" / "safe_harbour.wav", tmp_path / "say.wav")
    arguments = (f"sip:anna@127.0.0.1:{door.port}", "talk", str(result), "berta b", "other")
    done = subprocess.run([sys.executable, str(script), *arguments], timeout=120, check=False)

    assert done.returncode == 0
    assert json.loads(result.read_text())["status"] == 200
    assert door.called_in == ["berta b"]
    door.site.wait_for(LegEnded, ANNA)
