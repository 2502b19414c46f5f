"""Which leg a message is for; what is answered outside any call: REGISTER, OPTIONS, credentials."""

import asyncio
import secrets
from collections.abc import Callable
from urllib.parse import quote

from telephony.sip.emulator import log
from telephony.sip.emulator.behaviour import Behaviour, Directory
from telephony.sip.emulator.call import Call, House
from telephony.sip.emulator.dialog import ALLOW, Dialog, State
from telephony.sip.emulator.digest import Guard
from telephony.sip.emulator.keys import Way
from telephony.sip.emulator.message import (
    Headers,
    Request,
    Response,
    parameter,
    reply,
    uri_of,
    user_of,
)
from telephony.sip.emulator.transport import Address, Hop

# How often legs look at the clock: finer than any retransmission timer.
_REVIEW_S = 0.1


class Switchboard:
    """All legs of a process.

    Args:
        house: What the legs share.
        directory: What each number does.
        guard: Who may call; None lets everybody.
        address: Host and port of our Contacts.
    """

    def __init__(self, house: House, directory: Directory, *, guard: Guard | None, address: Address) -> None:
        self.address = address
        self._house = house
        self._directory = directory
        self._guard = guard
        self._by_tag: dict[str, Call] = {}
        self._by_transaction: dict[str, Call] = {}
        self.garbage_count = 0

    # Messages

    def receive(self, message: Request | Response, hop: Hop) -> None:
        """Take one message."""
        if isinstance(message, Response):
            call = self._by_tag.get(parameter(message.values("from")[0], "tag") or "")
            if call is not None:
                call.receive_response(message)
            return
        call = self._call_of(message)
        if call is not None:
            call.receive(message, hop)
        elif message.method != "ACK":
            self._on_stranger(message, hop)

    def garbage(self, error: str, *, size: int, address: Address) -> None:
        """Count something that is no message."""
        self.garbage_count += 1
        source = f"{address[0]}:{address[1]}"
        at = self._house.clock()
        self._house.write(log.Garbage(at=at, count=self.garbage_count, size=size, source=source, error=error))

    def _call_of(self, request: Request) -> Call | None:
        tag = parameter(request.values("to")[0], "tag")
        call = self._by_tag.get(tag or "") or self._by_transaction.get(request.transaction)
        return call if call is not None and call.dialog.invite.call_id == request.call_id else None

    def _on_stranger(self, request: Request, hop: Hop) -> None:
        status, headers = self._judge(request)
        if status == 200 and request.method == "INVITE":
            self._begin(request, hop)
            return
        hop.send(reply(request, status, to_tag=secrets.token_hex(6), headers=headers).encode())
        at = self._house.clock()
        sender = user_of(uri_of(request.values("from")[0]))
        if status in (401, 403, 407):
            number = user_of(request.uri) or sender
            self._house.write(log.Challenged(at=at, number=number, method=request.method, status=status))
        else:
            self._house.write(log.Served(at=at, method=request.method, status=status, sender=sender))

    def _judge(self, request: Request) -> tuple[int, Headers]:
        """Return the status a request outside any call deserves; 200 for an INVITE lets it begin one."""
        required = request.values("require")
        if request.method not in ("INVITE", "REGISTER", "OPTIONS", "BYE", "CANCEL"):
            return 405, (("Allow", ALLOW),)
        if request.method in ("BYE", "CANCEL") or parameter(request.values("to")[0], "tag") is not None:
            return 481, ()
        if required:
            return 420, (("Unsupported", ", ".join(required)),)
        if request.method == "OPTIONS":
            return 200, (("Allow", ALLOW), ("Accept", "application/sdp"))
        if self._guard is not None:
            verdict = self._guard.judge(request)
            if verdict is None:
                return self._guard.status, self._guard.challenge()
            if not verdict:
                return 403, ()
        contacts = tuple(("Contact", contact) for contact in request.values("contact"))
        return 200, (*contacts, ("Expires", request.header("expires") or "3600"))

    def _begin(self, request: Request, hop: Hop) -> None:
        host, port = self.address
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        suffix = "" if hop.transport == "UDP" else f";transport={hop.transport.lower()}"
        number = user_of(request.uri)
        dialog = Dialog(
            request,
            tag=secrets.token_hex(6),
            contact=f"sip:{quote(number, safe='+')}@{where}{suffix}",
            via=f"SIP/2.0/{hop.transport} {where}",
        )
        call = Call(dialog, self._directory.plan(number), hop=hop, house=self._house)
        self._by_tag[dialog.tag] = self._by_transaction[request.transaction] = call
        call.begin()

    # Legs

    async def run(self) -> None:
        """Let legs look at the clock until cancelled."""
        while True:
            self.review()
            await asyncio.sleep(_REVIEW_S)

    def review(self) -> None:
        """Let every leg look at the clock once, and forget those long over."""
        at = self._house.clock()
        for call in list(self._by_tag.values()):
            call.review()
            forget_at = call.dialog.forget_at
            if forget_at is not None and at >= forget_at:
                del self._by_tag[call.dialog.tag]
                self._by_transaction.pop(call.dialog.invite.transaction, None)

    def hang_up(self, number: str | None, reason: str) -> None:
        """End the calls of one number, or all."""
        for call in list(self._by_tag.values()):
            if number is None or call.number == number:
                call.hang_up(reason)

    def press(self, number: str, keys: str, way: Way) -> None:
        """Press keys on a number's phone, in all its calls."""
        for call in list(self._by_tag.values()):
            if call.number == number and not call.over:
                call.press(keys, way)

    def behave(self, number: str, behaviour: Behaviour) -> None:
        """Change what a number does from its next call on."""
        self._directory.behave(number, behaviour)

    async def shut_down(self, *, within_s: float, clock: Callable[[], float]) -> None:
        """Hang up everything and wait for the other side's answers, but not long."""
        self.hang_up(None, "shutdown")
        give_up_at = clock() + within_s
        while clock() < give_up_at and any(self._unfinished(call) for call in self._by_tag.values()):
            self.review()
            await asyncio.sleep(0.02)

    @staticmethod
    def _unfinished(call: Call) -> bool:
        return call.dialog.state not in (State.OVER, State.PROCEEDING)
