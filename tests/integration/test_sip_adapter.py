"""The SIP adapter where it meets the network, settings and people."""

import socket
import subprocess

import pytest

from dialer.config import Transport, TrunkConfig
from dialer.core.commands import HangUp
from dialer.core.ids import LegId
from dialer.core.states import EndCause
from dialer.core.switch_events import LegAnswered, LegDialing, LegDigit, LegEnded, OriginateRefused
from dialer.errors import ConfigError
from telephony.sip.emulator.log import Invited
from tests.contract.rig import Behaviour
from tests.contract.sip_rig import NUMBERS, originate, sip_config
from tests.integration.sip_site import until

HOST = "127.0.0.1"
ANSWERS = NUMBERS[Behaviour.ANSWERS]


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
        one.settimeout(30)
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
    assert site.wait_for(LegEnded, refused).cause in (EndCause.NO_REPLY, EndCause.CARRIER_FAULT)
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


def test_a_trunk_gets_numbers_and_an_identity_in_its_own_form(site):
    trunk = TrunkConfig(
        host=HOST,
        port=site.carrier.port,
        lines=2,
        strip="+1",
        prefix="9",
        caller_id="+12125550199",
        asserted_identity=True,
    )
    site.call(site.started(trunk=trunk))
    invited = site.carrier.await_event(Invited)

    assert invited.number == "9" + ANSWERS.removeprefix("+1")
    assert "sip:+12125550199@127.0.0.1" in invited.from_header
    assert invited.asserted_identity == "<sip:+12125550199@127.0.0.1>"


def test_a_phone_at_a_host_that_is_not_allowed_is_not_called(site):
    leg = site.call_agent(site.started(allowed_phone_hosts=("192.0.2.0/24",)))
    end = site.wait_for(LegEnded, leg)

    assert end.cause is EndCause.INVALID_FORMAT
    assert "sip.allowed_phone_hosts" in end.text
    assert not any(isinstance(event, Invited) for event in site.phones.events())


def test_keys_told_by_info_arrive_and_are_not_kept_with_the_messages(site):
    leg = site.call_agent(site.started())
    site.wait_for(LegAnswered, leg)
    for keys, way, told in (("5*", "dtmf-relay", ["5", "*"]), ("6#", "dtmf", ["5", "*", "6", "#"])):
        site.phones.tell(do="press", number="agent-1", keys=keys, way=way)
        until(lambda told=told: _digits(site) == told)

    notes = [text for text in _noted(site, leg, "received") if text.startswith("INFO")]
    assert len(notes) == 4
    assert all(text.endswith("\r\n\r\n...") for text in notes)


def test_keys_of_a_customer_are_told_to_nobody(make_site):
    site = make_site("--control")
    adapter = site.started()
    customer, _ = site.talk(adapter)
    for way in ("rtp", "dtmf"):
        site.carrier.tell(do="press", number=ANSWERS, keys="4", way=way)
    until(lambda: any(text.startswith("INFO") for text in _noted(site, customer, "received")))
    site.phones.tell(do="press", number="agent-1", keys="7")
    until(lambda: _digits(site))

    assert _digits(site) == ["7"]


def _digits(site):
    return [event.digit for event in site.sink.events if isinstance(event, LegDigit)]


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


def test_every_message_of_a_call_is_noted(site):
    adapter = site.started()
    leg = site.call(adapter)
    site.wait_for(LegAnswered, leg)
    adapter.execute(HangUp(leg_id=leg))
    site.wait_for(LegEnded, leg)
    until(lambda: len(_noted(site, leg, "received")) == 4)

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
