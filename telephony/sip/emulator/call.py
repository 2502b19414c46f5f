"""One leg living its behaviour: it rings, answers, talks, listens, loses patience and hangs up."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from telephony.sip.emulator import log, recordings, sdp, tones
from telephony.sip.emulator.behaviour import Kind, Plan
from telephony.sip.emulator.dialog import Dialog, Note, Out, Refresh, State
from telephony.sip.emulator.keys import Way, info_body
from telephony.sip.emulator.media import Stream, Studio
from telephony.sip.emulator.message import Headers, Request, Response, uri_of, user_of
from telephony.sip.emulator.transport import Hop


class Pairs(Protocol):
    """Who has which tone pair."""

    def take(self, number: str) -> str:
        """Return the pair a leg of this number sends."""

    def give_back(self, pair: str) -> None:
        """Say that the leg is over."""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What all legs of a process share."""

    write: Callable[[log.Event], None]
    clock: Callable[[], float]
    studio: Studio
    pairs: Pairs
    peers: tones.Family
    rtp_timeout_s: float


class Call:
    """A leg, from its INVITE to the line that sums it up."""

    def __init__(self, dialog: Dialog, plan: Plan, *, hop: Hop, house: House) -> None:
        self.dialog = dialog
        self.hop = hop
        self.number = user_of(dialog.invite.uri)
        self.over = False
        self._plan = plan
        self._house = house
        self._offer: sdp.Offer | None = None
        self._stream: Stream | None = None
        self._pair = ""
        self._answered_at: float | None = None
        self._first_peer_audio_at: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._statuses: set[int] = set()
        self._bye_sent = False

    # The script

    def begin(self) -> None:
        """Start with the INVITE."""
        invite = self.dialog.invite
        sender = invite.values("from")[0]
        self._house.write(
            log.Invited(
                at=self._house.clock(),
                leg=self.dialog.tag,
                number=self.number,
                behaviour=self._plan.kind,
                call_id=invite.call_id,
                caller=user_of(uri_of(sender)),
                from_header=sender,
                contact=invite.header("contact") or "",
                source=f"{self.hop.address[0]}:{self.hop.address[1]}",
                asserted_identity=invite.header("p-asserted-identity") or "",
            )
        )
        if self._plan.kind is not Kind.SILENT:
            self.dialog.progress(100)
            self._flush()
            self._after(self._plan.post_dial_s, self._ring)

    def _ring(self) -> None:
        if self._plan.provisional == 183 and self._open_stream() and self._stream is not None:
            self._stream.play(self._said(self._stream) or tones.ringback_frames(self._stream.law))
            self.dialog.progress(183, body=self._description(self._stream))
        elif self._plan.provisional is not None:
            self.dialog.progress(180)
        self._flush()
        if self._plan.final is not None:
            self._after(self._plan.ring_s, self._decide)

    def _decide(self) -> None:
        if self._plan.final != 200:
            self._refuse(self._plan.final or 480)
        elif self._open_stream() and self._stream is not None:
            if self._plan.kind is not Kind.RTP_LESS:
                self._pair = self._house.pairs.take(self.number)
                if self._stream.video is not None:
                    self._stream.video.show(self._pair)
                self._stream.play(self._sound(self._stream))
            self._answered_at = self._house.clock()
            self.dialog.accept(self._description(self._stream), at=self._answered_at)
            self._flush()

    def _sound(self, stream: Stream) -> Sequence[bytes]:
        said = self._said(stream) if self._plan.provisional != 183 else ()
        if self._plan.speech:
            return said or tones.speech_frames(self._pair, stream.law, self._plan.speech)
        return said or tones.pair_frames(self._pair, stream.law)

    def _said(self, stream: Stream) -> tuple[bytes, ...]:
        return recordings.frames(self._plan.plays, stream.law) if self._plan.plays else ()

    def _refuse(self, status: int) -> None:
        at = self._house.clock()
        self.dialog.refuse(status, headers=self._reason(), at=at)
        self._flush()
        self._end("callee", "refused", status=status)

    def _reason(self) -> Headers:
        cause = self._plan.cause
        return () if cause is None else (("Reason", f"Q.850;cause={cause}"),)

    def _after(self, delay_s: float, step: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay_s, step)

    # Audio

    def _open_stream(self) -> bool:
        """Open audio as the INVITE offered it, or refuse the call."""
        if self._stream is not None:
            return True
        try:
            self._offer = sdp.parse_offer(self.dialog.invite.body)
            self._stream = self._house.studio.open(self._offer, video=self._plan.video)
        except sdp.UnusableOfferError:
            self._refuse(488)
        except OSError:  # no port for RTP is left
            self._refuse(503)
        return self._stream is not None

    def _description(self, stream: Stream) -> bytes:
        if self._offer is None:
            return b""
        host = self._plan.sdp_host or self._house.studio.host
        video_port = 0 if stream.video is None else stream.video.port
        return sdp.answer(self._offer, host=host, port=stream.port, video_port=video_port)

    def _refresh(self, request: Request) -> None:
        if self._stream is None:
            return
        if request.body:
            try:
                self._offer = sdp.parse_offer(request.body)
            except sdp.UnusableOfferError:
                self.dialog.decline_refresh(request, 488)
                return
            self._stream.redirect(self._offer)
        self.dialog.refresh(request, self._description(self._stream), at=self._house.clock())

    # Messages

    def receive(self, request: Request, hop: Hop) -> None:
        """Take in a request of this call."""
        self.hop = hop
        self.dialog.receive(request, at=self._house.clock())
        self._flush()

    def receive_response(self, response: Response) -> None:
        """Take in a response to a request of ours."""
        self.dialog.receive_response(response, at=self._house.clock())

    def _flush(self) -> None:
        for out in self.dialog.take():
            self._handle(out)

    def _handle(self, out: Out) -> None:
        match out:
            case Response():
                self._send_response(out)
            case Request():
                self._send_request(out)
            case Note():
                self._on_note(out)
            case Refresh(request):
                self._refresh(request)
                self._flush()

    def _send_response(self, response: Response) -> None:
        self.hop.send(response.encode())
        if response.cseq[1] == "INVITE" and response.status not in self._statuses:
            self._statuses.add(response.status)
            event = log.Sent(
                at=self._house.clock(), leg=self.dialog.tag, number=self.number, status=response.status
            )
            self._house.write(event)

    def _send_request(self, request: Request) -> None:
        self.hop.toward(self.dialog.next_hop).send(request.encode())
        if request.method == "BYE" and not self._bye_sent:
            self._bye_sent = True
            at = self._house.clock()
            self._house.write(log.Bye(at=at, leg=self.dialog.tag, number=self.number, by="callee"))

    def _on_note(self, note: Note) -> None:
        at, leg, number = self._house.clock(), self.dialog.tag, self.number
        match note:
            case Note.ACKED:
                self._house.write(log.Acked(at=at, leg=leg, number=number))
            case Note.CANCELLED:
                self._house.write(log.Cancelled(at=at, leg=leg, number=number))
                self._end("caller", "cancelled", status=487)
            case Note.HUNG_UP:
                self._house.write(log.Bye(at=at, leg=leg, number=number, by="caller"))
                self._end("caller", "hung-up")
            case Note.NO_ACK:
                self._end("callee", "no-ack")

    # The end

    def review(self) -> None:
        """Look at the clock: repeat messages, write ended segments, hang up if it is time to."""
        at = self._house.clock()
        self.dialog.tick(at=at)
        self._flush()
        if self._stream is None:
            return
        self._write_segments(self._stream, at)
        reason = self._why_leave(self._stream, at)
        if reason is not None:
            self.hang_up(reason)

    def _why_leave(self, stream: Stream, at: float) -> str | None:
        if self._answered_at is None or self.dialog.state is not State.CONFIRMED:
            return None
        since_answer_s = at - self._answered_at
        last_packet_at = max(stream.last_packet_at or 0.0, self._answered_at)
        first_sound_at = stream.ear.first_sound_at
        patience_s, talk_s = self._plan.patience_s, self._plan.talk_s
        talking_since = self._answered_at if self._plan.kind is Kind.MACHINE else first_sound_at
        if stream.peer_sends and at - last_packet_at > self._house.rtp_timeout_s:
            return "no-rtp"
        if patience_s is not None and first_sound_at is None and since_answer_s >= patience_s:
            return "impatient"
        if talk_s is not None and talking_since is not None:
            return "talked" if at - max(talking_since, self._answered_at) >= talk_s else None
        return None

    def press(self, keys: str, way: Way) -> None:
        """Press keys in turn, if the call is up."""
        for key in keys:
            if way is not Way.RTP:
                self.dialog.inform(*info_body(key, relay=way is Way.INFO_RELAY))
            elif self._stream is not None:
                self._stream.press(key)
        self._flush()

    def hang_up(self, reason: str) -> None:
        """End the call from our side, whatever its state."""
        if self.over:
            return
        at = self._house.clock()
        if self.dialog.state is State.PROCEEDING:
            self._refuse(480)
            return
        self.dialog.hang_up(headers=self._reason(), at=at)
        self._flush()
        self._end("callee", reason)

    def _write_segments(self, stream: Stream, at: float) -> None:
        for heard in stream.ear.take_segments(at=at):
            self._house.write(log.Segment(at=at, leg=self.dialog.tag, number=self.number, heard=heard))

    def _end(self, by: log.Side, reason: str, *, status: int | None = None) -> None:
        if self.over:
            return
        self.over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._pair:
            self._house.pairs.give_back(self._pair)
        self._sum_up(by, reason, status)

    def _sum_up(self, by: log.Side, reason: str, status: int | None) -> None:
        at = self._house.clock()
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
            stream.ear.close_before(float("inf"))
            self._write_segments(stream, at)
        heard = () if stream is None else stream.ear.summary()
        peers = [one.first_at for one in heard if tones.family_of(one.pair) is self._house.peers]
        self._house.write(
            log.Ended(
                at=at,
                leg=self.dialog.tag,
                number=self.number,
                by=by,
                reason=reason,
                sent_pair=self._pair,
                heard=heard,
                status=status,
                answered_at=self._answered_at,
                first_peer_audio_at=min(peers, default=None),
                packets_sent=0 if stream is None else stream.sent,
                packets_received=0 if stream is None else stream.received,
                video_seen=dict(stream.video.seen) if stream is not None and stream.video is not None else {},
            )
        )
