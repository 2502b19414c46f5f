"""Which leg is where, who is joined with whom, and what waits for a place. Runs on the pool's one thread."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from dialer.config import SipConfig, TrunkConfig
from dialer.core.addresses import CALLS_IN
from dialer.core.commands import (
    Bridge,
    CallAgent,
    CallGuest,
    Confer,
    HangUp,
    LeaveTalk,
    OriginateCommand,
    PlayMessage,
    RecordTalk,
    Supervise,
    SwitchCommand,
    TakeCall,
)
from dialer.core.events import AnyEvent
from dialer.core.ids import LegId
from dialer.core.messages import Message
from dialer.core.states import EndCause
from dialer.core.switch_events import (
    AnomalySeen,
    BridgeFailed,
    LegEnded,
    LegsBridged,
    LegsOpen,
    MessagePlayed,
    OriginateRefused,
    RecordingFailed,
    SwitchEvent,
)
from dialer.live.clock import Clock
from telephony.sip import network, sound_files
from telephony.sip.call_ins import CallIns
from telephony.sip.crew import Crew
from telephony.sip.dialing import Dialing
from telephony.sip.hands import Hand
from telephony.sip.last_words import LastWords
from telephony.sip.protocol import (
    AnyReport,
    CameIn,
    CrossSilent,
    End,
    GaveUp,
    Noted,
    Order,
    Part,
    Play,
    Pong,
    Ready,
    Released,
    Tape,
    Told,
    Unfit,
)
from telephony.sip.talks import Talks, Way
from telephony.sip.waiting import WaitingLegs


def _take_note(hand: Hand, report: AnyReport) -> None:
    match report:
        case Pong(legs=legs, bridges=bridges):
            hand.holds, hand.bridges = frozenset(legs), bridges
        case Ready():
            hand.ready = True
        case Unfit(reason=reason):
            hand.error = reason


class Exchange:
    """Routes commands to workers and their reports to `post` and `note`."""

    def __init__(
        self,
        config: SipConfig,
        trunks: Mapping[str, TrunkConfig],
        *,
        clock: Clock,
        post: Callable[[AnyEvent], None],
        note: Callable[[LegId, float, str, str], None],
    ) -> None:
        self._config = config
        self._trunks = trunks
        self._dialing = Dialing(config, trunks)
        self._talks = Talks()
        self._clock = clock
        self._post = post
        self._note = note
        self._legs: dict[LegId, Hand] = {}
        self._waiting = WaitingLegs()
        self._last_words = LastWords()
        self._missing: set[LegId] = set()
        self._unowned: set[LegId] = set()
        self.call_ins = CallIns()

    # --- commands ---

    def place(self, command: OriginateCommand, address: str) -> None:
        """Place a leg, now or as soon as a worker has a place, or as soon as the agent's phone calls."""
        if isinstance(command, CallAgent) and address.startswith(CALLS_IN):
            now = time.monotonic()
            if call_in := self.call_ins.want(command.leg_id, address.removeprefix(CALLS_IN), now):
                self._waiting.take(command.leg_id, call_in, now)
            return
        try:
            trunk, dial = self._dialing.order(command, address)
        except ValueError as error:
            self._tell(self._ended(command.leg_id, EndCause.INVALID_FORMAT, str(error)))
            return
        if trunk is not None and trunk not in self._trunks:
            self._tell(self._refused(command.leg_id))
            return
        if isinstance(command, CallGuest):
            self._talks.guests.add(command.leg_id)
        self._waiting.dial(trunk, dial, time.monotonic())

    def execute(self, command: SwitchCommand) -> None:
        """Let somebody talk with somebody, record, hang up or play."""
        match command:
            case Bridge() | Confer() | LeaveTalk() | Supervise():
                self._arrange(command)
            case HangUp(leg_id=leg_id):
                self._hang_up(leg_id)
            case PlayMessage():
                self._play(command)
            case TakeCall():  # nothing arrives here but agents' phones
                gone = "no such call"
                self._tell(
                    LegEnded(at=time.monotonic(), leg_id=command.leg_id, cause=EndCause.LOST, text=gone)
                )
            case RecordTalk():
                self._record(command)

    def _arrange(self, command: Bridge | Confer | LeaveTalk | Supervise) -> None:
        match command:
            case Bridge():
                self._bridge(command)
            case Confer():
                self._confer(command)
            case LeaveTalk(leg_id=leg_id):
                self._order(self._talks.leave(leg_id))
            case Supervise():
                self._supervise(command)

    def _order(self, orders: Iterable[tuple[LegId, Order]]) -> None:
        for leg_id, order in orders:
            if hand := self._legs.get(leg_id):
                hand.send(order)

    def _way(self, hub: LegId) -> Way | None:
        """Return how the worker of a hub is reached, None if it has no worker."""
        hand = self._legs.get(hub)
        return None if hand is None else Way(hand.setup.cross_port, secrets.token_hex(16))

    def _bridge(self, command: Bridge) -> None:
        customer, agent = command.customer_leg, command.agent_leg
        way = self._way(agent)
        if way is None or customer not in self._legs:
            self._not_bridged(customer, agent, dead=agent if way is None else customer)
        else:
            self._order(self._talks.bridge(command, way))

    def _confer(self, command: Confer) -> None:
        leg, beside = command.leg_id, command.beside
        hub = self._talks.hub(beside)
        way = self._way(hub)
        if way is None or leg not in self._legs or leg == hub:
            self._not_bridged(leg, beside, dead=leg if way is not None else beside)
        else:
            self._order(self._talks.confer(command, way))

    def _not_bridged(self, customer: LegId, agent: LegId, *, dead: LegId) -> None:
        gone, at = "a leg is gone", time.monotonic()
        self._tell(BridgeFailed(at=at, customer_leg=customer, agent_leg=agent, reason=gone, dead_leg=dead))

    def _supervise(self, command: Supervise) -> None:
        if command.leg_id not in self._legs:
            return  # its end has been told
        if way := self._way(command.agent_leg):
            self._order(self._talks.supervise(command, way))
        else:
            self._hang_up(command.leg_id)

    def _record(self, command: RecordTalk) -> None:
        hand = self._legs.get(command.leg_id)
        if hand is None:
            return  # its end has been told
        try:
            path = sound_files.recording(command.file, self._config)
        except (OSError, ValueError) as error:
            self._tell(
                RecordingFailed(
                    at=time.monotonic(), leg_id=command.leg_id, file=command.file, reason=str(error)
                )
            )
            return
        hand.send(Tape(customer_leg=command.leg_id, move=command.move, path=str(path)))

    def _hang_up(self, leg_id: LegId) -> None:
        if hand := self._legs.get(leg_id):
            hand.send(End(leg_id=leg_id))
            return
        if self.call_ins.withdraw(leg_id) or self._waiting.withdraw(leg_id):
            self._never_called(self._ended(leg_id, EndCause.CANCELLED))

    def _never_called(self, event: LegEnded | OriginateRefused) -> None:
        """Tell of a leg that no worker had."""
        self._talks.ended(event.leg_id)
        self._tell(event)

    def _play(self, command: PlayMessage) -> None:
        hand = self._legs.get(command.leg_id)
        if hand is None:
            return  # its end has been told
        path = sound_files.message(command.message, self._config)
        if command.repeat:
            self._order(self._talks.leave(command.leg_id))
        if path.is_file():
            tone = str(sound_files.message(Message.TONE_DONE, self._config).absolute())
            key = {"key": command.opt_out_key, "confirmed_by": tone} if command.opt_out_key else {}
            hand.send(Play(leg_id=command.leg_id, path=str(path.absolute()), repeat=command.repeat, **key))
        else:
            failed = f"there is no recording for {command.message}"
            self._tell(MessagePlayed(at=time.monotonic(), leg_id=command.leg_id, failed=failed))

    # --- what becomes of it ---

    @property
    def is_waiting(self) -> bool:
        """Return whether a leg waits for a place."""
        return bool(self._waiting.legs)

    @property
    def waiting_agents(self) -> int:
        """Return how many agents' legs wait for a worker."""
        return self._waiting.agents

    def serve_waiting(self, crew: Crew, now: float) -> None:
        """Give places to legs that wait, in order; refuse those that waited too long."""
        placed, late = self._waiting.serve(crew, now)
        self._legs |= placed
        for leg_id in late:
            self._never_called(self._refused(leg_id))
        for leg_id in self.call_ins.overdue(now):
            self._tell(self._ended(leg_id, EndCause.NO_REPLY, "the agent's phone did not call in"))

    def heard(self, hand: Hand, report: AnyReport) -> None:
        """Take in what a worker reports."""
        match report:
            case Told(event=event):
                self._told(event)
            case Noted():
                self._last_words.note(report.leg_id, report.direction, report.text)
                self._note(report.leg_id, self._clock.at(report.at), report.direction, report.text)
            case Released(leg_id=leg_id):
                hand.legs.discard(leg_id)
            case CrossSilent():
                self._cross_silent(report)
            case CameIn() | GaveUp():
                self._heard_of_phone(hand, report)
            case _:
                _take_note(hand, report)

    def _told(self, event: SwitchEvent) -> None:
        if isinstance(event, LegEnded | OriginateRefused):
            if hand := self._legs.get(event.leg_id):
                hand.holds -= {event.leg_id}
            self._forget(event.leg_id)
        elif isinstance(event, LegsBridged | BridgeFailed) and self._talks.is_supervisor(event.customer_leg):
            self._let_in(event)
            return  # nobody waits for it
        elif isinstance(event, BridgeFailed):
            self._talks.failed(event.customer_leg, event.agent_leg)
        self._tell(event)

    def _let_in(self, event: LegsBridged | BridgeFailed) -> None:
        """Take in what became of a supervisor's cross-leg; one that failed is tried anew."""
        again = self._talks.to_be_tried(event.customer_leg)
        if isinstance(event, LegsBridged):
            self._talks.let_in(event.customer_leg)
        elif again is None:
            self._lose(event.customer_leg)
        else:
            self._supervise(again)

    def _cross_silent(self, report: CrossSilent) -> None:
        """Treat a leg as lost whose side of a talk fell silent while both workers live."""
        if lost := self._talks.at_fault(report.customer_leg, report.agent_leg):
            self._anomaly("cross_leg_silent", lost, "no audio between two workers")
            self._lose(lost)

    def _lose(self, leg_id: LegId) -> None:
        if hand := self._legs.get(leg_id):
            hand.send(End(leg_id=leg_id, cause=EndCause.LOST))

    def lost(self, hand: Hand) -> None:
        """A worker is gone, and its legs with it: they are ended on the wire in its place."""
        for leg_id in sorted(hand.legs):
            if leg_id in self._legs:
                if word := self._last_words.take(leg_id):
                    network.send_from(hand.setup, word.data, host=word.host, port=word.port)
                for partner in self._forget(leg_id):
                    if other := self._legs.get(partner):
                        other.send(Part(leg_id=partner, partner=leg_id))
                self._tell(self._ended(leg_id, EndCause.LOST, "the process that held the leg is gone"))

    def _forget(self, leg_id: LegId) -> tuple[LegId, ...]:
        """Forget a leg and its joins, and hang up who supervised it; return who was joined with it."""
        self._legs.pop(leg_id, None)
        self._last_words.forget(leg_id)
        gone = self._talks.ended(leg_id)
        for supervisor in gone.supervisors:
            self._hang_up(supervisor)
        return gone.partners

    def audit(self, hands: Sequence[Hand]) -> None:
        """Compare with what the workers hold, mend what did not fit the last time either, and tell what is open."""
        missing = {leg_id for leg_id, hand in self._legs.items() if leg_id not in hand.holds}
        for leg_id in sorted(missing & self._missing):
            self._anomaly("leg_missing", leg_id, "its process holds it no more: it counts as lost")
            self._legs[leg_id].legs.discard(leg_id)
            self._forget(leg_id)
            self._tell(self._ended(leg_id, EndCause.LOST, "its process holds it no more"))
        held = {leg_id: hand for hand in hands for leg_id in hand.holds}
        unowned = {leg_id for leg_id, hand in held.items() if self._legs.get(leg_id) is not hand}
        for leg_id in sorted(unowned & self._unowned):
            self._anomaly("leg_unowned", leg_id, "a process holds it for nobody: hung up")
            held[leg_id].send(End(leg_id=leg_id))
        self._missing, self._unowned = missing - self._missing, unowned
        self._tell(
            LegsOpen(
                at=time.monotonic(),
                legs=(*self._legs, *self._waiting.legs, *self.call_ins.legs),
                bridges=tuple(pair for hand in hands for pair in hand.bridges),
            )
        )

    def _heard_of_phone(self, reception: Hand, report: CameIn | GaveUp) -> None:
        now = time.monotonic()
        if isinstance(report, GaveUp):
            self._gave_up(report.call_in)
        elif found := self.call_ins.came(reception, report, now):
            self._waiting.take(*found, now)

    def _gave_up(self, call_in: str) -> None:
        """Forget a phone that hung up; a leg that was about to be its call is cancelled."""
        self.call_ins.gave_up(call_in)
        for leg_id in self._waiting.gave_up(call_in):
            self._tell(self._ended(leg_id, EndCause.CANCELLED))

    def refuse_waiting(self) -> None:
        """Refuse every leg that waits: the pool closes."""
        for leg_id in (*self._waiting.clear(), *self.call_ins.legs):
            self._never_called(self._refused(leg_id))

    def _tell(self, event: SwitchEvent) -> None:
        self._post(msgspec.structs.replace(event, at=self._clock.at(event.at)))

    def _anomaly(self, kind: str, leg_id: LegId, detail: str) -> None:
        self._tell(AnomalySeen(at=time.monotonic(), kind=kind, leg_id=leg_id, detail=detail))

    @staticmethod
    def _ended(leg_id: LegId, cause: EndCause, text: str = "") -> LegEnded:
        return LegEnded(at=time.monotonic(), leg_id=leg_id, cause=cause, text=text)

    @staticmethod
    def _refused(leg_id: LegId) -> OriginateRefused:
        return OriginateRefused(at=time.monotonic(), leg_id=leg_id, reason="no_line")
