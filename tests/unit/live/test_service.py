"""What a service manager hears of a run."""

import os
import socket
import threading

import pytest

from dialer.live import service
from dialer.live.clock import Clock
from dialer.live.world import LiveWorld


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A service manager's socket; `recv` gives what it was told."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(str(tmp_path / "notify"))
        one.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield one


def never(name, error):
    raise AssertionError(name) from error


def test_a_run_says_that_it_is_ready(manager):
    service.notify_ready()
    assert b"READY=1" in manager.recv(4096).split(b"\n")


def test_a_run_that_ends_asks_for_the_time_that_talks_may_take(manager):
    service.notify_ending(300.0)
    assert manager.recv(4096).split(b"\n")[:2] == [b"STOPPING=1", b"EXTEND_TIMEOUT_USEC=360000000"]


def test_a_socket_with_an_abstract_name_is_reached(monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(f"\0outdial-{os.getpid()}")
        one.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@outdial-{os.getpid()}")
        service.notify_ready()
        assert one.recv(4096).startswith(b"READY=1")


def test_without_a_service_manager_nothing_is_told(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    service.notify_ready()


def test_a_service_manager_that_is_gone_costs_a_warning_only(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    service.notify_ready()
    assert [record.message for record in caplog.records] == ["the service manager was not told"]


@pytest.mark.parametrize(
    ("usec", "pid", "expected"),
    [
        pytest.param("30000000", None, 30.0, id="any-process"),
        pytest.param("30000000", "own", 30.0, id="this-process"),
        pytest.param("30000000", "1", None, id="another-process"),
        pytest.param("", None, None, id="not-watched"),
        pytest.param("0", None, None, id="no-time"),
        pytest.param("soon", None, None, id="no-number"),
    ],
)
def test_the_service_manager_says_whom_it_watches(usec, pid, expected):
    environment = {"WATCHDOG_USEC": usec}
    if pid is not None:
        environment["WATCHDOG_PID"] = str(os.getpid()) if pid == "own" else pid
    assert service.watchdog_s(environment) == expected


def test_the_watchdog_is_fed_by_the_engines_thread_alone(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    world = LiveWorld(Clock())
    watchdog = service.Watchdog(world.feel_pulse, died=never)
    try:
        manager.settimeout(0.2)
        with pytest.raises(TimeoutError):
            manager.recv(4096)  # no engine, no word
        engine = threading.Thread(target=world.next_round, daemon=True)
        engine.start()
        manager.settimeout(10)
        assert manager.recv(4096) == b"WATCHDOG=1"
        assert engine.is_alive()  # asking is no event
    finally:
        watchdog.close()
    last_asked = threading.Event()
    world.feel_pulse(last_asked.set)
    assert last_asked.wait(10)  # what was asked before would be told in the next test
