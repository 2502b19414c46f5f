"""What the configuration says of FastAGI."""

import pytest

from dialer import config
from dialer.errors import ConfigError

SECRET = "0123456789abcdef"


@pytest.fixture
def load(tmp_path):
    def write_and_load(text, secret=SECRET, pins="", mode=0o600):
        for name, content in (("agi.secret", secret), ("pins.toml", pins)):
            (tmp_path / name).write_text(content)
            (tmp_path / name).chmod(mode)
        file = tmp_path / "dialer.toml"
        file.write_text(f"[asterisk.agi]\n{text}".replace("HERE", str(tmp_path)))
        return config.load(file).asterisk.agi

    return write_and_load


def test_without_a_word_nobody_may_ask():
    assert config.Config().asterisk.agi.port == 0


def test_what_the_file_says_is_taken(load):
    found = load(
        'port = 4573\nsecret_file = "HERE/agi.secret"\npins = "HERE/pins.toml"\n'
        'allowed_hosts = ["192.0.2.0/24", "2001:db8::1"]',
        pins='anna = "48151"',
    )
    assert (found.port, found.secret(), found.agent_pins()) == (4573, SECRET, {"anna": "48151"})
    assert found.allows("192.0.2.9")
    assert found.allows("2001:db8::1")
    assert not found.allows("127.0.0.1")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("port = 4573", "port needs secret_file"),
        ("allowed_hosts = []", "allowed_hosts is empty"),
        ('allowed_hosts = ["asterisk"]', "write addresses"),
        ('bind = "here"', "write addresses"),
        ("connections = 0", ">= 1"),
    ],
)
def test_what_cannot_be_is_refused(load, text, cause):
    with pytest.raises(ConfigError, match=cause):
        load(text)


@pytest.mark.parametrize("secret", ["short", "with/slash-0123456789", "", "white space 0123456789"])
def test_a_secret_that_an_address_cannot_hold_is_refused(load, secret):
    found = load('port = 4573\nsecret_file = "HERE/agi.secret"', secret=secret)
    with pytest.raises(ConfigError, match="16 to 128"):
        found.secret()


def test_secrets_that_others_can_read_are_refused(load):
    found = load('port = 4573\nsecret_file = "HERE/agi.secret"\npins = "HERE/pins.toml"', mode=0o644)
    for read in (found.secret, found.agent_pins):
        with pytest.raises(ConfigError, match=r"agi\.secret|pins\.toml"):
            read()


def test_there_is_no_secret_and_no_pin_without_a_file(load):
    found = load("")
    assert found.agent_pins() == {}
    with pytest.raises(ConfigError, match="secret_file"):
        found.secret()


@pytest.mark.parametrize("pin", ["123", "12345678901234567", "12a4"])
def test_a_pin_that_nobody_could_key_in_or_anybody_guess_is_refused(load, pin):
    found = load('pins = "HERE/pins.toml"', pins=f'anna = "{pin}"')
    with pytest.raises(ConfigError, match="4 to 16 digits"):
        found.agent_pins()
