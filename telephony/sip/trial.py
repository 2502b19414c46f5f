"""A test call: one customer, and an agent's phone if asked, in a process that lives as long as the call.

Not through the run's workers: a test call must not take their lines, and all that PJSIP knows of the call is
wanted, packet counts and levels too. Both calls fit one process, so they are joined without a cross-leg.
"""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import msgspec

from dialer.config import SipConfig, TrunkConfig
from dialer.core.states import EndCause
from dialer.errors import SwitchUnavailableError
from telephony.sip import network, protocol
from telephony.sip.network import Ports
from telephony.sip.protocol import Order, Peer, Pipe, Report, SetUp
from telephony.sip.translate import AgentAddress

CUSTOMER, AGENT = "customer", "agent"


class Callee(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call, and as whom."""

    uri: str
    caller: str
    transport: str = "udp"
    identity: str = ""


class TrialOrder(Order, frozen=True, kw_only=True):
    """Everything the process must know; it is told nothing else."""

    setup: SetUp
    customer: Callee
    agent: Callee | None
    talk_s: float
    ring_s: float


class Message(Report, frozen=True, kw_only=True):
    """A SIP message, as it went or came; `at` is monotonic."""

    leg: str
    at: float
    sent: bool
    text: str


class Audio(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a leg's audio at its end."""

    codec: str
    sent_packets: int
    received_packets: int
    lost_packets: int
    jitter_ms: float
    """The mean that PJSIP measured."""
    heard_from: str
    """Address and port that the last RTP came from; empty if none came."""
    peak_level: float
    """The loudest moment that was heard, in [0, 1] as PJSIP's meter shows it."""


class LegTrial(Report, frozen=True, kw_only=True):
    """What became of one of the two calls; instants are monotonic."""

    leg: str
    dialed_at: float
    ended_at: float
    ringing_at: float | None = None
    answered_at: float | None = None
    replied: bool = False
    """Whether the far end ever said anything, be it 100."""
    hung_up: bool = False
    """Whether we ended it."""
    cause: EndCause
    sip_code: int | None = None
    q850: int | None = None
    text: str = ""
    audio: Audio | None = None


class TrialFailed(Report, frozen=True, kw_only=True):
    """There was no call at all."""

    reason: str


_decode = msgspec.msgpack.Decoder(Message | LegTrial | TrialFailed).decode


@contextlib.contextmanager
def set_up(config: SipConfig, trunk: TrunkConfig, name: str, phone: AgentAddress | None) -> Iterator[SetUp]:
    """Give ports that nobody has, and who may speak to them.

    Raises:
        ConfigError: If addresses, ports or the password cannot be used as they are set.
        SwitchUnavailableError: If pjsua2 is missing.
    """
    network.check(config)
    ports = Ports(config)
    block = ports.take()
    yield SetUp(
        version=protocol.VERSION,
        bind=config.bind,
        sip_port=ports.sip_port(block),
        cross_port=ports.sip_port(block) + 1,
        rtp_port=ports.rtp_port(block),
        peers=(*network.trunk_peers(trunk, name=name), *(_phone_peers(phone) if phone else ())),
        cross_peers=(),
        trunk=network.trunk_access(trunk),
    )


def _phone_peers(phone: AgentAddress) -> Iterator[Peer]:
    try:
        found = socket.getaddrinfo(phone.host, phone.port, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        return  # the call then ends with that reason
    yield from (Peer(str(entry[4][0])) for entry in found)


def carry_out(order: TrialOrder, on_message: Callable[[Message], None]) -> list[LegTrial]:
    """Place the calls and return what became of each, the agent's first.

    Args:
        order: Who is called, how long.
        on_message: Takes each SIP message when it went or came.

    Raises:
        SwitchUnavailableError: If the process cannot place calls, or dies.
    """
    ours, theirs = protocol.pair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "telephony.sip.trial_worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C closes our end of the pipe, and it hangs up
        )
    pipe: Pipe[Message | LegTrial | TrialFailed] = Pipe(ours, _decode)
    try:
        pipe.send(order)
        return list(_listen(pipe, on_message))
    finally:
        pipe.close()
        _end(process)


def _listen(
    pipe: Pipe[Message | LegTrial | TrialFailed], on_message: Callable[[Message], None]
) -> Iterator[LegTrial]:
    ended = 0
    while not pipe.closed:
        pipe.wait()
        for report in pipe.receive():
            match report:
                case Message():
                    on_message(report)
                case LegTrial():
                    ended += 1
                    yield report
                case TrialFailed(reason=reason):
                    raise SwitchUnavailableError(f"no call could be placed: {reason}")
    if not ended:
        raise SwitchUnavailableError("the process of the test call died: its reason is above")


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(2 * protocol.FAREWELL_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
