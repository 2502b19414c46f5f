"""What the parent and its SIP workers say to each other, over one socket that keeps message boundaries.

Every message is a msgspec struct in MessagePack. Times are `time.monotonic()`, which all processes of a
machine share. Both ends send without waiting: what the socket does not take stays in the outbox.
"""

import select
import socket
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from dialer.core.guest_states import Supervision
from dialer.core.ids import LegId
from dialer.core.states import EndCause, RecordingMove
from dialer.core.switch_events import SwitchEvent
from dialer.network_words import Says
from telephony.audio.findings import Ears

VERSION = 2
PING_S = 0.5
SILENCE_S = 2.0
"""Neither side believes the other alive after this long without a word."""
FAREWELL_S = 2.0
"""How long a worker that ends waits for the far ends to confirm its last hang-ups."""

_LARGEST = 1 << 18


class Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="order", tag=True):
    """The parent tells a worker."""


class Peer(msgspec.Struct, frozen=True, array_like=True):
    """Whose packets the SIP port takes: an IPv4 address, and its source ports."""

    address: str
    first_port: int = 0
    last_port: int = 65535


class TrunkAccess(msgspec.Struct, frozen=True, kw_only=True):
    """How a line worker reaches its carrier."""

    transport: str
    username: str = ""
    password: str = ""
    says: tuple[Says, ...] = ()
    """What the carrier's refusals mean, before the general table is asked."""
    ears: Ears | None = None
    """What its calls are listened for; None: they are not."""


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the reception lets in: passwords by agent, and addresses or networks, none for all."""

    passwords: dict[str, str]
    hosts: tuple[str, ...] = ()


class SetUp(Order, frozen=True, kw_only=True):
    """The first order: what kind of worker this is. Without a trunk it serves an agent, with a desk all of them."""

    version: int
    bind: str
    sip_port: int
    cross_port: int
    rtp_port: int
    peers: tuple[Peer, ...]
    cross_peers: tuple[Peer, ...]
    trunk: TrunkAccess | None = None
    no_audio_s: float = 30.0
    session_timer_s: int = 90
    desk: Desk | None = None


class Dial(Order, frozen=True, kw_only=True):
    """Call `uri`, showing `caller` and asserting `identity`; the phone at `host` may speak to us from now on."""

    leg_id: LegId
    uri: str
    caller: str
    identity: str = ""
    transport: str = "udp"
    host: str = ""
    port: int | None = None


class Take(Order, frozen=True, kw_only=True):
    """To an agent's worker: the call that shows `token` is the leg; its phone is at `host`, `port`."""

    leg_id: LegId
    token: str
    host: str
    port: int


class Pass(Order, frozen=True, kw_only=True):
    """To the reception: send a held call to the worker at `port`, showing it `token`."""

    call_in: str
    port: int
    token: str


class TurnAway(Order, frozen=True, kw_only=True):
    """To the reception: a held call finds nobody."""

    call_in: str


class Expect(Order, frozen=True, kw_only=True):
    """To the agent's worker: the cross-leg that shows `token` is the customer's, who may have one already."""

    agent_leg: LegId
    customer_leg: LegId
    token: str
    adds: bool = False
    """Whether the agent goes on talking with whoever else is there."""
    tone: bool = False
    """Whether the agent hears one when they are joined."""
    mode: Supervision | None = None
    """That of a supervisor; None: who comes takes part in the talk."""


class Join(Order, frozen=True, kw_only=True):
    """To the customer's worker: call the agent's worker and let both hear each other."""

    customer_leg: LegId
    agent_leg: LegId
    named: LegId
    """Whom events name as the agent: the one beside whom a third is let in."""
    cross_port: int
    token: str
    listens: bool = False
    """Whether the customer is a supervisor, whom no audit counts among those who are joined."""


class Leave(Order, frozen=True, kw_only=True):
    """Take a leg out of its talk; if two or more others are there, they go on until they are joined anew."""

    leg_id: LegId


class Tape(Order, frozen=True, kw_only=True):
    """To the customer's worker: start, pause, go on with or stop recording the talk into a WAV."""

    customer_leg: LegId
    move: RecordingMove
    path: str


class Part(Order, frozen=True, kw_only=True):
    """End a leg's cross-leg with a partner who is gone; the leg stays up."""

    leg_id: LegId
    partner: LegId


class Play(Order, frozen=True, kw_only=True):
    """Play a WAV to a leg, once, or again and again while it talks with nobody."""

    leg_id: LegId
    path: str
    repeat: bool = False
    key: str = ""
    """One that ends it, during it and after it; it alone of a customer's keys is told. Empty: none."""
    confirmed_by: str = ""
    """The WAV that is played then."""


class End(Order, frozen=True, kw_only=True):
    """Hang up a leg; `cause` overrides what its end would be called."""

    leg_id: LegId
    cause: EndCause | None = None


class Ping(Order, frozen=True, kw_only=True):
    """The parent lives."""


class Quit(Order, frozen=True, kw_only=True):
    """Hang up everything and end."""


class Report(msgspec.Struct, frozen=True, kw_only=True, tag_field="report", tag=True):
    """A worker tells its parent."""


class Ready(Report, frozen=True, kw_only=True):
    """The worker takes legs."""

    version: int


class Unfit(Report, frozen=True, kw_only=True):
    """The worker cannot start, and ends."""

    reason: str


class Pong(Report, frozen=True, kw_only=True):
    """The worker lives, and this is what it holds: its legs, and those of its customers' with whom they are joined."""

    legs: tuple[LegId, ...] = ()
    bridges: tuple[tuple[LegId, LegId], ...] = ()


class Told(Report, frozen=True, kw_only=True):
    """Something happened; its `at` is monotonic."""

    event: SwitchEvent


class Noted(Report, frozen=True, kw_only=True):
    """A SIP message of a leg, `sent` or `received`."""

    leg_id: LegId
    at: float
    direction: str
    text: str


class Released(Report, frozen=True, kw_only=True):
    """An ended leg's place in the worker is free; an INVITE that nobody answered holds it for 32 s."""

    leg_id: LegId


class CrossSilent(Report, frozen=True, kw_only=True):
    """A cross-leg was ended because nothing came through it any more."""

    customer_leg: LegId
    agent_leg: LegId


class CameIn(Report, frozen=True, kw_only=True):
    """The reception holds a call of an agent who proved to be that one."""

    call_in: str
    agent: str
    host: str
    port: int


class GaveUp(Report, frozen=True, kw_only=True):
    """A phone hung up while its call was held."""

    call_in: str


AnyOrder = (
    SetUp | Dial | Take | Pass | TurnAway | Expect | Join | Leave | Tape | Part | Play | End | Ping | Quit
)
AnyReport = Ready | Unfit | Pong | Told | Noted | Released | CrossSilent | CameIn | GaveUp

_encode: Callable[[Order | Report], bytes] = msgspec.msgpack.Encoder().encode
decode_order = msgspec.msgpack.Decoder(AnyOrder).decode
decode_report = msgspec.msgpack.Decoder(AnyReport).decode

T = TypeVar("T")


class Pipe(Generic[T]):
    """One end of the socket between a parent and a worker.

    `closed` becomes true when the other end is gone; nothing is raised, as neither side can mend it.
    """

    def __init__(self, end: socket.socket, decode: Callable[[bytes], T]) -> None:
        end.setblocking(False)
        self._socket = end
        self._decode = decode
        self._outbox: deque[bytes] = deque()
        self.closed = False

    def fileno(self) -> int:
        """Return the descriptor, for a selector."""
        return self._socket.fileno()

    @property
    def is_full(self) -> bool:
        """Return whether something waits to be sent."""
        return bool(self._outbox)

    def send(self, message: Order | Report) -> None:
        """Send now what can be sent now, in order."""
        self._outbox.append(_encode(message))
        self.flush()

    def flush(self) -> None:
        """Send what an earlier `send` could not."""
        try:
            while self._outbox:
                self._socket.send(self._outbox[0])
                self._outbox.popleft()
        except BlockingIOError:
            return
        except OSError:
            self.closed = True
            self._outbox.clear()

    def wait(self) -> None:
        """Sleep until the other end says something, or is gone."""
        select.select([self._socket], [], [])

    def receive(self) -> list[T]:
        """Return the messages that have arrived.

        Raises:
            msgspec.DecodeError: If the other end speaks another language.
        """
        messages: list[T] = []
        try:
            while data := self._socket.recv(_LARGEST):
                messages.append(self._decode(data))
        except BlockingIOError:
            return messages
        except OSError:
            pass
        self.closed = True
        return messages

    def close(self) -> None:
        """Let go of the socket; the other end sees it."""
        self.closed = True
        self._socket.close()


def pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a new connection."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
