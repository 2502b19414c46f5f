"""The configuration file: TOML in, frozen settings out; an unknown key is an error.

Secrets never stand in it: a password comes from the environment variable or the file that is named.
"""

import re
import tomllib
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from dialer import network_words
from dialer.asterisk_config import AsteriskConfig, Port, check_messages, check_name
from dialer.core.allocation.profile import SharedLimits
from dialer.core.ids import TrunkName
from dialer.core.presence_states import PAUSE
from dialer.core.rules.dispositions import DIGITS
from dialer.core.settings import PauseCode, TrunkSettings
from dialer.errors import ConfigError
from dialer.line_config import QueueConfig, check_queues
from dialer.network_words import NetworkWords
from dialer.people_config import CapacityConfig, TeamConfig, check_names, shared_limits
from dialer.phone_hosts import PhoneHosts
from dialer.presence_config import PresenceConfig
from dialer.run_config import DoctorConfig, Positive, RunConfig
from dialer.secret_files import read_password, read_secrets
from dialer.toml_errors import in_words, read_path

SessionTimer = Annotated[int, msgspec.Meta(ge=90)]
"""Seconds, at least 90. Source: RFC 4028 section 5."""

_TRUNK = TrunkSettings(name=TrunkName(""))


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Transport(StrEnum):
    """What SIP to a trunk travels over."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class CallerIdForm(StrEnum):
    """How a trunk is shown caller ids."""

    E164 = "e164"
    DIALED = "dialed"


class TrunkConfig(_Section, frozen=True, kw_only=True):
    """A route to a carrier."""

    host: str = ""
    """Name or IPv4 address of the carrier's SIP server; a trunk of an Asterisk that has its endpoint needs none."""
    port: Port = 5060
    transport: Transport = Transport.UDP
    username: str = ""
    password_env: str = ""
    """Name of the environment variable that holds the password."""
    password_file: Path | None = None
    """File that holds nothing but the password, readable by its owner only; instead of `password_env`."""
    caller_id: str = ""
    """Shown when the campaign sets none; E.164."""
    caller_id_form: CallerIdForm = CallerIdForm.E164
    """`dialed` puts the caller id through `strip` and `prefix` too, for carriers that want it in their form."""
    asserted_identity: bool | str = False
    """Sends P-Asserted-Identity (RFC 3325): true says the caller id, a number in E.164 says that one always."""
    strip: str = ""
    """Taken off the beginning of numbers: `+` leaves the country code, `+1` the national number."""
    prefix: str = ""
    """Digits put before a number that `strip` was taken off, such as `9` or a trunk prefix `0`."""
    international_prefix: str | None = None
    """Digits instead of the plus sign of numbers that do not begin with `strip`, such as `011` or `00`;
    None leaves them as they are."""
    lines: Positive = 30
    calls_per_second: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    session_timer_s: SessionTimer = 1800
    """A leg is confirmed at half of this, and ends when the carrier knows it no more. 1800 is what RFC 4028 recommends:
    carriers refuse shorter times with 422, which costs each call a round trip."""
    server: str = ""
    """The Asterisk that places the calls, one of `asterisk.servers`; empty: the dialer places them itself."""
    endpoint: str = ""
    """The PJSIP endpoint of that Asterisk for this carrier; empty: the trunk's name."""
    video: bool = False
    """Its calls may bring video; needs `server`, and `asterisk.video` for the agents' side."""
    group: str = ""
    """Campaigns that name the group use its trunks, in the order of the file; a fault of one moves to the next."""
    breaker_faults: Positive = _TRUNK.breaker_faults
    """So many faults of the carrier's among the last `breaker_calls` calls take the trunk out of use."""
    breaker_calls: Positive = _TRUNK.breaker_calls
    """How many calls the breaker looks back."""
    probe_after_s: Annotated[float, msgspec.Meta(gt=0)] = _TRUNK.probe_after_s
    """Seconds from a trunk's fault to the first probe call; doubled after each probe that fails."""
    probe_at_most_s: Annotated[float, msgspec.Meta(gt=0)] = _TRUNK.probe_at_most_s
    """The longest wait between two probe calls."""
    daily_minutes: Annotated[float, msgspec.Meta(gt=0)] | None = _TRUNK.daily_minutes
    """Answered minutes of a UTC day; then no call is started. None: no limit."""
    longest_call_min: Annotated[float, msgspec.Meta(gt=0)] = _TRUNK.longest_call_min
    """Minutes after its answer at which a call is ended."""
    causes: Path | None = None
    """TOML file of what the carrier's refusals mean, where the general table does not know; trunks of one carrier may
    name the same."""

    @property
    def detects_machines(self) -> bool:
        """Return whether its switch has answering machine detection."""
        return bool(self.server)

    @property
    def has_dialplan(self) -> bool:
        """Return whether its switch has contexts that calls may go to."""
        return bool(self.server)

    def __post_init__(self) -> None:
        self._check_way()
        if self.password_env and self.password_file is not None:
            raise ValueError("password_env and password_file exclude each other: keep one")
        if not re.fullmatch(r"(\+[0-9]{0,15})?", self.strip):
            raise ValueError(f"strip is {self.strip!r}: numbers begin with +, so write `+` or such as `+1`")
        for name, digits in (
            ("prefix", self.prefix),
            ("international_prefix", self.international_prefix or ""),
        ):
            if not re.fullmatch(r"[0-9]{0,15}", digits):
                raise ValueError(f"{name} is {digits!r}: write digits only")
            if digits and not self.strip:
                raise ValueError(f'{name} needs strip, as it stands for what that takes off: add strip = "+"')
        identity = self.asserted_identity
        if isinstance(identity, str) and not re.fullmatch(r"\+[1-9][0-9]{2,14}", identity):
            raise ValueError(
                f"asserted_identity is {identity!r}: write true, false or a number such as +12125550199"
            )

    def _check_way(self) -> None:
        if not self.host and not self.server:
            raise ValueError("host is missing: name the carrier's SIP server, or an Asterisk with server")
        if self.video and not self.server:
            raise ValueError(
                "video needs server: the dialer's own SIP speaks audio only, an Asterisk passes video on"
            )
        if self.endpoint:
            if not self.server:
                raise ValueError("endpoint needs server: name the Asterisk that has it")
            check_name(self.endpoint, setting="endpoint")

    def words(self) -> NetworkWords:
        """Return what the carrier's refusals mean.

        Raises:
            ConfigError: If the file cannot be used.
        """
        return NetworkWords() if self.causes is None else network_words.load(self.causes)

    def password(self) -> str:
        """Return the password, empty if the trunk uses none.

        Raises:
            ConfigError: If the named variable is not set, or the named file is missing or not for its
                owner alone.
        """
        return read_password(self.password_env, self.password_file)


class SipConfig(_Section, frozen=True, kw_only=True):
    """How the SIP adapter meets the network."""

    bind: str = "127.0.0.1"
    """The address that SIP and RTP use. The default reaches this machine only."""
    port: Port = 15060
    """First SIP port; each worker process takes the next free one of `ports`."""
    ports: Positive = 400
    rtp_port: Port = 30000
    """First RTP port; each worker takes 20 above it."""
    safe_harbour: Path | None = None
    """WAV that an abandoned person hears (8 kHz, 16 bit, mono); None plays the one that ships."""
    recording_announcement: Path | None = None
    """WAV of that form that says a talk is recorded, for campaigns with `--record announced`; None plays the one that
    ships."""
    hold: Path | None = None
    """WAV of that form that a customer on hold hears, again and again: music, or silence; None plays the tone that ships."""
    recordings: Path = Path("recordings")
    messages: dict[str, Path] = {}
    """WAVs of that form that people without an agent hear, by the names that campaigns know them by."""
    no_audio_s: Annotated[float, msgspec.Meta(ge=5)] = 30.0
    """An answered leg that was heard before ends after so long without RTP or RTCP, unless it is on hold. Longer than the
    silence of a phone that sends none while nobody speaks (RTCP comes every 5 s), short enough for an agent to be free
    within a minute. A guess; phones that send neither settle it."""
    session_timer_s: SessionTimer = 90
    """As a trunk's, for agents' phones: the shortest there is, as the network is our own."""
    agent_hosts: tuple[str, ...] = ()
    """Addresses of agents' phones beyond those of their URIs that may reach the SIP port."""
    allowed_phone_hosts: tuple[str, ...] = ()
    """The only hosts agents' phones may be at: names, IPv4 addresses, networks such as `192.0.2.0/24`; none
    listed: anywhere."""

    agents_port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """UDP port at which agents' phones may call in; 0: none may."""
    agent_secrets: Path | None = None
    """TOML file of passwords by agent, `anna = "..."`, for those who call in; readable by its owner only."""

    def __post_init__(self) -> None:
        check_messages(self.messages)
        if (self.agents_port == 0) != (self.agent_secrets is None):
            raise ValueError("agents_port and agent_secrets belong together: set both, or neither")
        if self.port <= self.agents_port < self.port + self.ports:
            raise ValueError(
                f"agents_port {self.agents_port} is one of the workers' ({self.port} to "
                f"{self.port + self.ports - 1}): choose one outside"
            )
        try:
            self.phone_hosts()
        except ValueError as error:
            raise ValueError(f"allowed_phone_hosts: {error}") from error

    def agent_passwords(self) -> dict[str, str]:
        """Return the passwords of agents who call in.

        Raises:
            ConfigError: If the file cannot be used, or is not for its owner alone.
        """
        if self.agent_secrets is None:
            return {}
        return read_secrets(self.agent_secrets, setting="sip.agent_secrets")

    def phone_hosts(self) -> PhoneHosts:
        """Return the hosts that agents' phones may be at."""
        return PhoneHosts(self.allowed_phone_hosts)


class PauseConfig(_Section, frozen=True, kw_only=True):
    """A reason for which agents pause; `NAME` is its code."""

    label: str = ""
    limit_min: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Minutes; a longer pause is put on record. None: no limit."""
    digit: str = ""
    """The key that chooses it after `*`."""

    def __post_init__(self) -> None:
        if self.digit and self.digit not in DIGITS:
            raise ValueError(f"digit is {self.digit!r}: write one of 0 to 9")


class Config(_Section, frozen=True, kw_only=True):
    """The whole file."""

    run: RunConfig = RunConfig()
    sip: SipConfig = SipConfig()
    asterisk: AsteriskConfig = AsteriskConfig()
    doctor: DoctorConfig = DoctorConfig()
    trunks: dict[str, TrunkConfig] = {}
    pauses: dict[str, PauseConfig] = {}
    queues: dict[str, QueueConfig] = {}
    capacity: CapacityConfig = CapacityConfig()
    teams: dict[str, TeamConfig] = {}
    skills: dict[str, str] = {}
    """Labels by name; none listed: agents have what skills they are given."""

    presence: PresenceConfig = PresenceConfig()

    def __post_init__(self) -> None:
        check_names(self.teams, self.skills)
        for rule in self.presence.rules():
            if self.pauses and rule.pause not in (*self.pauses, PAUSE):
                raise ValueError(
                    f"presence.{rule.client} pauses with {rule.pause!r}, which is none of [pauses]: add it there"
                )
        digits = [pause.digit for pause in self.pauses.values() if pause.digit]
        if twice := next((digit for digit in digits if digits.count(digit) > 1), None):
            raise ValueError(f"digit {twice} chooses two pauses: give one of them another")

    @property
    def uses_asterisk(self) -> bool:
        """Return whether calls are placed by Asterisk instead of the dialer itself."""
        return any(trunk.server for trunk in self.trunks.values())

    def messages(self) -> dict[str, Path]:
        """Return the recordings that campaigns may name."""
        return self.asterisk.messages if self.uses_asterisk else self.sip.messages

    def pause_codes(self) -> tuple[PauseCode, ...]:
        """Return what the engine must know of the pauses."""
        return tuple(
            PauseCode(
                code=code,
                label=pause.label,
                digit=pause.digit,
                limit_s=None if pause.limit_min is None else pause.limit_min * 60,
            )
            for code, pause in self.pauses.items()
        )

    def shared_limits(self) -> SharedLimits:
        """Return what the engine must know of limits of text volume."""
        return shared_limits(self.capacity, self.teams)

    def trunk_settings(self) -> tuple[TrunkSettings, ...]:
        """Return what the engine must know of the trunks."""
        return tuple(
            TrunkSettings(
                name=TrunkName(name),
                **{key: getattr(trunk, key) for key in TrunkSettings.__struct_fields__ if key != "name"},
            )
            for name, trunk in self.trunks.items()
        )

    def routes(self) -> tuple[str, ...]:
        """Return what a campaign's trunk may be: the trunks' names, then those of their groups."""
        groups = (trunk.group for trunk in self.trunks.values() if trunk.group)
        return tuple(dict.fromkeys((*self.trunks, *groups)))


def load(path: Path) -> Config:
    """Read a configuration file.

    Raises:
        ConfigError: If it is missing, no TOML, or holds a key or value that is not understood.
    """
    convert = partial(msgspec.convert, dec_hook=read_path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; name one with --config") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    try:
        config: Config = convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {in_words(error, raw, Config, convert=convert)}") from error
    _check_trunks(path, config)
    check_queues(
        path,
        config.queues,
        routes=config.routes() if config.uses_asterisk else None,
        recordings=config.asterisk.messages,
    )
    return config


def _check_trunks(path: Path, config: Config) -> None:
    for name, trunk in config.trunks.items():
        if trunk.group in config.trunks:
            raise ConfigError(
                f"{path}: trunks.{name}.group: {trunk.group!r} is the name of a trunk; choose another for the group"
            )
        if trunk.breaker_faults > trunk.breaker_calls:
            raise ConfigError(
                f"{path}: trunks.{name}.breaker_faults: {trunk.breaker_faults} of the last {trunk.breaker_calls} "
                "calls can never fail: raise breaker_calls"
            )
        _check_server(path, name, trunk, config)


def _check_server(path: Path, name: str, trunk: TrunkConfig, config: Config) -> None:
    """One switch joins customers and agents: a run is on Asterisk with every trunk, or with none."""
    servers = config.asterisk.servers
    if trunk.server and trunk.server not in servers:
        raise ConfigError(
            f"{path}: trunks.{name}.server: there is no [asterisk.servers.{trunk.server}]: add it, or name one of "
            f"{', '.join(servers) or 'those you add'}"
        )
    if trunk.server and not trunk.endpoint:
        try:
            check_name(name, setting="endpoint")
        except ValueError as error:
            raise ConfigError(f"{path}: trunks.{name}: {error}") from error
    if config.uses_asterisk and not trunk.server:
        raise ConfigError(
            f"{path}: trunks.{name} has no server, but others have: one run calls through Asterisk with all its "
            "trunks or with none; add server, or run it with a file of its own"
        )
