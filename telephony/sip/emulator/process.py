"""What both processes do alike: listen, say so, obey signals and control lines, end cleanly."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec

from dialer.errors import ConfigError
from telephony.sip.emulator import log
from telephony.sip.emulator.behaviour import Behaviour, Directory
from telephony.sip.emulator.call import House, Pairs
from telephony.sip.emulator.digest import Guard
from telephony.sip.emulator.keys import Way
from telephony.sip.emulator.media import Studio
from telephony.sip.emulator.switchboard import Switchboard
from telephony.sip.emulator.tones import Family
from telephony.sip.emulator.transport import Listener, tls_context

# How long SIGTERM waits for the other side to answer our BYEs.
_FAREWELL_S = 2.0


class ProcessSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What both processes need.

    Attributes:
        host: A concrete numeric address; it stands in Contacts and session descriptions.
        port: UDP and TCP; 0 lets the system choose.
        log: The file to append to.
        seed: None takes the behaviour file's.
        rtp_timeout_s: An answered leg without RTP for so long is dropped.
        control: Whether lines on standard input are obeyed, see `Control`.
        tls_port: None opens no TLS; 0 lets the system choose.
        certificate: PEM, for TLS.
        private_key: PEM, for TLS.
    """

    host: str = "127.0.0.1"
    port: int = 0
    log: Path
    seed: int | None = None
    rtp_timeout_s: float = 5.0
    control: bool = False
    tls_port: int | None = None
    certificate: Path | None = None
    private_key: Path | None = None


class Ready(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The line on standard output once everything listens."""

    ready: bool
    port: int
    tls_port: int | None = None


class HangUp(msgspec.Struct, frozen=True, tag_field="do", tag="hang-up"):
    """End the calls of a number."""

    number: str


class Behave(msgspec.Struct, frozen=True, tag_field="do", tag="behave"):
    """Change what a number does from its next call on."""

    number: str
    behaviour: Behaviour


class Press(msgspec.Struct, frozen=True, tag_field="do", tag="press"):
    """Press keys on the phone of a number that is in a call."""

    number: str
    keys: Annotated[str, msgspec.Meta(pattern=r"^[0-9*#A-D]+$")]
    way: Way = Way.RTP


Control = HangUp | Behave | Press
_control_decoder = msgspec.json.Decoder(Control)


def print_ready(ready: Ready) -> None:
    """Write the ready line to standard output."""
    sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
    sys.stdout.flush()


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """What tells one process from the other: who is played, to whom, and who may call."""

    directory: Directory
    pairs: Pairs
    peers: Family
    guard: Guard | None = None


def run(settings: ProcessSettings, cast: Cast, *, on_ready: Callable[[Ready], None]) -> None:
    """Play until SIGTERM or SIGINT.

    Raises:
        ConfigError: If the address, the log or the certificate cannot be used.
    """
    try:
        writer = log.LogWriter(settings.log)
    except OSError as error:
        raise ConfigError(f"cannot write {settings.log}: {error.strerror}") from error
    try:
        asyncio.run(_play(settings, cast, writer=writer, on_ready=on_ready))
    finally:
        writer.close()


async def _play(
    settings: ProcessSettings, cast: Cast, *, writer: log.LogWriter, on_ready: Callable[[Ready], None]
) -> None:
    clock = _clock()
    studio = Studio(settings.host, clock=clock)
    house = House(
        write=writer.write,
        clock=clock,
        studio=studio,
        pairs=cast.pairs,
        peers=cast.peers,
        rtp_timeout_s=settings.rtp_timeout_s,
    )
    switchboard = Switchboard(house, cast.directory, guard=cast.guard, address=(settings.host, settings.port))
    listener = Listener(switchboard, settings.host)
    tasks: list[asyncio.Task[None]] = []
    try:
        ready = await _listen(listener, settings)
        switchboard.address = (settings.host, ready.port)
        tasks = [asyncio.create_task(one) for one in (studio.run(), switchboard.run())]
        stop = _stop_event()
        if settings.control:
            tasks.append(asyncio.create_task(_obey(switchboard)))
        writer.write(log.Started(at=clock(), port=ready.port))
        on_ready(ready)
        await stop.wait()
        await switchboard.shut_down(within_s=_FAREWELL_S, clock=clock)
        writer.write(log.Stopped(at=clock(), garbage=switchboard.garbage_count))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        listener.close()


def _clock() -> Callable[[], float]:
    anchor = time.time() - time.monotonic()
    return lambda: anchor + time.monotonic()


async def _listen(listener: Listener, settings: ProcessSettings) -> Ready:
    await listener.open(settings.port)
    tls_port = None
    if settings.tls_port is not None:
        context = tls_context(str(settings.certificate), str(settings.private_key))
        tls_port = await listener.open_tls(settings.tls_port, context)
    return Ready(ready=True, port=listener.port, tls_port=tls_port)


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _obey(switchboard: Switchboard) -> None:
    """Read control lines; what is none is said on standard error and skipped."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(0), "rb"))
    while line := await reader.readline():
        try:
            match _control_decoder.decode(line):
                case HangUp(number):
                    switchboard.hang_up(number, "control")
                case Behave(number, behaviour):
                    switchboard.behave(number, behaviour)
                case Press(number, keys, way):
                    switchboard.press(number, keys, way)
        except msgspec.DecodeError as error:
            sys.stderr.write(f"not a control line: {error}\n")
