"""Writing what an Asterisk includes: where, with which password, and what is left to do by hand."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from dialer.asterisk_config import AsteriskServer
from dialer.config import Config
from dialer.errors import ConfigError, DialerError
from telephony.asterisk.generate import INCLUDED, Site, write_out

_HERE = ("127.0.0.1", "::1", "localhost")


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, and what to do now."""

    text: str
    fields: Mapping[str, Any]


def write(config: Config, name: str, out: Path, *, force: bool, **given: Any) -> Written:
    """Write the files of a server.

    Args:
        config: The dialer's.
        name: The server's; may be empty if there is but one.
        out: Made if it is not there.
        force: Whether what is there is overwritten.
        given: `folder`, `dialer`, `sip` and `recording` as the command has them, empty for what follows from the rest.

    Raises:
        ConfigError: If something is missing in the configuration.
        DialerError: If something is there already.
    """
    name = name or _only_server(config)
    server = config.asterisk.servers.get(name)
    if server is None:
        raise ConfigError(f"there is no [asterisk.servers.{name}]: add it, or name another with --server")
    site = Site(
        password=_password(name, server),
        folder=given["folder"] or str(out.absolute()),
        dialer=given["dialer"] or _dialer_address(server),
        bind=given["sip"],
        recording=given["recording"],
    )
    files = write_out(config, name, site)
    _write_all(out, files, force=force)
    return Written(
        text=_text(name, out, site),
        fields={"server": name, "files": sorted(files), "folder": site.folder},
    )


def _only_server(config: Config) -> str:
    names = list(config.asterisk.servers)
    if not names:
        raise ConfigError(
            "the configuration names no Asterisk: add [asterisk.servers.NAME], with host and port of its manager"
        )
    if len(names) > 1:
        raise ConfigError(f"there are several servers: choose one with --server: {', '.join(names)}")
    return names[0]


def _password(name: str, server: AsteriskServer) -> str:
    if known := server.password():
        return known
    raise ConfigError(
        f"the manager users of {name} have no password: (umask 077; openssl rand -hex 16 > manager.secret), and in "
        f'[asterisk.servers.{name}] password_file = "manager.secret"'
    )


def _dialer_address(server: AsteriskServer) -> str:
    if server.host not in _HERE:
        raise ConfigError(
            f"the manager interface is at {server.host}: say with --dialer which address the dialer has there"
        )
    return "::1" if server.host == "::1" else "127.0.0.1"


def _write_all(out: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    there = [path for path in files if (out / path).exists()]
    if there and not force:
        raise DialerError(f"{out} holds {', '.join(sorted(there))} already: --force overwrites them")
    for path, data in files.items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed: an Asterisk that reloads meanwhile reads the old one or the new one.
        beside = target.with_name(f".{target.name}.new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        beside.replace(target)


def _text(name: str, out: Path, site: Site) -> str:
    lines = [f"Wrote {out}. Now, on the machine of {name}:", ""]
    lines += [
        f"- Asterisk's user owns it, nobody else reads it: chown -R asterisk: {site.folder}",
        *(f"- at the end of {file}: #include {site.folder}/{file}" for file in INCLUDED),
        "- in [general] of manager.conf: enabled = yes, and bindaddr or tlsbindaddr for the dialer",
    ]
    if not site.bind:
        lines.append("- a transport in pjsip.conf, unless it has one")
    lines.append("- asterisk -rx 'core reload'")
    return "\n".join([*lines, "", f"`dialer asterisk check --server {name}` says what is still missing."])
