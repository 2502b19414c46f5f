"""A listener: the process to which Asterisk sends the audio of calls that are listened to, and which looks into it.

It takes what has come four times a second, not packet by packet, which would be 50 turns of Python a second and call. It
lives no longer than who started it; with its connections end the channels that fill them. Nothing is kept.
"""

import logging
import os
import selectors
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dialer.core.ids import LegId
from telephony.asterisk.listening import protocol
from telephony.asterisk.listening.frames import Frames
from telephony.asterisk.listening.protocol import AnyOrder, Await, Forget, Learn, Made, Picked
from telephony.audio.announcements import Library
from telephony.audio.ear import AFTER_ANSWER_S, LONGEST_S, Ear
from telephony.audio.findings import Ears
from telephony.sip.child import serve_parent
from telephony.sip.protocol import Pipe

EVERY_S = 0.25
NAMELESS_S = 5.0
"""Within so long of its beginning a connection says whose it is. A guess: Asterisk says it at once."""
NAMELESS = 64
"""So many may not have said it yet; more are closed. A guess: each is of one turn of this process."""

_PIECE, _MOST_PIECES = 1 << 16, 4
"""Taken of a connection at once: 16 s of audio. More waits for the next time."""

_NICE = 5
"""Calls go before what they are listened to."""

_logger = logging.getLogger(__name__)


@dataclass(eq=False)
class _Connection:
    sock: socket.socket
    until: float
    """When it is closed if it has not said whose it is."""
    frames: Frames = field(default_factory=Frames)
    leg_id: LegId | None = None
    ear: Ear | None = None


@dataclass(eq=False)
class _Leg:
    trunk: str
    token: bytes
    until: float
    connection: _Connection | None = None


class Listener:
    """Takes connections that show what an order said they would, and reports what is made out in each."""

    def __init__(self, report: Callable[[Made], None]) -> None:
        self._report = report
        self._known: dict[str, tuple[Ears, Library]] = {}
        self._tokens: dict[bytes, LegId] = {}
        self._legs: dict[LegId, _Leg] = {}
        self._open: list[_Connection] = []
        self._looked_at: float | None = None

    def obey(self, order: AnyOrder, now: float) -> None:
        """Carry out an order."""
        match order:
            case Learn(trunk=trunk, ears=ears):
                self._known[trunk] = (ears, Library(ears.announcements))
            case Await(leg_id=leg_id, trunk=trunk, token=token):
                self._tokens[token] = leg_id
                self._legs[leg_id] = _Leg(trunk, token, now + LONGEST_S)
            case Picked(leg_id=leg_id) if leg_id in self._legs:
                self._legs[leg_id].until = now + AFTER_ANSWER_S
            case Forget(leg_id=leg_id) if leg_id in self._legs:
                self._forget(leg_id)

    def take(self, sock: socket.socket, now: float) -> None:
        """Take a connection."""
        sock.setblocking(False)
        if sum(one.leg_id is None for one in self._open) >= NAMELESS:
            sock.close()
        else:
            self._open.append(_Connection(sock, now + NAMELESS_S))

    def tick(self, now: float) -> None:
        """Look into what has come."""
        since_s = 0.0 if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        for one in list(self._open):
            if not self._attend(one, since_s) or (one.leg_id is None and now > one.until):
                self._close(one)
        for leg_id in [leg_id for leg_id, leg in self._legs.items() if now > leg.until]:
            self._forget(leg_id)

    def close(self) -> None:
        """Let go of every connection."""
        for one in list(self._open):
            self._close(one)

    def _attend(self, one: _Connection, since_s: float) -> bool:
        """Take what is new of a connection since so long ago; return whether it is to go on."""
        data, lasts = _received(one.sock)
        told = one.frames.read(data)
        if one.ear is None and told.name:
            self._greet(one, told.name)
        if one.ear is None or one.leg_id is None:
            return lasts and not (told.over or told.name or told.audio)
        heard = one.ear.hear(told.audio) if told.audio else one.ear.wait(since_s)
        if heard is not None:
            self._report(Made(leg_id=one.leg_id, heard=heard))
        return lasts and not told.over and heard is None

    def _greet(self, one: _Connection, token: bytes) -> None:
        """Know whose a connection is, unless nobody waits for it."""
        leg_id = self._tokens.pop(token, None)
        if leg_id is None:
            _logger.warning("audio of no call was refused")
            return
        leg = self._legs[leg_id]
        ears, library = self._known[leg.trunk]
        one.leg_id, one.ear, leg.connection = leg_id, Ear(ears.sit, library), one

    def _forget(self, leg_id: LegId) -> None:
        leg = self._legs.pop(leg_id)
        self._tokens.pop(leg.token, None)
        if leg.connection is not None and leg.connection in self._open:
            self._close(leg.connection)

    def _close(self, one: _Connection) -> None:
        self._open.remove(one)
        one.sock.close()


def _received(sock: socket.socket) -> tuple[bytes, bool]:
    """Return what has come of a connection, and whether it lasts."""
    pieces: list[bytes] = []
    try:
        while len(pieces) < _MOST_PIECES:
            piece = sock.recv(_PIECE)
            if not piece:
                return b"".join(pieces), False
            pieces.append(piece)
    except BlockingIOError:
        pass
    except OSError:
        return b"".join(pieces), False
    return b"".join(pieces), True


def run(pipe: Pipe[AnyOrder], doors: Sequence[socket.socket]) -> None:
    """Listen at `doors` until the other end of the pipe is gone."""
    listener = Listener(pipe.send)
    due_at = 0.0
    with selectors.DefaultSelector() as selector:
        for descriptor in (pipe.fileno(), *(door.fileno() for door in doors)):
            selector.register(descriptor, selectors.EVENT_READ)
        while not pipe.closed:
            selector.select(max(0.0, due_at - time.monotonic()))
            now = time.monotonic()
            for door in doors:
                _let_in(door, listener, now)
            # After that: whoever came is announced by what is there now.
            for order in pipe.receive():
                listener.obey(order, now)
            pipe.flush()
            if now >= due_at:
                due_at = now + EVERY_S
                listener.tick(now)
    listener.close()


def _let_in(door: socket.socket, listener: Listener, now: float) -> None:
    try:
        while True:
            listener.take(door.accept()[0], now)
    except BlockingIOError:
        return  # nobody more, or another listener was quicker
    except OSError:
        _logger.warning("a connection could not be taken", exc_info=True)


def serve(end: socket.socket) -> None:
    """Be a listener at this end of a pipe; the other arguments are the descriptors that it listens at."""
    os.nice(_NICE)
    doors = [socket.socket(fileno=int(text)) for text in sys.argv[2:]]
    for door in doors:
        door.setblocking(False)
    run(Pipe(end, protocol.decode_order), doors)


if __name__ == "__main__":
    serve_parent(serve)
