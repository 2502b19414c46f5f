"""The configuration file: TOML in, frozen settings out; an unknown key is an error.

Secrets never stand in it: a password comes from the environment variable that is named.
"""

import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from dialer.core.ids import TrunkName
from dialer.core.settings import TrunkSettings
from dialer.errors import ConfigError

Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Transport(StrEnum):
    """What SIP to a trunk travels over."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class TrunkConfig(_Section, frozen=True, kw_only=True):
    """A route to a carrier."""

    host: str
    port: Port = 5060
    transport: Transport = Transport.UDP
    username: str = ""
    password_env: str = ""
    """Name of the environment variable that holds the password."""
    caller_id: str = ""
    """Shown when the campaign sets none; E.164."""
    lines: Positive = 30
    calls_per_second: Annotated[float, msgspec.Meta(gt=0)] = 10.0

    def password(self) -> str:
        """Return the password, empty if the trunk uses none.

        Raises:
            ConfigError: If the named variable is not set.
        """
        if not self.password_env:
            return ""
        try:
            return os.environ[self.password_env]
        except KeyError as error:
            raise ConfigError(
                f"password_env names {self.password_env}, which is not set: export it before `dialer run`"
            ) from error


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
    recordings: Path = Path("recordings")
    agent_hosts: tuple[str, ...] = ()
    """Addresses of agents' phones beyond those of their URIs that may reach the SIP port."""


class RunConfig(_Section, frozen=True, kw_only=True):
    """How a run behaves."""

    workspace: str = "default"
    finish_talks_s: Annotated[float, msgspec.Meta(ge=0)] = 300.0
    """How long talks may last after a SIGTERM."""
    log_dir: Path | None = None
    """Where the replayable log goes; None puts it beside an SQLite database, else in the working directory."""
    log_files: Positive = 20
    log_file_mb: Positive = 64


class Config(_Section, frozen=True, kw_only=True):
    """The whole file."""

    run: RunConfig = RunConfig()
    sip: SipConfig = SipConfig()
    trunks: dict[str, TrunkConfig] = {}

    def trunk_settings(self) -> tuple[TrunkSettings, ...]:
        """Return what the engine must know of the trunks."""
        return tuple(
            TrunkSettings(name=TrunkName(name), lines=trunk.lines, calls_per_second=trunk.calls_per_second)
            for name, trunk in self.trunks.items()
        )


def _path(kind: type, value: object) -> Path:
    """Read the one type that TOML and msgspec do not know."""
    if kind is not Path or not isinstance(value, str):
        raise TypeError(f"Expected a path as text, got {value!r}")
    return Path(value)


def load(path: Path) -> Config:
    """Read a configuration file.

    Raises:
        ConfigError: If it is missing, no TOML, or holds a key or value that is not understood.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(raw, Config, dec_hook=_path)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; name one with --config") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
