import socket

import pytest

from telephony.sip.firewall import attach, own_socket, program
from telephony.sip.protocol import Peer


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.setblocking(False)
        yield one


@pytest.fixture
def send(receiver):
    senders = []

    def send(data, *, address="127.0.0.1", port=0):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        senders.append(sender)
        sender.bind((address, port))
        sender.sendto(data, receiver.getsockname())
        return sender.getsockname()[1]

    yield send
    for sender in senders:
        sender.close()


def received(receiver):
    """Loopback delivers in the sender's own call, so what is not there now never comes."""
    found = []
    while True:
        try:
            found.append(receiver.recv(100))
        except BlockingIOError:
            return found


def test_a_listed_address_gets_through_and_a_stranger_does_not(receiver, send):
    attach(receiver, [Peer("127.0.0.3"), Peer("127.0.0.4")])

    for last in (2, 3, 4, 5):
        send(bytes([last]), address=f"127.0.0.{last}")

    assert received(receiver) == [b"\3", b"\4"]


def test_a_listed_port_gets_through_and_another_of_the_same_address_does_not(receiver, send):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        port = peer.getsockname()[1]
        attach(receiver, [Peer("127.0.0.1", port, port)])

        send(b"stranger")
        peer.sendto(b"peer", receiver.getsockname())

    assert received(receiver) == [b"peer"]


def test_without_a_peer_nobody_gets_through(receiver, send):
    attach(receiver, [])
    send(b"anybody")

    assert received(receiver) == []


def test_a_later_list_replaces_an_earlier_one(receiver, send):
    attach(receiver, [Peer("127.0.0.3")])
    attach(receiver, [Peer("127.0.0.4")])

    send(b"3", address="127.0.0.3")
    send(b"4", address="127.0.0.4")

    assert received(receiver) == [b"4"]


def test_a_library_s_socket_is_found_by_its_address(receiver):
    with own_socket(receiver.getsockname(), socket.SOCK_DGRAM) as found:
        assert found.getsockname() == receiver.getsockname()
        assert found.fileno() != receiver.fileno()


def test_a_socket_that_is_not_open_is_not_found():
    with pytest.raises(OSError, match="no socket"):
        own_socket(("127.0.0.1", 1), socket.SOCK_DGRAM)


def test_the_program_ends_by_dropping():
    assert program([])[-8:] == program([Peer("192.0.2.1")])[-8:]
