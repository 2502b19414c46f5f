"""Eight faults, each planted alone, and named with its remedy by the command that is to find it."""

import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.conftest import COMMAND, Shell
from tests.integration.scripted_caller import Player

HOST = "127.0.0.1"
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
"""Tests of this module may run side by side: each process of theirs has ports of its own."""
WELL, WRONG_SDP, BLOCKED, LATCHED = (f"+1212555010{digit}" for digit in range(4))
BEHAVIOUR = f"""
[[rule]]
numbers = ["{WELL}"]
kind = "person"
ring_s = 0.2

[[rule]]
numbers = ["{WRONG_SDP}"]
kind = "rtp-less"
ring_s = 0.2
sdp_host = "127.0.0.99"

[[rule]]
numbers = ["{BLOCKED}"]
kind = "rtp-less"
ring_s = 0.2

[[rule]]
numbers = ["{LATCHED}"]
kind = "person"
ring_s = 0.2
sdp_host = "127.0.0.99"
"""
DAYS_S = 3 * 86_400


@pytest.fixture(scope="module")
def carrier(tmp_path_factory):
    directory = tmp_path_factory.mktemp("carrier")
    (directory / "behaviour.toml").write_text(BEHAVIOUR)
    options = ("--behaviour", str(directory / "behaviour.toml"), "--user", "outdial")
    with Player(
        "carrier", directory / "carrier.jsonl", *options, environment={"CARRIER_PASSWORD": "right"}
    ) as one:
        yield one


@pytest.fixture(scope="module")
def phones(tmp_path_factory):
    with Player("phones", tmp_path_factory.mktemp("phones") / "phones.jsonl", "--agents", "1") as one:
        yield one


@pytest.fixture
def password(monkeypatch):
    """The variable that the configuration names; the commands inherit it."""

    def put(value):
        monkeypatch.setenv("TRUNK_PASSWORD", value)

    put("right")
    return put


@pytest.fixture(scope="module")
def template(tmp_path_factory, carrier, phones):
    """A floor where nothing is wrong: a list, a campaign that is to start, an agent, a trunk with a password."""
    shell = Shell(tmp_path_factory.mktemp("template"))
    shell.write(
        "dialer.toml",
        f"[sip]\nport = {27000 + 20 * WORKER}\nports = 20\nrtp_port = {37000 + 200 * WORKER}\n"
        f'[trunks.main]\nhost = "{HOST}"\nport = {carrier.port}\n'
        'username = "outdial"\npassword_env = "TRUNK_PASSWORD"\nlines = 2\ncaller_id = "+12125550199"\n',
    )
    shell.write("people.csv", "phone\n2125550100\n2125550101\n")
    for words in (
        ("leads", "import", "people.csv", "--list", "people", "--region", "US"),
        ("campaign", "create", "spring", "--list", "people", "--trunk", "main", "--window", "0:00-24:00"),
        ("campaign", "start", "spring"),
        ("agent", "add", "anna", "--phone", f"sip:agent-1@{HOST}:{phones.port}"),
    ):
        assert shell(*words).code == 0
    return shell.directory


@pytest.fixture
def site(password, dialer, template):
    """A floor of the test's own."""
    shutil.copytree(template, dialer.directory, dirs_exist_ok=True)
    return dialer


@pytest.fixture
def inherited(site, monkeypatch):
    """The commands of the floor, with this process's environment as it is when they start."""

    def run(*words, before=None):
        return subprocess.run(
            [COMMAND, *words, "--config", "dialer.toml", "--json"],
            cwd=site.directory,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            preexec_fn=before,
        )

    for name in ("DIALER_DATABASE_URL", "DIALER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return run


@pytest.fixture
def doctor(inherited):
    """Ask the doctor; return what is no good, by what it is about, and the exit code."""

    def ask(*, before=None):
        said = inherited("doctor", before=before)
        assert said.stdout, said.stderr
        bad = [one for one in json.loads(said.stdout) if one["health"] != "ok" and not is_of_the_machine(one)]
        return said.returncode, {one["check"]: one for one in bad}

    return ask


@pytest.fixture
def test_call(inherited):
    """Place a test call; return the exit code and all that is known of it."""

    def place(number, *more):
        said = inherited("call", "test", number, "--trunk", "main", "--seconds", "1.5", *more)
        assert said.stdout, said.stderr
        return said.returncode, json.loads(said.stdout)

    return place


def is_of_the_machine(finding):
    """Warnings that are no fault of the floor: nothing runs, who keeps a test machine's clock, how full is it?"""
    about = ("run", "do-not-call", "disk: database", "disk: log", "disk: recordings", "clock")
    return finding["health"] == "warning" and finding["check"] in about


def change(site, statement):
    with closing(sqlite3.connect(site.directory / "dialer.db")) as connection, connection:
        connection.execute(statement)


def test_where_nothing_is_planted_nothing_is_found(doctor, test_call, carrier, phones):
    assert doctor() == (0, {})
    code, call = test_call(WELL, "--agent", "anna")
    assert code == 0, call
    assert {one["health"] for one in call["findings"]} == {"ok"}
    for side in ("agent", "customer"):
        assert call[side]["audio"]["codec"] == "PCMU/8000"
        assert call[side]["audio"]["received_packets"] > 50
        assert call[side]["audio"]["peak_level"] > 0.05
    assert call["caller_id"]["sent_from"] == f"sip:+12125550199@{HOST}"
    methods = [rung["message"].split()[0] for rung in call["ladder"] if rung["leg"] == "customer"]
    assert methods[:2] == ["INVITE", "401"]
    assert methods[-2:] == ["BYE", "200"]
    heard = {
        one.number: {tone.pair for tone in one.heard}
        for one in carrier.events()
        if hasattr(one, "heard") and hasattr(one, "reason")
    }
    sent = {one.sent_pair for one in phones.events() if hasattr(one, "reason")}
    assert heard[WELL] == sent


def test_a_wrong_password_is_named_by_both(password, doctor, test_call):
    password("wrong")
    code, found = doctor()
    assert code == 1
    assert list(found) == ["trunk main"]
    assert "refuses the user 'outdial' with this password (403" in found["trunk main"]["text"]
    assert "TRUNK_PASSWORD" in found["trunk main"]["remedy"]
    code, call = test_call(WELL)
    assert (code, call["customer"]["end_cause"]) == (1, "account_fault")
    assert "TRUNK_PASSWORD" in call["findings"][0]["remedy"]


def test_a_wrong_address_in_sdp_is_named(test_call):
    code, call = test_call(WRONG_SDP)
    (found,) = call["findings"]
    assert code == 1
    assert "SDP names 127.0.0.99:" in found["text"]
    assert "can be reached from here" in found["remedy"]
    assert call["customer"]["audio"]["sent_packets"] > 20


def test_a_wrong_address_is_named_even_if_the_audio_finds_its_way(test_call):
    code, call = test_call(LATCHED)
    (found,) = call["findings"]
    assert (code, found["health"]) == (0, "warning")
    assert "SDP names 127.0.0.99:" in found["text"]


def test_rtp_that_is_blocked_is_named_with_the_ports_to_open(test_call):
    code, call = test_call(BLOCKED)
    (found,) = call["findings"]
    assert code == 1
    assert "answered, but no audio came" in found["text"]
    assert "firewall" in found["remedy"]
    # The first twenty that are free: a call of another test may hold some.
    assert re.search(r"ports 37\d\d0 to 37\d\d9 ", found["remedy"])


def test_a_disk_that_takes_no_more_is_named(doctor):
    # Files may grow to 256 kB: writing then fails as it does on a full disk, and for root too.
    code, found = doctor(before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, 1 << 18)))
    assert code == 1
    assert "cannot be written" in found["disk: database"]["text"]
    assert "free space" in found["disk: database"]["remedy"]


def test_a_dead_phone_is_named_by_both(site, doctor, test_call):
    change(site, f"UPDATE agent SET phone = 'sip:agent-1@{HOST}:9'")
    code, found = doctor()
    assert code == 1
    assert list(found) == ["phone anna"]
    assert "see that the phone is on" in found["phone anna"]["remedy"]
    code, call = test_call(WELL, "--agent", "anna")
    assert (code, call["customer"]) == (1, None)
    assert "see that the phone is on" in call["findings"][0]["remedy"]


def test_a_closed_window_is_named_with_its_opening(site, doctor):
    morning = datetime.now(ZoneInfo("America/New_York")).hour < 12
    window = "22:00-23:00" if morning else "1:00-2:00"
    created = ("campaign", "create", "night", "--list", "people", "--trunk", "main", "--window", window)
    assert site(*created).code == 0
    assert site("campaign", "start", "night").code == 0
    code, found = doctor()
    assert code == 0
    assert list(found) == ["campaign night"]
    assert f"the calling window ({window}" in found["campaign night"]["text"]
    assert "until" in found["campaign night"]["text"]
    assert "wait until it opens" in found["campaign night"]["remedy"]


def test_an_empty_hopper_is_named_with_the_list_to_fill(site, doctor):
    site.write("nobody.csv", "phone\n12\n")
    assert site("leads", "import", "nobody.csv", "--list", "nobody", "--region", "US").code == 0
    assert site("campaign", "create", "empty", "--list", "nobody", "--trunk", "main").code == 0
    code, found = doctor()
    assert code == 0
    assert "the hopper is empty" in found["campaign empty"]["text"]
    assert "--list nobody" in found["campaign empty"]["remedy"]


def test_a_clock_that_is_off_is_named(site, doctor):
    change(site, f"UPDATE campaign SET made_at = made_at + {DAYS_S}")
    code, found = doctor()
    assert code == 1
    assert "3 days ahead" in found["clock"]["text"]
    assert "set the clock" in found["clock"]["remedy"]


def test_a_number_on_the_do_not_call_list_is_not_called(site, inherited):
    assert site("dnc", "add", WELL, "--reason", "asked").code == 0
    said = inherited("call", "test", WELL, "--trunk", "main")
    assert said.returncode == 1
    assert "do-not-call list (asked)" in said.stderr
