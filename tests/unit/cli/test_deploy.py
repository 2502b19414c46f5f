"""The unit for systemd and the container file are such that their readers take them."""

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import carry_out

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DIALER_DATABASE_URL", "DIALER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def printed(capsys):
    """The unit as text, and as its sections; keys that stand twice keep the last value."""

    def ask(*arguments):
        assert carry_out(["deploy", "systemd", *arguments]) == 0
        text = capsys.readouterr().out
        parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
        parser.optionxform = str
        parser.read_string(text)
        return text, parser

    return ask


def test_the_unit_lets_talks_finish_and_keeps_bad_configurations_from_restarting(printed, somewhere):
    (somewhere / "dialer.toml").write_text("[run]\nfinish_talks_s = 120\n")
    text, unit = printed("--config", "dialer.toml")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert int(service["TimeoutStopSec"]) > 120
    assert service["KillMode"] == "mixed"
    assert service["RestartPreventExitStatus"] == "2"
    assert f"Environment=DIALER_CONFIG={somewhere}/dialer.toml\n" in text
    assert "Environment=DIALER_DATABASE_URL=sqlite:////var/lib/dialer/dialer.db\n" in text
    assert service["ExecStart"] == f"{Path(sys.executable).with_name('dialer')} run"


def test_what_a_run_writes_elsewhere_is_left_writable(printed, somewhere):
    (somewhere / "dialer.toml").write_text('[sip]\nrecordings = "/srv/voice"\n')
    _, unit = printed("--config", "dialer.toml", "--database", "/srv/data/dialer.db")
    assert unit["Service"]["ReadWritePaths"] == "/srv/voice /srv/data"


def test_a_servers_address_never_stands_in_the_unit(printed):
    text, _ = printed("--database", "postgresql://dialer:secret@127.0.0.1/dialer")
    assert "secret" not in text.replace("/etc/dialer/secrets", "")


@pytest.mark.parametrize(
    "arguments", [("--user", "root cause"), ("--user", "a\nb"), ("--database", "/srv/50% off/dialer.db")]
)
def test_a_name_that_would_mean_something_else_in_a_unit_is_refused(arguments, capsys):
    assert carry_out(["deploy", "systemd", *arguments]) == 2
    assert capsys.readouterr().err.startswith("Error: ")


def test_systemd_finds_nothing_to_complain_of(printed, somewhere):
    text, _ = printed("--user", "daemon")
    unit = somewhere / "dialer.service"
    unit.write_text(text)
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    complaints = [line for line in said.stderr.splitlines() if "dialer.service" in line]
    assert complaints == []


def test_nobody_runs_a_floor_that_was_never_started(capsys):
    assert carry_out(["health", "--json"]) == 1
    assert "nothing runs this workspace" in json.loads(capsys.readouterr().err)["error"]


# --- the container -----------------------------------------------------------------------------------

CONTAINERFILE = ROOT / "docs" / "deploy" / "Containerfile"
INSTRUCTIONS = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "STOPSIGNAL",
    "USER", "VOLUME", "WORKDIR",
}  # fmt: skip


def instructions():
    """The container file's instructions in order, continued lines joined."""
    text = re.sub(r"\\\n", " ", CONTAINERFILE.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def last(name):
    return [rest for instruction, rest in instructions() if instruction == name][-1]


def test_the_container_file_holds_nothing_that_is_no_instruction():
    assert {instruction for instruction, _ in instructions()} <= INSTRUCTIONS
    assert instructions()[0][0] == "FROM"


def test_the_container_runs_as_nobody_special_with_its_data_outside():
    assert last("USER") not in {"root", "0"}
    assert json.loads(last("VOLUME")) == ["/var/lib/dialer"]
    assert "/var/lib/dialer/dialer.db" in last("ENV")


@pytest.mark.parametrize("instruction", ["ENTRYPOINT", "CMD"])
def test_the_container_gets_signals_because_no_shell_stands_before_it(instruction):
    assert all(isinstance(word, str) for word in json.loads(last(instruction)))


def test_what_the_container_runs_are_our_commands(capsys):
    command = [*json.loads(last("ENTRYPOINT")), *json.loads(last("CMD"))]
    checked = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    for words in (command, checked):
        assert words[0] == "dialer"
        assert carry_out([*words[1:], "--help"]) == 0


def test_what_the_container_is_built_from_is_in_the_checkout():
    copied = [rest.split() for name, rest in instructions() if name == "COPY" and "--from" not in rest]
    sources = [word for words in copied for word in words[:-1]]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
