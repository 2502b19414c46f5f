"""Which leg is on which server, and what becomes of orders. Runs on the switch's one thread; times are monotonic."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from dialer.asterisk_config import AsteriskConfig
from dialer.config import TrunkConfig
from dialer.core.addresses import CALLS_IN
from dialer.core.commands import (
    AnnouncePlace,
    Bridge,
    CallAgent,
    CallGuest,
    Confer,
    HangUp,
    LeaveTalk,
    LeaveToDialplan,
    Originate,
    OriginateCommand,
    PlayMessage,
    RecordTalk,
    SendToDialplan,
    Supervise,
    SwitchCommand,
    TakeCall,
)
from dialer.core.events import AnyEvent, ServerLost, ServerRegained, TrunkLost, TrunkRegained
from dialer.core.ids import LegId, TrunkName
from dialer.core.states import EndCause, RecordingMove
from dialer.core.switch_events import (
    AnomalySeen,
    LegEnded,
    MessagePlayed,
    OriginateRefused,
    RecordingFailed,
    SwitchEvent,
)
from dialer.live.clock import Clock
from dialer.network_words import Says
from dialer.phone_hosts import PhoneHosts
from dialer.survivors import Survivor
from telephony.asterisk import actions, survivors
from telephony.asterisk.actions import Action
from telephony.asterisk.arrivals import Arrivals, of_agent
from telephony.asterisk.conferring import Conferring
from telephony.asterisk.guests import Guests
from telephony.asterisk.joining import Answer, Joining, Wire, not_bridged
from telephony.asterisk.legs import Leg
from telephony.asterisk.listening.hearing import Hearing
from telephony.asterisk.translate import Headers, Legs, answered_meanwhile
from telephony.asterisk.video import offering
from telephony.sip.translate import agent_address, check_phone_host, file_name

HOLD_MARGIN_S = 2.0
"""How much longer than the engine the dialplan lets a caller wait by itself: an engine that lives acts first."""

NO_SWITCH = "no_switch"
"""Why a call is refused while its Asterisk cannot be reached."""


class Exchange:
    """Carries orders to Asterisk, and what it tells to `post`."""

    def __init__(
        self,
        config: AsteriskConfig,
        trunks: Mapping[str, TrunkConfig],
        *,
        wire: Wire,
        clock: Clock,
        post: Callable[[AnyEvent], None],
        phone_hosts: PhoneHosts,
    ) -> None:
        self._config = config
        self._trunks = trunks
        words = {name: one.words() for name, one in trunks.items()}
        self._says: Mapping[str, Sequence[Says]] = {name: one.says for name, one in words.items()}
        self._wire = wire
        self._clock = clock
        self._post = post
        self._phone_hosts = phone_hosts
        self.joining = Joining(config.servers, wire, tell=self.tell, lose=self._lose)
        self._away_since: dict[str, float] = {}
        self.legs = Legs()
        self._guests = Guests(self.legs, config, trunks, phone_hosts=phone_hosts)
        self._conferring = Conferring(wire, tell=self.tell)
        self.arrivals = Arrivals()
        self.hearing = Hearing(trunks, words, config.servers, wire=wire, legs=self.legs, tell=self.tell)

    # --- orders -------------------------------------------------------------------------------------------

    def place(self, command: OriginateCommand, address: str) -> None:
        """Call a number or a phone, unless its Asterisk cannot be reached; who calls in is there already."""
        now = time.monotonic()
        if isinstance(command, CallAgent) and address.startswith(CALLS_IN):
            self._take(command.leg_id, of_agent(command.agent_id), actions.AGENTS)
            return
        try:
            leg, action = (
                self._guests.originate(command, address, now)
                if isinstance(command, CallGuest)
                else self._originate(command, address, now)
            )
        except ValueError as error:
            self.tell(LegEnded(at=now, leg_id=command.leg_id, cause=EndCause.INVALID_FORMAT, text=str(error)))
            return
        self.dial(leg, action)

    def dial(self, leg: Leg, action: Action) -> None:
        """Place a leg, unless its Asterisk cannot be reached."""
        now = time.monotonic()
        if not self._wire.is_up(leg.server):
            self.tell(OriginateRefused(at=now, leg_id=leg.leg_id, reason=NO_SWITCH))
            return
        self.legs.add(leg)
        self._wire.send(leg.server, action, partial(self._placed, leg))

    def _take(self, leg_id: LegId, key: str, context: str, *, hold_s: float = 0.0) -> None:
        """Make a leg of a channel that came by itself; it goes on where legs of its kind wait."""
        now = time.monotonic()
        arrival = self.arrivals.take(key)
        if arrival is None:
            gone = "nobody who called waits at Asterisk"
            self.tell(LegEnded(at=now, leg_id=leg_id, cause=EndCause.NO_REPLY, text=gone))
            return
        leg = Leg(
            leg_id,
            arrival.server,
            context == actions.AGENTS,
            now,
            channel=arrival.channel,
            uniqueid=arrival.uniqueid,
            dialing=True,  # nobody dials it
        )
        self.legs.add(leg)
        kind = survivors.AGENT if leg.is_agent else survivors.CUSTOMER
        for name, value in actions.is_leg(leg_id, kind).items():
            self._wire.send(leg.server, actions.set_variable(leg.channel, name, value))
        if hold_s:
            self._wire.send(
                leg.server,
                actions.set_variable(leg.channel, "DIALER_HOLD_S", f"{hold_s + HOLD_MARGIN_S:.0f}"),
            )
        self._wire.send(leg.server, actions.send_to(leg.channel, context), partial(self._placed, leg))

    def _originate(self, command: Originate | CallAgent, address: str, now: float) -> tuple[Leg, Action]:
        if isinstance(command, Originate):
            trunk = self._trunks.get(command.trunk)
            if trunk is None:
                raise ValueError(f"there is no trunk {command.trunk}")
            says = self._says[command.trunk]
            leg = Leg(command.leg_id, trunk.server, False, now, trunk=command.trunk, says=says)
            return leg, offering(actions.call_customer(command, address, trunk), video=trunk.video)
        if registered := actions.registered_at(address, self._config.servers):
            endpoint, server = registered
            action = actions.call_registered(command.leg_id, endpoint)
            return Leg(command.leg_id, server, True, now), offering(action, video=self._config.video)
        phone = agent_address(address)
        check_phone_host(phone, self._phone_hosts)
        server = self._phones_at()
        leg = Leg(command.leg_id, server, True, now)
        action = actions.call_phone(command.leg_id, phone, self._config.servers[server])
        return leg, offering(action, video=self._config.video)

    def _phones_at(self) -> str:
        """Return which server calls phones that are outside Asterisk: the first that can be reached."""
        servers = list(self._config.servers)
        return next((name for name in servers if self._wire.is_up(name)), servers[0])

    def _placed(self, leg: Leg, answer: Answer) -> None:
        if answer.refused is not None and not leg.ended:
            cause = EndCause.CANCELLED if leg.hung_up else EndCause.CARRIER_FAULT
            self._end(leg, cause, f"Asterisk refused the order: {answer.refused}")

    def execute(self, command: SwitchCommand) -> None:
        """Join or part legs, record, hang up or play."""
        match command:
            case Bridge():
                self._bridge(command)
            case HangUp(leg_id=leg_id):
                self._hang_up(leg_id)
            case PlayMessage():
                self._play(command)
            case Confer() | LeaveTalk() | Supervise():
                self._arrange(command)
            case RecordTalk():
                self._record(command)
            case TakeCall():
                self._take(command.leg_id, command.arrival, actions.CUSTOMERS, hold_s=command.wait_s)
            case AnnouncePlace() | LeaveToDialplan() | SendToDialplan():
                self._attend(command)

    def _attend(self, command: AnnouncePlace | LeaveToDialplan | SendToDialplan) -> None:
        """Tell a caller of a queue the place in the line, or let the dialplan go on with a leg, for good or as ours."""
        leg = self.legs.find(command.leg_id)
        if leg is None:
            return  # its end has been told
        if isinstance(command, SendToDialplan):
            action = actions.send_to(leg.channel, command.context)
            self._wire.send(leg.server, action, partial(self._played, leg))
        elif isinstance(command, LeaveToDialplan):
            self._leave(leg)
            self._wire.send(leg.server, actions.leave(leg.channel))
            self._end(leg, EndCause.CLEARED, "left to the dialplan")
        elif not leg.is_joined:
            self._wire.send(leg.server, actions.say_place(leg.channel, command.place, command.wait_min))

    def _bridge(self, command: Bridge) -> None:
        now = time.monotonic()
        customer, agent = self.legs.find(command.customer_leg), self.legs.find(command.agent_leg)
        if customer is None or agent is None:
            dead = command.agent_leg if agent is None else command.customer_leg
            self.tell(not_bridged(command, now, "a leg is gone", dead))
        else:
            self.joining.order(command, customer, agent)

    def _arrange(self, command: Confer | LeaveTalk | Supervise) -> None:
        match command:
            case Confer():
                self._confer(command)
            case LeaveTalk(leg_id=leg_id):
                self._part(leg_id)
            case Supervise():
                for server, action in self._guests.supervise(command):
                    self._wire.send(server, action)

    def _confer(self, command: Confer) -> None:
        leg, beside = self.legs.find(command.leg_id), self.legs.find(command.beside)
        if leg is not None and beside is not None and leg.server != beside.server:
            beside = self.joining.other_end(beside, leg.server) or beside
        self._conferring.order(command, leg, beside)

    def _part(self, leg_id: LegId) -> None:
        leg = self.legs.find(leg_id)
        if leg is not None:
            self._leave(leg)
            self._wire.send(leg.server, actions.send_to(leg.channel, actions.AGENTS))

    def _leave(self, leg: Leg) -> None:
        """Take a leg from whom it is, or was to be, joined with, so far as that needs more than its going elsewhere."""
        self.joining.part(leg)
        self._conferring.forget(leg)
        leg.place = None  # until it is told where it has gone: an order that came before that would cross with its going

    def _record(self, command: RecordTalk) -> None:
        leg = self.legs.find(command.leg_id)
        if leg is None:
            return  # its end has been told
        folder = self._config.servers[leg.server].recordings
        try:
            name = file_name(command.file.removesuffix(".wav"), ".wav")
        except ValueError as error:
            self._not_recorded(leg, command.file, str(error))
            return
        action = actions.record(leg.channel, command.move, f"{folder}/{name}" if folder else name)
        self._wire.send(leg.server, action, partial(self._recorded, leg, command))

    def _recorded(self, leg: Leg, command: RecordTalk, answer: Answer) -> None:
        if answer.refused is not None and not leg.ended and command.move is not RecordingMove.STOP:
            self._not_recorded(leg, command.file, answer.refused)

    def _not_recorded(self, leg: Leg, file: str, reason: str) -> None:
        self.tell(RecordingFailed(at=time.monotonic(), leg_id=leg.leg_id, file=file, reason=reason))

    def _hang_up(self, leg_id: LegId) -> None:
        leg = self.legs.find(leg_id)
        if leg is not None:
            leg.hung_up = True
            if leg.channel:  # else it is hung up as soon as it is there
                self._wire.send(leg.server, actions.hang_up(leg.channel))

    def _play(self, command: PlayMessage) -> None:
        leg = self.legs.find(command.leg_id)
        if leg is None:
            return  # its end has been told
        try:
            self._send_message(leg, command)
        except ValueError as error:
            self.tell(MessagePlayed(at=time.monotonic(), leg_id=leg.leg_id, failed=str(error)))

    def _send_message(self, leg: Leg, command: PlayMessage) -> None:
        if command.repeat:
            self._leave(leg)
            self._wire.send(leg.server, actions.send_to(leg.channel, actions.HOLD))
        elif leg.is_agent or leg.is_joined:
            action = actions.speak_to(leg.channel, command.message, leg_id=leg.leg_id)
            self._wire.send(leg.server, action, partial(self._played, leg))
        else:
            for action in actions.said_by(leg.channel, command):
                self._wire.send(leg.server, action)
            action = actions.send_to(leg.channel, actions.context_of(command))
            self._wire.send(leg.server, action, partial(self._played, leg))

    def _played(self, leg: Leg, answer: Answer) -> None:
        if answer.refused is not None and not leg.ended:
            self.tell(MessagePlayed(at=time.monotonic(), leg_id=leg.leg_id, failed=answer.refused))

    # --- what becomes of them -----------------------------------------------------------------------------

    def heard(self, server: str, messages: Sequence[Headers], at: float) -> None:
        """Take in what a server tells."""
        for headers in messages:
            if (found := self.legs.hear(headers, at)) is None:
                self.joining.hear(server, headers, at)
                continue
            leg, told = found
            for event in told:
                self.tell(event)
            if headers["Event"] == "Newchannel":
                self.hearing.begin(leg)
            self.hearing.follow(leg, told)
            if leg.ended:
                self._forget(leg, at)
            else:
                self.joining.advance(leg)
                self._conferring.advance(leg)
            if leg.hung_up and not leg.ended and headers["Event"] == "Newchannel":
                # The order to hang up came before there was a channel.
                self._wire.send(leg.server, actions.hang_up(leg.channel))

    def catch_up(self, leg: Leg, found: Survivor | None) -> None:
        """Tell of an answer that could not be told, by what is known of it now."""
        for event in answered_meanwhile(leg, found, at=time.monotonic()):
            self.tell(event)
        self.joining.advance(leg)

    def tick(self, now: float) -> None:
        """Look after joins that take too long, channels never made, what was heard, and servers that stay away."""
        self.joining.tick(now, self.legs)
        self._conferring.tick(now)
        self._give_up(now)
        self.hearing.tick(now)
        for leg in self.legs.never_made(now):
            cause = EndCause.CANCELLED if leg.hung_up else EndCause.CARRIER_FAULT
            self._end(leg, cause, f"Asterisk made no channel for {leg.unmade}: is there such an endpoint?")

    def lost(self, server: str, reason: str) -> None:
        """Tell that nothing can be called through a server, and nobody be joined there."""
        self._away_since[server] = time.monotonic()
        self._post(ServerLost(at=self._clock.now(), server=server))
        for name in self._trunks_of(server):
            self._post(TrunkLost(at=self._clock.now(), trunk=name, reason=reason))

    def regained(self, server: str) -> None:
        """Tell that a server can be used again."""
        self._away_since.pop(server, None)
        self._post(ServerRegained(at=self._clock.now(), server=server))
        for name in self._trunks_of(server):
            self._post(TrunkRegained(at=self._clock.now(), trunk=name))

    def _trunks_of(self, server: str) -> list[TrunkName]:
        return [TrunkName(name) for name, trunk in self._trunks.items() if trunk.server == server]

    def _give_up(self, now: float) -> None:
        """Count the legs of servers as lost that have been away for as long as their settings say."""
        for server, since in list(self._away_since.items()):
            limit_s = self._config.servers[server].given_up_after_s
            if limit_s is not None and now >= since + limit_s and not self._wire.is_up(server):
                del self._away_since[server]
                self.end_all(server, f"{server} has been away for {limit_s:g} s")

    def end_all(self, server: str, text: str) -> None:
        """End the legs of a server that has lost them."""
        for leg in self.legs:
            if leg.server == server:
                self._end(leg, EndCause.LOST, text)
        self.joining.restarted(server)

    def end_lost(self, leg: Leg) -> None:
        """End a leg that Asterisk does not have."""
        self.anomaly("leg_missing", leg.leg_id, "Asterisk has no such channel: it counts as lost")
        self._end(leg, EndCause.LOST, "Asterisk has no such channel")

    def _lose(self, leg: Leg, text: str) -> None:
        self._end(leg, EndCause.LOST, text)

    def _end(self, leg: Leg, cause: EndCause, text: str) -> None:
        now = time.monotonic()
        for event in self.legs.end(leg, now, cause, text):
            self.tell(event)
        self._forget(leg, now)

    def _forget(self, leg: Leg, at: float) -> None:
        self.joining.ended(leg, at)
        self._conferring.ended(leg)
        self.hearing.ended(leg)

    def tell(self, event: SwitchEvent) -> None:
        """Post an event, its time turned into the epoch's."""
        self._post(msgspec.structs.replace(event, at=self._clock.at(event.at)))

    def anomaly(self, kind: str, leg_id: LegId | None, detail: str) -> None:
        """Put something on record that should not be."""
        self.tell(AnomalySeen(at=time.monotonic(), kind=kind, leg_id=leg_id, detail=detail))
