"""Files that hold secrets."""

import os
from pathlib import Path

import pytest

from dialer.config import TrunkConfig
from dialer.errors import ConfigError
from dialer.secret_files import read_secret, read_secrets, why_unsafe


@pytest.fixture
def secret(tmp_path):
    def write(text, mode=0o600):
        path = tmp_path / "secret"
        path.write_bytes(text)
        path.chmod(mode)
        return path

    return write


def test_a_password_is_read_from_a_file_without_its_line_break(secret):
    trunk = TrunkConfig(host="192.0.2.1", password_file=secret(b"between us \n"))
    assert trunk.password() == "between us "


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_may_use_is_refused_with_the_remedy(secret, mode):
    with pytest.raises(ConfigError, match=rf"password_file.*mode {mode:04o}.*chmod 600 /") as caught:
        read_secret(secret(b"between us", mode), setting="password_file")
    assert "between us" not in str(caught.value)


@pytest.mark.parametrize(("owner", "safe"), [(0, True), (1000, True), (1001, False)])
def test_a_file_of_somebody_else_is_refused(owner, safe):
    facts = os.stat_result((0o100600, 1, 1, 1, owner, owner, 9, 0, 0, 0))

    wrong = why_unsafe(facts, Path("secret"), user=1000)

    assert wrong is None if safe else "belongs to another user (id 1001)" in wrong


def test_secrets_are_read_by_name(secret):
    path = secret(b'anna = "between us"\n"jo ann" = "x"\n')
    assert read_secrets(path, setting="sip.agent_secrets") == {"anna": "between us", "jo ann": "x"}


@pytest.mark.parametrize("text", [b"anna: secret7", b"anna = 7", b'[a]\nanna = "secret7"', b'anna = ""'])
def test_what_is_no_list_of_secrets_is_refused_and_not_quoted(secret, text):
    with pytest.raises(ConfigError, match=r"sip\.agent_secrets.*nothing but lines such as") as caught:
        read_secrets(secret(text), setting="sip.agent_secrets")
    assert "secret7" not in str(caught.value)


def test_what_is_no_readable_file_is_refused(tmp_path, secret):
    with pytest.raises(ConfigError, match="cannot read"):
        read_secret(tmp_path / "none", setting="password_file")
    with pytest.raises(ConfigError, match="is no file"):
        read_secret(tmp_path, setting="password_file")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_secret(secret(b"\xff"), setting="password_file")
