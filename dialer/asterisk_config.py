"""What the configuration says of Asterisk servers: where their manager interface is, and who logs in there."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec

from dialer.agi_config import AgiConfig
from dialer.core.messages import Message
from dialer.core.rules.machine_detection import is_message_name
from dialer.core.settings import LinkSettings
from dialer.link_config import AsteriskLink, settings_of
from dialer.queue_config import AsteriskQueue
from dialer.secret_files import read_password

Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]

# Source: the characters that neither a dial string (`PJSIP/NUMBER@ENDPOINT`) nor Asterisk's files give a meaning of
# their own; 80 is the longest name of an endpoint that Asterisk keeps whole (AST_CHANNEL_NAME).
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,250}:[0-9]{1,5}", re.ASCII)


_OWN_SOUNDS = tuple(map(str, Message))


def check_name(name: str, *, setting: str) -> None:
    """Refuse a name that could mean something else where Asterisk reads it.

    Raises:
        ValueError: With the remedy.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{setting} is {name!r}: write letters, digits, `_`, `.` and `-`, at most 64")


def check_messages(names: Iterable[str]) -> None:
    """Refuse names of recordings that could mean something else.

    Raises:
        ValueError: With the remedy.
    """
    for name in names:
        if not is_message_name(name) or name in _OWN_SOUNDS:
            raise ValueError(
                f"messages: {name!r} cannot be a recording's name: write small letters, digits, _ and -, at most 40, "
                f"and none of {', '.join(_OWN_SOUNDS)}"
            )


class AsteriskServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An Asterisk whose manager interface the run logs in to; trunks name it with `server`."""

    host: str = "127.0.0.1"
    """Name or address of its manager interface."""
    port: Port = 5038
    """Port of its manager interface."""
    username: str = "dialer"
    """The manager user that acts."""
    events_username: str = "dialer-events"
    """The manager user that is told events; its own, so that answers to actions never wait behind them."""
    password_env: str = ""
    """Name of the environment variable that holds the password of both."""
    password_file: Path | None = None
    """File that holds nothing but the password of both, readable by its owner only; instead of `password_env`."""
    tls: bool = False
    """Speaks TLS; needed wherever the manager interface is not on this machine."""
    tls_ca: Path | None = None
    """File of the certificates that vouch for it; none: those of this machine."""
    agent_endpoint: str = "dialer-agents"
    """The PJSIP endpoint through which agents' phones outside Asterisk are called."""
    sip: str = ""
    """Address and port at which the other servers reach its SIP over UDP, such as `192.0.2.9:5060`; empty: its customers
    and agents are joined at it only."""
    listen: str = "127.0.0.1:0"
    """Address of this machine and port to which Asterisk sends the audio of calls that are listened to, where a trunk's
    `causes` ask for it; port 0 is any that is free. Nothing is encrypted: beyond this machine only over a network of your own."""
    given_up_after_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """So long after it was last reached its calls count as lost, and agents whose phones are outside Asterisk are called through the next
    server. None: that is decided once it is back, as calls may go on without a connection to the dialer."""
    recordings: str = ""
    """Directory on that machine for recordings, absolute; empty: Asterisk's own, `monitor` in its spool."""

    def __post_init__(self) -> None:
        if self.password_env and self.password_file is not None:
            raise ValueError("password_env and password_file exclude each other: keep one")
        if self.tls_ca is not None and not self.tls:
            raise ValueError("tls_ca needs tls = true: add it, or leave tls_ca out")
        for name in ("username", "events_username", "agent_endpoint"):
            check_name(getattr(self, name), setting=name)
        if self.sip and not _ADDRESS.fullmatch(self.sip):
            raise ValueError(
                f"sip is {self.sip!r}: write a name or IPv4 address and a port, such as 192.0.2.9:5060"
            )
        if not _ADDRESS.fullmatch(self.listen):
            raise ValueError(
                f"listen is {self.listen!r}: write an address of this machine and a port, such as 192.0.2.5:4580"
            )
        if self.username == self.events_username:
            raise ValueError("username and events_username are the same: two manager users are needed")
        if self.recordings and not re.fullmatch(r"/[A-Za-z0-9_./-]{0,200}", self.recordings):
            raise ValueError(
                f"recordings is {self.recordings!r}: write an absolute path of letters, digits, `_`, `.`, `-`"
            )

    def password(self) -> str:
        """Return the password, empty if none is set.

        Raises:
            ConfigError: If the named variable is not set, or the named file is missing or not for its
                owner alone.
        """
        return read_password(self.password_env, self.password_file)


class AsteriskConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Asterisk servers of a run; the first that can be reached calls agents' phones."""

    servers: dict[str, AsteriskServer] = {}
    agi: AgiConfig = AgiConfig()
    queues: dict[str, AsteriskQueue] = {}
    links: dict[str, AsteriskLink] = {}
    video: bool = False
    """Offers agents' phones video, so that those that have it can serve video calls; Asterisk passes VP8 and H.264 on."""
    messages: dict[str, Path] = {}
    """WAVs that people without an agent hear and machines are left, by the names that campaigns know them by."""

    def __post_init__(self) -> None:
        check_messages(self.messages)
        for name, queue in self.queues.items():
            check_name(queue.queue or name, setting="the name of a queue")
            if queue.server not in self.servers:
                raise ValueError(
                    f"queues.{name}.server: there is no server {queue.server!r}: add it, or name another"
                )
        for name in self.servers:
            check_name(name, setting="the name of a server")
        self.link_settings()

    def link_settings(self) -> tuple[LinkSettings, ...]:
        """Return what the engine must know of the ways between servers."""
        return settings_of([name for name, server in self.servers.items() if server.sip], self.links)
