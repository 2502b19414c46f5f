"""The simulated switch, with virtual time."""

import math
from collections.abc import Callable, Sequence
from itertools import count

from dialer.core.commands import CallAgent, CallGuest, Originate, OriginateCommand, SwitchCommand, TakeCall
from dialer.core.events import AnyEvent
from dialer.core.ids import AgentId, AttemptId, CallId, GuestId, LeadId, LegId, TrunkName
from dialer.core.rules.machine_detection import AmdSettings, Verdict
from dialer.core.states import EndCause
from dialer.core.switch_events import LegsBridged
from dialer.simulation.behaviour import CallPlan, Hearing
from dialer.simulation.telephony import SimulatedTelephony
from dialer.simulation.world import VirtualTime
from tests.contract.rig import Behaviour, Capability

PLANS = {
    Behaviour.ANSWERS: CallPlan(post_dial_s=0.1, ring_s=0.2),
    Behaviour.TALKS: CallPlan(post_dial_s=0.1, ring_s=0.2, talk_s=1.0),
    Behaviour.IMPATIENT: CallPlan(post_dial_s=0.1, ring_s=0.2, patience_s=0.5),
    Behaviour.BUSY: CallPlan(post_dial_s=0.1, failure=EndCause.BUSY, sip_code=486),
    Behaviour.DECLINES: CallPlan(post_dial_s=0.1, failure=EndCause.DECLINED, sip_code=603),
    Behaviour.INVALID: CallPlan(post_dial_s=0.1, failure=EndCause.UNALLOCATED, sip_code=404),
    Behaviour.CONGESTED: CallPlan(post_dial_s=0.1, failure=EndCause.CONGESTION, sip_code=503),
    Behaviour.NEVER_ANSWERS: CallPlan(post_dial_s=0.1),
    Behaviour.SILENT: CallPlan(post_dial_s=math.inf),
    Behaviour.SAYS_HELLO: CallPlan(
        post_dial_s=0.1,
        ring_s=0.2,
        hearing=Hearing(verdict=Verdict.HUMAN, cause="HUMAN-800-800", after_s=1.8),
    ),
    Behaviour.GREETS_AT_LENGTH: CallPlan(
        post_dial_s=0.1,
        ring_s=0.2,
        beep_after_s=3.5,
        hearing=Hearing(verdict=Verdict.MACHINE, cause="MAXWORDS-4-3", after_s=1.7),
    ),
    Behaviour.TONES: CallPlan(post_dial_s=0.1, announces=EndCause.UNALLOCATED),
    Behaviour.ANNOUNCED: CallPlan(post_dial_s=0.1, announces=EndCause.SWITCHED_OFF),
    Behaviour.ANSWERED_BY_TONES: CallPlan(post_dial_s=0.1, ring_s=0.2, announces=EndCause.CHANGED),
}


ELSEWHERE = "elsewhere"


def _server_of(command: OriginateCommand) -> str:
    return ELSEWHERE if isinstance(command, Originate) and command.trunk == ELSEWHERE else "here"


class SimulatedRig:
    """Fits `Rig`."""

    capabilities = frozenset(
        {
            Capability.KEYS,
            Capability.DETECTION,
            Capability.GUESTS,
            Capability.ANNOUNCEMENTS,
            Capability.WAY_OUT,
            Capability.DIALPLAN,
            Capability.CALLERS,
            Capability.SERVERS,
        }
    )

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self._time = VirtualTime(0.0)
        self._switch = SimulatedTelephony(
            self._time, lambda _, address: PLANS[Behaviour(address)], third=lambda to: PLANS[Behaviour(to)]
        )
        self._switch.server_of = _server_of
        self._ids = count(1)

    def place_customer(
        self, behaviour: Behaviour, amd: AmdSettings | None = None, *, trunk: str = "simulated"
    ) -> LegId:
        number = next(self._ids)
        leg_id = LegId(f"s-{number}")
        command = Originate(
            leg_id=leg_id,
            call_id=CallId(f"c-{number}"),
            attempt_id=AttemptId(f"a-{number}"),
            lead_id=LeadId(number),
            trunk=TrunkName(trunk),
            amd=amd,
        )
        self._switch.place(command, behaviour.value)
        return leg_id

    def place_agent(self) -> LegId:
        leg_id = LegId(f"s-{next(self._ids)}")
        self._switch.place(CallAgent(leg_id=leg_id, agent_id=AgentId(1)), "sip:agent@phone.example")
        return leg_id

    def take_caller(self, behaviour: Behaviour) -> LegId:
        leg_id = LegId(f"s-{next(self._ids)}")
        self._switch.arrive(leg_id, PLANS[behaviour])
        self._switch.execute(TakeCall(leg_id=leg_id, arrival=leg_id, wait_s=30))
        return leg_id

    def place_guest(self, beside: LegId) -> LegId:
        number = next(self._ids)
        command = CallGuest(leg_id=LegId(f"s-{number}"), guest_id=GuestId(number), beside=beside)
        self._switch.place(command, "sip:guest@phone.example")
        return command.leg_id

    def place_third(self, behaviour: Behaviour, beside: LegId) -> LegId:
        number = next(self._ids)
        command = CallGuest(
            leg_id=LegId(f"s-{number}"), guest_id=GuestId(number), beside=beside, trunk=TrunkName("simulated")
        )
        self._switch.place(command, behaviour.value)
        return command.leg_id

    def execute(self, command: SwitchCommand) -> None:
        self._switch.execute(command)

    def drop(self, leg_id: LegId) -> None:
        self._switch.drop(leg_id)

    def press(self, leg_id: LegId, keys: str) -> None:
        for key in keys:
            self._switch.press(leg_id, key)

    def wait_for(self, wanted: Callable[[AnyEvent], bool], *, within_s: float = 30.0) -> AnyEvent:
        until = self._time.now + within_s
        while True:
            for event in self.events:
                if wanted(event):
                    return event
            instant = self._time.next_instant(until)
            if not instant:
                raise AssertionError(f"it does not come; there were {self.events}")
            self.events += instant

    def settle(self, seconds: float = 0.5) -> None:
        until = self._time.now + seconds
        while instant := self._time.next_instant(until):
            self.events += instant
        self._time.now = until

    def hear_each_other(self, customer_leg: LegId, agent_leg: LegId) -> bool:
        raise AssertionError("nothing is heard here: mark the case with needs(Capability.AUDIO)")

    def who_hears(self, *legs: LegId) -> set[tuple[LegId, LegId]]:
        raise AssertionError("nothing is heard here: mark the case with needs(Capability.AUDIO)")

    def place_customer_elsewhere(self, behaviour: Behaviour) -> LegId:
        return self.place_customer(behaviour, trunk=ELSEWHERE)

    def kill_elsewhere(self) -> None:
        self._switch.lose(ELSEWHERE)

    def cut_between(self) -> None:
        for event in self.events:
            if isinstance(event, LegsBridged):
                self._switch.part(event.customer_leg)

    def joined(self) -> set[tuple[LegId, LegId]]:
        return set(self._switch.open_legs().bridges)

    def moment(self) -> float:
        raise AssertionError("nothing is heard here: mark the case with needs(Capability.AUDIO)")

    def who_heard(self, moments: Sequence[float], *legs: LegId) -> list[set[tuple[LegId, LegId]]]:
        raise AssertionError("nothing is heard here: mark the case with needs(Capability.AUDIO)")
