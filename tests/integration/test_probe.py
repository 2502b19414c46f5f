"""Questions to a carrier and to phones that play on this machine."""

import socket

import pytest

from telephony.sip.probe import Credentials, Target, options, register
from tests.integration.scripted_caller import Player

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def carrier(tmp_path_factory):
    directory = tmp_path_factory.mktemp("probe")
    (directory / "carrier.toml").write_text('[default]\nkind = "person"\n')
    behaviour = ("--behaviour", str(directory / "carrier.toml"), "--user", "outdial")
    with Player(
        "carrier", directory / "log", *behaviour, environment={"CARRIER_PASSWORD": "right"}
    ) as player:
        yield player


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_peer_that_is_there_answers_with_its_round_trip(carrier, transport):
    found = options(Target(HOST, carrier.port, transport), bind=HOST)
    assert found.code == 200
    assert found.round_trip_s > 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(("password", "code"), [("right", 200), ("wrong", 403)])
def test_a_password_is_proven(carrier, transport, password, code):
    found = register(Target(HOST, carrier.port, transport), Credentials("outdial", password), bind=HOST)
    assert (found.code, found.challenged) == (code, True)


def test_a_port_where_nobody_is_refuses(carrier):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    assert options(Target(HOST, port, "udp"), bind=HOST).code is None


def test_a_peer_that_says_nothing_is_given_up_after_it_was_asked_again():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind((HOST, 0))
        deaf.settimeout(20)
        found = options(Target(HOST, deaf.getsockname()[1], "udp"), bind=HOST, within_s=2)
        first, second = deaf.recv(2_000), deaf.recv(2_000)
    assert (found.code, found.reason) == (None, "no answer within 2 s")
    assert first == second


def test_a_name_without_address_is_said():
    assert options(Target("nowhere.invalid", 5060, "udp"), bind=HOST).code is None
