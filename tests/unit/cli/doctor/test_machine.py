import socket
import wave

import pytest

from cli.doctor import machine
from cli.doctor.findings import Health
from dialer.config import Config, SipConfig, TrunkConfig
from dialer.live.lease import Holder
from dialer.reports.readiness import LeaseRow

LEASE = LeaseRow(instance="4b6pm7qt", host="here", pid=7, taken_at=0.0, renewed_at=0.0)


def message(path, *, rate=8000, width=2, channels=1, frames=800):
    with wave.open(str(path), "wb") as file:
        file.setframerate(rate)
        file.setsampwidth(width)
        file.setnchannels(channels)
        file.writeframes(bytes(frames * width * channels))
    return machine.judge_message(machine.gather_message(path))


def test_a_message_of_the_right_form_can_be_played(tmp_path):
    assert message(tmp_path / "m.wav").health is Health.OK


@pytest.mark.parametrize(
    "form", [{"rate": 44_100}, {"width": 1}, {"channels": 2}, {"frames": 0}], ids=lambda form: str(*form)
)
def test_a_message_of_another_form_is_told_with_what_it_is(tmp_path, form):
    found = message(tmp_path / "m.wav", **form)
    assert found.health is Health.FAILURE
    assert found.remedy


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"phone\n212"])
def test_a_message_that_is_no_wav_is_told(tmp_path, content):
    if content is not None:
        (tmp_path / "m.wav").write_bytes(content)
    found = machine.judge_message(machine.gather_message(tmp_path / "m.wav"))
    assert found.health is Health.FAILURE
    assert "8 kHz" in found.remedy


def test_ports_that_others_hold_are_counted():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        config = Config(
            sip=SipConfig(port=port, ports=2), trunks={"main": TrunkConfig(host="127.0.0.1", lines=4)}
        )
        facts = machine.gather_ports(config)
    assert (facts.free_workers, facts.needed_workers) == (0, 4)
    assert machine.judge_ports(facts).health is Health.FAILURE


def test_an_address_that_reaches_this_machine_only_does_not_reach_a_carrier():
    found = machine.judge_network(Config(trunks={"main": TrunkConfig(host="192.0.2.7")}))
    assert found.health is Health.FAILURE
    assert "sip.bind" in found.remedy
    assert machine.judge_network(Config(trunks={"main": TrunkConfig(host="127.0.0.1")})).health is Health.OK


def test_the_library_is_there():
    assert machine.judge_library().health is Health.OK


@pytest.mark.parametrize(
    ("lease", "holder", "health", "words"),
    [
        pytest.param(None, None, Health.WARNING, "nothing runs", id="never"),
        pytest.param(LEASE, None, Health.WARNING, "ended without saying so", id="killed"),
        pytest.param(
            LEASE,
            Holder(instance="4b6pm7qt", host="here", pid=7, since_at=0.0),
            Health.OK,
            "process 7 on here",
            id="running",
        ),
    ],
)
def test_who_runs_the_workspace_is_told(lease, holder, health, words):
    found = machine.judge_run(lease, holder)
    assert found.health is health
    assert words in found.text
