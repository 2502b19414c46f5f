"""Two connections to one server: made anew, never waited for. Against a rude far end, and against a real Asterisk."""

import socket
import tempfile
import threading
import time
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from asterisk.manager import ManagerException

from dialer.asterisk_config import AsteriskServer
from dialer.errors import ConfigError
from telephony.asterisk.messages import UnsafeTextError
from telephony.asterisk.session import Session, pause_s
from tests.asterisk import asterisk
from tests.fake_manager import FakeManager, make_certificate, reply
from tests.integration.sip_site import until

WITHIN_S = 60.0
BOOTED = "Event: FullyBooted\nStatus: Fully Booted"


class Owner:
    """Notes all that a session tells, in order."""

    def __init__(self, server, **settings):
        self.told = []
        self.changed = threading.Condition()
        self.session = Session(
            server,
            on_events=lambda batch: self._note(*(("event", event.headers) for event in batch)),
            on_up=lambda started_at: self._note(("up", started_at)),
            on_down=lambda reason: self._note(("down", reason)),
            died=lambda name, error: self._note(("died", error)),
            **settings,
        )

    def _note(self, *what):
        with self.changed:
            self.told += what
            self.changed.notify_all()

    def all(self, kind):
        return [what for one, what in self.told if one == kind]

    def wait_until(self, condition):
        with self.changed:
            assert self.changed.wait_for(condition, WITHIN_S), self.told

    def wait_for(self, kind, count=1):
        self.wait_until(lambda: len(self.all(kind)) >= count)
        return self.all(kind)[count - 1]


@contextmanager
def owning(server, **settings):
    owner = Owner(server, **settings)
    owner.session.start()
    try:
        yield owner
    finally:
        owner.session.close()
        assert owner.all("died") == []


class Switch:
    """A far end that lets sessions in, and can be told to be rude."""

    def __init__(self):
        self.started = "10:00:00"
        self.rude = {}
        self.seen = []

    def __call__(self, caller, action):
        self.seen.append(action)
        if action["Action"] in self.rude:
            self.rude[action["Action"]](caller, action)
        elif action["Action"] == "CoreStatus":
            reply(caller, action, more=f"\nCoreStartupDate: 2026-11-21\nCoreStartupTime: {self.started}")
        elif action["Action"] == "Login":
            reply(caller, action)
            if action["Events"] == "on":
                caller.send(BOOTED)
        else:
            reply(caller, action)


@pytest.fixture
def switch():
    return Switch()


@pytest.fixture
def far_end(switch):
    with FakeManager(switch) as one:
        yield one


@pytest.fixture
def server(far_end, tmp_path):
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text("secret")
    return AsteriskServer(port=far_end.port, password_file=password)


def drop(far_end):
    for caller in list(far_end.callers):
        try:
            caller.hang_up()
        except OSError:
            continue


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 1.0), (2, 2.0), (3, 4.0), (5, 16.0), (6, 30.0), (10_000, 30.0)]
)
def test_each_failure_in_a_row_doubles_the_pause_up_to_a_limit(failures, seconds):
    assert pause_s(failures) == seconds


def test_a_session_is_up_when_both_are_logged_in_and_asterisk_is_booted(server, switch):
    with owning(server) as owner:
        assert owner.wait_for("up") == "2026-11-21 10:00:00"
        assert owner.session.is_up
        assert owner.session.submit({"Action": "Hangup"}).result(WITHIN_S).refused is None

    logins = [(action["Username"], action["Events"]) for action in switch.seen if action["Action"] == "Login"]
    assert logins == [("dialer-events", "on"), ("dialer", "off")]


def test_an_asterisk_that_still_boots_is_waited_for(server, switch, far_end):
    switch.rude["Login"] = reply
    with owning(server) as owner:
        while len([action for action in switch.seen if action["Action"] == "Login"]) < 2:
            wait((), 0.01)
        assert owner.told == []
        far_end.callers[0].send(BOOTED)
        owner.wait_for("up")


def test_events_come_after_up_and_end_with_down(server, switch, far_end):
    with owning(server) as owner:
        owner.wait_for("up")
        far_end.callers[0].send("Event: Newchannel\nUniqueid: a-1")
        owner.wait_for("event")
        drop(far_end)
        owner.wait_for("up", 2)

    assert [kind for kind, _ in owner.told] == ["up", "event", "down", "up"]


def test_a_cut_is_told_from_a_restart_by_the_time_of_the_start(server, switch, far_end):
    with owning(server) as owner:
        owner.wait_for("up")
        drop(far_end)
        owner.wait_for("up", 2)
        switch.started = "10:00:09"
        drop(far_end)
        owner.wait_for("up", 3)

        assert [started[-2:] for started in owner.all("up")] == ["00", "00", "09"]
        assert owner.all("down") == ["the far end hung up"] * 2


def test_an_action_that_waits_fails_with_its_connection(server, switch, far_end):
    switch.rude["Bridge"] = lambda caller, action: caller.hang_up()
    with owning(server) as owner:
        owner.wait_for("up")
        bridged = owner.session.submit({"Action": "Bridge"})

        assert isinstance(bridged.exception(WITHIN_S), ManagerException)
        owner.wait_for("up", 2)


def test_an_action_for_a_server_that_is_away_fails_at_once(server):
    owner = Owner(server)

    assert "Not connected" in str(owner.session.submit({"Action": "Ping"}).exception(0))


def test_what_cannot_be_carried_is_refused_to_who_asks(server):
    with owning(server) as owner:
        owner.wait_for("up")
        with pytest.raises(UnsafeTextError):
            owner.session.submit({"Action": "Originate", "Channel": "x\r\nData: y"})
        assert owner.session.submit({"Action": "Ping"}).result(WITHIN_S)


def test_a_far_end_that_stops_answering_is_given_up(server, switch):
    with owning(server, ping_s=0.2) as owner:
        owner.wait_for("up")
        switch.rude["Ping"] = lambda caller, action: None

        assert "no reply to a ping" in owner.wait_for("down")
        switch.rude.clear()
        owner.wait_for("up", 2)


def test_a_wrong_password_is_told_with_every_try(server, switch):
    switch.rude["Login"] = lambda caller, action: reply(
        caller, action, "Error", "\nMessage: Authentication failed"
    )
    with owning(server) as owner:
        assert "dialer-events: Authentication failed: check its password" in owner.wait_for("down", 2)
        switch.rude.clear()
        owner.wait_for("up")


def test_a_user_that_may_not_ask_is_told_what_it_lacks(server, switch):
    switch.rude["CoreStatus"] = lambda caller, action: reply(
        caller, action, "Error", "\nMessage: Permission denied"
    )
    with owning(server) as owner:
        assert "write = reporting" in owner.wait_for("down")


def test_a_server_that_is_not_there_is_asked_until_it_is(server, switch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    absent = AsteriskServer(port=port, password_file=server.password_file)
    with owning(absent) as owner:
        assert "refused" in owner.wait_for("down")
        with FakeManager(switch, port=port):
            owner.wait_for("up")


def test_closing_writes_what_was_submitted_before(server, switch):
    with owning(server) as owner:
        owner.wait_for("up")
        asked = [owner.session.submit({"Action": "Hangup", "Channel": str(number)}) for number in range(100)]

    assert [future.result(0)["Response"] for future in asked] == ["Success"] * 100
    assert owner.all("down") == []


def test_many_threads_may_submit_at_once(server):
    with owning(server) as owner:
        owner.wait_for("up")
        asked = []

        def ask():
            asked.extend(owner.session.submit({"Action": "Ping"}) for _ in range(200))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert not wait(asked, WITHIN_S).not_done
        assert {future.result()["Response"] for future in asked} == {"Success"}


def test_certificates_that_are_none_are_said_before_the_start(server, tmp_path):
    server = AsteriskServer(password_file=server.password_file, tls=True, tls_ca=tmp_path / "none.pem")

    with pytest.raises(ConfigError, match=r"none\.pem"):
        Owner(server).session.start()


def test_a_password_of_two_lines_is_said_before_the_start(monkeypatch):
    monkeypatch.setenv("MANAGER_PASSWORD", "a\r\nAction: Originate")

    with pytest.raises(ConfigError, match="password of the manager users"):
        Owner(AsteriskServer(password_env="MANAGER_PASSWORD")).session.start()


def test_a_real_asterisk_that_is_killed_comes_back_as_another():
    with asterisk() as one, owning(one.server) as owner:
        first = owner.wait_for("up")
        assert owner.session.submit({"Action": "CoreShowChannels"}).result(WITHIN_S).items == ()
        one.kill()
        owner.wait_for("down")
        until(lambda: time.strftime("%Y-%m-%d %H:%M:%S") > first)  # which it tells to the second
        one.start()

        assert owner.wait_for("up", 2) > first


# Asterisk calls itself: one half of the channel waits, so does the other.
WAITS = {"extensions.conf": "[tests]\nexten => wait,1,Answer()\n same => n,Wait(60)\n"}


def test_a_real_asterisk_lets_nobody_in_from_elsewhere(tmp_path):
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text("right")
    user = "[dialer-elsewhere]\nsecret = right\ndeny = 0.0.0.0/0.0.0.0\npermit = 192.0.2.9/255.255.255.255\n"
    with asterisk(extra={"manager.conf": user}) as one:
        server = msgspec.structs.replace(
            one.server, events_username="dialer-elsewhere", password_file=password
        )
        with owning(server) as owner:
            assert "`permit` in manager.conf lists this machine" in owner.wait_for("down")


def test_a_real_asterisk_speaks_tls():
    with tempfile.TemporaryDirectory() as folder:
        # Asterisk, which runs as nobody here, must reach it.
        Path(folder).chmod(0o755)
        certificate, key = Path(folder, "manager.pem"), Path(folder, "manager.key")
        make_certificate(certificate, key)
        key.chmod(0o644)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        lines = (
            *("[general](+)", "tlsenable = yes", f"tlsbindaddr = 127.0.0.1:{port}"),
            *(f"tlscertfile = {certificate}", f"tlsprivatekey = {key}"),
        )
        with asterisk(extra={"manager.conf": "\n".join(lines)}) as one:
            server = msgspec.structs.replace(
                one.server, host="localhost", port=port, tls=True, tls_ca=certificate
            )
            with owning(server) as owner:
                owner.wait_for("up")
                asked = [owner.session.submit({"Action": "Ping"}) for _ in range(500)]
                assert not wait(asked, WITHIN_S).not_done


def test_a_real_asterisk_tells_of_a_call_with_our_id_and_our_variables():
    values = {"DIALER_A": 'a,b"c\\d(e[f', "DIALER_B": "${CHANNEL}", "DIALER_C": " ü 😀 "}
    with asterisk(extra=WAITS) as one, owning(one.server) as owner:
        owner.wait_for("up")
        call = {"Action": "Originate", "Channel": "Local/wait@tests", "ChannelId": "x7-1"}
        asked = owner.session.submit(
            {**call, "Application": "Wait", "Data": "60", "Async": "yes", "Variable": values}
        )
        assert asked.result(WITHIN_S).refused is None
        owner.wait_until(lambda: any(event["Event"] == "OriginateResponse" for event in owner.all("event")))

        created = next(event for event in owner.all("event") if event["Event"] == "Newchannel")
        assert created["Uniqueid"] == "x7-1"
        for name, value in values.items():
            read = {"Action": "Getvar", "Channel": "x7-1", "Variable": name}
            assert owner.session.submit(read).result(WITHIN_S)["Value"] == value
