"""What Asterisk must know of the dialer, as files to include in its own: written from the dialer's configuration. Pure.

Everything in them has a name that begins with `dialer`, so nothing of a site's own is touched. The templates hold the
dialplan; that it needs no dialer to end a customer's wait stands there.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path

import msgspec

from dialer.agi_config import AgiConfig
from dialer.asterisk_config import AsteriskServer
from dialer.config import Config, SipConfig, Transport, TrunkConfig
from dialer.core.messages import Message
from dialer.errors import ConfigError
from telephony.asterisk import crossing
from telephony.asterisk.actions import LISTENS
from telephony.asterisk.survivors import FAMILY
from telephony.asterisk.translate import HELD
from telephony.asterisk.video import codecs
from telephony.sip import sound_files

WAIT_S = 2
"""Longest wait of a customer whose call brings no limit of its own. Source: 16 CFR 310.4(b)(4)(iii)."""

LIVING_S = 1
"""So long after the wait the dialplan lets a living dialer act first, in whole seconds. A guess: many times what its messages
take. Who waits while the dialer dies may hear the message by so much too late."""

TAKE_S = 3
"""How long somebody who calls one of our numbers rings before the message. A guess: a living dialer takes milliseconds."""

HOLD_S = 12
"""How long a customer hears that the call goes on once the dialer is dead: the 10 s for which an agent's lost phone is called,
and 2 s."""

CROSS_S = 10
"""How long an end of a leg between servers waits to be joined. A guess: both joins are ordered within milliseconds."""

KEEPALIVE_S = 1
"""So often something is sent to a far end that nobody speaks to, from the first second on. A guess: carriers and phones that end silent
calls wait for many seconds, and firewalls close a way after half a minute."""

GUEST_S = 10
"""How long somebody who was called to a talk waits to be joined. A guess: it is ordered within milliseconds."""

KEY_S = 2
"""Seconds after the message in which a key is still heard. A guess; pressed keys settle it."""

AFTER_BEEP_MS = 1500
"""Silence after which a machine's greeting and its beep are over. Longer than greetings pause, and than most machines take
from their last word to the beep; whoever beeps later loses the message's beginning. A guess; recorded greetings settle it."""

GREETING_S = 60
"""How long a machine may greet before the message is left all the same. A guess."""

INCLUDED = ("manager.conf", "pjsip.conf", "extensions.conf", "musiconhold.conf")
"""Files to include, each in Asterisk's own of the same name; all but the second are the same for every site."""

REVISION = 7
"""Counted up when a dialplan that was written before no longer does what the dialer asks."""

EXTENSIONS = (
    ("dialer-customer", "s"),
    ("dialer-hold", "s"),
    ("dialer-message", "s"),
    ("dialer-offer", "s"),
    ("dialer-detection", "s"),
    ("dialer-machine-message", "s"),
    ("dialer-forget", "s"),
    ("dialer-agent", "s"),
    ("dialer-member", "s"),
    ("dialer-video", "s"),
    ("dialer-whisper", "s"),
    ("dialer-guest", "s"),
    ("dialer-supervisor", "s"),
    ("dialer-conference", "s"),
    ("dialer-gone", "s"),
    ("dialer-in", "+12125550100"),
    ("dialer-cross", "s"),
    ("dialer-queue", "s"),
    ("dialer-queue", "late"),
    ("dialer-place", "s"),
    ("dialer-revision", str(REVISION)),
)
"""Contexts of the written dialplan, each with an extension that it has."""

_UNTOLD = ("NewCallerid", "NewConnectedLine", "NewAccountCode")
"""Events of the classes that are read which say nothing of what a call becomes."""

# Source: `manager show command MixMonitor` of 22.10; stopping and muting need `call` only.
_RECORDING = """
; `system` is for MixMonitor alone, which begins recordings; who has it may change Asterisk's files and run programs as its
; user. Where nothing is recorded, `dialer asterisk config --no-recording` leaves it out."""
_PLACEHOLDER = re.compile(r"@([a-z_]+)@")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,250}[A-Za-z0-9])?", re.ASCII)
_PATH = re.compile(r"/[A-Za-z0-9_./-]+", re.ASCII)


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in no configuration of the dialer's."""

    password: str
    """Of both manager users."""
    folder: str
    """Where Asterisk will find the written files; absolute."""
    dialer: str = "127.0.0.1"
    """The address that the dialer's manager connections come from."""
    recording: bool = True
    """Whether calls may be recorded, for which Asterisk asks a permission that allows far more."""
    bind: str = ""
    """Address and port at which Asterisk shall speak SIP over UDP; empty: its own transports are used."""


def write_out(config: Config, name: str, site: Site) -> dict[str, bytes]:
    """Return the files for one of the Asterisk servers, by their paths within the folder.

    Args:
        config: With that server in `asterisk.servers`.
        name: The server's.
        site: Whatever else is needed.

    Raises:
        ConfigError: If something cannot stand in Asterisk's files.
    """
    server = config.asterisk.servers[name]
    sounds = f"{_checked(_PATH, site.folder, 'the folder')}/sounds"
    trunks = {key: trunk for key, trunk in config.trunks.items() if trunk.server == name and trunk.host}
    texts = {
        "manager.conf": _manager(server, site, trunks),
        "pjsip.conf": _pjsip(config, name, site, trunks),
        "extensions.conf": _extensions(config.asterisk.agi, site, sounds),
        "musiconhold.conf": _fill("musiconhold.conf", sounds=sounds),
    }
    audio = dict(_audio(config.sip)) | dict(_messages(config.asterisk.messages))
    return {path: text.encode() for path, text in texts.items()} | audio


def others_of(config: Config, name: str) -> dict[str, str]:
    """Return the servers to which one has a way of its own, each with where it speaks SIP."""
    servers = config.asterisk.servers
    return {key: one.sip for key, one in servers.items() if key != name and one.sip and servers[name].sip}


def _extensions(agi: AgiConfig, site: Site, sounds: str) -> str:
    times = {
        "wait_s": WAIT_S,
        "living_s": LIVING_S,
        "take_s": TAKE_S,
        "hold_s": HOLD_S,
        "key_s": KEY_S,
        "cross_s": CROSS_S,
        "guest_s": GUEST_S,
    }
    machine = {"after_beep_ms": AFTER_BEEP_MS, "greeting_s": GREETING_S}
    return _fill(
        "extensions.conf",
        sounds=sounds,
        revision=REVISION,
        family=FAMILY,
        held=HELD,
        block=_ask(agi, site, "block,,pressed ${DIALER_KEY}"),
        inbound=_ask(agi, site, "inbound,${EXTEN}"),
        queue=_ask(agi, site, f"queue,{','.join(f'${{ARG{number}}}' for number in range(1, 10))}"),
        login=_ask(agi, site, "login"),
        **times,
        **machine,
    )


def _ask(agi: AgiConfig, site: Site, question: str) -> str:
    """Return what asks the dialer; where nobody may ask, nothing is done."""
    if not agi.port:
        return "NoOp()"
    host = site.dialer if ip_address(agi.bind).is_unspecified else agi.bind
    where = f"[{host}]" if ":" in host else host
    return f"AGI(agi://{where}:{agi.port}/{agi.secret()}/{question})"


def _manager(server: AsteriskServer, site: Site, trunks: Mapping[str, TrunkConfig]) -> str:
    excluded = [f"name({event})" for event in _UNTOLD]
    excluded.append(f"header(Channel),method(starts_with)) = {LISTENS}")
    excluded += [
        f"name(DeviceStateChange),header(Device),method(exact)) = PJSIP/{trunk.endpoint or name}"
        for name, trunk in trunks.items()
    ]
    return _fill(
        "manager.conf",
        username=server.username,
        events_username=server.events_username,
        password=_value(site.password, "the password of the manager users"),
        permit=_permit(_checked(_HOST, site.dialer, "the dialer's address")),
        write="originate,call,reporting,system" if site.recording else "originate,call,reporting",
        recording=_RECORDING if site.recording else "",
        filters="\n".join(
            f"eventfilter(action(exclude),{one}" + ("" if "=" in one else ") =") for one in excluded
        ),
    )


def _permit(address: str) -> str:
    """Return who may log in: the dialer's address alone."""
    whole = f"{address}/128" if ":" in address else f"{address}/255.255.255.255"
    return f"deny = 0.0.0.0/0.0.0.0\ndeny = ::/0\npermit = {whole}"


def _pjsip(config: Config, name: str, site: Site, trunks: Mapping[str, TrunkConfig]) -> str:
    transport, no_audio_s = "", round(config.sip.no_audio_s)
    known = codecs(video=config.asterisk.video)
    if site.bind:
        bind = _checked(_HOST, site.bind, "the address to bind to")
        transport = f"\n[dialer-udp]\ntype = transport\nprotocol = udp\nbind = {bind}\n"
    return _fill(
        "pjsip.conf",
        transport=transport,
        agent_endpoint=config.asterisk.servers[name].agent_endpoint,
        codecs=known,
        no_audio_s=no_audio_s,
        keepalive_s=KEEPALIVE_S,
        crossings="".join(
            _fill(
                "cross.conf",
                name=other,
                endpoint=f"{crossing.ENDPOINT}{other}",
                sip=sip,
                no_audio_s=no_audio_s,
                keepalive_s=KEEPALIVE_S,
                codecs=known,
            )
            for other, sip in others_of(config, name).items()
        ),
        trunks="".join(_trunk(key, trunk, no_audio_s=no_audio_s) for key, trunk in trunks.items()),
    )


def _trunk(name: str, trunk: TrunkConfig, *, no_audio_s: int) -> str:
    endpoint, host = trunk.endpoint or name, _checked(_HOST, trunk.host, f"trunks.{name}.host")
    over = "" if trunk.transport is Transport.UDP else f"\\;transport={trunk.transport}"
    auth = ""
    if trunk.username and (known := trunk.password()):
        password = _value(known, f"the password of trunks.{name}")
        username = _value(trunk.username, f"trunks.{name}.username")
        auth = (
            f"outbound_auth = {endpoint}\n\n[{endpoint}]\ntype = auth\nauth_type = userpass\n"
            f"username = {username}\npassword = {password}\n"
        )
    return _fill(
        "trunk.conf",
        name=name,
        endpoint=endpoint,
        codecs=codecs(video=trunk.video),
        # Other peers may be at the same address, at other ports; over TCP and TLS the port says nothing.
        match=f"{host}:{trunk.port}" if trunk.transport is Transport.UDP else host,
        contact=f"sip:{host}:{trunk.port}{over}",
        send_pai="yes" if trunk.asserted_identity else "no",
        session_timer_s=trunk.session_timer_s,
        no_audio_s=no_audio_s,
        keepalive_s=KEEPALIVE_S,
        outbound_auth=auth,
    )


def _audio(sip: SipConfig) -> Iterator[tuple[str, bytes]]:
    for message in Message:
        path = sound_files.message(message, sip)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"sip.safe_harbour: cannot read {path}: {error.strerror}") from error
        # The one that is looped needs a folder of its own: Asterisk plays whatever is in it.
        yield f"sounds/{'hold/' if message is Message.HOLD else ''}{message}.wav", data


def _messages(recordings: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    for name, path in recordings.items():
        try:
            yield f"sounds/{name}.wav", path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"asterisk.messages.{name}: cannot read {path}: {error.strerror}; name a WAV (8 kHz, 16 bit, mono)"
            ) from error


def _fill(template: str, **values: object) -> str:
    text = (files("telephony.asterisk") / "templates" / template).read_text(encoding="utf-8")
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), text)


def _checked(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise ConfigError(
            f"{what} is {text!r}: Asterisk's files need it of letters, digits and . _ - : / only"
        )
    return text


def _value(text: str, what: str) -> str:
    """Return a value as Asterisk's files need it: a semicolon begins a comment, and spaces at the ends are lost."""
    if not text.isprintable() or text != text.strip() or not text:
        raise ConfigError(
            f"{what} is empty, or holds what Asterisk's files cannot: line ends, spaces at its ends"
        )
    return text.replace(";", "\\;")
