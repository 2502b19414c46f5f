"""A switch that exists in virtual time only; it passes the same contract as the real ones."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations, product

from dialer.core.commands import (
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
    RingMember,
    SendToDialplan,
    Supervise,
    SwitchCommand,
    TakeCall,
)
from dialer.core.ids import AgentId, LegId
from dialer.core.states import EndCause
from dialer.core.switch_events import (
    AnnouncementHeard,
    BridgeFailed,
    LegAnswered,
    LegClassified,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegsBridged,
    LegsOpen,
    LegsParted,
    LegSpoke,
    MessagePlayed,
)
from dialer.simulation.behaviour import CallPlan
from dialer.simulation.legs import Kind, Leg, Legs
from dialer.simulation.schedule import Schedule

BRIDGE_S = 0.006
CROSSING_S = 0.025
"""So much longer a bridge between two servers takes. Source: as the default of `LinkSettings.delay_ms`."""
PHONE_RING_S = 1.0
PHONE = CallPlan(post_dial_s=0.1, ring_s=PHONE_RING_S)
"""What a phone does that is there."""
MESSAGE_S = 5.0
ANNOUNCED_S = 1.5
"""From the beginning of an announcement until it is made out."""


class SimulatedTelephony:
    """Fits `Telephony`. Customers behave by plan; agents' phones answer after a second and stay up."""

    def __init__(
        self,
        schedule: Schedule,
        plan: Callable[[Originate, str], CallPlan],
        *,
        third: Callable[[str], CallPlan] = lambda _: PHONE,
    ) -> None:
        """Make a switch.

        Args:
            schedule: The virtual world.
            plan: Gives each call its life, by what was ordered and the address.
            third: Gives each call to a third party's number its life, by the number.
        """
        self._third = third
        self._schedule = schedule
        self._plan = plan
        self.server_of: Callable[[OriginateCommand], str] = lambda _: ""
        """Says at which server each leg is, where there are several."""
        self.tempo_of: Callable[[AgentId], float] = lambda _: 1.0
        """Says how much longer an agent's talks with people are now than they are planned."""
        self._legs = Legs()
        self.most_across: Counter[tuple[str, ...]] = Counter()
        """The most customers that were joined with agents at a time, by the two servers."""
        self._arrivals: dict[str, CallPlan] = {}

    @property
    def legs_open(self) -> int:
        """Return how many legs are up or on the way."""
        return len(self._legs)

    def place(self, command: OriginateCommand, address: str) -> None:
        """Call an address."""
        server = self.server_of(command)
        match command:
            case Originate():
                self._dial(Leg(command.leg_id, self._plan(command, address), server=server))
            case CallAgent(agent_id=agent_id):
                self._dial(Leg(command.leg_id, PHONE, Kind.AGENT, server, agent_id))
            case CallGuest():
                plan = PHONE if command.trunk is None else self._third(address)
                self._dial(Leg(command.leg_id, plan, Kind.GUEST, server))

    def _dial(self, leg: Leg) -> None:
        self._legs.add(leg)
        self._schedule.post(LegDialing(at=self._schedule.now, leg_id=leg.leg_id))
        self._later(leg, leg.plan.post_dial_s, self._network_replied)

    def execute(self, command: SwitchCommand) -> None:
        """Bridge, hang up, play, or take a call that arrived; recordings are of nothing here."""
        if isinstance(command, HangUp | LeaveToDialplan):
            leg = self._legs.get(command.leg_id)
            if leg is not None:
                self._end(leg, self._schedule.now, EndCause.CLEARED if leg.answered else EndCause.CANCELLED)
        elif isinstance(command, Bridge):
            self._bridge(command)
        elif isinstance(command, RingMember):
            self._dial(Leg(command.leg_id, PHONE, Kind.AGENT))
        elif isinstance(command, Supervise | Confer | LeaveTalk):
            self._arrange(command)
        elif isinstance(command, TakeCall):
            self._take(command)
        elif isinstance(command, PlayMessage | SendToDialplan):
            self._say(command)

    def open_legs(self) -> LegsOpen:
        """Return what is there, as a real switch tells every few seconds."""
        bridges = [pair for talk in self._legs.talks() for pair in self._pairs(talk)]
        return LegsOpen(
            at=self._schedule.now, legs=tuple(leg.leg_id for leg in self._legs), bridges=tuple(bridges)
        )

    @staticmethod
    def _pairs(inside: Sequence[Leg]) -> Iterator[tuple[LegId, LegId]]:
        customers, agents, guests = ([leg.leg_id for leg in inside if leg.kind is kind] for kind in Kind)
        if customers and agents:
            yield from product(customers, agents)
        else:
            yield from product(customers or guests, guests if customers else agents)
        yield from permutations(agents, 2)

    def drop(self, leg_id: LegId, cause: EndCause = EndCause.CLEARED) -> None:
        """Have the far end of a leg go away, for tests and shocks."""
        leg = self._legs.get(leg_id)
        if leg is not None:
            self._end(leg, self._schedule.now, cause)

    def lose(self, server: str) -> None:
        """Have a server die, for tests and shocks."""
        for leg in [leg for leg in self._legs if leg.server == server]:
            self._end(leg, self._schedule.now, EndCause.LOST)

    def part(self, leg_id: LegId) -> None:
        """Have a customer's talk lose what it is joined by, for tests and shocks."""
        leg = self._legs.get(leg_id)
        agent = None if leg is None else self._agent_of(leg)
        if leg is not None and agent is not None:
            leg.bridges += 1
            self._legs.leave(leg)
            reason = "the leg between the servers ended"
            self._schedule.post(
                LegsParted(at=self._schedule.now, customer_leg=leg_id, agent_leg=agent.leg_id, reason=reason)
            )

    def press(self, leg_id: LegId, digit: str) -> None:
        """Have the far end of a leg that is up press a key."""
        leg = self._legs.get(leg_id)
        if leg is not None and leg.answered:
            if digit == leg.opt_out_key:
                leg.opt_out_key, leg.played = "", leg.played + 1
            self._schedule.post(LegDigit(at=self._schedule.now, leg_id=leg_id, digit=digit))

    def arrive(self, arrival: str, plan: CallPlan) -> None:
        """Have somebody call us, for tests; whoever is not taken within `MESSAGE_S` hears the message and goes."""
        self._arrivals[arrival] = plan

        def give_up(_: float) -> None:
            self._arrivals.pop(arrival, None)

        self._schedule.later(MESSAGE_S, give_up)

    def _take(self, command: TakeCall) -> None:
        plan = self._arrivals.pop(command.arrival, None)
        if plan is None:
            gone = LegEnded(at=self._schedule.now, leg_id=command.leg_id, cause=EndCause.CLEARED)
            self._schedule.post(gone)
            return
        leg = Leg(command.leg_id, plan, called=True)
        self._legs.add(leg)
        self._later(leg, BRIDGE_S, self._picked_up)

    # --- a leg's life ---------------------------------------------------------------------------------

    def _later(self, leg: Leg, delay_s: float, action: Callable[[Leg, float], None]) -> None:
        """Do something to a leg after a delay, if it still lives by then."""
        if math.isinf(delay_s):
            return
        self._schedule.later(delay_s, lambda at: None if leg.ended else action(leg, at))

    def _network_replied(self, leg: Leg, at: float) -> None:
        if leg.plan.failure is not None:
            self._end(leg, at, leg.plan.failure, leg.plan.sip_code)
            return
        speaks = leg.plan.announces is not None and leg.plan.ring_s is None
        self._schedule.post(
            LegRinging(at=at, leg_id=leg.leg_id, sip_code=183 if speaks else 180, early_media=speaks)
        )
        if speaks:
            self._later(leg, ANNOUNCED_S, self._announced)
        if leg.plan.ring_s is not None:
            self._later(leg, leg.plan.ring_s, self._picked_up)

    def _picked_up(self, leg: Leg, at: float) -> None:
        leg.answered_at = at
        self._schedule.post(LegAnswered(at=at, leg_id=leg.leg_id, server=leg.server))
        if leg.plan.announces is not None:
            self._later(leg, ANNOUNCED_S, self._announced)
        if leg.plan.hearing is not None:
            self._later(leg, leg.plan.hearing.spoke_after_s, self._spoke)
            self._later(leg, leg.plan.hearing.after_s, self._classified)
        self._later(leg, leg.plan.patience_s, self._impatient)

    def _announced(self, leg: Leg, at: float) -> None:
        if (means := leg.plan.announces) is not None:
            said = f"announcement {means}"
            self._schedule.post(AnnouncementHeard(at=at, leg_id=leg.leg_id, means=means, said=said))

    def _spoke(self, leg: Leg, at: float) -> None:
        self._schedule.post(LegSpoke(at=at, leg_id=leg.leg_id))

    def _classified(self, leg: Leg, at: float) -> None:
        if (heard := leg.plan.hearing) is not None:
            self._schedule.post(
                LegClassified(at=at, leg_id=leg.leg_id, verdict=heard.verdict, cause=heard.cause)
            )

    def _impatient(self, leg: Leg, at: float) -> None:
        if leg.bridges == 0:
            self._end(leg, at, EndCause.CLEARED, 200)

    def _end(self, leg: Leg, at: float, cause: EndCause, sip_code: int | None = None) -> None:
        leg.ended = True
        hearing = self._legs.remove(leg)
        self._schedule.post(LegEnded(at=at, leg_id=leg.leg_id, cause=cause, sip_code=sip_code))
        for guest in hearing:
            self._end(guest, at, EndCause.CLEARED)

    # --- bridges and messages -------------------------------------------------------------------------

    def _bridge(self, command: Bridge) -> None:
        customer, agent = self._legs.get(command.customer_leg), self._legs.get(command.agent_leg)
        if customer is None or agent is None or not agent.answered:
            self._schedule.post(
                BridgeFailed(
                    at=self._schedule.now,
                    customer_leg=command.customer_leg,
                    agent_leg=command.agent_leg,
                    reason="leg is not up",
                    dead_leg=command.customer_leg if customer is None else command.agent_leg,
                )
            )
            return
        customer.bridges += 1
        this, across = customer.bridges, customer.server != agent.server

        def joined(leg: Leg, at: float) -> None:
            if agent.ended:
                self._schedule.post(
                    BridgeFailed(
                        at=at,
                        customer_leg=leg.leg_id,
                        agent_leg=agent.leg_id,
                        reason="leg is gone",
                        dead_leg=agent.leg_id,
                    )
                )
                return
            self._legs.join(leg, agent)
            if across:
                self._count_across()
            self._schedule.post(LegsBridged(at=at, customer_leg=leg.leg_id, agent_leg=agent.leg_id))
            self._later(leg, self._talk_s(leg.plan, agent), talked)

        def talked(leg: Leg, at: float) -> None:
            if leg.bridges == this:
                self._end(leg, at, EndCause.CLEARED, 200)

        self._later(customer, BRIDGE_S + (CROSSING_S if across else 0.0), joined)

    def _talk_s(self, plan: CallPlan, agent: Leg) -> float:
        if plan.is_machine or agent.agent_id is None:
            return plan.talk_s
        return plan.talk_s * self.tempo_of(agent.agent_id)

    def _count_across(self) -> None:
        there = ((leg, self._agent_of(leg)) for leg in self._legs if leg.kind is not Kind.AGENT)
        pairs = (tuple(sorted((leg.server, agent.server))) for leg, agent in there if agent is not None)
        self.most_across |= Counter(pair for pair in pairs if pair[0] != pair[1])

    def _arrange(self, command: Supervise | Confer | LeaveTalk) -> None:
        if isinstance(command, Supervise):
            self._supervise(command)
        elif isinstance(command, Confer):
            self._confer(command)
        elif (leg := self._legs.get(command.leg_id)) is not None:
            self._legs.leave(leg)

    def _confer(self, command: Confer) -> None:
        leg, beside = self._legs.get(command.leg_id), self._legs.get(command.beside)
        if leg is None or beside is None or beside.room is None:
            reason = "there is no talk to join"
            legs = {"customer_leg": command.leg_id, "agent_leg": command.beside}
            self._schedule.post(BridgeFailed(at=self._schedule.now, **legs, reason=reason))
            return
        self._legs.join_beside(leg, beside)

        def joined(leg: Leg, at: float) -> None:
            self._schedule.post(LegsBridged(at=at, customer_leg=leg.leg_id, agent_leg=command.beside))

        self._later(leg, BRIDGE_S, joined)

    def _supervise(self, command: Supervise) -> None:
        guest = self._legs.get(command.leg_id)
        if guest is None:
            return
        self._legs.hear(guest, command.agent_leg)
        if command.agent_leg not in self._legs:
            self._end(guest, self._schedule.now, EndCause.CLEARED)

    def _say(self, command: PlayMessage | SendToDialplan) -> None:
        if isinstance(command, PlayMessage):
            self._play(command)
        elif (leg := self._legs.get(command.leg_id)) is not None:
            leg.bridges += 1  # the dialplan speaks: patience is no matter any more

    def _play(self, command: PlayMessage) -> None:
        leg = self._legs.get(command.leg_id)
        waits = leg is not None and leg.called and leg.bridges == 0 and command.repeat
        if (
            leg is not None
            and leg.kind is not Kind.AGENT
            and not waits
            and (command.repeat or self._is_alone(leg))
        ):
            leg.bridges += 1  # somebody speaks: patience is no matter any more
            self._legs.leave(leg)
        if leg is not None and not command.repeat:
            leg.opt_out_key, leg.played = command.opt_out_key, leg.played + 1
            this = leg.played

            def over(heard: Leg, at: float) -> None:
                if heard.played == this:
                    self._schedule.post(MessagePlayed(at=at, leg_id=heard.leg_id))

            self._later(leg, MESSAGE_S + (self._beep_in_s(leg) if command.after_beep else 0.0), over)

    def _agent_of(self, leg: Leg) -> Leg | None:
        return next((one for one in self._legs.together(leg) if one.kind is Kind.AGENT), None)

    def _is_alone(self, leg: Leg) -> bool:
        return len(self._legs.together(leg)) <= 1

    def _beep_in_s(self, leg: Leg) -> float:
        if leg.answered_at is None:
            return 0.0
        return max(0.0, leg.answered_at + leg.plan.beep_after_s - self._schedule.now)
