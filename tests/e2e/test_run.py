"""`dialer run` as an operator meets it, on a floor without calls."""

import signal
import socket
import time
from contextlib import contextmanager

from dialer.core.events import RunStarted
from dialer.live.clock import Clock
from dialer.live.lease import holder
from dialer.log import read as read_log
from dialer.storage.database import open_database
from dialer.storage.workspaces import ensure_workspace

CONFIG = '[trunks.main]\nhost = "127.0.0.1"\nport = 5999\n'


@contextmanager
def running(dialer):
    """A run that holds the workspace and places calls."""
    dialer.write("dialer.toml", CONFIG)
    process = dialer.start("run", "--config", "dialer.toml")
    try:
        until = time.monotonic() + 30
        while not is_running(dialer, process.pid):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
        yield process
    finally:
        process.kill()
        process.communicate()


def is_running(dialer, pid):
    """Whether a process holds the lease."""
    database = open_database(f"sqlite:///{dialer.directory}/dialer.db")
    try:
        found = holder(database, ensure_workspace(database, "default"), clock=Clock())
    finally:
        database.close()
    return found is not None and found.pid == pid


def events(dialer):
    """Every event of the newest log."""
    log = max((dialer.directory / "dialer-logs").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    _, rounds = read_log(log)
    return [event for logged in rounds for event in logged.events]


def test_a_second_run_is_refused_with_the_name_of_the_first(dialer):
    with running(dialer) as first:
        said = dialer("run", "--config", "dialer.toml")
        assert said.code == 1
        assert f"process {first.pid}" in said.err
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0


def test_what_waits_for_a_run_is_carried_out_when_it_starts(dialer):
    dialer.write("people.csv", "phone\n2125550100\n")
    dialer("leads", "import", "people.csv", "--list", "people", "--region", "US")
    dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main")
    assert dialer("campaign", "start", "spring", "--json").json["done"] is False
    with running(dialer):
        until = time.monotonic() + 10
        while dialer("campaign", "show", "spring", "--json").json["state"] != "running":
            assert time.monotonic() < until
        assert dialer("campaign", "pause", "spring", "--json").json["done"] is True
        assert dialer("campaign", "show", "spring", "--json").json["state"] == "paused"


def test_a_service_manager_hears_that_a_run_is_ready_alive_and_ending(dialer):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(dialer.directory / "notify"))
        manager.settimeout(20)
        manager_says = {"NOTIFY_SOCKET": str(dialer.directory / "notify"), "WATCHDOG_USEC": "4000000"}
        dialer.environment |= manager_says
        with running(dialer) as process:
            assert manager.recv(4096).startswith(b"READY=1")
            assert manager.recv(4096) == b"WATCHDOG=1"
            said = dialer("health", "--config", "dialer.toml", "--json")
            assert (said.code, said.json["pid"]) == (0, process.pid)
            process.send_signal(signal.SIGTERM)
            while (said := manager.recv(4096)) == b"WATCHDOG=1":
                pass
            assert said.startswith(b"STOPPING=1\nEXTEND_TIMEOUT_USEC=360000000")
            assert process.wait(30) == 0


def test_a_halt_is_still_there_for_the_next_run(dialer):
    with running(dialer):
        assert dialer("halt", "--reason", "wrong list", "--json").json["text"] == "halted"
    with running(dialer) as again:
        assert dialer("halt", "--json").json["text"] == "halted"  # it answers: it is up
        again.send_signal(signal.SIGTERM)
        assert again.wait(30) == 0
    assert [event.halted for event in events(dialer) if isinstance(event, RunStarted)] == [True]


def test_a_request_that_a_rule_forbids_is_refused_with_its_reason(dialer):
    dialer("agent", "add", "anna", "--phone", "sip:anna@127.0.0.1:5998")
    with running(dialer):
        said = dialer("agent", "ready", "anna")
    assert said.code == 1
    assert said.err.startswith("Error: ")


def test_a_started_campaign_without_its_trunk_keeps_the_run_from_starting(dialer):
    dialer.write("people.csv", "phone\n2125550100\n")
    dialer("leads", "import", "people.csv", "--list", "people", "--region", "US")
    dialer("campaign", "create", "spring", "--list", "people", "--trunk", "main")
    with running(dialer):
        assert dialer("campaign", "start", "spring", "--json").json["done"] is True
    dialer.write("dialer.toml", CONFIG.replace("main", "other"))
    said = dialer("run", "--config", "dialer.toml")
    assert said.code == 2
    assert "[trunks.main]" in said.err
