"""`dialer run` with a configuration that cannot be used: refused before anything is done."""

import json

import pytest

TRUNK = '[trunks.main]\nhost = "127.0.0.1"\nport = 5999\nlines = 2\n'


@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param(
            f'{TRUNK}[sip]\nbind = "192.0.2.1"\n',
            ["192.0.2.1", "not an address of this machine"],
            id="not our address",
        ),
        pytest.param(
            f'{TRUNK}[sip]\nbind = "0.0.0.0"\n', ["sip.bind", "name one address"], id="every address"
        ),
        pytest.param(f'{TRUNK}[sip]\nbind = "here"\n', ["sip.bind", "IPv4"], id="no address"),
        pytest.param(
            f'{TRUNK}password_env = "TRUNK_PASSWORD"\n',
            ["TRUNK_PASSWORD", "export"],
            id="a password that is not set",
        ),
        pytest.param(
            '[trunks.main]\nhost = "carrier.invalid"\n',
            ["trunks.main.host", "carrier.invalid"],
            id="an unknown host",
        ),
        pytest.param(f"{TRUNK}calls_per_second = 0\n", ["calls_per_second"], id="no calls at all"),
        pytest.param(
            f'{TRUNK}[sip]\nsafe_harbour = "none.wav"\n',
            ["none.wav", "leave the key out"],
            id="a message that is not there",
        ),
        pytest.param(
            f'{TRUNK}[sip]\nsafe_harbour = "dialer.toml"\n',
            ["dialer.toml", "no WAV", "leave the key out"],
            id="a message that is no sound",
        ),
        pytest.param("", ["[trunks.NAME]"], id="no trunk"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(dialer, config, words):
    dialer.write("dialer.toml", config)
    said = dialer("run", "--config", "dialer.toml", "--json")
    assert said.code == 2, said
    assert said.out == ""
    error = json.loads(said.err)["error"]
    for word in words:
        assert word in error
    # The next one finds the workspace free.
    assert dialer("run", "--config", "dialer.toml", "--json").err == said.err
