"""Calls through Asterisk: its servers seen from the run, as a `Telephony`.

One thread owns everything here. `place`, `execute` and the connections leave a note in its inbox; it alone decides what
goes to which server, and posts what they tell.
"""

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import count
from queue import Empty, SimpleQueue

from dialer.asterisk_config import AsteriskConfig
from dialer.call_back import CallBack
from dialer.config import TrunkConfig
from dialer.core.commands import HangUp, OriginateCommand, RingMember, SwitchCommand
from dialer.core.events import AnyEvent
from dialer.core.ids import AgentId, CallId
from dialer.core.states import CallState
from dialer.core.switch_events import OriginateRefused
from dialer.errors import SwitchUnavailableError
from dialer.live.clock import Clock
from dialer.live.threads import Died, start_thread
from dialer.members import MemberNews
from dialer.phone_hosts import PhoneHosts
from dialer.survivors import Survivor
from telephony.asterisk import actions, survivors
from telephony.asterisk.actions import Action
from telephony.asterisk.ami import Reply
from telephony.asterisk.arrivals import is_of_arrival
from telephony.asterisk.audit import AUDIT_S, Audit
from telephony.asterisk.exchange import Exchange
from telephony.asterisk.joining import Answered
from telephony.asterisk.legs import Leg
from telephony.asterisk.members import Watch, is_of_member
from telephony.asterisk.messages import Message
from telephony.asterisk.session import Session
from telephony.asterisk.translate import EVENTS, Headers

_TICK_S = 0.1
MEMBERS_S = 30.0
"""Queues are asked for their members so often, for what an event did not tell. A guess: a thousand take milliseconds."""
_FAREWELL_S = 4.0
BEAT_S = 0.5
"""So often each server is shown that the dialer lives: several times within the shortest wait of a customer, which is 1 s
where the limit is below that. A guess."""
_START_S = 20.0
"""An Asterisk that does not let us in by now will not: it boots within a second. A guess, for slow machines."""


class _Server:
    """A server as the switch sees it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.up = False
        self.known = False
        """Whether it has told which channels it has."""
        self.started_at = ""
        self.backlog: list[Headers] = []
        """What it told before its channels were known."""
        self.found: Sequence[Message] | None = None
        """The channels it had when it let us in first."""
        self.survivors: list[Survivor] = []
        self.abandoned: list[Survivor] = []
        self.why = "it does not answer"


class AsteriskTelephony:
    """Calls customers through trunks of Asterisk, and agents by their addresses; fits `dialer.loop.Telephony`.

    Args:
        config: The servers.
        trunks: By name; each names its server.
        clock: Turns monotonic times into the epoch's.
        post: Takes each event, on a thread of this object's own.
        phone_hosts: Where agents' phones may be.
        died: Told if that thread ends by an unforeseen error.
    """

    def __init__(
        self,
        config: AsteriskConfig,
        trunks: Mapping[str, TrunkConfig],
        *,
        clock: Clock,
        post: Callable[[AnyEvent], None],
        phone_hosts: PhoneHosts,
        died: Died | None = None,
    ) -> None:
        self._died = died or (lambda *_: None)
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._servers = {
            name: _Server(
                Session(
                    server,
                    on_events=partial(self._on_events, name),
                    on_up=partial(self._on_up, name),
                    on_down=partial(self._on_down, name),
                    died=self._died,
                )
            )
            for name, server in config.servers.items()
        }
        self._exchange = Exchange(config, trunks, wire=self, clock=clock, post=post, phone_hosts=phone_hosts)
        self._audit = Audit(self._exchange)
        self._audited_at = self._beaten_at = 0.0
        self._beats = count(secrets.randbits(32))
        """From anywhere, so that a run's first is not the last of the run before."""
        self._watch = Watch(config.queues, now=clock.now)
        self._asked_at = 0.0
        self._ready = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def on_call_in(
        self, called_in: Callable[[AgentId], None], called_back: Callable[[CallBack], None]
    ) -> None:
        """Have agents who dial in and leads who call back told of, on this object's thread; before `start`."""
        self._exchange.arrivals.on_call_in = called_in
        self._exchange.arrivals.on_call_back = called_back

    def on_queue_call(self, called: Callable[[CallId, str, str], None]) -> None:
        """Have callers of queues told of, by call, arrival and server, on this object's thread; before `start`."""
        self._exchange.arrivals.on_queue_call = called

    def on_member(self, told: Callable[[MemberNews], None]) -> None:
        """Have news of queues' members told, on this object's thread; before `start`."""
        self._watch.tell = told

    def start(self) -> None:
        """Log in; return when every server has let us in.

        Raises:
            SwitchUnavailableError: If one does not.
            ConfigError: If audio that is to be listened to cannot be sent where it is configured to.
        """
        self._exchange.hearing.start()
        self._thread = start_thread("asterisk", self._run, died=self._died)
        for server in self._servers.values():
            server.session.start()
        if not self._ready.wait(_START_S):
            self.close()
            raise SwitchUnavailableError(
                "; ".join(
                    f"asterisk.servers.{name}: {one.why}" for name, one in self._servers.items() if not one.up
                )
            )

    def survivors(self) -> tuple[Survivor, ...]:
        """Return what was left of earlier runs at every server, as it was when it let us in."""
        return tuple(one for server in self._servers.values() for one in server.survivors)

    def forget_survivors(self) -> None:
        """Have the servers forget whom their dialplans abandoned, but for who still hears the message."""
        for name, server in self._servers.items():
            for one in server.survivors:
                if one.state is CallState.ENDED:
                    self._inbox.put(partial(self.send, name, actions.forget(one.leg_id)))

    def place(self, command: OriginateCommand, address: str) -> None:
        """Call an E.164 number through a trunk, or an agent's phone."""
        self._inbox.put(partial(self._exchange.place, command, address))

    def execute(self, command: SwitchCommand) -> None:
        """Bridge, hang up or play."""
        self._inbox.put(partial(self._execute, command))

    def close(self) -> None:
        """Hang up everything and log off; waits for it, a few seconds at most."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._inbox.put(lambda: None)
        if self._thread is not None:
            self._thread.join()
        self._exchange.hearing.close()
        for server in self._servers.values():
            server.session.close()

    # --- the servers, for the exchange --------------------------------------------------------------------

    def is_up(self, server: str) -> bool:
        """Return whether actions reach a server now."""
        return self._servers[server].up

    def send(self, server: str, action: Action, answered: Answered | None = None) -> None:
        """Send an action; its answer comes on this object's thread, unless the connection breaks before."""
        self._submit(server, action, answered)

    def _submit(self, server: str, action: Action, answered: Callable[[Reply], None] | None) -> None:
        future = self._servers[server].session.submit(action)
        if answered is not None:
            future.add_done_callback(partial(self._on_reply, answered))

    def _on_reply(self, answered: Callable[[Reply], None], future: Future[Reply]) -> None:
        if future.exception() is None:
            self._inbox.put(partial(answered, future.result()))

    def _on_events(self, server: str, messages: Sequence[Message]) -> None:
        """Leave a note of what is about calls; runs on a connection's thread."""
        if came := [one.headers for one in messages if is_of_arrival(one.headers)]:
            self._inbox.put(partial(self._exchange.arrivals.hear, server, came))
        if seen := [one.headers for one in messages if is_of_member(one.headers)]:
            self._inbox.put(partial(self._watch.hear, server, seen, time.monotonic()))
        told = [one.headers for one in messages if one.headers.get("Event") in EVENTS]
        if told:
            self._inbox.put(partial(self._hear, server, told, time.monotonic()))

    def _hear(self, name: str, told: Sequence[Headers], at: float) -> None:
        server = self._servers[name]
        if server.known:
            self._exchange.heard(name, told, at)
        else:
            server.backlog += told

    def _on_up(self, server: str, started_at: str) -> None:
        self._inbox.put(partial(self._up, server, started_at))

    def _on_down(self, server: str, reason: str) -> None:
        self._inbox.put(partial(self._down, server, reason))

    # --- this object's thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            self._turn()
        for leg in self._exchange.legs:
            self._execute(HangUp(leg_id=leg.leg_id))
        until = time.monotonic() + _FAREWELL_S
        while list(self._exchange.legs) and time.monotonic() < until:
            self._turn()

    def _turn(self) -> None:
        try:
            note = self._inbox.get(timeout=_TICK_S)
        except Empty:
            pass
        else:
            note()
        now = time.monotonic()
        self._exchange.tick(now)
        self._watch.tick()
        if now - self._audited_at >= AUDIT_S and not self._closing.is_set():
            self._audited_at = now
            self._ask_for_channels(now)
        if now - self._beaten_at >= BEAT_S:
            self._beaten_at = now
            self._beat()

    def _beat(self) -> None:
        beat = actions.beat(next(self._beats))
        for name, server in self._servers.items():
            if server.up:
                self.send(name, beat)

    def _execute(self, command: SwitchCommand) -> None:
        if isinstance(command, HangUp) and (stray := self._audit.stray(command.leg_id)):
            self.send(stray.server, actions.hang_up(stray.channel))
        if isinstance(command, RingMember):
            self._ring(command)
        else:
            self._exchange.execute(command)

    def _ring(self, command: RingMember) -> None:
        now, found = time.monotonic(), self._watch.find(command.member)
        if found is None:
            self._exchange.tell(OriginateRefused(at=now, leg_id=command.leg_id, reason="no_member"))
            return
        server, interface = found
        leg = Leg(command.leg_id, server, True, now)
        self._exchange.dial(leg, actions.ring_member(leg.leg_id, interface))

    def _ask_for_members(self, name: str) -> None:
        now = time.monotonic()
        for queue in self._watch.queues_at(name):
            self._submit(name, actions.queue_wrap_up(queue), partial(self._wrap_up, name, queue))
            self._submit(name, actions.queue_members(queue), partial(self._members, name, queue, now))

    def _wrap_up(self, name: str, queue: str, reply: Reply) -> None:
        text = reply.headers.get("Value", "")
        self._watch.wraps_up(name, queue, float(text) if text.isascii() and text.isdigit() else 0.0)

    def _members(self, name: str, queue: str, asked_at: float, reply: Reply) -> None:
        self._watch.listed(name, queue, [one.headers for one in reply.items], asked_at=asked_at)

    def _ask_for_channels(self, now: float) -> None:
        there = [name for name, server in self._servers.items() if server.up and server.known]
        awaited = set(there)
        for name in there:
            self._submit(name, actions.CHANNELS, partial(self._channels, name, now, awaited))
        if now - self._asked_at >= MEMBERS_S:
            self._asked_at = now
            for name in there:
                self._ask_for_members(name)

    def _channels(self, name: str, asked_at: float, awaited: set[str], reply: Reply) -> None:
        rows = [one.headers for one in reply.items]
        self._audit.compare(name, rows, asked_at=asked_at)
        awaited.discard(name)
        if not awaited:  # who talks across two servers is told by both
            self._audit.tell()

    def _up(self, name: str, started_at: str) -> None:
        server = self._servers[name]
        server.up = True
        if server.started_at not in ("", started_at):
            self._exchange.end_all(name, "Asterisk was restarted")
        server.started_at = started_at
        server.backlog = []  # what is asked for now is newer
        # Its memory first: who is remembered after that is still there, and tells of the message's end.
        self._submit(name, actions.ABANDONED, partial(self._remember, name))
        resume = partial(self._resume, name, time.monotonic())
        self._submit(name, actions.SURVIVORS, resume if server.known else partial(self._found, name))

    def _remember(self, name: str, reply: Reply) -> None:
        self._servers[name].abandoned = survivors.abandoned(reply.items)

    def _found(self, name: str, reply: Reply) -> None:
        self._servers[name].found = reply.items
        found = {name: one.found for name, one in self._servers.items() if one.found is not None}
        if len(found) == len(self._servers):  # who talks across two of them is seen at both
            self._take_over(found)

    def _take_over(self, found: Mapping[str, Sequence[Message]]) -> None:
        """Know what earlier runs left, as it is now; what it becomes is told as of any leg. Guests are hung up."""
        now = time.monotonic()
        left = survivors.left(found, at=now)
        for leg, _ in left.legs:
            self._exchange.legs.add(leg)
        self._exchange.joining.take_over(left.crossings, left.ends)
        for name, server in self._servers.items():
            for channel, is_up in survivors.guests(found[name]):
                self.send(name, actions.dismiss(channel, is_up=is_up))
            there = [survivor for leg, survivor in left.legs if leg.server == name]
            server.survivors = [*there, *survivors.gone(server.abandoned, [one.leg_id for one in there])]
            server.known = True
            self._exchange.heard(name, server.backlog, now)
            server.backlog = []
            if server.up:
                self._begin(name)
        self._ready.set()

    def _begin(self, name: str) -> None:
        self._exchange.regained(name)
        self._ask_for_members(name)

    def _resume(self, name: str, asked_at: float, reply: Reply) -> None:
        remembered = self._servers[name].abandoned
        self._audit.resume(name, reply.items, remembered=remembered, asked_at=asked_at)
        self._begin(name)

    def _down(self, name: str, reason: str) -> None:
        server = self._servers[name]
        server.why = reason
        if server.up:
            server.up = False
            self._exchange.lost(name, reason)
            self._audit.lost(name)
            self._watch.lost(name, reason)
