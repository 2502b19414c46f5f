"""Sockets for signalling: UDP and TCP on one port, TLS on another; whole messages go to one receiver.

Keeps one rule: whatever bytes come, nothing is raised; what is no message is counted as garbage.
"""

import asyncio
import ipaddress
import re
import ssl
from typing import Protocol, cast

from dialer.errors import ConfigError
from telephony.sip.emulator.message import (
    MalformedMessageError,
    Request,
    Response,
    frames,
    parameter,
    parse,
    with_received,
)

Address = tuple[str, int]
# How often a port the system chose for UDP may turn out to be taken for TCP; a guess, one is usual.
_PORT_TRIES = 20


class Hop(Protocol):
    """Where a message came from, and the way back."""

    transport: str
    address: Address

    def send(self, data: bytes, /) -> None:
        """Send one message; what cannot be delivered is lost, as on a network."""

    def toward(self, address: Address | None, /) -> "Hop":
        """Return the way for a request of our own; a connection is used again as it is."""


class Receiver(Protocol):
    """Who takes what comes in."""

    def receive(self, message: Request | Response, hop: Hop) -> None:
        """Take one message."""

    def garbage(self, error: str, *, size: int, address: Address) -> None:
        """Count something that is no message."""


class _UdpHop:
    transport = "UDP"

    def __init__(self, endpoint: asyncio.DatagramTransport, address: Address) -> None:
        self._endpoint, self.address = endpoint, address

    def send(self, data: bytes, /) -> None:
        if not self._endpoint.is_closing():
            self._endpoint.sendto(data, self.address)

    def toward(self, address: Address | None, /) -> Hop:
        # A name would need a resolver that may block: such a peer is reached where it came from.
        return _UdpHop(self._endpoint, address) if address and _is_numeric(address[0]) else self


class _StreamHop:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        peer = writer.get_extra_info("peername") or ("", 0)
        self.transport = "TLS" if writer.get_extra_info("ssl_object") else "TCP"
        self.address: Address = (peer[0], peer[1])

    def send(self, data: bytes, /) -> None:
        if not self._writer.is_closing():
            self._writer.write(data)

    def toward(self, _address: Address | None, /) -> Hop:
        return self


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._endpoint: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, for CPython 3.11's own datagram transport does not subclass DatagramTransport.
        self._endpoint = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self._endpoint is None or not data.strip(b"\r\n\0"):  # keep-alives: RFC 5626 3.5.1
            return
        address = (addr[0], addr[1])
        try:
            message = parse(data)
        except MalformedMessageError as error:
            self._receiver.garbage(str(error), size=len(data), address=address)
            return
        if isinstance(message, Request):
            message = with_received(message, *address)
            address = _way_back(message, address)
        self._receiver.receive(message, _UdpHop(self._endpoint, address))


def _way_back(request: Request, source: Address) -> Address:
    """Return where responses go. Source: RFC 3581 4 with rport, else RFC 3261 18.2.2."""
    via = request.values("via")[0]
    if parameter(via, "rport") is not None:
        return source
    port = re.search(r":(\d{1,5})\s*(?:;|$)", via, re.ASCII)
    return (source[0], min(int(port[1]), 65_535) if port else 5060)


class Listener:
    """All sockets for signalling of a process; `port` is what the system chose for 0."""

    def __init__(self, receiver: Receiver, host: str) -> None:
        self.port = 0
        self._receiver = receiver
        self._host = host
        self._datagrams: asyncio.DatagramTransport | None = None
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self, port: int) -> None:
        """Listen on UDP and TCP.

        Raises:
            ConfigError: If the address cannot be had.
        """
        loop = asyncio.get_running_loop()
        for attempt in range(_PORT_TRIES):
            try:
                endpoint, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self._receiver), local_addr=(self._host, port)
                )
                self.port = endpoint.get_extra_info("sockname")[1]
                self._datagrams = endpoint
                self._servers.append(await asyncio.start_server(self._serve, self._host, self.port))
            except OSError as error:
                if self._datagrams is None or port or attempt == _PORT_TRIES - 1:
                    raise _taken(self._host, port, error) from error
                self._datagrams.close()
            else:
                return

    async def open_tls(self, port: int, context: ssl.SSLContext) -> int:
        """Listen on TLS too and return the port.

        Raises:
            ConfigError: If the address cannot be had.
        """
        try:
            server = await asyncio.start_server(self._serve, self._host, port, ssl=context)
        except OSError as error:
            raise _taken(self._host, port, error) from error
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        hop, buffer = _StreamHop(writer), bytearray()
        try:
            while data := await reader.read(65_536):
                buffer += data
                for frame in frames(buffer):
                    message = parse(frame)
                    if isinstance(message, Request):
                        message = with_received(message, *hop.address)
                    self._receiver.receive(message, hop)
        except MalformedMessageError as error:
            self._receiver.garbage(str(error), size=len(buffer), address=hop.address)
        except OSError:
            pass  # the other side is gone, and its calls end for want of audio
        finally:
            self._writers.discard(writer)
            writer.close()

    def close(self) -> None:
        """Close everything."""
        if self._datagrams is not None:
            self._datagrams.close()
        for server in self._servers:
            server.close()
        for writer in list(self._writers):
            writer.close()


def _taken(host: str, port: int, error: OSError) -> ConfigError:
    return ConfigError(f"cannot listen on {host}:{port}: {error.strerror}; give another --listen")


def tls_context(certificate: str, private_key: str) -> ssl.SSLContext:
    """Return a server's context from PEM files.

    Raises:
        ConfigError: If they cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, private_key)
    except OSError as error:
        raise ConfigError(f"cannot use {certificate} with {private_key}: {error.strerror}") from error
    return context
