"""Calls over SIP: the workers seen from the parent, as a `Telephony`.

One thread owns everything here. `place` and `execute` leave a note in its inbox and wake it; it alone speaks
with the workers and posts what they tell.
"""

import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from dialer.config import SipConfig, TrunkConfig
from dialer.core.commands import OriginateCommand, SwitchCommand
from dialer.core.events import AnyEvent
from dialer.core.ids import LegId
from dialer.errors import SwitchUnavailableError
from dialer.live.clock import Clock
from dialer.live.threads import Died, start_thread
from telephony.sip import network
from telephony.sip.crew import Crew
from telephony.sip.exchange import Exchange
from telephony.sip.hands import START_S, Hand
from telephony.sip.protocol import FAREWELL_S, SILENCE_S, Quit

Post = Callable[[AnyEvent], None]
Note = Callable[[LegId, float, str, str], None]

_UP_WITHIN_S = 2 * START_S
"""Another worker is tried where one does not start in time."""
_UNFIT_S = 2 * (SILENCE_S + FAREWELL_S)
"""Workers that say why they cannot start are tried again for so long: those of a run that was killed keep its ports half of it."""
_TICK_S = 0.1
_WAITING_S = 0.02
_FAREWELL_S = 4.0
_AUDIT_S = 3.0
"""What is open is told so often: what two audits find is repaired within 6 s."""


def _note_nothing(leg_id: LegId, at: float, direction: str, text: str) -> None:
    """Forget a SIP message."""
    del leg_id, at, direction, text


class SipTelephony:
    """Calls customers through trunks and agents by their addresses; fits `dialer.loop.Telephony`.

    Args:
        config: Addresses and ports.
        trunks: By name.
        clock: Turns the workers' monotonic times into the epoch's.
        post: Takes each event, on a thread of this object's own.
        note: Takes each SIP message of a leg on the same thread: leg, time, `sent` or `received`, text.
        died: Told if that thread ends by an unforeseen error; the workers then hang up every leg.
    """

    def __init__(
        self,
        config: SipConfig,
        trunks: Mapping[str, TrunkConfig],
        *,
        clock: Clock,
        post: Post,
        note: Note = _note_nothing,
        died: Died | None = None,
    ) -> None:
        self._config = config
        self._trunks = trunks
        self._exchange = Exchange(config, trunks, clock=clock, post=post, note=note)
        self._inbox: deque[tuple[OriginateCommand, str] | SwitchCommand] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._settled = threading.Event()
        self._is_up = False
        self._closing = threading.Event()
        self._ticked_at = self._audited_at = 0.0
        self._died = died or (lambda *_: None)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the workers; return when the first of each kind take calls.

        Raises:
            ConfigError: If addresses, ports or passwords cannot be used as they are set.
            SwitchUnavailableError: If pjsua2 is missing or its workers do not start.
        """
        network.check(self._config)
        crew = Crew(self._config, self._trunks, selector=self._selector, lost=self._exchange.lost)
        crew.spawn(None, time.monotonic())
        self._thread = start_thread("sip", lambda: self._run(crew), died=self._died)
        self._settled.wait(_UP_WITHIN_S)
        if not self._is_up:
            self.close()
            raise SwitchUnavailableError(f"the SIP workers do not start: {crew.error or 'they say nothing'}")

    def on_call_in(self, called_in: Callable[[str], None]) -> None:
        """Say who takes the name of an agent whose phone called and for whom no leg waits; before `start`."""
        self._exchange.call_ins.called_in = called_in

    def place(self, command: OriginateCommand, address: str) -> None:
        """Call an E.164 number through a trunk, or an agent's SIP URI."""
        self._inbox.append((command, address))
        self._wake_up()

    def execute(self, command: SwitchCommand) -> None:
        """Bridge, hang up or play."""
        self._inbox.append(command)
        self._wake_up()

    def close(self) -> None:
        """Hang up everything and end the workers; waits for them, a few seconds at most."""
        if self._closing.is_set():
            return
        self._wake_up()
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        self._selector.close()
        os.close(self._wake)

    def _wake_up(self) -> None:
        if not self._closing.is_set():
            os.eventfd_write(self._wake, 1)

    def _run(self, crew: Crew) -> None:
        try:
            self._work(crew)
        finally:
            crew.desert()

    def _work(self, crew: Crew) -> None:
        turned_at = time.monotonic()
        while not self._closing.is_set():
            turned_at = self._turn(crew, turned_at)
        self._exchange.refuse_waiting()
        for hand in crew.hands:
            hand.send(Quit())
        over_at = time.monotonic() + _FAREWELL_S
        while crew.hands and time.monotonic() < over_at:
            turned_at = self._turn(crew, turned_at)
        crew.bury_all()

    def _turn(self, crew: Crew, turned_at: float) -> float:
        """Sleep until something comes, carry it on, and return when that was."""
        ready = self._selector.select(_WAITING_S if self._exchange.is_waiting else _TICK_S)
        now = time.monotonic()
        if now - turned_at > SILENCE_S / 2:
            crew.slept(now)
        hands = [key.data for key, _ in ready if key.data is not None]
        if len(hands) < len(ready):
            os.eventfd_read(self._wake)
        # Before the reports: what was ordered before a phone called must be known when its call is heard of.
        while self._inbox:
            self._obey(self._inbox.popleft())
        for hand in hands:
            self._listen(hand, now)
        self._exchange.serve_waiting(crew, now)
        if now - self._ticked_at >= _TICK_S:
            self._ticked_at = now
            crew.tick(now, waiting_agents=self._exchange.waiting_agents, growing=not self._closing.is_set())
            if not self._settled.is_set():
                self._settle(crew, now)
            self._audit(crew, now)
        return now

    def _settle(self, crew: Crew, now: float) -> None:
        """Let `start` return once it is clear whether calls can be taken."""
        self._is_up = crew.covers()
        if self._is_up or crew.unfit_s(now) > _UNFIT_S:
            self._settled.set()

    def _audit(self, crew: Crew, now: float) -> None:
        if now - self._audited_at >= _AUDIT_S and not self._closing.is_set():
            self._audited_at = now
            self._exchange.audit(crew.hands)

    def _listen(self, hand: Hand, now: float) -> None:
        hand.heard(now)
        hand.pipe.flush()
        for report in hand.pipe.receive():
            self._exchange.heard(hand, report)

    def _obey(self, order: tuple[OriginateCommand, str] | SwitchCommand) -> None:
        if isinstance(order, tuple):
            self._exchange.place(*order)
        else:
            self._exchange.execute(order)
