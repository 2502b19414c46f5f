"""How a manager connection begins and ends: no greeting, a far end that says nothing, TLS, a wrong password."""

import errno
import socket
import ssl
import threading
from collections import deque
from concurrent.futures import wait

import pytest
from asterisk.manager import ManagerAuthException, ManagerException, ManagerSocketException

from telephony.asterisk.ami import Ami
from tests.fake_manager import GREETING, FakeManager, make_certificate, reply
from tests.integration.manager_client import SOON_S, WITHIN_S, Client, mute, silent, tell


def test_who_does_not_greet_is_given_up():
    with FakeManager(greeting=()) as server, pytest.raises(ManagerSocketException, match="silent"):
        Ami().connect(server.host, server.port, timeout_s=SOON_S)


def test_who_hangs_up_without_greeting_is_said_to():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up():
            listener.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(ManagerSocketException, match="without a greeting"):
            Ami().connect(*listener.getsockname(), timeout_s=WITHIN_S)
        thread.join()


def test_nobody_there_is_said_with_host_and_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ManagerSocketException, match=f"127.0.0.1:{port}") as caught:
        Ami().connect("127.0.0.1", port)
    assert caught.value.args[0] == errno.ECONNREFUSED


def test_a_far_end_that_reads_nothing_does_not_hold_the_writer():
    taken = threading.Event()

    def read_no_more(caller, action):
        assert taken.wait(WITHIN_S)

    with FakeManager(read_no_more) as server, Client(server, reply_s=SOON_S) as client:
        with pytest.raises(ManagerException):
            deque((client.ami.submit(Action="Ping", Padding="x" * 1000) for _ in range(1_000_000)), maxlen=0)
        client.wait_until(lambda: client.closed)
        taken.set()


def test_closing_does_not_wait_for_a_far_end_that_says_nothing():
    with FakeManager(mute) as server, Client(server) as client:
        client.ami.close()

        assert not client.ami.connected()
        assert client.closed == ["closed here"]


def test_a_lost_connection_fails_every_waiting_action_and_is_told_once():
    with FakeManager(silent) as server, Client(server) as client:
        waiting = [client.ami.submit(Action="Ping") for _ in range(20)]
        server.callers[0].hang_up()
        assert not wait(waiting, WITHIN_S).not_done
        client.wait_until(lambda: client.closed)

        assert {type(future.exception()) for future in waiting} == {ManagerSocketException}
        assert client.closed == ["the far end hung up"]
        assert not client.ami.connected()
        with pytest.raises(ManagerException, match="Not connected"):
            client.ami.ping()


def test_an_object_is_good_for_one_connection():
    with FakeManager() as server, Client(server) as client:
        client.ami.close()
        with pytest.raises(ManagerException, match="make a new one"):
            client.ami.connect(server.host, server.port)


def test_no_action_hangs_when_the_far_end_closes_while_it_is_sent():
    def hang_up(caller, action):
        caller.hang_up()

    with FakeManager(hang_up) as server:
        for _ in range(30):
            with Client(server) as client, pytest.raises(ManagerException):
                deque((client.ami.ping() for _ in range(100)), maxlen=0)


def test_garbage_ends_the_connection_with_its_reason():
    with (
        FakeManager(lambda caller, _: caller.connection.sendall(b"x" * 1_000_000)) as server,
        Client(server) as client,
    ):
        waiting = [client.ami.submit(Action="Ping") for _ in range(20)]
        assert not wait(waiting, WITHIN_S).not_done
        client.wait_until(lambda: client.closed)
        assert "longer than" in client.closed[0]


def test_a_wrong_secret_is_said():
    def refuse(caller, action):
        reply(caller, action, "Error", "\nMessage: Authentication failed")

    with FakeManager(refuse) as server, Client(server) as client:
        with pytest.raises(ManagerAuthException, match="Authentication failed"):
            client.ami.login("dialer", "wrong")
        assert client.ami.connected()


def test_a_greeting_may_come_in_pieces():
    pieces = [GREETING[:5], GREETING[5:20], GREETING[20:]]
    with FakeManager(greeting=pieces) as server, Client(server) as client:
        assert (client.ami.title, client.ami.version) == ("Asterisk Call Manager", "11.0.0")


def test_ipv6_works():
    with FakeManager(host="::1") as server, Client(server) as client:
        assert client.ami.ping().refused is None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "manager.pem", folder / "manager.key"
    make_certificate(certificate, key)
    return certificate, key


@pytest.fixture
def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    # More than a TLS record, both ways at once.
    event = "Event: Newchannel\nPadding: " + "x" * 50_000
    with FakeManager(tell(event), tls=context) as server:
        yield server


def test_tls_carries_actions_and_events_at_once(tls_server, certificate):
    client = Client(tls_server, reply_s=WITHIN_S)
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    client.ami.connect("localhost", tls_server.port, timeout_s=WITHIN_S, tls=trusting)
    asked = [client.ami.submit(Action="Ping", Padding="y" * 1000) for _ in range(200)]

    assert not wait(asked, WITHIN_S).not_done
    client.wait_until(lambda: len(client.events) == 200)
    client.ami.close()
    assert client.closed == ["closed here"]


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server):
    with pytest.raises(ManagerSocketException, match="CERTIFICATE_VERIFY_FAILED"):
        Ami().connect("localhost", tls_server.port, timeout_s=WITHIN_S, tls=ssl.create_default_context())
