"""What the contract asks of an adapter's surroundings: people to call, phones, and a way to wait.

A rig is neutral about time: `wait_for` waits in real seconds or runs virtual ones.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from dialer.core.commands import SwitchCommand
from dialer.core.events import AnyEvent
from dialer.core.ids import LegId
from dialer.core.rules.machine_detection import AmdSettings


class Behaviour(StrEnum):
    """What a called number does. Those that answer ring first, shortly, and stay until they are hung up."""

    ANSWERS = "answers"
    TALKS = "talks"  # hangs up a second after it first heard somebody
    IMPATIENT = "impatient"  # hangs up half a second after it answered and heard nobody
    BUSY = "busy"
    DECLINES = "declines"
    INVALID = "invalid"
    CONGESTED = "congested"
    NEVER_ANSWERS = "never answers"
    SILENT = "silent"  # the network says nothing at all
    EARLY_MEDIA = "early media"  # plays ringback, answers half a second later
    SHOWS_VIDEO = "shows video"  # answers and stays, with video if that is offered
    MUTE = "mute"  # answers and never sends audio
    SAYS_HELLO = "says hello"  # 0.7 s of voice, then silence
    GREETS_AT_LENGTH = "greets at length"  # five words, a pause, a beep, then silence
    TONES = "tones"  # a SIT in early media: vacant, which means unallocated
    ANNOUNCED = "announced"  # a known announcement in early media: switched off
    ANSWERED_BY_TONES = "answered by tones"  # answers, and plays a SIT: intercept, which means changed


class Capability(StrEnum):
    """What not every adapter can show."""

    AUDIO = "audio"
    EARLY_MEDIA = "early media"
    ANNOUNCEMENTS = "announcements"  # hears what the network's machines say
    KEYS = "keys"  # tells the keys of an agent's phone
    DETECTION = "detection"  # finds out who picked up
    GUESTS = "guests"  # calls others to a talk
    VIDEO = "video"  # passes video on between customer and agent
    WAY_OUT = "way out"  # plays a recording that a key ends
    DIALPLAN = "dialplan"  # lets a leg go on in its own logic
    GUARDS = "guards"  # ends legs by itself that get no reply or no audio
    CALLERS = "callers"  # takes calls from a dialplan
    SERVERS = "servers"  # joins a customer at one server with an agent at another, and outlives either


class Rig(Protocol):
    """An adapter with everything around it."""

    capabilities: frozenset[Capability]
    events: list[AnyEvent]
    """Everything posted since the test began, in order."""

    def place_customer(self, behaviour: Behaviour, amd: AmdSettings | None = None) -> LegId:
        """Originate a call to a number that behaves so; with `amd`, find out who picked up."""

    def place_customer_elsewhere(self, behaviour: Behaviour) -> LegId:
        """Originate a call at another server than the agents' phones are at; only with `Capability.SERVERS`."""

    def kill_elsewhere(self) -> None:
        """Kill that other server; it stays dead until the test is over; only with `Capability.SERVERS`."""

    def cut_between(self) -> None:
        """End every leg between the servers from outside; only with `Capability.SERVERS`."""

    def place_agent(self) -> LegId:
        """Call an agent's phone, which answers."""

    def take_caller(self, behaviour: Behaviour) -> LegId:
        """Have somebody who behaves so once answered call a queue, and take the call; only with `Capability.CALLERS`."""

    def place_guest(self, beside: LegId) -> LegId:
        """Call a phone, which answers, to the talk of a leg; only with `Capability.GUESTS`."""

    def place_third(self, behaviour: Behaviour, beside: LegId) -> LegId:
        """Call a number that behaves so to the talk of a leg; only with `Capability.GUESTS`."""

    def execute(self, command: SwitchCommand) -> None:
        """Hand a command to the adapter."""

    def drop(self, leg_id: LegId) -> None:
        """Have the far end of a leg that is up hang up."""

    def press(self, leg_id: LegId, keys: str) -> None:
        """Have the far end of a leg that is up press keys, in turn; only with `Capability.KEYS` or `Capability.WAY_OUT`."""

    def wait_for(self, wanted: Callable[[AnyEvent], bool], *, within_s: float = 30.0) -> AnyEvent:
        """Return the first event of this test that is wanted, once it is there; fail if it does not come."""

    def settle(self, seconds: float = 0.5) -> None:
        """Let time pass in which something could wrongly happen, or audio flow."""

    def hear_each_other(self, customer_leg: LegId, agent_leg: LegId) -> bool:
        """Return whether each side has by now reported the other's sound; only with `Capability.AUDIO`."""

    def who_hears(self, *legs: LegId) -> set[tuple[LegId, LegId]]:
        """Hang all of them up; return who heard whom of them; only with `Capability.AUDIO`."""

    def who_sees(self, *legs: LegId) -> set[tuple[LegId, LegId]]:
        """Hang all of them up; return who saw whose video of them; only with `Capability.VIDEO`."""

    def recording(self, file: str) -> Path:
        """Return where a recording is; only with `Capability.AUDIO`."""

    def joined(self) -> set[tuple[LegId, LegId]]:
        """Return who is joined with whom, by an audit that begins now; only with `Capability.GUESTS`."""

    def moment(self) -> float:
        """Let audio flow for a while; return a time in its midst; only with `Capability.AUDIO`."""

    def who_heard(self, moments: Sequence[float], *legs: LegId) -> list[set[tuple[LegId, LegId]]]:
        """Hang all of them up; return who heard whom of them at each moment; only with `Capability.AUDIO`."""
