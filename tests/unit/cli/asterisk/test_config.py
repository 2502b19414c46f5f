"""`dialer asterisk config` writes what an Asterisk includes, and says what else there is to do."""

import json

import pytest

from cli.main import carry_out

SERVER = '[asterisk.servers.one]\npassword_env = "MANAGER_PASSWORD"\n'


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALER_CONFIG", raising=False)
    monkeypatch.setenv("MANAGER_PASSWORD", "between us")
    (tmp_path / "dialer.toml").write_text(SERVER)
    return tmp_path


def write(*arguments):
    return carry_out(["asterisk", "config", "--config", "dialer.toml", "--out", "etc/dialer", *arguments])


def test_the_files_are_for_asterisk_alone_and_the_includes_are_told(somewhere, capsys):
    assert write() == 0
    told = capsys.readouterr().out
    for name in ("manager.conf", "pjsip.conf", "extensions.conf", "musiconhold.conf"):
        assert f"at the end of {name}: #include {somewhere}/etc/dialer/{name}" in told
        assert (somewhere / "etc" / "dialer" / name).stat().st_mode & 0o077 == 0


def test_what_is_there_is_overwritten_by_force_only(somewhere, capsys):
    assert write() == 0
    (somewhere / "etc" / "dialer" / "extensions.conf").write_text("mine")
    assert write() == 1
    assert "--force" in capsys.readouterr().err
    assert (somewhere / "etc" / "dialer" / "extensions.conf").read_text() == "mine"
    assert write("--force", "--json") == 0
    assert "manager.conf" in json.loads(capsys.readouterr().out)["files"]
    assert "dialer-customer" in (somewhere / "etc" / "dialer" / "extensions.conf").read_text()


@pytest.mark.parametrize(
    ("config", "arguments", "remedy"),
    [
        pytest.param("", (), "add [asterisk.servers.NAME]", id="no-server"),
        pytest.param(SERVER, ("--server", "two"), "there is no [asterisk.servers.two]", id="unknown-server"),
        pytest.param(
            f"{SERVER}[asterisk.servers.two]\n", (), "choose one with --server: one, two", id="two-servers"
        ),
        pytest.param("[asterisk.servers.one]\n", (), "openssl rand -hex 16", id="no-password"),
        pytest.param(f'{SERVER}host = "192.0.2.9"\n', (), "--dialer", id="another-machine"),
        pytest.param(SERVER, ("--sip", "here;now"), "the address to bind to", id="no-address"),
    ],
)
def test_what_is_missing_is_said_with_its_remedy(somewhere, capsys, config, arguments, remedy):
    (somewhere / "dialer.toml").write_text(config)
    assert write(*arguments) == 2
    assert remedy in capsys.readouterr().err
    assert not (somewhere / "etc").exists()


def test_an_asterisk_elsewhere_is_told_where_its_files_are_and_who_may_log_in(somewhere):
    (somewhere / "dialer.toml").write_text(f'{SERVER}host = "192.0.2.9"\n')
    assert write("--dialer", "192.0.2.1", "--folder", "/etc/asterisk/dialer", "--sip", "192.0.2.9:5060") == 0
    written = somewhere / "etc" / "dialer"
    assert "permit = 192.0.2.1/255.255.255.255" in (written / "manager.conf").read_text()
    assert "directory = /etc/asterisk/dialer/sounds/hold" in (written / "musiconhold.conf").read_text()
    assert "bind = 192.0.2.9:5060" in (written / "pjsip.conf").read_text()
