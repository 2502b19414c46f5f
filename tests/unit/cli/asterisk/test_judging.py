"""What is missing at an Asterisk is named, each thing with its remedy; judged without one."""

import msgspec
import pytest

from cli.asterisk.judging import Wanted, judge
from cli.doctor.findings import Health
from dialer.asterisk_config import AsteriskServer
from telephony.asterisk.inquiry import MODULES, Facts

WANTED = Wanted(
    name="one",
    server=AsteriskServer(),
    lines=30,
    own_endpoints=frozenset({"theirs"}),
    contexts=frozenset({"dialer-customer", "dialer-message"}),
)
GOOD = Facts(
    told=frozenset({"FullyBooted", "OriginateResponse"}),
    version="22.10.1",
    actions=frozenset(
        {
            "Bridge", "CoreSettings", "CoreShowChannels", "CoreStatus", "Getvar", "Hangup", "MixMonitor", "Originate",
            "Redirect", "Setvar", "Status", "StopMixMonitor",
        }
    ),
    modules=dict.fromkeys(MODULES, True),
    contexts={"dialer-customer": True, "dialer-message": True},
    endpoints={"carrier": True, "theirs": True},
    rtp=(10_000, 20_000),
    ahead_s=0.01,
    round_trip_s=0.001,
)  # fmt: skip


def found(**changes):
    """Return what is not as it should be."""
    facts = msgspec.structs.replace(GOOD, **changes)
    return [one for one in judge(facts, WANTED) if one.health is not Health.OK]


def without(**gone):
    return {**dict.fromkeys(MODULES, True), **dict.fromkeys(gone, False)}


def test_where_nothing_is_missing_everything_is_said_to_be_well():
    told = judge(GOOD, WANTED)
    assert {one.health for one in told} == {Health.OK}
    assert {one.check for one in told} == {
        f"one {check}"
        for check in (
            "manager", "version", "events", "permissions", "modules", "dialplan", "endpoints", "audio", "clock",
        )
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "check", "health", "text", "remedy"),
    [
        pytest.param({"refused": "nobody is there"}, "manager", "failure", "nobody is there", "permit", id="no-manager"),
        pytest.param({"version": "18.9.0"}, "version", "warning", "tried with 22 only", "Asterisk 22", id="older"),
        pytest.param({"version": ""}, "version", "warning", "does not say", "reporting", id="no-version"),
        pytest.param({"not_told": "refused"}, "events", "failure", "dialer-events", "config --force", id="no-events-user"),
        pytest.param({"told": frozenset({"FullyBooted"})}, "events", "failure", "call (no", "read = call", id="no-call-events"),
        pytest.param({"actions": GOOD.actions - {"Originate"}}, "permissions", "failure", "may not: Originate", "write = ", id="no-originate"),
        pytest.param({"actions": GOOD.actions - {"MixMonitor"}}, "permissions", "warning", "may not record", "system", id="no-recording"),
        pytest.param({"modules": None}, "modules", "warning", "cannot be asked", "func_module.so", id="modules-unknown"),
        pytest.param({"modules": without(app_bridgewait=1)}, "modules", "failure", "app_bridgewait", "load = app_bridgewait.so", id="no-bridgewait"),
        pytest.param({"modules": without(app_amd=1)}, "modules", "warning", "no answering machine", "load = app_amd.so", id="no-amd"),
        pytest.param({"contexts": None}, "dialplan", "warning", "cannot be asked", "func_dialplan.so", id="dialplan-unknown"),
        pytest.param({"contexts": {"dialer-customer": True}}, "dialplan", "failure", "dialer-message", "extensions.conf", id="no-context"),
        pytest.param({"endpoints": {"theirs": False}}, "endpoints", "failure", "no theirs", "define it", id="no-own-endpoint"),
        pytest.param({"endpoints": {"carrier": False}}, "endpoints", "failure", "no carrier", "include", id="no-endpoint"),
        pytest.param({"rtp": (10_000, 10_099)}, "audio", "warning", "carry 50 channels", "rtpend", id="few-ports"),
        pytest.param({"calls_at_most": 40}, "channels", "warning", "allows 40", "maxcalls", id="few-channels"),
        pytest.param({"ahead_s": -61.0}, "clock", "warning", "61.00 s behind", "NTP", id="clock"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_with_its_remedy(changes, check, health, text, remedy):
    (one,) = found(**changes)
    assert (one.check, one.health) == (f"one {check}", health)
    assert text in one.text
    assert remedy in one.remedy


def test_queues_are_looked_for_where_they_are_followed():
    following = msgspec.structs.replace(WANTED, queues=frozenset({"sales", "support"}))
    facts = msgspec.structs.replace(GOOD, queues={"sales": True, "support": True})
    (there,) = [one for one in judge(facts, following) if one.check == "one queues"]
    assert (there.health, there.text) == (Health.OK, "it has sales, support")
    facts = msgspec.structs.replace(GOOD, queues={"sales": True, "support": False})
    (missing,) = [one for one in judge(facts, following) if one.health is not Health.OK]
    assert (missing.health, missing.text) == (Health.FAILURE, "it has no queue support")
    assert "queues.conf" in missing.remedy


def test_the_module_for_queues_is_missed_once():
    following = msgspec.structs.replace(WANTED, queues=frozenset({"sales"}))
    facts = msgspec.structs.replace(GOOD, modules={**GOOD.modules, "app_queue": False})
    (missing,) = [one for one in judge(facts, following) if one.health is not Health.OK]
    assert (missing.check, missing.health) == ("one modules", Health.FAILURE)
    assert "load = app_queue.so" in missing.remedy


@pytest.mark.parametrize(
    ("host", "listen", "health"),
    [
        pytest.param("127.0.0.1", "127.0.0.1:0", Health.OK, id="here"),
        pytest.param("192.0.2.9", "192.0.2.5:4580", Health.OK, id="elsewhere-and-told"),
        pytest.param("192.0.2.9", "127.0.0.1:0", Health.WARNING, id="elsewhere-and-not-told"),
    ],
)
def test_audio_of_calls_that_are_listened_to_must_find_its_way(host, listen, health):
    server = AsteriskServer(host=host, listen=listen, tls=True)
    listening = msgspec.structs.replace(WANTED, server=server, listened=("carrier",))
    (one,) = [one for one in judge(GOOD, listening) if one.check == "one listening"]
    assert one.health is health
    assert "carrier" in one.text
    assert health is Health.OK or "listen = " in one.remedy


def test_without_the_modules_that_send_audio_calls_go_on_unheard():
    facts = msgspec.structs.replace(GOOD, modules={**GOOD.modules, "chan_audiosocket": False})
    (missing,) = [one for one in judge(facts, WANTED) if one.health is not Health.OK]
    assert (missing.check, missing.health) == ("one modules", Health.WARNING)
    assert "no tones and announcements" in missing.text
    assert "load = chan_audiosocket.so" in missing.remedy


def test_a_password_in_the_clear_between_machines_is_warned_of():
    elsewhere = msgspec.structs.replace(WANTED, server=AsteriskServer(host="192.0.2.9"))
    (one,) = [one for one in judge(GOOD, elsewhere) if one.health is not Health.OK]
    assert one.check == "one encryption"
    assert "tls = true" in one.remedy
    safe = msgspec.structs.replace(WANTED, server=AsteriskServer(host="192.0.2.9", tls=True))
    assert all(one.health is Health.OK for one in judge(GOOD, safe))
