"""One call's signalling from the called side: transactions, dialog, retransmission.

Pure: messages and times go in, messages and notes come out through `take`; the caller sends the first and
acts on the second. Whatever is asked for at the wrong moment is answered as RFC 3261 says, never raised.

    PROCEEDING --accept--> ACCEPTED --ACK--> CONFIRMED --hang_up--> LEAVING --final response--> OVER
        |                      |                 |
        |--refuse, CANCEL--> REFUSED --ACK--> OVER
        BYE from the other side, in any state --> OVER
"""

from enum import StrEnum

import msgspec

from telephony.sip.emulator.message import (
    Headers,
    Request,
    Response,
    address_of,
    parameter,
    reply,
    uri_of,
)

# Source: RFC 3261 17.1.1.1 table 4 (T1, T2) and 13.3.1.4 (64 * T1).
T1_S = 0.5
T2_S = 4.0
GIVE_UP_S = 64 * T1_S
# Answers kept for requests that are repeated; a call that lasts is refreshed once a minute, and its repeats come soon.
_REMEMBERED = 8

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO"


class State(StrEnum):
    """How far the call is."""

    PROCEEDING = "proceeding"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    LEAVING = "leaving"
    OVER = "over"


class Note(StrEnum):
    """What the leg should know."""

    ACKED = "acked"
    CANCELLED = "cancelled"
    HUNG_UP = "hung-up"
    NO_ACK = "no-ack"


class Refresh(msgspec.Struct, frozen=True):
    """A re-INVITE that waits for `Dialog.refresh`."""

    request: Request


Out = Request | Response | Note | Refresh


class _Repeat(msgspec.Struct, kw_only=True):
    message: Request | Response
    next_at: float
    give_up_at: float
    interval_s: float = T1_S


class Dialog:
    """The called side of one INVITE.

    Args:
        invite: The first INVITE.
        tag: Our tag.
        contact: Our Contact's URI.
        via: Protocol, transport and our address, such as "SIP/2.0/UDP 127.0.0.1:5060"; over TCP and TLS
            only a 200 is repeated.
    """

    def __init__(self, invite: Request, *, tag: str, contact: str, via: str) -> None:
        self.invite = invite
        self.tag = tag
        self.state = State.PROCEEDING
        self.forget_at: float | None = None
        self._contact = f"<{contact}>"
        self._via = via
        self._reliable = "/UDP " not in via
        self._out: list[Out] = []
        self._responses: dict[tuple[str, str], Response] = {}
        self._awaited_ack = invite.cseq[0]
        self._last_cseq = invite.cseq[0]
        self._target = uri_of(invite.header("contact") or invite.header("from") or "")
        self._repeat: _Repeat | None = None
        self._leave_with: Headers | None = None
        self._own_count = 0

    def take(self) -> list[Out]:
        """Return what came out since the last time, in order."""
        out, self._out = self._out, []
        return out

    @property
    def next_hop(self) -> tuple[str, int] | None:
        """Where our own requests go: the first recorded route, else the other side's Contact."""
        route = self.invite.header("record-route")
        return address_of(uri_of(route) if route else self._target)

    # What we do

    def progress(self, status: int, *, body: bytes = b"") -> None:
        """Send a provisional response; nothing once the call is decided."""
        if self.state is State.PROCEEDING:
            self._respond(self.invite, status, body=body)

    def accept(self, body: bytes, *, at: float) -> None:
        """Send 200 with our description, again and again until its ACK; nothing once the call is decided."""
        if self.state is State.PROCEEDING:
            self.state = State.ACCEPTED
            self._repeat_until(self._respond(self.invite, 200, body=body), at)

    def refuse(self, status: int, *, headers: Headers = (), at: float) -> None:
        """Send a final response that is none of 2xx; nothing once the call is decided."""
        if self.state is State.PROCEEDING:
            self.state = State.REFUSED
            response = self._respond(self.invite, status, headers=headers)
            self._repeat_until(response, at)

    def refresh(self, request: Request, body: bytes, *, at: float) -> None:
        """Answer a re-INVITE with our description."""
        self._awaited_ack = request.cseq[0]
        self._target = uri_of(request.header("contact") or self._target)
        self._repeat_until(self._respond(request, 200, body=body), at)

    def decline_refresh(self, request: Request, status: int) -> None:
        """Refuse a re-INVITE; the call goes on as it was."""
        self._respond(request, status)

    def inform(self, content_type: str, body: bytes) -> None:
        """Send INFO, once; nothing unless the call is up."""
        if self.state is State.CONFIRMED:
            self._out.append(self._own("INFO", (("Content-Type", content_type),), body=body))

    def hang_up(self, *, headers: Headers = (), at: float) -> None:
        """Send BYE, before the ACK only once that has come or been given up (RFC 3261 15)."""
        if self.state is State.ACCEPTED:
            self._leave_with = headers
        elif self.state is State.CONFIRMED:
            self._send_bye(headers, at)

    # What the other side does

    def receive(self, request: Request, *, at: float) -> None:
        """Take in a request of this dialog, or one that has the INVITE's branch."""
        if request.method == "ACK":
            self._on_ack(request, at)
            return
        known = self._responses.get((request.transaction, request.method))
        if known is not None:
            self._out.append(known)
        elif request.method == "CANCEL":
            self._on_cancel(request, at)
        elif request.transaction != self.invite.transaction:
            self._on_new_request(request, at)

    def receive_response(self, response: Response, *, at: float) -> None:
        """Take in a response to a request of ours; that to our BYE ends the call."""
        if self.state is State.LEAVING and response.status >= 200 and response.cseq[1] == "BYE":
            self._over(at)

    def tick(self, *, at: float) -> None:
        """Repeat what is due, give up what nobody answered."""
        repeat = self._repeat
        if repeat is None:
            return
        if at >= repeat.give_up_at:
            self._give_up(at)
        elif at >= repeat.next_at:
            repeat.interval_s = min(2 * repeat.interval_s, T2_S)
            repeat.next_at = at + repeat.interval_s
            self._out.append(repeat.message)

    def _on_ack(self, request: Request, at: float) -> None:
        if request.cseq[0] != self._awaited_ack or self._repeat is None:
            return
        if self.state is State.REFUSED:
            self._over(at)
        elif self.state is State.ACCEPTED:
            self.state = State.CONFIRMED
            self._repeat = None
            self._out.append(Note.ACKED)
            if self._leave_with is not None:
                self._send_bye(self._leave_with, at)
        elif self.state is State.CONFIRMED:
            self._repeat = None

    def _on_cancel(self, request: Request, at: float) -> None:
        if request.transaction != self.invite.transaction:
            self._respond(request, 481)
            return
        self._respond(request, 200)
        if self.state is State.PROCEEDING:  # else the race is lost: our final response stands
            self.refuse(487, at=at)
            self._out.append(Note.CANCELLED)

    def _on_new_request(self, request: Request, at: float) -> None:
        if self.state in (State.LEAVING, State.OVER, State.REFUSED) and request.method != "BYE":
            self._respond(request, 481)
        elif request.cseq[0] < self._last_cseq:
            self._respond(request, 500)
        else:
            self._last_cseq = request.cseq[0]
            self._on_fresh_request(request, at)

    def _on_fresh_request(self, request: Request, at: float) -> None:
        match request.method:
            case "BYE":
                self._respond(request, 200)
                self.refuse(487, at=at)
                if self.state is not State.REFUSED:
                    self._over(at)
                self._out.append(Note.HUNG_UP)
            case "INVITE" if self.state is State.CONFIRMED and self._repeat is None:
                self._out.append(Refresh(request))
            case "INVITE":  # RFC 3261 14.2: the one before is not finished
                self._respond(request, 500, headers=(("Retry-After", "1"),))
            case "OPTIONS" | "INFO":
                self._respond(request, 200, headers=(("Allow", ALLOW),))
            case _:
                self._respond(request, 405, headers=(("Allow", ALLOW),))

    # The machinery

    def _respond(
        self, request: Request, status: int, *, headers: Headers = (), body: bytes = b""
    ) -> Response:
        added: Headers = headers
        if request.method == "INVITE" and 100 < status < 300:
            added = (("Contact", self._contact), ("Allow", ALLOW), *headers)
        if body:
            added = (*added, ("Content-Type", "application/sdp"))
        tag = None if status == 100 else self.tag
        response = reply(request, status, to_tag=tag, headers=added, body=body)
        self._responses[request.transaction, request.method] = response
        if len(self._responses) > _REMEMBERED:
            del self._responses[next(iter(self._responses))]
        self._out.append(response)
        return response

    def _send_bye(self, headers: Headers, at: float) -> None:
        self.state = State.LEAVING
        bye = self._own("BYE", headers)
        self._out.append(bye)
        self._repeat_until(bye, at)

    def _own(self, method: str, headers: Headers, *, body: bytes = b"") -> Request:
        self._own_count += 1
        to = self.invite.values("to")[0]
        own = to if parameter(to, "tag") is not None else f"{to};tag={self.tag}"
        return Request(
            method=method,
            uri=self._target,
            headers=(
                ("Via", f"{self._via};rport;branch=z9hG4bK{self.tag}b{self._own_count}"),
                ("Max-Forwards", "70"),
                *(("Route", route) for route in self.invite.values("record-route")),
                ("From", own),
                ("To", self.invite.values("from")[0]),
                ("Call-ID", self.invite.call_id),
                ("CSeq", f"{self._own_count} {method}"),
                *headers,
            ),
            body=body,
        )

    def _repeat_until(self, message: Request | Response, at: float) -> None:
        repeats = not self._reliable or (isinstance(message, Response) and message.status == 200)
        next_at = at + T1_S if repeats else at + GIVE_UP_S
        self._repeat = _Repeat(message=message, next_at=next_at, give_up_at=at + GIVE_UP_S)

    def _give_up(self, at: float) -> None:
        self._repeat = None
        if self.state in (State.ACCEPTED, State.CONFIRMED):
            self._out.append(Note.NO_ACK)
            self._send_bye(self._leave_with or (), at)
        else:
            self._over(at)

    def _over(self, at: float) -> None:
        self.state = State.OVER
        self._repeat = None
        self.forget_at = at + GIVE_UP_S  # until then repeated requests get their old answers
