"""Whether this machine can carry calls: the library, the ports, the message, who runs the workspace."""

import importlib
import math
import socket
import wave
from pathlib import Path

import msgspec

from cli.doctor.findings import Finding, failure, ok, warning
from dialer.config import Config
from dialer.errors import ConfigError, SwitchUnavailableError
from dialer.live.lease import Holder
from dialer.reports.readiness import LeaseRow
from telephony.sip import network

_SPARE_AGENTS = 2


class MessageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the safe-harbour message; `error` says why it is no WAV."""

    path: str
    rate_hz: int = 0
    sample_bits: int = 0
    channels: int = 0
    length_s: float = 0.0
    error: str = ""


class PortFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How many workers the SIP ports allow, how many the configuration needs."""

    first: int
    last: int
    free_workers: int
    needed_workers: int


def gather_message(path: Path) -> MessageFacts:
    """Read the head of a WAV."""
    try:
        with wave.open(str(path)) as file:
            return MessageFacts(
                path=str(path),
                rate_hz=file.getframerate(),
                sample_bits=8 * file.getsampwidth(),
                channels=file.getnchannels(),
                length_s=file.getnframes() / file.getframerate(),
            )
    except OSError as error:
        return MessageFacts(path=str(path), error=error.strerror or str(error))
    except (wave.Error, EOFError) as error:
        return MessageFacts(path=str(path), error=f"no WAV: {error or 'it ends too early'}")


def judge_message(facts: MessageFacts) -> Finding:
    """Return whether an abandoned person can hear the message."""
    check = "safe-harbour message"
    remedy = f"`sox {facts.path} -r 8000 -b 16 -c 1 message.wav`, and name that in sip.safe_harbour"
    if facts.error:
        return failure(
            check, f"{facts.path}: {facts.error}", "name a WAV (8 kHz, 16 bit, mono) in sip.safe_harbour"
        )
    form = f"{facts.rate_hz} Hz, {facts.sample_bits} bit, {facts.channels} channels, {facts.length_s:.1f} s"
    if (facts.rate_hz, facts.sample_bits, facts.channels) != (8000, 16, 1):
        return failure(check, f"{facts.path} is {form}; it must be 8000 Hz, 16 bit, mono", remedy)
    if not facts.length_s:
        return failure(check, f"{facts.path} holds no sound", "record who called and a number to call back")
    return ok(check, f"{facts.path}: {form}")


def judge_library() -> Finding:
    """Return whether pjsua2 can be used."""
    try:
        importlib.import_module("pjsua2")
    except ImportError as error:
        remedy = "`pip install pjsua2-python` with CPython 3.11 or 3.12 on x86-64 Linux"
        return failure("pjsua2", f"it cannot be imported: {error}", remedy)
    return ok("pjsua2", "it can be imported")


def judge_network(config: Config) -> Finding:
    """Return whether SIP and RTP can use the address that they are to use."""
    try:
        network.check(config.sip)
    except ConfigError as error:
        return failure(
            "address", str(error), "set sip.bind to an IPv4 address of this machine: `ip -4 address`"
        )
    except SwitchUnavailableError:
        pass  # the library has its own line
    if config.sip.bind.startswith("127.") and any(_is_elsewhere(one.host) for one in config.trunks.values()):
        return failure(
            "address",
            f"sip.bind is {config.sip.bind}, which reaches this machine only, and a trunk is elsewhere",
            "set sip.bind to the address of this machine that the carrier can send to",
        )
    return ok("address", f"SIP and RTP use {config.sip.bind}")


def _is_elsewhere(host: str) -> bool:
    try:
        return not socket.gethostbyname(host).startswith("127.")
    except OSError:
        return False  # the trunk's own line says that it has no address


def gather_ports(config: Config) -> PortFacts:
    """Try every SIP port that the configuration gives."""
    ports, free = network.Ports(config.sip), 0
    for _ in range(config.sip.ports // network.PORTS_PER_WORKER):
        try:
            ports.take()
        except ConfigError:
            break
        free += 1
    return PortFacts(
        first=config.sip.port,
        last=config.sip.port + config.sip.ports - 1,
        free_workers=free,
        needed_workers=sum(math.ceil(one.lines / 2) for one in config.trunks.values()) + _SPARE_AGENTS,
    )


def judge_ports(facts: PortFacts) -> Finding:
    """Return whether a run would find enough free ports."""
    spread = f"SIP ports {facts.first} to {facts.last}"
    have = f"free for {facts.free_workers} workers, {facts.needed_workers} are needed for the lines and two agents"
    if facts.free_workers < facts.needed_workers:
        remedy = (
            "end what uses them (`ss -lunp`), set sip.port to the first of a free range, or raise sip.ports"
        )
        return failure("ports", f"{spread} are {have}", remedy)
    return ok("ports", f"{spread} are {have}")


def judge_run(lease: LeaseRow | None, holder: Holder | None) -> Finding:
    """Return who runs the workspace."""
    if holder is not None:
        return ok(
            "run", f"process {holder.pid} on {holder.host} runs the workspace (instance {holder.instance})"
        )
    if lease is not None and lease.instance:
        return warning(
            "run",
            f"the run of process {lease.pid} on {lease.host} ended without saying so: it was killed, or its machine",
            "start `dialer run`: starting puts right what was cut off",
        )
    return warning("run", "nothing runs the workspace, so nobody is called", "start `dialer run`")
