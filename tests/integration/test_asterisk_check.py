"""`dialer asterisk check` against a real Asterisk: all well with what the dialer writes, and each thing missed."""

import json

import msgspec

from cli.asterisk.examining import examine
from cli.asterisk.instance import Instance
from cli.doctor.findings import Health
from cli.main import carry_out
from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import Config, TrunkConfig
from dialer.queue_config import AsteriskQueue
from tests.asterisk import NAME, asterisk, program
from tests.integration.sipp_carrier import free_port

TRUNKS = {"carrier": TrunkConfig(host="127.0.0.1", port=5099, server=NAME)}


def test_nothing_is_missing_where_the_files_are_included(tmp_path, capsys):
    with asterisk(config=Config(trunks=TRUNKS)) as one:
        file = tmp_path / "dialer.toml"
        file.write_text(
            f'[asterisk.servers.{NAME}]\nport = {one.ports.manager}\npassword_file = "{one.server.password_file}"\n'
            f'[trunks.carrier]\nhost = "127.0.0.1"\nport = 5099\nserver = "{NAME}"\n'
        )
        assert carry_out(["asterisk", "check", "--config", str(file), "--json"]) == 0
        complaints = one.log.read_text()
    found = json.loads(capsys.readouterr().out)
    assert {one["health"] for one in found} == {"ok"}, found
    assert "version" in found[1]["check"]
    assert "ERROR" not in complaints


def test_what_is_not_there_is_missed():
    one = Instance(Config(trunks=TRUNKS), NAME, program=program())
    try:
        etc = one.home / "etc"
        modules = etc / "modules.conf"
        modules.write_text(modules.read_text().replace("load = app_chanspy.so\n", ""))
        (etc / "extensions.conf").write_text("[general]\nstatic = yes\n")
        (etc / "rtp.conf").write_text("[general]\nrtpstart = 20000\nrtpend = 20019\n")
        for name, old, new in (
            ("manager.conf", "write = originate,call", "write = call"),
            ("pjsip.conf", "[carrier]", "[other]"),
        ):
            file = etc / "dialer" / name
            file.write_text(file.read_text().replace(old, new))
        one.start()
        found = examine(one.config)
    finally:
        one.remove()
    wrong = {finding.check.removeprefix(f"{NAME} "): finding for finding in found if finding.remedy}
    assert set(wrong) == {"permissions", "modules", "dialplan", "endpoints", "audio"}
    assert "Originate" in wrong["permissions"].text
    assert "app_chanspy" in wrong["modules"].text
    assert "carrier" in wrong["endpoints"].text
    assert wrong["audio"].health is Health.WARNING


def test_a_way_to_another_server_that_was_written_before_that_server_was_named_is_missed():
    named = {NAME: AsteriskServer(sip=f"127.0.0.1:{free_port()}")}
    with asterisk(config=Config(trunks=TRUNKS, asterisk=AsteriskConfig(servers=named))) as one:
        more = {**one.config.asterisk.servers, "second": AsteriskServer(sip="127.0.0.1:5098")}
        found = examine(msgspec.structs.replace(one.config, asterisk=AsteriskConfig(servers=more)), [NAME])
    (missing,) = [finding for finding in found if finding.remedy]
    assert "dialer-to-second" in missing.text
    assert "config --force" in missing.remedy


def test_followed_queues_are_looked_for():
    queues = {
        name: AsteriskQueue(server=NAME, queue=there)
        for name, there in {"sales": "", "support": "help"}.items()
    }
    config = Config(asterisk=AsteriskConfig(servers={NAME: AsteriskServer()}, queues=queues))
    extra = {"modules.conf": "load = app_queue.so", "queues.conf": "[sales]\nstrategy = ringall\n"}
    with asterisk(config=config, extra=extra) as one:
        found = examine(one.config)
    (wrong,) = [finding for finding in found if finding.remedy]
    assert wrong.check == f"{NAME} queues"
    assert wrong.text == "it has no queue help"


def test_a_wrong_password_and_a_dead_asterisk_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("WRONG_PASSWORD", "wrong")
    with asterisk() as one:
        wrong = msgspec.structs.replace(one.server, password_env="WRONG_PASSWORD", password_file=None)
        (refused,) = examine(Config(asterisk=AsteriskConfig(servers={NAME: wrong})))
    (gone,) = examine(Config(asterisk=AsteriskConfig(servers={NAME: AsteriskServer(port=one.ports.manager)})))
    assert "does not let the user in" in refused.text
    assert "refused" in gone.text.lower()
    assert refused.health is gone.health is Health.FAILURE
