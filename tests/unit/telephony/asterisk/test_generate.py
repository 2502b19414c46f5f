"""What is written for Asterisk holds what the configuration says, and nothing that means something else there."""

import re

import msgspec
import pytest

from dialer.agi_config import AgiConfig
from dialer.asterisk_config import AsteriskConfig, AsteriskServer
from dialer.config import Config, SipConfig, TrunkConfig
from dialer.errors import ConfigError
from telephony.asterisk.generate import INCLUDED, Site, write_out

SITE = Site(password="between us", folder="/etc/asterisk/dialer")


def config(**trunks):
    servers = {"one": AsteriskServer(), "two": AsteriskServer(port=5039)}
    return Config(asterisk=AsteriskConfig(servers=servers), trunks=trunks)


def trunk(**settings):
    return TrunkConfig(**{"host": "192.0.2.1", "server": "one", **settings})


def sections(data, name):
    """Return the settings of every section of that name, as Asterisk reads them."""
    text = re.sub(r"(?<!\\);.*", "", data.decode())
    parts = re.split(r"^\[([^\]]+)\](?:\([^)]*\))?$", text, flags=re.MULTILINE)
    return [
        dict(re.findall(r"^(\S+) = ?(.*)$", body, flags=re.MULTILINE))
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
        if title == name
    ]


def test_every_placeholder_is_filled_and_every_file_is_there():
    written = write_out(config(carrier=trunk(username="we")), "one", SITE)
    assert set(INCLUDED) < set(written)
    for name in INCLUDED:
        assert not re.search(rb"@[a-z_]+@", written[name])
    assert written["sounds/safe-harbour.wav"].startswith(b"RIFF")
    assert b"/etc/asterisk/dialer/sounds" in written["extensions.conf"]


def test_the_manager_users_come_from_the_dialer_alone_and_share_no_permission():
    written = write_out(config(), "one", SITE)["manager.conf"]
    (acts,), (hears,) = sections(written, "dialer"), sections(written, "dialer-events")
    assert acts["secret"] == hears["secret"] == "between us"
    assert acts["permit"] == hears["permit"] == "127.0.0.1/255.255.255.255"
    assert acts["read"] == hears["write"] == ""
    assert acts["write"] == "originate,call,reporting,system"


def test_where_nothing_is_recorded_the_permission_for_it_is_left_out():
    site = msgspec.structs.replace(SITE, recording=False)
    (acts,) = sections(write_out(config(), "one", site)["manager.conf"], "dialer")
    assert acts["write"] == "originate,call,reporting"


def test_an_address_of_the_newer_protocol_is_permitted_alone_too():
    site = msgspec.structs.replace(SITE, dialer="2001:db8::1")
    (acts,) = sections(write_out(config(), "one", site)["manager.conf"], "dialer")
    assert acts["permit"] == "2001:db8::1/128"


def test_only_trunks_of_the_server_whose_carrier_is_known_are_written():
    trunks = {
        "here": trunk(),
        "named": trunk(endpoint="carrier-7"),
        "there": trunk(server="two"),
        "its-own": TrunkConfig(server="one"),
    }
    written = write_out(config(**trunks), "one", SITE)["pjsip.conf"]
    names = set(re.findall(r"^\[([^\]]+)\]", written.decode(), re.MULTILINE))
    assert names == {"dialer-phones", "dialer-agents", "here", "carrier-7"}


def test_a_trunk_says_where_its_carrier_is_and_who_we_are(monkeypatch):
    monkeypatch.setenv("CARRIER_PASSWORD", "se;cret")
    known = trunk(port=5070, transport="tcp", username="we", password_env="CARRIER_PASSWORD")
    endpoint, auth, aor, identify = sections(
        write_out(config(carrier=known), "one", SITE)["pjsip.conf"], "carrier"
    )
    assert endpoint["outbound_auth"] == "carrier"
    assert aor["contact"] == "sip:192.0.2.1:5070\\;transport=tcp"
    assert (auth["username"], auth["password"]) == ("we", "se\\;cret")
    assert identify["match"] == "192.0.2.1"


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        pytest.param({"host": "x\nmatch=0.0.0.0/0"}, "trunks.carrier.host", id="a line end"),
        pytest.param({"host": "x;y"}, "trunks.carrier.host", id="a comment"),
        pytest.param({"username": "a\n[b]"}, "trunks.carrier", id="a section"),
    ],
)
def test_what_would_mean_something_else_to_asterisk_is_refused(changed, what, monkeypatch):
    monkeypatch.setenv("CARRIER_PASSWORD", "secret")
    with pytest.raises(ConfigError, match=what):
        write_out(config(carrier=trunk(password_env="CARRIER_PASSWORD", **changed)), "one", SITE)


@pytest.mark.parametrize("password", ["", " x", "x\ny"])
def test_a_password_that_asterisk_would_read_otherwise_is_refused(password):
    with pytest.raises(ConfigError, match="password of the manager users"):
        write_out(config(), "one", msgspec.structs.replace(SITE, password=password))


def test_a_message_of_ones_own_is_taken_and_must_be_there(tmp_path):
    own = tmp_path / "sorry.wav"
    own.write_bytes(b"RIFFown")
    changed = msgspec.structs.replace(config(), sip=SipConfig(safe_harbour=own))
    assert write_out(changed, "one", SITE)["sounds/safe-harbour.wav"] == b"RIFFown"
    own.unlink()
    with pytest.raises(ConfigError, match=r"sip\.safe_harbour: cannot read"):
        write_out(changed, "one", SITE)


def test_the_dialplan_asks_where_the_dialer_listens_and_nobody_where_it_does_not(tmp_path):
    assert b"agi://" not in write_out(config(), "one", SITE)["extensions.conf"]
    secret = tmp_path / "agi.secret"
    secret.touch(0o600)
    secret.write_text("0123456789abcdef")
    for bind, host in (("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "192.0.2.1")):
        asked = AsteriskConfig(
            servers={"one": AsteriskServer()}, agi=AgiConfig(port=4573, bind=bind, secret_file=secret)
        )
        site = msgspec.structs.replace(SITE, dialer="192.0.2.1")
        written = write_out(Config(asterisk=asked), "one", site)["extensions.conf"].decode()
        assert f"AGI(agi://{host}:4573/0123456789abcdef/block,,pressed ${{DIALER_KEY}})" in written
        assert f"AGI(agi://{host}:4573/0123456789abcdef/inbound,${{EXTEN}})" in written


def test_servers_that_can_reach_each_other_have_a_way_to_each_other():
    servers = {"one": AsteriskServer(sip="192.0.2.1:5060"), "two": AsteriskServer(sip="192.0.2.2:5070")}
    written = write_out(Config(asterisk=AsteriskConfig(servers=servers)), "one", SITE)["pjsip.conf"]
    endpoint, aor, identify = sections(written, "dialer-to-two")
    assert endpoint["context"] == "dialer-cross"
    assert aor["contact"] == "sip:192.0.2.2:5070"
    assert identify["match"] == "192.0.2.2:5070"
    assert b"dialer-to-" not in write_out(config(), "one", SITE)["pjsip.conf"]


def formats(written, name):
    (endpoint,) = [one for one in sections(written["pjsip.conf"], name) if "allow" in one]
    return endpoint["allow"]


def test_video_is_allowed_where_the_operator_turned_it_on():
    plain = write_out(config(carrier=trunk()), "one", SITE)
    assert {formats(plain, name) for name in ("dialer-phones", "carrier")} == {"ulaw,alaw"}

    asked = config(carrier=trunk(), pictures=trunk(port=5070, video=True))
    asked = msgspec.structs.replace(asked, asterisk=msgspec.structs.replace(asked.asterisk, video=True))
    written = write_out(asked, "one", SITE)
    assert formats(written, "dialer-phones") == formats(written, "pictures") == "ulaw,alaw,vp8,h264"
    assert formats(written, "carrier") == "ulaw,alaw"


def test_a_trunk_without_asterisk_cannot_have_video():
    with pytest.raises(ValueError, match="video needs server: the dialer's own SIP speaks audio only"):
        TrunkConfig(host="192.0.2.1", video=True)


def test_something_is_sent_to_every_far_end_that_nobody_speaks_to_and_nothing_played():
    written = write_out(config(carrier=trunk()), "one", SITE)
    for name in ("dialer-phones", "carrier"):
        assert any(one.get("rtp_keepalive") == "1" for one in sections(written["pjsip.conf"], name))
    assert b"e(s)" not in written["extensions.conf"]
