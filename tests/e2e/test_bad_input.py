"""Bad files, options, databases and ports: a message that names cause and remedy, and nothing lost."""

import csv
import socket
import sqlite3
from contextlib import ExitStack
from pathlib import Path

import pytest

CONFIG = '[trunks.main]\nhost = "127.0.0.1"\nport = 5999\n'


def is_clear(said, code, *words):
    assert said.code == code, said
    assert "Traceback" not in said.err
    assert said.err.startswith("Error: ")
    for word in words:
        assert word in said.err


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param("Ada,", "no number", id="no number"),
        pytest.param("Ada,212", "too few digits", id="an impossible number"),
        pytest.param("Ada,2125550100212", "too many digits", id="a number that is too long"),
        pytest.param("Ada,ask her", "not a phone number", id="words"),
        pytest.param('Ada,"2125550100', "quot", id="broken quoting"),
        pytest.param("Ada,212555\x000100", "NUL", id="a NUL in the number"),
        pytest.param('Ada,"212555\n0100"', "line break", id="a line break in the number"),
        pytest.param("A" * 200_000 + ",2125550100", "long", id="an over-long field"),
    ],
)
def test_a_bad_row_goes_to_the_rejects_file_and_costs_no_other(dialer, row, reason):
    dialer.write("people.csv", f"name,phone\nBen,2125550101\n{row}\n")
    said = dialer("leads", "import", "people.csv", "--list", "people", "--region", "US", "--json")
    assert said.code == 0, said
    answer = said.json
    assert (answer["rows"], answer["imported"], answer["rejected"]) == (2, 1, 1)
    with Path(answer["rejects_file"]).open(newline="") as file:
        (rejected,) = csv.DictReader(file)
    assert rejected["line"] == "3"
    assert reason in rejected["reason"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00" * 40, id="a picture"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)) * 8, id="a spreadsheet"),
        pytest.param(b"first,last\nAda,Lovelace\n", id="no column of numbers"),
    ],
)
def test_a_file_that_holds_no_leads_changes_nothing(dialer, content):
    dialer.write("people.csv", content)
    is_clear(dialer("leads", "import", "people.csv", "--list", "people", "--region", "US"), 2, "people.csv")
    assert dialer("leads", "lists", "--json").json == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(
            ["leads", "import", "none.csv", "--list", "p", "--region", "US"], "none.csv", id="no file"
        ),
        pytest.param(
            ["leads", "import", "dialer.toml", "--list", "p", "--region", "ZZ"], "ZZ", id="no region"
        ),
        pytest.param(["leads", "lists", "--colour"], "--colour", id="an unknown option"),
        pytest.param(["campaign", "create", "c", "--list", "p", "--trunk", "main"], "'p'", id="no list"),
        pytest.param(
            ["campaign", "create", "c", "--list", "p", "--trunk", "main", "--ring-s", "5"],
            "15",
            id="short ring",
        ),
        pytest.param(
            ["campaign", "create", "c", "--list", "p", "--trunk", "no", "--config", "dialer.toml"],
            "[trunks.no]",
            id="no such trunk",
        ),
        pytest.param(["demo", "--mode", "clairvoyant"], "progressive", id="no such mode"),
        pytest.param(["run"], "[trunks.NAME]", id="no trunk at all"),
        pytest.param(["run", "--config", "broken.toml"], "broken.toml", id="no TOML"),
        pytest.param(["run", "--config", "unknown.toml"], "hots", id="an unknown setting"),
        pytest.param(["replay", "dialer.toml"], "dialer.toml", id="no log"),
    ],
)
def test_wrong_use_is_refused_with_its_cause(dialer, words, expected):
    dialer.write("dialer.toml", CONFIG)
    dialer.write("broken.toml", "[trunks")
    dialer.write("unknown.toml", '[trunks.main]\nhots = "127.0.0.1"\n')
    is_clear(dialer(*words), 2, expected)


def test_a_directory_that_is_not_there_is_named(dialer):
    is_clear(dialer("--database", "no/such/dialer.db", "leads", "lists"), 1, "no/such/dialer.db", "directory")


def test_a_file_that_is_no_database_is_left_as_it_is(dialer):
    dialer.write("dialer.db", "name,phone\n" * 200)
    is_clear(dialer("leads", "lists"), 1, "not a database", "--database")
    assert (dialer.directory / "dialer.db").read_text() == "name,phone\n" * 200


def test_a_database_of_another_program_is_left_alone(dialer):
    with sqlite3.connect(dialer.directory / "dialer.db") as other:
        other.execute("CREATE TABLE songs (title)")
    other.close()
    is_clear(dialer("leads", "lists"), 1, "another program")


def test_an_older_database_is_refused_with_the_command_that_upgrades_it(dialer):
    assert dialer("leads", "lists").code == 0
    with sqlite3.connect(dialer.directory / "dialer.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    is_clear(dialer("leads", "lists"), 1, "schema 0000")


def take_ports(stack, first, count):
    """Bind ports in a row; False if one of them is somebody else's."""
    for port in range(first, first + count):
        taken = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        try:
            taken.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture
def taken_ports():
    """The first of ten ports in a row that are in use."""
    for first in range(21_000, 29_000, 10):
        with ExitStack() as stack:
            if take_ports(stack, first, 10):
                yield first
                return


def test_a_port_that_is_taken_is_named(dialer, taken_ports):
    said = dialer("carrier", "--listen", f"127.0.0.1:{taken_ports}")
    is_clear(said, 2, str(taken_ports))


def test_a_run_whose_sip_ports_are_taken_says_so(dialer, taken_ports):
    dialer.write("dialer.toml", f"{CONFIG}lines = 1\n[sip]\nport = {taken_ports}\nports = 10\n")
    said = dialer("run", "--config", "dialer.toml")
    is_clear(said, 2, str(taken_ports), "sip.port")


def test_a_run_with_too_few_sip_ports_says_how_many_it_needs(dialer):
    dialer.write("dialer.toml", f"{CONFIG}[sip]\nports = 2\n")
    is_clear(dialer("run", "--config", "dialer.toml"), 2, "sip.ports", "34")
