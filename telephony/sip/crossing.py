"""Cross-legs: the loopback call that joins a customer in one worker with an agent in another.

The customer's worker places it and says what came of it; the agent's worker takes it if it shows the token that
the parent gave to both. A cross-leg that falls silent is ended by whoever notices first.
"""

import contextlib
import re
import time
from collections.abc import Callable, MutableMapping
from pathlib import Path

import pjsua2 as pj

from dialer.core.ids import LegId
from dialer.core.states import RecordingMove
from dialer.core.switch_events import BridgeFailed, LegsBridged, RecordingFailed
from telephony.sip.calls import NO_SLOT, SipCall, StateSeen
from telephony.sip.legs import Cross, Leg
from telephony.sip.phone import CROSS, CROSS_USER, LOOPBACK, Phone
from telephony.sip.protocol import CrossSilent, Expect, Join, Part, Report, Tape, Told
from telephony.sip.recorder import Recorder

_JOIN_S = 1.5
_SILENCE_S = 2.0
_TONE_HZ, _TONE_MS, _TONE_LEVEL = 880, 100, 6000
_FORBIDDEN, _NO_AGENT = 403, 480
_TOKEN = re.compile(rf"INVITE sip:{CROSS_USER}@[^ ;]+;token=([0-9a-f]{{32}})")


class Crossing:
    """The cross-legs of one worker's legs, on either side."""

    def __init__(
        self, phone: Phone, legs: MutableMapping[LegId, Leg], send: Callable[[Report], None]
    ) -> None:
        self._phone = phone
        self._legs = legs
        self._send = send
        self._expected: Expect | None = None
        self._tone: pj.ToneGenerator | None = None

    @property
    def waits_for_a_place(self) -> bool:
        """Return whether a cross-leg has to be placed that PJSIP had no place for yet."""
        crosses = (leg.cross for leg in self._legs.values())
        return any(cross is not None and cross.call is None for cross in crosses)

    # --- the customer's side ---

    def join(self, order: Join) -> None:
        """Call the agent's worker, instead of any agent the customer had."""
        leg = self._legs.get(order.customer_leg)
        if leg is None or leg.call.ended:
            return  # its end has been told
        self.drop(leg)
        leg.stop_playing()
        now = time.monotonic()
        leg.cross = Cross(order.customer_leg, order.agent_leg, now + _JOIN_S, order=order)
        self._try(leg, leg.cross, order)

    def _try(self, leg: Leg, cross: Cross, order: Join) -> None:
        uri = f"sip:{CROSS_USER}@{LOOPBACK}:{order.cross_port};token={order.token}"
        try:
            cross.call = self._phone.call(uri, caller=f"sip:{CROSS_USER}@{LOOPBACK}", over=CROSS)
        except pj.Error as error:
            if error.status != NO_SLOT:  # else a place is still being cleared: tried again
                self._fail(leg, cross, error.reason)

    def _fail(self, leg: Leg, cross: Cross, reason: str, dead_leg: LegId | None = None) -> None:
        leg.cross = None
        cross.close()
        self._send(
            Told(
                event=BridgeFailed(
                    at=time.monotonic(),
                    customer_leg=cross.customer_leg,
                    agent_leg=cross.agent_leg,
                    reason=reason,
                    dead_leg=dead_leg,
                )
            )
        )

    def _bridged(self, leg: Leg, cross: Cross, at: float) -> None:
        cross.joined = True
        self.connect(leg, cross)
        self._send(Told(event=LegsBridged(at=at, customer_leg=cross.customer_leg, agent_leg=cross.agent_leg)))

    def record(self, order: Tape) -> None:
        """Start, pause, go on with or stop recording a talk."""
        leg = self._legs.get(order.customer_leg)
        cross = leg.cross if leg is not None else None
        if leg is None or cross is None:
            return  # the talk is over, and its recording with it
        if order.move is RecordingMove.STOP:
            cross.stop_recording()
            return
        try:
            if order.move is RecordingMove.START:
                cross.stop_recording()
                cross.recorder = Recorder(order.path)
            elif cross.recorder is not None:
                cross.recorder.paused = order.move is RecordingMove.PAUSE
            self.connect(leg, cross)
        except pj.Error as error:
            cross.stop_recording()
            file = Path(order.path).name
            failed = RecordingFailed(at=time.monotonic(), leg_id=leg.leg_id, file=file, reason=error.reason)
            self._send(Told(event=failed))

    def bridges(self) -> tuple[tuple[LegId, LegId], ...]:
        """Return which customers are joined with which agents."""
        crosses = [leg.cross for leg in self._legs.values() if leg.cross is not None and leg.cross.joined]
        return tuple((one.customer_leg, one.agent_leg) for one in crosses if one.order is not None)

    # --- the agent's side ---

    def expect(self, order: Expect) -> None:
        """Take the cross-leg that will show this token."""
        self._expected = order

    def answer(self, call: SipCall, invite: str, at: float) -> None:
        """Take the expected cross-leg, refuse anybody else."""
        token = _TOKEN.match(invite)
        expected = self._expected
        if expected is None or token is None or token[1] != expected.token:
            call.hang_up(_FORBIDDEN)
            return
        self._expected = None
        leg = self._legs.get(expected.agent_leg)
        if leg is None or leg.call.ended or not leg.answered:
            call.hang_up(_NO_AGENT)
            return
        self.drop(leg)
        leg.cross = Cross(expected.customer_leg, expected.agent_leg, at + _JOIN_S, call=call)
        option = pj.CallOpParam()
        option.statusCode = 200
        with contextlib.suppress(pj.Error):  # it was given up at this moment, which its state tells
            call.answer(option)

    def _beep(self, leg: Leg) -> None:
        if self._tone is None:
            self._tone = self._phone.tone_generator()
        tone = pj.ToneDesc()
        tone.freq1, tone.on_msec, tone.off_msec, tone.volume = _TONE_HZ, _TONE_MS, 0, _TONE_LEVEL
        tones = pj.ToneDescVector()
        tones.append(tone)
        self._tone.startTransmit(leg.call.audio)
        self._tone.play(tones)

    # --- both ---

    def connect(self, leg: Leg, cross: Cross) -> None:
        """Let leg and cross-leg hear each other, and the recording hear both, as far as there is audio."""
        if cross.call is None or cross.call.audio is None or leg.call.audio is None:
            return
        leg.call.hear(cross.call)
        if cross.recorder is not None:
            cross.recorder.hear((leg.call.audio, cross.call.audio))
        if cross.order is None and not cross.joined:
            cross.joined = True
            self._beep(leg)

    def state(self, seen: StateSeen) -> None:
        """Follow the state of a call that is no leg."""
        for leg in self._legs.values():
            cross = leg.cross
            if cross is None or cross.call is not seen.call:
                continue
            if seen.state == pj.PJSIP_INV_STATE_CONFIRMED and cross.order is not None:
                self._bridged(leg, cross, seen.at)
            elif seen.state == pj.PJSIP_INV_STATE_DISCONNECTED:
                self._over(leg, cross, seen)

    def _over(self, leg: Leg, cross: Cross, seen: StateSeen) -> None:
        if cross.order is not None and not cross.joined:
            dead = cross.agent_leg if seen.code == _NO_AGENT else None
            self._fail(leg, cross, f"the agent's side said {seen.code} {seen.reason}", dead)
        else:
            self.drop(leg)

    def part(self, order: Part) -> None:
        """End a leg's cross-leg, if it has one."""
        if leg := self._legs.get(order.leg_id):
            self.drop(leg)

    def drop(self, leg: Leg) -> None:
        """End a leg's cross-leg without a word."""
        if leg.cross is not None:
            cross, leg.cross = leg.cross, None
            cross.close()

    def tick(self, now: float) -> None:
        """Place what waits for a place, give up what takes too long."""
        for leg in self._legs.values():
            cross = leg.cross
            if cross is None or cross.order is None or cross.joined:
                continue
            if now > cross.due_at:
                self._fail(leg, cross, "the agent's side did not answer in time")
            elif cross.call is None:
                self._try(leg, cross, cross.order)

    def watch(self, now: float) -> None:
        """End cross-legs through which nothing comes any more."""
        for leg in self._legs.values():
            cross = leg.cross
            if cross is not None and cross.call is not None and cross.call.silent_s(now) > _SILENCE_S:
                self._send(CrossSilent(customer_leg=cross.customer_leg, agent_leg=cross.agent_leg))
                self.drop(leg)
