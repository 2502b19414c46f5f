"""A floor from its first command to its last, with calls: the way an operator goes."""

import csv
import io
import signal
import time
from contextlib import contextmanager

import pytest

from telephony.sip.emulator.log import Bye, Invited
from tests.integration.scripted_caller import Player

BEHAVIOUR = """
[default]
kind = "person"
ring_s = 0.3
talk_s = 2
patience_s = 8

[[rule]]
prefixes = ["+1303"]
kind = "person"
ring_s = 0.3
talk_s = 120
patience_s = 8
"""
PEOPLE = "phone\n" + "".join(f"21255501{line:02}\n" for line in range(60))
TALKERS = "phone\n3035550100\n3035550101\n"


def wait_until(condition, what, *, within_s=90):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s} s for {what}"
        time.sleep(0.2)


class Floor:
    """An emulated carrier, two softphones, and the commands of a person at a terminal."""

    def __init__(self, dialer, carrier, phones):
        self._dialer = dialer
        self._carrier = carrier
        self._phones = phones
        self._options = ("--config", dialer.write("dialer.toml", _config(carrier.port)))

    def __call__(self, *words):
        said = self._dialer(*words, "--json", *self._options)
        assert said.code == 0, said
        return said.json

    def text(self, *words):
        said = self._dialer(*words, *self._options)
        assert said.code == 0, said
        return said.out

    @contextmanager
    def run(self):
        process = self._dialer.start("run", *self._options)
        try:
            assert any("calls can be placed" in line for line in process.stderr)
            yield process
        finally:
            process.kill()
            process.communicate()

    def press(self, keys, *, agent=1):
        self._phones.tell(do="press", number=f"agent-{agent}", keys=keys)

    def customer_hangs_up(self, number):
        self._carrier.tell(do="hang-up", number=number)

    def agents(self):
        return {row["agent"]: row["state"] for row in self("agent", "list")}

    def carrier(self, kind):
        return [event for event in self._carrier.events() if isinstance(event, kind)]

    def wait_for_talks(self, count=1):
        wait_until(lambda: list(self.agents().values()).count("talking") >= count, "talks")

    def wait_for_quiet(self):
        wait_until(lambda: "talking" not in self.agents().values(), "the end of the talks")

    def invites_between(self, since, until):
        return [event for event in self.carrier(Invited) if since < event.at < until]


def _config(carrier_port):
    return (
        f'[trunks.main]\nhost = "127.0.0.1"\nport = {carrier_port}\nlines = 6\ncaller_id = "+12025550199"\n'
    )


@pytest.fixture
def floor(dialer):
    directory = dialer.directory
    behaviour = directory / dialer.write("carrier.toml", BEHAVIOUR)
    dialer.write("people.csv", PEOPLE)
    dialer.write("talkers.csv", TALKERS)
    customers = Player("carrier", directory / "carrier.jsonl", "--behaviour", str(behaviour), "--control")
    players = Player("phones", directory / "phones.jsonl", "--agents", "2", "--control")
    with customers as carrier, players as phones:
        made = Floor(dialer, carrier, phones)
        for name, file in (("spring", "people.csv"), ("autumn", "talkers.csv")):
            made("leads", "import", file, "--list", name, "--region", "US")
            made(
                *("campaign", "create", name, "--list", name, "--trunk", "main"),
                *("--window", "0:00-24:00", "--wrap-up-s", "0"),
            )
        for index, agent in enumerate(("anna", "ben"), start=1):
            made("agent", "add", agent, "--phone", f"sip:agent-{index}@127.0.0.1:{phones.port}")
        yield made


def log_in(floor):
    floor("agent", "login", "anna")
    floor("agent", "login", "ben", "--ready")
    wait_until(lambda: floor.agents() == {"anna": "paused", "ben": "ready"}, "the agents' phones")
    floor("agent", "ready", "anna")
    assert floor.agents()["anna"] in {"ready", "reserved", "talking"}


def say_who_may_take_what(floor):
    assert floor("agent", "set", "anna", "--skill", "refund=2", "--kind", "seat")["skills"] == {"refund": 2}
    assert floor("workflow", "load", "remote-to-seat")["version"] == 1
    found = floor("workflow", "test", "remote-to-seat", "--attribute", "operation=refund")
    assert {one["agent"]: one["suited"] for one in found["steps"][0]["candidates"]} == {
        "anna": True,
        "ben": False,
    }


def pause_and_go_on(floor):
    assert floor("campaign", "start", "spring")["done"] is True
    floor.wait_for_talks()
    floor("campaign", "pause", "spring")
    paused_at = time.time()
    floor.wait_for_quiet()
    assert floor("campaign", "show", "spring")["state"] == "paused"
    going_on_at = time.time()
    floor("campaign", "start", "spring")
    floor.wait_for_talks()
    assert floor.invites_between(paused_at, going_on_at) == []


def halt(floor):
    floor("halt", "--reason", "wrong list")
    halted_at = time.time()
    floor.wait_for_quiet()
    return halted_at


def show_everything(floor):
    rows = floor("report", "outcomes", "--campaign", "spring")["rows"]
    table = list(
        csv.DictReader(
            io.StringIO(floor.text("report", "outcomes", "--campaign", "spring", "--format", "csv"))
        )
    )
    assert {row["outcome"]: str(row["attempts"]) for row in rows} == {
        row["outcome"]: row["attempts"] for row in table
    }
    for report in ("outcomes", "agents", "abandonment"):
        assert floor.text("report", report, "--campaign", "spring").count("\n") > 3
    (last,) = floor("call", "list", "--campaign", "spring", "--outcome", "connected", "--limit", "1")
    story = floor("call", "show", last["attempt"])
    said = [step["detail"] for step in story["steps"]]
    assert any(text.startswith("INVITE") for text in said)
    assert any("200 OK" in text for text in said)
    assert last["attempt"] in floor.text("call", "show", last["attempt"])


def test_an_operator_runs_a_floor_from_the_first_log_in_to_the_last_report(floor, dialer):
    with floor.run() as first:
        log_in(floor)
        say_who_may_take_what(floor)
        pause_and_go_on(floor)
        halted_at = halt(floor)
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0
    with floor.run() as second:
        log_in(floor)
        assert floor("campaign", "show", "spring")["state"] == "running"
        resumed_at = time.time()
        floor("resume")
        floor.wait_for_talks()
        assert floor.invites_between(halted_at, resumed_at) == []
        floor("campaign", "stop", "spring")
        floor("agent", "pause", "anna", "lunch")
        floor("agent", "logout", "ben")
        wait_until(lambda: floor.agents() == {"anna": "paused", "ben": "logged_out"}, "the end of the talks")
        assert floor("agent", "list")[0]["reason"] == "lunch"
        floor("agent", "ready", "anna")
        floor("campaign", "start", "autumn")
        floor.wait_for_talks()
        second.send_signal(signal.SIGTERM)
        assert floor.agents()["anna"] == "talking"
        assert second.poll() is None
        second.send_signal(signal.SIGTERM)
        assert second.wait(20) == 0
    by_us = [event.number for event in floor.carrier(Bye) if event.by == "caller"]
    assert any(number.startswith("+1303") for number in by_us)
    assert floor.agents() == {"anna": "logged_out", "ben": "logged_out"}
    show_everything(floor)
    logs = sorted((dialer.directory / "dialer-logs").glob("*.jsonl"))
    assert len(logs) == 2
    assert [floor("replay", str(log))["difference"] for log in logs] == [None, None]


def shown(floor, **facts):
    found = floor("agent", "show", "anna")
    return {name: found[name] for name in facts} == facts


def wait_until_shown(floor, **facts):
    wait_until(lambda: shown(floor, **facts), str(facts))


def talk(floor, *, pressing=""):
    """Wait for the agent's next talk, press keys in it, let the customer hang up; return the call in wrap-up."""
    wait_until_shown(floor, state="talking")
    if pressing:
        floor.press(pressing)
        wait_until_shown(floor, state="talking", to_come="pause: pause")
    floor.customer_hangs_up(floor("agent", "show", "anna")["number"])
    wait_until_shown(floor, state="wrap_up", reason="to be disposed of")
    return floor("agent", "show", "anna")


def call_on_the_phone_alone(floor):
    """Begin, ask for a pause in mid-talk, dispose of the call when it is over; return the call."""
    floor.press("#")
    call = talk(floor, pressing="*0")
    floor.press("#")
    floor.press("9")
    wait_until_shown(floor, state="paused", reason="pause", to_come="")
    return call


def call_back_by_command(floor, dialer):
    """Dispose of the next call by the command; return the call."""
    floor("agent", "ready", "anna")
    call = talk(floor)
    floor("campaign", "stop", "autumn")
    assert "disposed of first" in dialer("agent", "wrap-up-end", "anna", "--config", "dialer.toml").err
    tomorrow = time.strftime("%Y-%m-%dT12:00", time.localtime(time.time() + 86_400))
    floor("agent", "dispose", "anna", "callback", "--callback-at", f"{tomorrow} America/New_York")
    wait_until_shown(floor, state="ready")
    return call


def test_an_agent_works_a_shift_with_a_phone_and_says_what_came_of_the_calls(floor, dialer):
    floor("campaign", "wrap-up", "autumn", "--mode", "disposed")
    with floor.run():
        floor("agent", "login", "anna")
        wait_until_shown(floor, state="paused", reason="logged in")
        floor("campaign", "start", "autumn")
        blocked = call_on_the_phone_alone(floor)
        promised = call_back_by_command(floor, dialer)
        floor.press("**")
        wait_until_shown(floor, state="logged_out")
    listed = floor("dnc", "check", blocked["number"])
    assert (listed["listed"], listed["reason"]) == (True, "disposition do_not_call")
    assert floor("call", "show", blocked["attempt"])["disposition"] == "do_not_call"
    assert floor("call", "show", promised["attempt"])["disposition"] == "callback"
    rows = floor("report", "outcomes", "--campaign", "autumn")["rows"]
    counts = {row["disposition"]: row["attempts"] for row in rows if row["outcome"] == "connected"}
    assert counts == {"do_not_call": 1, "callback": 1}
