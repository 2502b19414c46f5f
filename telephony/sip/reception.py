"""The reception: a process that takes calls of agents' phones, asks for passwords, and passes calls on to workers.

A proxy for the INVITE and what belongs to its transaction, nothing more: once a worker has answered, phone and worker
speak with each other. It holds no call of PJSIP's, so that strangers can neither take a place nor reach PJSIP, and is a
process of its own, so that a flood of packets costs the floor nothing but this process. UDP only.

Run as `python -m telephony.sip.reception FD`; it ends with its parent.
"""

import logging
import secrets
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dialer.phone_hosts import PhoneHosts
from telephony.sip import envelope, protocol
from telephony.sip.child import serve_parent
from telephony.sip.doorkeeper import Doorkeeper, Verdict
from telephony.sip.envelope import Envelope
from telephony.sip.protocol import (
    AnyOrder,
    CameIn,
    Desk,
    GaveUp,
    Pass,
    Ping,
    Pipe,
    Pong,
    Quit,
    Ready,
    SetUp,
    TurnAway,
    Unfit,
)

_KEPT_S = 32.0
"""How long a call is remembered after its last news. Source: RFC 3261 17.2.1, timer H = 64 * T1."""
_MOST_CALLS = 1_000
"""Calls remembered at once, all of callers who proved who they are, or tried to; a guess, far above any floor."""
_MOST_PACKETS = 50
"""Packets read before orders are looked at again."""
_ALLOWED = (("allow", "INVITE, ACK, CANCEL, OPTIONS"),)

_log = logging.getLogger(__name__)
Address = tuple[str, int]


@dataclass(eq=False)
class _Call:
    """An INVITE that was let in, or refused for its credentials."""

    call_in: str
    invite: Envelope
    source: Address
    at: float
    response: bytes = b""
    """The last one of ours."""
    worker: Address | None = None
    token: str = ""
    over: bool = False


class Reception:
    """Answers phones and obeys the parent."""

    def __init__(self, pipe: Pipe[AnyOrder], own: socket.socket, setup: SetUp, desk: Desk) -> None:
        self._pipe = pipe
        self._socket = own
        self._here: Address = (setup.bind, setup.sip_port)
        self._hosts = PhoneHosts(desk.hosts)
        self._doorkeeper = Doorkeeper(desk.passwords, key=secrets.token_bytes(32))
        self._calls: dict[str, _Call] = {}
        self._by_id: dict[str, _Call] = {}
        self._spoken_at = self._looped_at = time.monotonic()
        self._quitting = False
        self._orders: dict[type, Callable[[Any], None]] = {
            Pass: self._pass,
            TurnAway: self._turn_away,
            Ping: lambda _: pipe.send(Pong()),
            Quit: lambda _: setattr(self, "_quitting", True),
        }
        self._requests: dict[str, Callable[[Envelope, Address, float], None]] = {
            "INVITE": self._invited,
            "CANCEL": self._cancelled,
            "ACK": lambda *_: None,
            "OPTIONS": lambda request, source, _: self._send(
                envelope.reply(request, 200, tag=secrets.token_hex(6), headers=_ALLOWED), source
            ),
        }

    def run(self) -> None:
        """Work until the parent says so, or is gone."""
        while not (self._quitting or self._pipe.closed or self._deserted()):
            self._pipe.flush()
            pipe = self._pipe.fileno()
            writing = [pipe] if self._pipe.is_full else []
            select.select([pipe, self._socket.fileno()], writing, [], protocol.PING_S)
            for order in self._pipe.receive():
                self._spoken_at = time.monotonic()
                self._orders[type(order)](order)
            now = time.monotonic()
            self._read(now)
            self._forget(now)
        for call in list(self._by_id.values()):
            self._refuse(call, 480)

    def _deserted(self) -> bool:
        now = time.monotonic()
        if now - self._looped_at > protocol.SILENCE_S / 2:
            self._spoken_at = now  # it was this process that slept
        self._looped_at = now
        return now - self._spoken_at > protocol.SILENCE_S

    def _read(self, now: float) -> None:
        for _ in range(_MOST_PACKETS):
            try:
                data, source = self._socket.recvfrom(65_535)
            except BlockingIOError:
                return
            except OSError:  # an ICMP message of somebody who is gone
                continue
            message = envelope.read(data)
            if message is None:
                continue
            if message.method:
                if self._hosts.allows(source[0]):
                    self._asked(envelope.came_from(message, source), source, now)
            else:
                self._answered(message, source, now)

    def _send(self, data: bytes, to: Address) -> None:
        try:
            self._socket.sendto(data, to)
        except OSError as error:
            _log.warning("a phone cannot be sent anything", extra={"error": str(error)})

    # --- what phones say ---

    def _asked(self, request: Envelope, source: Address, now: float) -> None:
        call = self._calls.get(request.transaction)
        if call is not None and call.worker is not None:
            self._onward(call, request, call.worker)
        elif call is not None and request.method == "INVITE":
            self._send(call.response, source)  # a repetition
        elif request.in_dialog and request.method != "ACK":
            self._send(envelope.reply(request, 481), source)
        elif request.method in self._requests:
            self._requests[request.method](request, source, now)
        else:
            self._send(envelope.reply(request, 405, tag=secrets.token_hex(6), headers=_ALLOWED), source)

    def _invited(self, invite: Envelope, source: Address, now: float) -> None:
        verdict, agent = self._doorkeeper.judge(
            invite.header("authorization"), method="INVITE", host=source[0], at=now
        )
        tag = secrets.token_hex(6)
        if verdict is Verdict.ASK:
            asked = self._doorkeeper.challenge(source[0], at=now)
            self._send(envelope.reply(invite, 401, tag=tag, headers=asked), source)
            return
        if verdict is Verdict.BRAKED or len(self._calls) >= _MOST_CALLS:
            self._send(envelope.reply(invite, 403, tag=tag), source)
            return
        call = _Call(call_in=secrets.token_hex(8), invite=invite, source=source, at=now)
        self._calls[invite.transaction] = call
        if verdict is Verdict.WRONG:
            _log.warning("a phone gave a wrong name or password", extra={"source": source[0]})
            self._answer(call, 403, tag=tag)
            call.over = True
            return
        self._by_id[call.call_in] = call
        self._answer(call, 100)
        self._pipe.send(CameIn(call_in=call.call_in, agent=agent, host=source[0], port=source[1]))

    def _cancelled(self, request: Envelope, source: Address, _: float) -> None:
        call = self._calls.get(request.transaction)
        if call is None or call.over:
            self._send(envelope.reply(request, 481, tag=secrets.token_hex(6)), source)
            return
        self._send(envelope.reply(request, 200, tag=secrets.token_hex(6)), source)
        self._refuse(call, 487)
        self._pipe.send(GaveUp(call_in=call.call_in))

    # --- what the parent says ---

    def _pass(self, order: Pass) -> None:
        call = self._by_id.pop(order.call_in, None)
        if call is None:
            return  # it gave up, which was told
        call.worker, call.token = (self._here[0], order.port), order.token
        self._onward(call, call.invite, call.worker)

    def _turn_away(self, order: TurnAway) -> None:
        if (call := self._by_id.get(order.call_in)) is not None:
            self._refuse(call, 480)

    # --- answers ---

    def _answer(self, call: _Call, status: int, *, tag: str = "") -> None:
        call.response = envelope.reply(call.invite, status, tag=tag)
        self._send(call.response, call.source)

    def _refuse(self, call: _Call, status: int) -> None:
        self._by_id.pop(call.call_in, None)
        self._answer(call, status, tag=secrets.token_hex(6))
        call.over, call.at = True, time.monotonic()

    def _onward(self, call: _Call, request: Envelope, worker: Address) -> None:
        host, port = self._here
        via = f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{call.call_in}"
        self._send(envelope.onward(request, user=f"i-{call.token}", to=worker, via=via), worker)

    def _answered(self, response: Envelope, source: Address, now: float) -> None:
        """Pass a worker's response back, if it answers what we passed on."""
        for call in self._calls.values():
            ours = f"branch=z9hG4bK{call.call_in}"
            if call.worker == source and ours in response.vias[0] and len(response.vias) > 1:
                call.at = now
                self._send(envelope.back(response), call.source)
                return

    def _forget(self, now: float) -> None:
        for key, call in list(self._calls.items()):
            if now - call.at > _KEPT_S:
                del self._calls[key]
                self._by_id.pop(call.call_in, None)


def serve(end: socket.socket) -> None:
    """Be the reception at this end of a pipe."""
    pipe: Pipe[AnyOrder] = Pipe(end, protocol.decode_order)
    end.setblocking(True)
    setup = protocol.decode_order(end.recv(1 << 18))
    end.setblocking(False)
    if not isinstance(setup, SetUp) or setup.version != protocol.VERSION or setup.desk is None:
        pipe.send(Unfit(reason="the reception is of another version than its parent"))
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        try:
            own.bind((setup.bind, setup.sip_port))
        except OSError as error:
            reason = f"sip.agents_port: {setup.bind}:{setup.sip_port} cannot be had ({error.strerror}): name another"
            pipe.send(Unfit(reason=reason))
            return
        own.setblocking(False)
        pipe.send(Ready(version=protocol.VERSION))
        Reception(pipe, own, setup, setup.desk).run()


if __name__ == "__main__":
    serve_parent(serve)
