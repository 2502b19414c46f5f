"""What must be true of this machine before workers start: addresses, ports, the library."""

import contextlib
import importlib.util
import ipaddress
import socket
from collections import deque

from dialer.config import SipConfig, Transport, TrunkConfig
from dialer.errors import ConfigError, SwitchUnavailableError
from dialer.network_words import NetworkWords
from telephony.audio.findings import Ears
from telephony.sip.protocol import Desk, Peer, SetUp, TrunkAccess

_LOOPBACK = "127.0.0.1"
_RTP_PORTS = 20
PORTS_PER_WORKER = 2


def check(config: SipConfig, *, library: str = "pjsua2") -> None:
    """Refuse settings and machines that SIP cannot work with.

    Raises:
        ConfigError: If the bind address is not this machine's.
        SwitchUnavailableError: If the library is not installed.
    """
    try:
        address = ipaddress.IPv4Address(config.bind)
    except ValueError as error:
        raise ConfigError(f"sip.bind: {config.bind!r} is no IPv4 address") from error
    if address.is_unspecified:
        raise ConfigError("sip.bind: name one address of this machine; others must know where to send audio")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((config.bind, 0))
    except OSError as error:
        raise ConfigError(f"sip.bind: {config.bind} is not an address of this machine ({error})") from error
    if importlib.util.find_spec(library) is None:
        raise SwitchUnavailableError(
            f"{library} is not installed: `pip install pjsua2-python` (CPython 3.9 to 3.12 on x86-64 Linux)"
        )


def trunk_access(trunk: TrunkConfig) -> TrunkAccess:
    """Return how a worker reaches a carrier, and what the carrier's refusals mean.

    Raises:
        ConfigError: If the password is missing, or the trunk's table cannot be used.
    """
    words = trunk.words()
    return TrunkAccess(
        transport=trunk.transport,
        username=trunk.username,
        password=trunk.password(),
        says=words.says,
        ears=_ears(words),
    )


def _ears(words: NetworkWords) -> Ears | None:
    if not words.listens:
        return None
    from telephony.audio.ear import ears  # numpy, which takes a tenth of a second, only where it is needed

    return ears(words)


def trunk_peers(trunk: TrunkConfig, *, name: str) -> tuple[Peer, ...]:
    """Return whose packets a trunk's workers take.

    On loopback everybody has one address, so there the trunk's port counts too.

    Raises:
        ConfigError: If the host has no address.
    """
    by_port = trunk.transport is Transport.UDP
    return tuple(
        Peer(address, trunk.port, trunk.port) if by_port and address.startswith("127.") else Peer(address)
        for address in _addresses(trunk.host, setting=f"trunks.{name}.host")
    )


def agent_peers(config: SipConfig) -> tuple[Peer, ...]:
    """Return whose packets the agents' workers take besides those of their phones: the reception's, if there is one.

    Raises:
        ConfigError: If a host has no address.
    """
    port = config.agents_port
    reception = (Peer(config.bind, port, port),) if port else ()
    return reception + tuple(
        Peer(address)
        for host in config.agent_hosts
        for address in _addresses(host, setting="sip.agent_hosts")
    )


def desk(config: SipConfig) -> Desk | None:
    """Return whom the reception lets in, None if there is no reception.

    Raises:
        ConfigError: If the passwords cannot be used, or an allowed host has no address.
    """
    if not config.agents_port:
        return None
    hosts: list[str] = []
    for host in config.allowed_phone_hosts:
        is_name = any(letter.isalpha() for letter in host)
        hosts += _addresses(host, setting="sip.allowed_phone_hosts") if is_name else [host]
    return Desk(passwords=config.agent_passwords(), hosts=tuple(hosts))


def _addresses(host: str, *, setting: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as error:
        raise ConfigError(f"{setting}: {host!r} has no address ({error})") from error
    return sorted({str(entry[4][0]) for entry in found})


def send_from(setup: SetUp, data: bytes, *, host: str | None, port: int) -> None:
    """Send one packet from the SIP port of a worker that is gone; best effort.

    Args:
        setup: The worker's; its first peer stands in for a host that is not known.
        data: A SIP request.
        host: An IPv4 address.
        port: Of the far end.
    """
    host = host or next((peer.address for peer in setup.peers), None)
    if host is None:
        return
    with contextlib.suppress(OSError, OverflowError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((setup.bind, setup.sip_port))
        one.sendto(data, (host, port))


class Ports:
    """Hands out blocks of ports: two for SIP, twenty for RTP."""

    def __init__(self, config: SipConfig) -> None:
        self._config = config
        self._blocks = deque(range(config.ports // PORTS_PER_WORKER))

    def take(self) -> int:
        """Return a block whose SIP ports nobody has.

        Raises:
            ConfigError: If there is none.
        """
        for _ in range(len(self._blocks)):
            block = self._blocks.popleft()
            if self._is_free(block):
                return block
            self._blocks.append(block)
        first, last = self._config.port, self._config.port + self._config.ports - 1
        raise ConfigError(
            f"every SIP port from {first} to {last} is in use: set sip.port to the first of a free range, "
            f"or make sip.ports larger"
        )

    def give_back(self, block: int) -> None:
        """Let a block be taken again."""
        self._blocks.append(block)

    def sip_port(self, block: int) -> int:
        """Return the port of a block's network side; the one above it is the cross-legs'."""
        return self._config.port + PORTS_PER_WORKER * block

    def rtp_port(self, block: int) -> int:
        """Return the first RTP port of a block."""
        return self._config.rtp_port + _RTP_PORTS * block

    def cross_peers(self) -> tuple[Peer, ...]:
        """Return whose packets the cross-legs' ports take: our workers'."""
        return (Peer(_LOOPBACK, self._config.port, self._config.port + self._config.ports - 1),)

    def _is_free(self, block: int) -> bool:
        # Asked beforehand, so that a range in use is the operator's error and not a worker's end.
        port = self.sip_port(block)
        for address in ((self._config.bind, port), (_LOOPBACK, port + 1)):
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                try:
                    with socket.socket(socket.AF_INET, kind) as probe:
                        probe.bind(address)
                except OSError:
                    return False
        return True
