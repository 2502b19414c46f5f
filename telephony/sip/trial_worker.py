"""The process of a test call: PJSIP, at most two calls, joined; every message and count is reported.

It lives no longer than the calls, or than its parent. Run as `python -m telephony.sip.trial_worker FD`.
"""

import logging
import os
import socket
import time
from collections.abc import Callable

import msgspec
import pjsua2 as pj

from dialer.core.ids import LegId
from dialer.core.states import EndCause
from telephony.sip import protocol
from telephony.sip.calls import MediaSeen, SipCall, StateSeen
from telephony.sip.child import serve_parent
from telephony.sip.legs import Leg
from telephony.sip.phone import Phone
from telephony.sip.protocol import Pipe
from telephony.sip.translate import shown
from telephony.sip.trial import AGENT, CUSTOMER, Audio, Callee, LegTrial, Message, TrialFailed, TrialOrder

_NO_REPLY_S = 5.0
_TONE_HZ, _TONE_MS, _PAUSE_MS, _TONE_LEVEL = 440, 200, 1800, 3000
"""What the called person hears while no agent is there: a short tone every two seconds."""
_METER_TOP = 255
"""PJSIP's level meter goes from 0 to this."""

_log = logging.getLogger(__name__)


class _Side:
    """One of the two calls, and what was seen of it."""

    def __init__(self, name: str, leg: Leg) -> None:
        self.name = name
        self.leg = leg
        self.ringing_at: float | None = None
        self.answered_at: float | None = None
        self.audio: Audio | None = None
        self.ended: LegTrial | None = None

    def measure(self) -> None:
        """Read counts and the level while there is something to read them from."""
        call = self.leg.call
        if call.ended or call.audio is None:
            return
        try:
            info, stat = call.getStreamInfo(0), call.getStreamStat(0)
            transport = call.getMedTransportInfo(0)
            rtcp = stat.rtcp  # kept, as each part lives no longer than its whole
            sent, received = rtcp.txStat, rtcp.rxStat
            # What the call's port transmits into the bridge: what the far end says. The other is our own.
            level = call.audio.getTxLevel() / _METER_TOP
        except pj.Error:
            return
        before = self.audio.peak_level if self.audio else 0.0
        self.audio = Audio(
            codec=f"{info.codecName}/{info.codecClockRate}",
            sent_packets=int(sent.pkt),
            received_packets=int(received.pkt),
            lost_packets=int(received.loss),
            jitter_ms=received.jitterUsec.mean / 1_000,
            heard_from=transport.srcRtpName if received.pkt else "",
            peak_level=max(before, level),
        )


class TrialWorker:
    """Calls the agent, then the customer, lets both hear each other, and hangs up."""

    def __init__(self, pipe: Pipe[TrialOrder], phone: Phone, order: TrialOrder) -> None:
        self._pipe = pipe
        self._phone = phone
        self._order = order
        self._sides: list[_Side] = []
        self._tone: pj.ToneGenerator | None = None

    def run(self) -> None:
        """Do it all; an end of the pipe ends the calls."""
        order = self._order
        agent_is_there = order.agent is None or self._reach(AGENT, order.agent)
        if agent_is_there and self._reach(CUSTOMER, order.customer):
            self._until(lambda: any(side.leg.call.ended for side in self._sides), order.talk_s)
        for side in self._sides:
            side.measure()
            side.leg.hang_up()
        until = time.monotonic() + protocol.FAREWELL_S
        while time.monotonic() < until and not all(
            side.ended and not side.leg.pending for side in self._sides
        ):
            self._turn()  # the answer to our BYE is a part of the ladder
        for side in self._sides:
            self._pipe.send(
                side.ended or self._told(side, StateSeen(side.leg.call, 0, 0, "", time.monotonic()))
            )

    def _reach(self, name: str, callee: Callee) -> bool:
        """Call somebody and wait for the answer; return whether there was one."""
        headers = {"P-Asserted-Identity": callee.identity} if callee.identity else {}
        call = self._phone.call(
            callee.uri,
            caller=callee.caller,
            call_id=f"test-{name}-{os.getpid()}",
            over=callee.transport,
            headers=headers,
        )
        leg_id, trunk = LegId(f"test-{name}-{os.getpid()}"), self._order.setup.trunk
        says = trunk.says if trunk is not None and name == CUSTOMER else ()
        side = _Side(name, Leg(leg_id, call, time.monotonic(), says=says))
        self._sides.append(side)
        leg = side.leg
        self._until(lambda: leg.heard or call.ended, _NO_REPLY_S)
        if not leg.heard:
            leg.hang_up(EndCause.NO_REPLY)
        self._until(lambda: leg.answered or call.ended, self._order.ring_s)
        return leg.answered and not call.ended

    def _until(self, is_so: Callable[[], bool], within_s: float) -> None:
        until = time.monotonic() + within_s
        while not is_so() and time.monotonic() < until and not self._pipe.closed:
            self._turn()

    def _turn(self) -> None:
        self._pipe.flush()
        self._phone.poll(self._pipe.fileno())
        self._pipe.receive()  # nothing is said to us; this is how its end shows
        while self._phone.wire:
            at, message = self._phone.wire.popleft()
            for side in self._sides:
                if side.leg.leg_id == message.call_id:
                    side.leg.see(at, message)
                    self._pipe.send(
                        Message(leg=side.name, at=at, sent=message.sent, text=shown(message.text))
                    )
        while self._phone.record:
            match self._phone.record.popleft():
                case StateSeen() as seen:
                    self._state(seen)
                case MediaSeen(call, at):
                    call.read_media(at)
                    self._join()
        for side in self._sides:
            side.measure()

    def _state(self, seen: StateSeen) -> None:
        side = next((one for one in self._sides if one.leg.call is seen.call), None)
        if side is None:
            return
        if seen.state == pj.PJSIP_INV_STATE_EARLY:
            side.ringing_at = side.ringing_at or seen.at
        elif seen.state == pj.PJSIP_INV_STATE_CONFIRMED:
            side.leg.answered, side.answered_at = True, seen.at
        elif seen.state == pj.PJSIP_INV_STATE_DISCONNECTED and side.ended is None:
            side.ended = self._told(side, seen)

    @staticmethod
    def _told(side: _Side, seen: StateSeen) -> LegTrial:
        ending = side.leg.ending(seen)
        return LegTrial(
            leg=side.name,
            dialed_at=side.leg.dialed_at,
            ended_at=seen.at,
            ringing_at=side.ringing_at,
            answered_at=side.answered_at,
            replied=side.leg.heard,
            hung_up=side.leg.hung_up,
            cause=ending.cause,
            sip_code=ending.sip_code,
            q850=ending.q850,
            text=ending.text,
            audio=side.audio,
        )

    def _join(self) -> None:
        """Let who has audio hear and be heard; only what somebody listens to has a level."""
        for side in self._sides:
            if side.leg.call.audio is not None:
                side.leg.call.audio.startTransmit(self._phone.nobody())
        if len(self._sides) == 2:
            first, second = (side.leg.call for side in self._sides)
            first.speak_to(second)
            second.speak_to(first)
        elif self._order.agent is None and self._sides:
            self._sound(self._sides[0].leg.call)

    def _sound(self, call: SipCall) -> None:
        if call.audio is None or self._tone is not None:
            return
        tone = pj.ToneDesc()
        tone.freq1, tone.on_msec, tone.off_msec, tone.volume = _TONE_HZ, _TONE_MS, _PAUSE_MS, _TONE_LEVEL
        tones = pj.ToneDescVector()
        tones.append(tone)
        self._tone = self._phone.tone_generator()
        self._tone.startTransmit(call.audio)
        self._tone.play(tones, True)


def serve(end: socket.socket) -> None:
    """Carry out the one order that comes."""
    pipe: Pipe[TrialOrder] = Pipe(end, msgspec.msgpack.Decoder(TrialOrder).decode)
    orders: list[TrialOrder] = []
    while not orders and not pipe.closed:
        pipe.wait()
        orders = pipe.receive()
    if not orders:
        return
    try:
        TrialWorker(pipe, Phone(orders[0].setup), orders[0]).run()
    except (pj.Error, OSError) as error:
        pipe.send(TrialFailed(reason=getattr(error, "reason", "") or str(error)))


if __name__ == "__main__":
    serve_parent(serve)
