"""Cross-legs: the loopback calls by which the legs of one worker talk with those of others.

The customer's worker places one and says what came of it; the agent's worker takes it if it shows the token that
the parent gave to both. An agent's worker mixes all who come. Whoever moves on to another is heard by who was there until the new
cross-leg is up, if there is a place for it. A cross-leg that falls silent is ended by whoever notices first.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterable, MutableMapping

import pjsua2 as pj

from dialer.core.ids import LegId
from dialer.core.switch_events import BridgeFailed, LegsBridged
from telephony.sip.calls import NO_SLOT, SipCall, StateSeen
from telephony.sip.legs import Cross, Leg
from telephony.sip.mixing import who_is_heard
from telephony.sip.phone import CROSS, CROSS_USER, LOOPBACK, Phone
from telephony.sip.protocol import CrossSilent, Expect, Join, Leave, Part, Report, Told

_JOIN_S = 1.5
_SILENCE_S = 2.0
_TONE_HZ, _TONE_MS, _TONE_LEVEL = 880, 100, 6000
_FORBIDDEN, _NO_AGENT = 403, 480
_BUSY_HERE = 486
"""PJSIP's own answer to a fifth call."""
_FULL_S = 0.05
"""The pause after it. PJSIP aborts at 64 calls set up in a second, as each needs sockets that are freed late."""
_TOKEN = re.compile(rf"INVITE sip:{CROSS_USER}@[^ ;]+;token=([0-9a-f]{{32}})")


class Crossing:
    """The cross-legs of one worker's legs, on either side."""

    def __init__(
        self, phone: Phone, legs: MutableMapping[LegId, Leg], send: Callable[[Report], None]
    ) -> None:
        self._phone = phone
        self._legs = legs
        self._send = send
        self._expected: dict[str, Expect] = {}
        self._left: list[list[Cross]] = []
        """Talks whose agent is gone from them: here until they are joined anew."""
        self._tone: pj.ToneGenerator | None = None

    @property
    def waits_for_a_place(self) -> bool:
        """Return whether a cross-leg has to be placed that PJSIP had no place for yet."""
        crosses = (leg.cross for leg in self._legs.values())
        return any(cross is not None and cross.call is None for cross in crosses)

    # --- the customer's side ---

    def join(self, order: Join) -> None:
        """Call the agent's worker, instead of whomever the customer talked with."""
        leg = self._legs.get(order.customer_leg)
        if leg is None or leg.call.ended:
            return  # its end has been told
        leg.stop_playing()
        now = time.monotonic()
        known = leg.cross
        if known is not None and known.joined and known.agent_leg == order.agent_leg:
            known.join = order
            self._bridged(leg, known, order, now)
            return
        self._close(leg, _talk(leg.spokes))
        self._move_on(leg)
        leg.cross = Cross(order.customer_leg, order.agent_leg, now + _JOIN_S, join=order)
        self._try(leg, leg.cross, order)

    def _move_on(self, leg: Leg) -> None:
        """Keep the cross-leg that a leg has until the next one is up."""
        if leg.cross is None:
            return
        if not leg.cross.joined:
            self._close(leg, [leg.cross])
            return
        if leg.leaving is not None:
            self._close(leg, [leg.leaving])
        leg.leaving, leg.cross = leg.cross, None

    def _arrived(self, leg: Leg) -> None:
        if leg.leaving is not None:
            self._close(leg, [leg.leaving])

    def _try(self, leg: Leg, cross: Cross, order: Join) -> None:
        uri = f"sip:{CROSS_USER}@{LOOPBACK}:{order.cross_port};token={order.token}"
        try:
            cross.call = self._phone.call(uri, caller=f"sip:{CROSS_USER}@{LOOPBACK}", over=CROSS)
        except pj.Error as error:
            if error.status == NO_SLOT:
                self._arrived(leg)  # it makes room; or a place is still being cleared: tried again
            else:
                self._fail(leg, cross, error.reason)

    def _fail(self, leg: Leg, cross: Cross, reason: str, dead_leg: LegId | None = None) -> None:
        self._close(leg, [cross])
        self._arrived(leg)
        self._send(
            Told(
                event=BridgeFailed(
                    at=time.monotonic(),
                    customer_leg=cross.customer_leg,
                    agent_leg=cross.agent_leg if cross.join is None else cross.join.named,
                    reason=reason,
                    dead_leg=dead_leg,
                )
            )
        )

    def _bridged(self, leg: Leg, cross: Cross, order: Join, at: float) -> None:
        cross.joined = True
        self._arrived(leg)
        self.mix(leg)
        self._send(Told(event=LegsBridged(at=at, customer_leg=order.customer_leg, agent_leg=order.named)))

    def bridges(self) -> tuple[tuple[LegId, LegId], ...]:
        """Return which customers are joined with which agents."""
        crosses = [leg.cross for leg in self._legs.values() if leg.cross is not None and leg.cross.joined]
        return tuple(
            (one.customer_leg, one.agent_leg)
            for one in crosses
            if one.join is not None and not one.join.listens
        )

    # --- the agent's side ---

    def expect(self, order: Expect) -> None:
        """Take the cross-leg that will show this token; make room for it if there is none."""
        self._expected = {
            token: one for token, one in self._expected.items() if not _is_replaced(one, by=order)
        }
        self._expected[order.token] = order
        leg = self._legs.get(order.agent_leg)
        if leg is None:
            return
        known = [one for one in leg.spokes if one.joined and one.customer_leg == order.customer_leg]
        for one in known:
            one.expected = order
        if not order.adds and (known or self._phone.is_full):
            self._close(leg, [one for one in _talk(leg.crosses) if one not in known])
        self.mix(leg)

    def answer(self, call: SipCall, invite: str, at: float) -> None:
        """Take an expected cross-leg, refuse anybody else."""
        token = _TOKEN.match(invite)
        expected = self._expected.pop(token[1], None) if token is not None else None
        if expected is None:
            call.hang_up(_FORBIDDEN)
            return
        leg = self._legs.get(expected.agent_leg)
        if leg is None or leg.call.ended or not leg.answered:
            call.hang_up(_NO_AGENT)
            return
        crosses = leg.spokes if expected.adds else leg.crosses
        again = [one for one in crosses if one.customer_leg == expected.customer_leg]
        self._close(leg, again if expected.adds else [*again, *_talk(crosses)])
        leg.spokes.append(
            Cross(expected.customer_leg, expected.agent_leg, at + _JOIN_S, expected=expected, call=call)
        )
        option = pj.CallOpParam()
        option.statusCode = 200
        with contextlib.suppress(pj.Error):  # it was given up at this moment, which its state tells
            call.answer(option)

    def _taken(self, leg: Leg, cross: Cross) -> None:
        """A cross-leg that was taken has audio."""
        cross.joined = True
        if cross.expected is not None and cross.expected.tone:
            self._beep(leg)

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

    def media(self, call: SipCall) -> None:
        """Connect a call whose audio came or changed with whomever it belongs to."""
        for leg in list(self._legs.values()):
            if call is leg.call or call in [cross.call for cross in leg.crosses]:
                self.mix(leg)

    def mix(self, leg: Leg) -> None:
        """Let those hear each other who are to, and the recording both sides, as far as there is audio."""
        if not leg.call.has_audio:
            return
        now = [one for one in (leg.leaving or leg.cross, *leg.spokes) if one is not None]
        there = [(one.call, one.mode) for one in now if one.call is not None and one.call.has_audio]
        talk = [call for call, mode in there if mode is None]
        supervisors = [(call, mode) for call, mode in there if mode is not None]
        before, leg.mixed = leg.mixed, who_is_heard(leg.call, talk, supervisors)
        for speaker, listener in before:
            if (speaker, listener) not in leg.mixed:
                speaker.speak_to(listener, heard=False)
        for speaker, listener in leg.mixed:
            speaker.speak_to(listener)
        if leg.recorder is not None:
            leg.recorder.hear([one.audio for one in (leg.call, *talk)])
        for cross in leg.spokes:
            if not cross.joined and cross.call is not None and cross.call.has_audio:
                self._taken(leg, cross)

    def state(self, seen: StateSeen) -> None:
        """Follow the state of a call that is no leg."""
        over = seen.state == pj.PJSIP_INV_STATE_DISCONNECTED
        for leg in list(self._legs.values()):
            for cross in [one for one in leg.crosses if one.call is seen.call]:
                if over:
                    self._over(leg, cross, seen)
                elif seen.state == pj.PJSIP_INV_STATE_CONFIRMED and cross.join is not None:
                    self._bridged(leg, cross, cross.join, seen.at)
        if over:
            self._left = [talk for talk in self._left if self._goes_on(talk, seen.call)]

    def _over(self, leg: Leg, cross: Cross, seen: StateSeen) -> None:
        if cross is not leg.cross or cross.joined:
            self._close(leg, [cross])
        elif seen.code == _BUSY_HERE:
            cross.call, cross.next_at = None, seen.at + _FULL_S  # a place may be free there soon
            self._arrived(leg)
        else:
            dead = cross.agent_leg if seen.code == _NO_AGENT else None
            self._fail(leg, cross, f"the agent's side said {seen.code} {seen.reason}", dead)

    def _goes_on(self, talk: list[Cross], gone: SipCall) -> bool:
        """Return whether a talk that its agent has left goes on when a call has ended."""
        talk[:] = [one for one in talk if one.call is not gone]
        if len(talk) > 1:
            return True
        for one in talk:
            one.close()
        return False

    def leave(self, order: Leave) -> None:
        """Take a leg out of its talk; others go on here, if two are left."""
        leg = self._legs.get(order.leg_id)
        if leg is None:
            return
        self._expected = {
            token: one
            for token, one in self._expected.items()
            if one.agent_leg != leg.leg_id or one.mode is not None
        }
        left = [one for one in leg.spokes if one.joined and one.mode is None]
        if len(left) < 2:
            self._close(leg, _talk(leg.crosses))
            return
        leg.spokes = [one for one in leg.spokes if one not in left]
        self._close(leg, _talk(leg.crosses))
        calls = [one.call for one in left if one.call is not None]
        for speaker, listener in who_is_heard(None, calls):
            speaker.speak_to(listener)
        self._left.append(left)

    def part(self, order: Part) -> None:
        """End a leg's cross-legs with somebody who is gone."""
        if leg := self._legs.get(order.leg_id):
            crosses = leg.crosses
            self._close(leg, [one for one in crosses if order.partner in (one.customer_leg, one.agent_leg)])

    def drop(self, leg: Leg) -> None:
        """End a leg's cross-legs and its recording without a word: the leg has ended."""
        self._expected = {token: one for token, one in self._expected.items() if one.agent_leg != leg.leg_id}
        self._close(leg, leg.crosses)
        leg.stop_recording()

    def _close(self, leg: Leg, crosses: Iterable[Cross]) -> None:
        """End some of a leg's cross-legs."""
        for cross in list(crosses):
            leg.lose(cross)
            cross.close()
        self.mix(leg)

    def tick(self, now: float) -> None:
        """Place what waits for a place, give up what takes too long."""
        for leg in list(self._legs.values()):
            cross = leg.cross
            if cross is None or cross.join is None or cross.joined:
                continue
            if now > cross.due_at:
                self._fail(leg, cross, "the agent's side did not answer in time")
            elif cross.call is None and now >= cross.next_at:
                self._try(leg, cross, cross.join)

    def watch(self, now: float) -> None:
        """End cross-legs through which nothing comes any more."""
        for leg in list(self._legs.values()):
            for cross in leg.crosses:
                if cross.call is not None and cross.call.silent_s(now) > _SILENCE_S:
                    self._send(CrossSilent(customer_leg=cross.customer_leg, agent_leg=cross.agent_leg))
                    self._close(leg, [cross])


def _talk(crosses: Iterable[Cross]) -> list[Cross]:
    """Return those of who talks, without supervisors."""
    return [one for one in crosses if one.mode is None]


def _is_replaced(one: Expect, *, by: Expect) -> bool:
    if one.customer_leg == by.customer_leg:
        return True
    return one.agent_leg == by.agent_leg and one.mode is None and not by.adds
