"""An Asterisk of the dialer's own takes the files that the dialer writes, and ends for sure."""

import socket

import pytest

from cli.asterisk.instance import Instance
from dialer.config import Config, TrunkConfig
from tests.asterisk import asterisk, program


def test_it_takes_every_file_without_a_complaint(monkeypatch):
    trunks = {
        "plain": TrunkConfig(host="127.0.0.1", port=5099, server="local"),
        "known": TrunkConfig(
            host="127.0.0.2",
            transport="tls",
            server="local",
            username="us;er",
            password_env="CARRIER_PASSWORD",
            asserted_identity=True,
        ),
    }
    monkeypatch.setenv("CARRIER_PASSWORD", "half;half")
    with asterisk(config=Config(trunks=trunks)) as one:
        said = one.log.read_text()
    assert "modules will be loaded" in said
    assert "WARNING" not in said
    assert "ERROR" not in said


def test_a_killed_one_can_be_started_again_and_leaves_nothing():
    one = Instance(Config(), "local", program=program())
    try:
        one.start()
        one.kill()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", one.ports.manager), 5.0)
        one.start()
        assert one.process.poll() is None
    finally:
        one.remove()
    assert one.process.poll() is not None
    assert not one.home.exists()
