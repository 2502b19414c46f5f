"""A worker process: PJSIP, at most four calls, and the parent's orders.

It outlives its parent only to hang up: at the end of the pipe, or without a word for two seconds, every leg is
ended on the wire and the process exits. Run as `python -m telephony.sip.worker FD`.
"""

import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pjsua2 as pj

from dialer.core.ids import LegId
from dialer.core.states import EndCause, RecordingMove
from dialer.core.switch_events import (
    AnomalySeen,
    LegAnswered,
    LegDialing,
    LegDigit,
    LegEnded,
    MessagePlayed,
    OriginateRefused,
    SwitchEvent,
)
from telephony.sip import protocol
from telephony.sip.calls import (
    NO_SLOT,
    CallCame,
    DigitSeen,
    FileEnded,
    MediaSeen,
    Player,
    Seen,
    SipCall,
    StateSeen,
)
from telephony.sip.child import serve_parent
from telephony.sip.crossing import Crossing
from telephony.sip.legs import Leg
from telephony.sip.phone import Phone
from telephony.sip.protocol import (
    AnyOrder,
    Dial,
    End,
    Expect,
    Join,
    Leave,
    Noted,
    Part,
    Peer,
    Ping,
    Pipe,
    Play,
    Pong,
    Quit,
    Ready,
    Released,
    SetUp,
    Take,
    Tape,
    Told,
    TrunkAccess,
    Unfit,
)
from telephony.sip.taping import tape
from telephony.sip.translate import call_id_of, passed_token, shown

if TYPE_CHECKING:
    from telephony.sip.listening import Listeners

_NO_REPLY_S = 5.0
"""A far end that has not even said 100 by now is not there. PJSIP itself would wait 32 s."""
_NO_AUDIO_S = 5.0
_NO_PLACE_S = 1.0
_WATCH_S = 0.5

_log = logging.getLogger(__name__)


class Worker:
    """Carries out orders and reports what happens."""

    def __init__(self, pipe: Pipe[AnyOrder], phone: Phone, setup: SetUp) -> None:
        self._pipe = pipe
        self._phone = phone
        self._setup = setup
        self._says = setup.trunk.says if setup.trunk is not None else ()
        self._listeners = self._listening(setup.trunk)
        self._legs: dict[LegId, Leg] = {}
        self._crossing = Crossing(phone, self._legs, pipe.send)
        self._waiting: list[tuple[float, Dial]] = []
        self._taking: dict[str, tuple[float, Take]] = {}
        """Calls that will be passed on to us, by token."""
        self._spoken_at = self._looped_at = self._watched_at = time.monotonic()
        self._quitting = False
        self._orders: dict[type, Callable[[Any], None]] = {
            Dial: self._dial,
            Take: self._take,
            Expect: self._crossing.expect,
            Join: self._crossing.join,
            Leave: self._crossing.leave,
            Tape: self._tape,
            Part: self._crossing.part,
            Play: self._play,
            End: self._end,
            Ping: lambda _: self._pong(),
            Quit: lambda _: setattr(self, "_quitting", True),
        }

    def _listening(self, trunk: TrunkAccess | None) -> "Listeners | None":
        if trunk is None or trunk.ears is None:
            return None
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices, and other workers beside
        from telephony.sip.listening import Listeners  # numpy, 8 MB, only where it is needed

        return Listeners(trunk.ears, self._tell)

    def run(self) -> None:
        """Work until the parent says so, or is gone; then end every leg on the wire."""
        while not (self._quitting or self._pipe.closed or self._deserted()):
            self._turn()
        for leg in self._legs.values():
            leg.hang_up()
        over_at = time.monotonic() + protocol.FAREWELL_S
        while self._legs and time.monotonic() < over_at:
            self._phone.poll(self._pipe.fileno(), retry=True)
            self._observe()
            self._release(time.monotonic())

    def _deserted(self) -> bool:
        now = time.monotonic()
        if now - self._looped_at > protocol.SILENCE_S / 2:
            self._spoken_at = now  # it was this process that slept
        self._looped_at = now
        return now - self._spoken_at > protocol.SILENCE_S

    def _turn(self) -> None:
        self._pipe.flush()
        retry = bool(self._waiting) or self._crossing.waits_for_a_place
        self._phone.poll(self._pipe.fileno(), retry=retry, write=self._pipe.is_full)
        for order in self._pipe.receive():
            self._spoken_at = time.monotonic()
            self._orders[type(order)](order)
        self._observe()
        self._tick(time.monotonic())

    def _pong(self) -> None:
        legs = [leg.leg_id for leg in self._legs.values() if not leg.call.ended]
        legs += [order.leg_id for _, order in self._waiting]
        legs += [order.leg_id for _, order in self._taking.values()]
        self._pipe.send(Pong(legs=tuple(legs), bridges=self._crossing.bridges()))

    def _tell(self, event: SwitchEvent) -> None:
        self._pipe.send(Told(event=event))

    def _dial(self, order: Dial) -> None:
        self._waiting.append((time.monotonic() + _NO_PLACE_S, order))
        if order.host:
            self._admit(order, order.transport)

    def _take(self, order: Take) -> None:
        self._taking[order.token] = (time.monotonic() + _NO_REPLY_S, order)
        self._admit(order, "udp")

    def _admit(self, order: Dial | Take, transport: str) -> None:
        """Let an agent's phone speak to us; on loopback, where everyone has one address, only from its port."""
        try:
            address = socket.getaddrinfo(order.host, order.port, socket.AF_INET)[0][4][0]
        except OSError as error:
            _log.warning(
                "an agent's host has no address", extra={"leg_id": order.leg_id, "error": str(error)}
            )
            return
        port = order.port if transport == "udp" and str(address).startswith("127.") else None
        peer = Peer(str(address), port, port) if port else Peer(str(address))
        self._phone.use(transport, (*self._setup.peers, peer))

    def _place(self, now: float) -> None:
        waiting, self._waiting = self._waiting, []
        for due_at, order in waiting:
            try:
                call = self._phone.call(
                    order.uri,
                    caller=order.caller,
                    call_id=order.leg_id,
                    over=order.transport,
                    headers={"P-Asserted-Identity": order.identity} if order.identity else {},
                )
            except pj.Error as error:
                self._not_placed(order, due_at, error)
                continue
            self._legs[order.leg_id] = Leg(order.leg_id, call, now, says=self._says)
            self._tell(LegDialing(at=now, leg_id=order.leg_id))

    def _not_placed(self, order: Dial, due_at: float, error: pj.Error) -> None:
        now = time.monotonic()
        if error.status != NO_SLOT:
            cause = EndCause.CARRIER_FAULT
            self._tell(LegEnded(at=now, leg_id=order.leg_id, cause=cause, text=error.reason))
        elif now > due_at:
            self._tell(OriginateRefused(at=now, leg_id=order.leg_id, reason="no_line"))
        else:
            self._waiting.append((due_at, order))
            return
        self._pipe.send(Released(leg_id=order.leg_id))

    def _end(self, order: End) -> None:
        if leg := self._legs.get(order.leg_id):
            leg.hang_up(order.cause)
            return
        for entry in [one for one in self._waiting if one[1].leg_id == order.leg_id]:
            self._waiting.remove(entry)
            self._tell(LegEnded(at=time.monotonic(), leg_id=order.leg_id, cause=EndCause.CANCELLED))
            self._pipe.send(Released(leg_id=order.leg_id))
        for token, (_, taken) in list(self._taking.items()):
            if taken.leg_id == order.leg_id:
                self._never_came(token, EndCause.CANCELLED)

    def _play(self, order: Play) -> None:
        leg = self._legs.get(order.leg_id)
        if leg is None or leg.call.ended:
            return
        leg.playing = order
        if failed := self._begin_playing(leg, order.path, repeat=order.repeat):
            self._tell(MessagePlayed(at=time.monotonic(), leg_id=order.leg_id, failed=failed))

    def _begin_playing(self, leg: Leg, path: str, *, repeat: bool = False) -> str:
        """Play a file instead of what is played; return why that cannot be."""
        leg.stop_playing()
        try:
            leg.player = Player(path, self._phone.record, repeat=repeat)
        except pj.Error as error:
            return str(error.reason)
        if leg.call.audio is not None:
            leg.player.startTransmit(leg.call.audio)
        return ""

    def _tape(self, order: Tape) -> None:
        leg = self._legs.get(order.customer_leg)
        if leg is None or (order.move is RecordingMove.START and leg.cross is None):
            return  # the talk is over
        if failed := tape(leg, order):
            self._tell(failed)
        self._crossing.mix(leg)

    def _observe(self) -> None:
        """Take in what PJSIP recorded: first what was on the wire, then what it made of it."""
        while self._phone.wire:
            at, message = self._phone.wire.popleft()
            if leg := self._leg_of(message.call_id):
                leg.see(at, message)
                if key := leg.key_on(message):
                    self._pressed(leg, key, at)
                way = "sent" if message.sent else "received"
                self._pipe.send(Noted(leg_id=leg.leg_id, at=at, direction=way, text=shown(message.text)))
        while self._phone.record:
            self._take_in(self._phone.record.popleft())

    def _take_in(self, seen: Seen) -> None:
        match seen:
            case StateSeen():
                self._state(seen)
            case MediaSeen(call, at):
                call.read_media(at)
                self._media(call)
            case CallCame():
                self._came(seen)
            case DigitSeen(call, digit, at):
                for leg in [leg for leg in self._legs.values() if leg.call is call]:
                    self._pressed(leg, digit, at)
            case FileEnded(player, at):
                self._played(player, at)

    def _leg_of(self, call_id: str) -> Leg | None:
        leg = self._legs.get(LegId(call_id))
        return leg or next((one for one in self._legs.values() if one.wire_id == call_id), None)

    def _never_came(self, token: str, cause: EndCause) -> None:
        _, order = self._taking.pop(token)
        self._tell(LegEnded(at=time.monotonic(), leg_id=order.leg_id, cause=cause))
        self._pipe.send(Released(leg_id=order.leg_id))

    def _came(self, seen: CallCame) -> None:
        """Answer an agent's phone that was let in; whatever else comes is a cross-leg, or nobody's."""
        token = passed_token(seen.message)
        if token is None or (taken := self._taking.pop(token, None)) is None:
            self._crossing.answer(seen.call, seen.message, seen.at)
            return
        leg_id = taken[1].leg_id
        wire_id = call_id_of(seen.message)
        self._legs[leg_id] = Leg(leg_id, seen.call, seen.at, heard=True, wire_id=wire_id)
        self._pipe.send(Noted(leg_id=leg_id, at=seen.at, direction="received", text=shown(seen.message)))
        option = pj.CallOpParam()
        option.statusCode = 200
        with contextlib.suppress(pj.Error):  # it was given up at this moment, which its state tells
            seen.call.answer(option)

    def _state(self, seen: StateSeen) -> None:
        leg = next((one for one in self._legs.values() if one.call is seen.call), None)
        if leg is None:
            self._crossing.state(seen)
        elif seen.state == pj.PJSIP_INV_STATE_EARLY:
            self._tell(leg.ringing(seen))
        elif seen.state == pj.PJSIP_INV_STATE_CONFIRMED:
            leg.answered = True
            self._tell(LegAnswered(at=seen.at, leg_id=leg.leg_id))
        elif seen.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            leg.stop_playing()
            self._crossing.drop(leg)
            self._tell(leg.ending(seen))

    def _pressed(self, leg: Leg, digit: str, at: float) -> None:
        """Tell an agent's keys. A customer's may be the number of a card: but for one that was asked for nobody is told."""
        if self._setup.trunk is None:
            self._tell(LegDigit(at=at, leg_id=leg.leg_id, digit=digit))
        elif leg.playing is not None and digit == leg.playing.key:
            tone, leg.playing = leg.playing.confirmed_by, None
            self._tell(LegDigit(at=at, leg_id=leg.leg_id, digit=digit))
            self._begin_playing(leg, tone)

    def _media(self, call: SipCall) -> None:
        for leg in self._legs.values():
            if leg.call is call and leg.player is not None and call.audio is not None:
                leg.player.startTransmit(call.audio)
            if leg.call is call and self._listeners is not None:
                self._listeners.media(leg, time.monotonic())
        self._crossing.media(call)

    def _played(self, player: Player, at: float) -> None:
        for leg in self._legs.values():
            if leg.player is player:
                leg.stop_playing()
                if leg.playing is not None:
                    self._tell(MessagePlayed(at=at, leg_id=leg.leg_id))

    def _tick(self, now: float) -> None:
        self._place(now)
        self._crossing.tick(now)
        if self._listeners is not None:
            self._listeners.tick(now)
        for token, (due_at, _) in list(self._taking.items()):
            if now > due_at:
                self._never_came(token, EndCause.NO_REPLY)
        self._release(now)
        if now - self._watched_at < _WATCH_S:
            return
        self._watched_at = now
        for leg in self._legs.values():
            if not leg.heard and not leg.hung_up and now - leg.dialed_at > _NO_REPLY_S:
                leg.hang_up(EndCause.NO_REPLY)
            elif leg.answered:
                self._listen(leg, now)
        self._crossing.watch(now)

    def _listen(self, leg: Leg, now: float) -> None:
        """End a leg whose far end is gone without a word; the limit is short for one that never sent anything."""
        limit_s = self._setup.no_audio_s if leg.call.was_heard else _NO_AUDIO_S
        if leg.hung_up or leg.call.silent_s(now) <= limit_s:
            return
        if leg.call.was_heard:
            detail = f"neither RTP nor RTCP for {limit_s:g} s"
            self._tell(AnomalySeen(at=now, kind="no_audio", leg_id=leg.leg_id, detail=detail))
        leg.hang_up(EndCause.NO_AUDIO)

    def _release(self, now: float) -> None:
        for leg in [leg for leg in self._legs.values() if leg.released(now)]:
            del self._legs[leg.leg_id]
            if self._listeners is not None:
                self._listeners.forget(leg.leg_id)
            self._pipe.send(Released(leg_id=leg.leg_id))


def serve(end: socket.socket) -> None:
    """Be a worker at this end of a pipe."""
    pipe: Pipe[AnyOrder] = Pipe(end, protocol.decode_order)
    end.setblocking(True)
    setup = protocol.decode_order(end.recv(1 << 18))
    end.setblocking(False)
    if not isinstance(setup, SetUp) or setup.version != protocol.VERSION:
        pipe.send(Unfit(reason="the worker is of another version than its parent"))
        return
    try:
        phone = Phone(setup)
    except (pj.Error, OSError) as error:
        pipe.send(Unfit(reason=getattr(error, "reason", "") or str(error)))
        return
    pipe.send(Ready(version=protocol.VERSION))
    Worker(pipe, phone, setup).run()


if __name__ == "__main__":
    serve_parent(serve)
