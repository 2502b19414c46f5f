"""What is missing at an Asterisk, each with what to do about it: judged from what it says of itself. Pure."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from cli.doctor.findings import Finding, failure, ok, warning
from dialer.asterisk_config import AsteriskServer
from telephony.asterisk.inquiry import Facts

TRIED = 22
"""The major version that everything was tried with."""

_ACTIONS = (
    "Bridge", "CoreSettings", "CoreShowChannels", "CoreStatus", "Getvar", "Hangup", "Originate", "Redirect", "Setvar",
    "Status",
)  # fmt: skip
_RECORDS = ("MixMonitor", "StopMixMonitor")
_HERE = ("127.0.0.1", "::1", "localhost")
# A guess: logs of both can be read side by side, and every token with a time limit holds.
_CLOCK_S = 2.0
_AGAIN = "`dialer asterisk config --force` writes it anew; include it, and `asterisk -rx 'core reload'`"

_FOR = {
    "app_amd": "answering machine detection",
    "app_mixmonitor": "recordings",
    "chan_audiosocket": "tones and announcements of the network's",
    "res_agi": "the dialplan's questions to the dialer",
    "res_audiosocket": "connections for audio that is listened to",
    "res_musiconhold": "what a customer hears who is held",
}
"""Modules without which calls still work, and what does not."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the dialer's configuration wants of an Asterisk."""

    name: str
    server: AsteriskServer
    lines: int
    """Of all trunks that call through it."""
    own_endpoints: frozenset[str]
    """Endpoints that the site defines itself."""
    contexts: frozenset[str]
    queues: frozenset[str] = frozenset()
    """Whose members are followed."""
    listened: tuple[str, ...] = ()
    """Trunks whose calls are listened to."""


def judge(facts: Facts, wanted: Wanted) -> list[Finding]:
    """Return one finding for each thing looked at; whether it can be reached decides whether others are there."""
    reached = list(_reached(facts, wanted))
    if facts.refused:
        return _named(reached, wanted)
    parts = (
        _version(facts),
        _told(facts, wanted),
        _permissions(facts, wanted),
        _modules(facts),
        _contexts(facts, wanted),
        _endpoints(facts, wanted),
        _queues(facts, wanted),
        _audio_sent(wanted),
        _capacity(facts, wanted),
        _clock(facts),
    )
    return _named([*reached, *(one for part in parts for one in part)], wanted)


def _named(found: Iterable[Finding], wanted: Wanted) -> list[Finding]:
    return [msgspec.structs.replace(one, check=f"{wanted.name} {one.check}") for one in found]


def _reached(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    server, check = wanted.server, "manager"
    where = f"{server.host}:{server.port}"
    if facts.refused:
        remedy = (
            f"is Asterisk up, and `enabled = yes` with that port in its manager.conf? {server.username!r} must be there "
            "with our password, and `permit` must list this machine (`dialer asterisk config` writes both)"
        )
        yield failure(check, f"{where}: {facts.refused}", remedy)
        return
    yield ok(
        check,
        f"{where} lets {server.username!r} in, and answers in {1000 * (facts.round_trip_s or 0):.1f} ms",
    )
    if not server.tls and server.host not in _HERE:
        yield warning(
            "encryption",
            "password, numbers and names cross the network in the clear",
            f"tlsenable, tlsbindaddr and tlscertfile in its manager.conf, and tls = true in [asterisk.servers.{wanted.name}]",
        )


def _version(facts: Facts) -> Iterator[Finding]:
    check, found = "version", re.match(r"(\d+)\.", facts.version)
    if found is None:
        text = f"it says its version is {facts.version!r}" if facts.version else "it does not say its version"
        yield warning(check, text, "the user for actions needs `write = reporting`, too")
    elif int(found[1]) == TRIED:
        yield ok(check, f"Asterisk {facts.version}")
    else:
        text = f"Asterisk {facts.version}: the dialer was tried with {TRIED} only"
        yield warning(check, text, f"use Asterisk {TRIED}, or try every outcome with a few numbers first")


def _told(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    check, user = "events", wanted.server.events_username
    if facts.not_told:
        yield failure(
            check, f"{user!r}: {facts.not_told}", f"{user!r} must be in manager.conf as the other: {_AGAIN}"
        )
        return
    missing = [
        f"{permission} (no {event})"
        for event, permission in (("OriginateResponse", "call"), ("FullyBooted", "system"))
        if event not in facts.told and (event == "FullyBooted" or "Originate" in facts.actions)
    ]
    if missing:
        remedy = (
            f"read = call,user,agent,dtmf,system for {user!r}, and no filter that keeps them out: {_AGAIN}"
        )
        yield failure(check, f"{user!r} is not told what it must be: {', '.join(missing)}", remedy)
    else:
        yield ok(check, f"{user!r} is told of calls")


def _permissions(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    check, user = "permissions", wanted.server.username
    if missing := [action for action in _ACTIONS if action not in facts.actions]:
        remedy = f"write = originate,call,reporting for {user!r} in manager.conf: {_AGAIN}"
        yield failure(check, f"{user!r} may not: {', '.join(missing)}", remedy)
    elif missing := [action for action in _RECORDS if action not in facts.actions]:
        remedy = f"write = originate,call,reporting,system for {user!r}, if calls are to be recorded"
        yield warning(check, f"{user!r} may not record: {', '.join(missing)}", remedy)
    else:
        yield ok(check, f"{user!r} may do what calls and recordings need")


def _modules(facts: Facts) -> Iterator[Finding]:
    check = "modules"
    if facts.modules is None:
        yield warning(
            check, "it cannot be asked for its modules", "load = func_module.so in its modules.conf"
        )
        return
    missing = [name for name, there in facts.modules.items() if not there]
    if needed := [name for name in missing if name not in _FOR]:
        yield failure(check, f"not loaded: {', '.join(needed)}", _load(needed))
    for name in missing:
        if name in _FOR:
            yield warning(check, f"{name} is not loaded: no {_FOR[name]}", _load([name]))
    if not missing:
        yield ok(check, f"all {len(facts.modules)} that are needed are loaded")


def _load(names: Iterable[str]) -> str:
    return f"in its modules.conf, and start it anew: {', '.join(f'load = {name}.so' for name in names)}"


def _contexts(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    check = "dialplan"
    if facts.contexts is None:
        yield warning(
            check, "it cannot be asked for its dialplan", "load = func_dialplan.so in its modules.conf"
        )
    elif missing := sorted(name for name in wanted.contexts if not facts.contexts.get(name)):
        text = f"missing, or of another version of the dialer: {', '.join(missing)}"
        yield failure(check, text, f"extensions.conf must include the dialer's: {_AGAIN}")
    else:
        yield ok(check, "the dialer's contexts are there")


def _endpoints(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    check = "endpoints"
    missing = [name for name, there in (facts.endpoints or {}).items() if not there]
    if own := [name for name in missing if name in wanted.own_endpoints]:
        remedy = "define it in its pjsip.conf, or name the carrier's host in the dialer's trunk and have it written"
        yield failure(check, f"pjsip.conf has no {', '.join(own)}", remedy)
    if written := [name for name in missing if name not in wanted.own_endpoints]:
        yield failure(
            check,
            f"pjsip.conf has no {', '.join(written)}",
            f"pjsip.conf must include the dialer's: {_AGAIN}",
        )
    if not missing and facts.endpoints:
        yield ok(check, f"pjsip.conf has {', '.join(facts.endpoints)}")


def _queues(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    check = "queues"
    if facts.queues is None:
        return  # none is followed; or the module is missing, which has been said
    if missing := sorted(name for name in wanted.queues if not facts.queues.get(name)):
        remedy = "define it in its queues.conf, or correct server and queue of [asterisk.queues.NAME]"
        yield failure(check, f"it has no queue {', '.join(missing)}", remedy)
    else:
        yield ok(check, f"it has {', '.join(sorted(wanted.queues))}")


def _audio_sent(wanted: Wanted) -> Iterator[Finding]:
    """Judge whether audio can come where it is listened to; whether it does, only a call shows."""
    server = wanted.server
    if not wanted.listened:
        return
    host = server.listen.rpartition(":")[0]
    if server.host not in _HERE and (host in _HERE or host.startswith("127.")):
        yield warning(
            "listening",
            f"calls of {', '.join(wanted.listened)} are to be listened to, but {server.host} cannot send audio to {host}",
            f"listen = an address of this machine that it reaches, and a port, in [asterisk.servers.{wanted.name}]",
        )
    else:
        yield ok("listening", f"it sends the audio of calls of {', '.join(wanted.listened)} to {host}")


def _capacity(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    # A talk takes two channels, and each of them a pair of ports.
    channels = 2 * wanted.lines
    if 0 < facts.calls_at_most < channels:
        text = f"maxcalls allows {facts.calls_at_most} channels; {wanted.lines} lines with their agents take {channels}"
        yield warning("channels", text, "raise maxcalls in asterisk.conf, or lower `lines` of the trunks")
    if facts.rtp is None:
        return
    first, last = facts.rtp
    text = f"ports {first} to {last} carry {(last - first + 1) // 2} channels; {wanted.lines} lines with their agents take {channels}"
    if (last - first + 1) // 2 < channels:
        yield warning(
            "audio", text, "widen rtpstart and rtpend in its rtp.conf, and let the firewall pass them"
        )
    else:
        yield ok("audio", text)


def _clock(facts: Facts) -> Iterator[Finding]:
    if facts.ahead_s is None:
        return
    way = "ahead of" if facts.ahead_s > 0 else "behind"
    text = f"its clock is {abs(facts.ahead_s):.2f} s {way} ours"
    if abs(facts.ahead_s) > _CLOCK_S:
        yield warning("clock", text, "run NTP (chrony, systemd-timesyncd) on both machines")
    else:
        yield ok("clock", text)
