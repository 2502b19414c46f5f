"""The SIP adapter where it meets the network, the kernel and death."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from dialer.config import Transport, TrunkConfig
from dialer.core.commands import Bridge, CallAgent, HangUp
from dialer.core.events import LegAnswered, LegDialing, LegEnded, LegsBridged, OriginateRefused
from dialer.core.ids import AgentId, CallId, LegId
from dialer.core.states import EndCause
from dialer.errors import ConfigError, SwitchUnavailableError
from dialer.live.clock import Clock
from telephony.sip import network
from telephony.sip.emulator.log import Ended, Invited, open_legs
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
        self._adapters = []
        self.carrier = Player(
            "carrier",
            directory / "carrier.log",
            *("--behaviour", str(behaviour_file(directory)), *carrier_options),
            environment=environment,
        )
        self.phones = Player("phones", directory / "phones.log", "--agents", "2")

    def adapter(self, *, trunk=None, **settings):
        trunk = trunk or TrunkConfig(host=HOST, port=self.carrier.port, lines=2)
        one = SipTelephony(
            sip_config(self.directory, **settings),
            {"carrier": trunk},
            clock=Clock(),
            post=self.sink.post,
            note=self.sink.note,
        )
        self._adapters.append(one)
        return one

    def started(self, **settings):
        one = self.adapter(**settings)
        one.start()
        return one

    def wait_for(self, kind, leg_id, *, within_s=5.0):
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

    def talk(self, adapter, *, record=False, parameters=""):
        agent, customer = self.call_agent(adapter, parameters=parameters), self.call(adapter)
        self.wait_for(LegAnswered, agent)
        self.wait_for(LegAnswered, customer)
        adapter.execute(
            Bridge(call_id=CallId("talk-1"), customer_leg=customer, agent_leg=agent, record=record)
        )
        self.sink.wait_for(lambda event: isinstance(event, LegsBridged))
        return customer, agent

    def close(self):
        for one in self._adapters:
            one.close()
        self.carrier.stop()
        self.phones.stop()


@pytest.fixture
def site(tmp_path):
    one = Site(tmp_path)
    yield one
    one.close()


@pytest.fixture
def make_site(tmp_path):
    sites = []

    def make(*options, environment=None):
        sites.append(Site(tmp_path, *options, environment=environment))
        return sites[-1]

    yield make
    for one in sites:
        one.close()


def worker_of(adapter, leg_id):
    return adapter._exchange._legs[leg_id].process.pid


def until(condition, *, within_s=5.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it does not become true"
        time.sleep(0.02)


# --- death ---


def test_a_killed_worker_loses_its_legs_and_is_replaced(site):
    adapter = site.started()
    leg = site.call(adapter)
    site.wait_for(LegAnswered, leg)
    os.kill(worker_of(adapter, leg), signal.SIGKILL)
    assert site.wait_for(LegEnded, leg).cause is EndCause.LOST

    until(lambda: _is_answered(site, adapter))


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


def test_when_the_parent_is_killed_every_leg_ends_at_the_carrier(site, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import time
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
            for number, address in enumerate(["{ANSWERS}", "{NUMBERS[Behaviour.NEVER_ANSWERS]}"]):
                one.place(originate(number), address)
            time.sleep(60)
            """
        )
    )
    with subprocess.Popen(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    ) as parent:
        until(lambda: len(open_legs(site.carrier.events())) == 2, within_s=15)
        time.sleep(0.5)
        parent.kill()

    until(lambda: not open_legs(site.carrier.events()))
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


# --- who may reach us ---

INVITE = (
    "{method} sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKt{method}\r\n"
    "From: <sip:a@b>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: stranger\r\nCSeq: 1 {method}\r\n"
    "Contact: <sip:a@{host}:{port}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


def ask(sender, method, port):
    host, own_port = sender.getsockname()
    sender.sendto(INVITE.format(method=method, host=host, port=own_port).encode(), (HOST, port))


@pytest.fixture
def sockets():
    found = []
    for address in ("127.0.0.1", "127.0.0.1", "127.0.0.2"):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((address, 0))
        one.settimeout(3)
        found.append(one)
    yield found
    for one in found:
        one.close()


def test_the_sip_ports_answer_the_trunk_only_and_refuse_even_its_calls(site, sockets):
    trunk, neighbour, stranger = sockets
    adapter = site.started(trunk=TrunkConfig(host=HOST, port=trunk.getsockname()[1], lines=2))
    site.call(adapter)
    _, (_, port) = trunk.recvfrom(4096)

    for one in (neighbour, stranger):
        for method in ("OPTIONS", "INVITE"):
            ask(one, method, port)
            ask(one, method, port + 1)
    ask(trunk, "INVITE", port + 1)  # the cross-legs' port is for workers
    ask(trunk, "INVITE", port)
    answers = [trunk.recv(4096) for _ in range(2)]

    assert any(b"SIP/2.0 403" in answer for answer in answers), answers
    for one in (neighbour, stranger):
        one.setblocking(False)
        with pytest.raises(BlockingIOError):
            one.recv(4096)


# --- ways to the carrier and to phones ---


@pytest.mark.parametrize("status", ["401", "407"])
def test_a_trunk_with_a_password_is_answered(make_site, monkeypatch, status):
    environment = {"CARRIER_PASSWORD": "open-sesame"}
    site = make_site("--user", "dialer-7", "--challenge", status, environment=environment)
    monkeypatch.setenv("TRUNK_PASSWORD", "open-sesame")
    trunk = TrunkConfig(
        host=HOST, port=site.carrier.port, lines=2, username="dialer-7", password_env="TRUNK_PASSWORD"
    )
    leg = site.call(site.started(trunk=trunk))

    site.wait_for(LegAnswered, leg)
    said = "".join(text for *_, text in site.sink.messages)
    assert 'response="..."' in said
    assert "open-sesame" not in said


def test_a_wrong_password_is_a_fault_of_the_account(make_site, monkeypatch):
    site = make_site("--user", "dialer-7", environment={"CARRIER_PASSWORD": "open-sesame"})
    monkeypatch.setenv("TRUNK_PASSWORD", "wrong")
    trunk = TrunkConfig(
        host=HOST, port=site.carrier.port, lines=2, username="dialer-7", password_env="TRUNK_PASSWORD"
    )
    leg = site.call(site.started(trunk=trunk))

    assert site.wait_for(LegEnded, leg).cause is EndCause.ACCOUNT_FAULT


def test_a_trunk_over_tcp_carries_a_talk(site):
    trunk = TrunkConfig(host=HOST, port=site.carrier.port, lines=2, transport=Transport.TCP)
    adapter = site.started(trunk=trunk)
    customer, _ = site.talk(adapter)
    adapter.execute(HangUp(leg_id=customer))

    assert site.wait_for(LegEnded, customer).cause is EndCause.CLEARED


@pytest.mark.skipif(subprocess.call(["sh", "-c", "command -v openssl >/dev/null"]) != 0, reason="no openssl")
def test_a_trunk_over_tls_is_verified(make_site, tmp_path, monkeypatch):
    certificate, key = tmp_path / "carrier.pem", tmp_path / "carrier.key"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    site = make_site("--tls-port", "0", "--certificate", str(certificate), "--private-key", str(key))
    trunk = TrunkConfig(
        host="localhost", port=site.carrier.ready["tls_port"], lines=2, transport=Transport.TLS
    )
    untrusting = site.started(trunk=trunk)
    refused = site.call(untrusting, 1)
    assert site.wait_for(LegEnded, refused, within_s=10).cause in (EndCause.NO_REPLY, EndCause.CARRIER_FAULT)
    untrusting.close()

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    leg = site.call(site.started(trunk=trunk), 2)
    site.wait_for(LegAnswered, leg)


def test_a_phone_over_tcp_is_called(site):
    site.talk(site.started(), parameters=";transport=tcp")


def test_an_adapter_bound_to_another_address_joins_all_the_same(site):
    site.talk(site.started(bind="127.0.0.5"))
    invited = next(event for event in site.carrier.events() if isinstance(event, Invited))

    assert "127.0.0.5" in invited.contact


# --- what is asked for ---


def test_the_caller_id_of_a_call_is_shown(site):
    adapter = site.started()
    command = originate(1)
    adapter.place(type(command)(**{**_fields(command), "caller_id": "+12125550177"}), ANSWERS)
    site.wait_for(LegAnswered, command.leg_id)
    invited = next(event for event in site.carrier.events() if isinstance(event, Invited))

    assert "sip:+12125550177@127.0.0.1" in invited.from_header


def _fields(command):
    return {name: getattr(command, name) for name in command.__struct_fields__}


def test_what_is_no_number_never_reaches_the_wire(site):
    adapter = site.started()
    leg = site.call(adapter, address="+12125550100\r\nX-Evil: 1")
    end = site.wait_for(LegEnded, leg)

    assert end.cause is EndCause.INVALID_FORMAT
    assert not any(isinstance(event, LegDialing) for event in site.sink.events)
    assert not any(isinstance(event, Invited) for event in site.carrier.events())


def test_a_call_through_an_unknown_trunk_is_refused(site):
    adapter = site.started()
    adapter.place(originate(1, trunk="elsewhere"), ANSWERS)

    assert site.wait_for(OriginateRefused, "t-1").reason == "no_line"


def test_a_call_without_a_free_line_is_refused_after_a_second(site):
    adapter = site.started()
    for number in (1, 2, 3):
        site.call(adapter, number, NUMBERS[Behaviour.NEVER_ANSWERS])

    assert site.wait_for(OriginateRefused, "t-3").reason == "no_line"


def test_a_call_that_waits_for_a_line_can_be_hung_up(site):
    adapter = site.started()
    for number in (1, 2, 3):
        site.call(adapter, number, NUMBERS[Behaviour.NEVER_ANSWERS])
    adapter.execute(HangUp(leg_id=LegId("t-3")))

    assert site.wait_for(LegEnded, "t-3").cause is EndCause.CANCELLED


def test_a_recording_has_both_sides(site):
    adapter = site.started()
    customer, agent = site.talk(adapter, record=True)
    time.sleep(1.5)
    adapter.execute(HangUp(leg_id=customer))
    site.wait_for(LegEnded, customer)
    adapter.execute(HangUp(leg_id=agent))
    site.wait_for(LegEnded, agent)

    pairs = [player.await_event(Ended).sent_pair for player in (site.carrier, site.phones)]
    path = site.directory / "recordings" / "talk-1.wav"
    until(lambda: _is_whole(path))
    assert all(_loudness(path, float(tone)) > 20 for pair in pairs for tone in pair.split("+"))
    assert _loudness(path, 3333.0) < 5


def _is_whole(path):
    """PJSIP writes the header last, on a thread of its own."""
    try:
        with wave.open(str(path)) as file:
            return file.getnframes() > 0
    except (wave.Error, EOFError):
        return False


def _loudness(path: Path, frequency: float) -> float:
    """Return the strength of a tone relative to the median of the spectrum."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")[4000:12000].astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    nearest = round(frequency * len(samples) / 8000)
    return float(spectrum[nearest - 2 : nearest + 3].max() / np.median(spectrum))


def test_every_message_of_a_call_is_noted(site):
    adapter = site.started()
    leg = site.call(adapter)
    site.wait_for(LegAnswered, leg)
    adapter.execute(HangUp(leg_id=leg))
    site.wait_for(LegEnded, leg)
    until(
        lambda: any(
            "200/BYE" in line or ("CSeq: " in line and "BYE" in line)
            for line in _noted(site, leg, "received")
        )
    )

    sent, received = _noted(site, leg, "sent"), _noted(site, leg, "received")
    assert [text.split()[0] for text in sent] == ["INVITE", "ACK", "BYE"]
    assert [text.split()[1] for text in received] == ["100", "180", "200", "200"]


def _noted(site, leg, direction):
    return [text for leg_id, _, way, text in site.sink.messages if (leg_id, way) == (leg, direction)]


# --- before the start ---


def test_an_address_that_is_not_ours_is_a_configuration_error(site):
    with pytest.raises(ConfigError, match=r"sip\.bind.*not an address of this machine"):
        site.adapter(bind="192.0.2.1").start()


@pytest.mark.parametrize("bind", ["0.0.0.0", "::1", "localhost"])
def test_an_address_that_peers_cannot_use_is_a_configuration_error(site, bind):
    with pytest.raises(ConfigError, match=r"sip\.bind"):
        site.adapter(bind=bind).start()


def test_a_port_range_in_use_is_a_configuration_error(site):
    port = sip_config(site.directory).port + 300
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, port))
        trunk = TrunkConfig(host=HOST, lines=0)
        with pytest.raises(ConfigError, match=f"every SIP port from {port} to {port + 3} is in use"):
            _occupied(site, taken, port, trunk)


def _occupied(site, taken, port, trunk):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, port + 3))
        site.adapter(port=port, ports=4, trunk=trunk).start()


def test_a_port_in_use_is_passed_over(site):
    port = sip_config(site.directory).port + 310
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, port))
        leg = site.call(site.started(port=port))

        site.wait_for(LegAnswered, leg)


def test_too_few_ports_for_the_lines_are_a_configuration_error(site):
    with pytest.raises(ConfigError, match=r"sip\.ports: 10 are too few"):
        site.adapter(ports=10, trunk=TrunkConfig(host=HOST, lines=10)).start()


def test_a_trunk_without_an_address_is_a_configuration_error(site):
    with pytest.raises(ConfigError, match=r"trunks\.carrier\.host.*no address"):
        site.adapter(trunk=TrunkConfig(host="carrier.invalid")).start()


def test_without_the_library_the_remedy_is_named(site, monkeypatch):
    monkeypatch.setattr(network.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SwitchUnavailableError, match="pip install pjsua2-python"):
        site.adapter().start()
