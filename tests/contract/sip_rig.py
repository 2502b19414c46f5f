"""The SIP adapter, with an emulated carrier and emulated phones on loopback.

The processes live as long as the test module; each test sees only its own events and leaves no leg behind.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from dialer.config import SipConfig, TrunkConfig
from dialer.core.commands import CallAgent, CallGuest, HangUp, Originate, SwitchCommand
from dialer.core.events import AnyEvent
from dialer.core.ids import AgentId, AttemptId, CallId, GuestId, LeadId, LegId, TrunkName
from dialer.core.rules.machine_detection import AmdSettings
from dialer.core.switch_events import LegEnded, LegsOpen, OriginateRefused
from dialer.live.clock import Clock
from telephony.sip.emulator.hearing import Heard
from telephony.sip.emulator.log import Ended, Segment
from telephony.sip.pool import SipTelephony
from tests import sounds
from tests.contract.rig import Behaviour, Capability
from tests.integration.scripted_caller import Player

HOST = "127.0.0.1"
AGENTS = 8
AROUND_S = 0.5
"""Heard so shortly before or after a moment counts as heard then: a busy machine makes gaps."""
SEEN_PACKETS = 10
"""Of video: a fifth of a second of it."""
RECORDING = "off.wav"
RULES = {
    Behaviour.ANSWERS: 'kind = "person"\npost_dial_s = 0.05\nring_s = 0.15',
    Behaviour.TALKS: 'kind = "person"\nring_s = 0.2\ntalk_s = 1\ncause = 16',
    Behaviour.IMPATIENT: 'kind = "person"\nring_s = 0.2\npatience_s = 0.5',
    Behaviour.BUSY: 'kind = "busy"\ncause = 17',
    Behaviour.DECLINES: 'kind = "declined"',
    Behaviour.INVALID: 'kind = "invalid"',
    Behaviour.CONGESTED: 'kind = "congestion"\ncause = 34',
    Behaviour.NEVER_ANSWERS: 'kind = "no-answer"',
    Behaviour.SILENT: 'kind = "silent"',
    Behaviour.EARLY_MEDIA: 'kind = "early-media"\nring_s = 0.5',
    Behaviour.SHOWS_VIDEO: 'kind = "person"\nring_s = 0.15\nvideo = true',
    Behaviour.MUTE: 'kind = "rtp-less"\nring_s = 0.1',
    Behaviour.SAYS_HELLO: 'kind = "person"\nring_s = 0.1\nspeech = [0.3, 0.7]',
    Behaviour.GREETS_AT_LENGTH: (
        'kind = "person"\nring_s = 0.1\n'
        "speech = [0.3, 0.3, 0.14, 0.3, 0.14, 0.3, 0.14, 0.3, 0.14, 0.3, 0.5, 0.5]"
    ),
    Behaviour.TONES: 'kind = "announcement"\nplays = "sit-vacant"',
    Behaviour.ANNOUNCED: f'kind = "announcement"\nplays = "{{folder}}/{RECORDING}"',
    Behaviour.ANSWERED_BY_TONES: 'kind = "machine"\nring_s = 0.2\ntalk_s = 20\nplays = "sit-intercept"',
}
NUMBERS = {behaviour: f"+121255501{index:02}" for index, behaviour in enumerate(RULES)}


def behaviour_file(directory: Path) -> Path:
    """Write what the numbers do, and the recording that one of them plays."""
    sounds.write_wav(directory / RECORDING, sounds.speech(7, 5.0))
    path = directory / "behaviour.toml"
    rules = ((NUMBERS[one], rule.replace("{folder}", str(directory))) for one, rule in RULES.items())
    path.write_text("\n".join(f'[[rule]]\nnumbers = ["{number}"]\n{rule}' for number, rule in rules))
    return path


def causes_file(directory: Path) -> None:
    """Write `causes.toml`, what the carrier's tones and its recording mean."""
    (directory / "causes.toml").write_text(
        f'[sit]\n[[plays]]\nrecording = "{RECORDING}"\nmeans = "switched_off"\n'
    )


def sip_config(directory: Path, **settings: object) -> SipConfig:
    """Return settings whose ports no other test process uses."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    ports = {"port": 21000 + 500 * worker, "rtp_port": 40000 + 1000 * worker, "ports": 100}
    return SipConfig(**{"recordings": directory / "recordings", **ports, **settings})


class Sink:
    """Takes what an adapter posts and notes, on its thread, and lets a test wait for it."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.audits: list[LegsOpen] = []
        self.messages: list[tuple[LegId, float, str, str]] = []
        self._changed = threading.Condition()

    def post(self, event: AnyEvent) -> None:
        with self._changed:
            (self.audits if isinstance(event, LegsOpen) else self.events).append(event)
            self._changed.notify_all()

    def note(self, leg_id: LegId, at: float, direction: str, text: str) -> None:
        self.messages.append((leg_id, at, direction, text))

    def wait_for(
        self, wanted: Callable[[AnyEvent], bool], *, within_s: float = 30.0, since: int = 0
    ) -> AnyEvent:
        """Return the first wanted event after the first `since`."""
        with self._changed:
            if not self._changed.wait_for(lambda: any(map(wanted, self.events[since:])), within_s):
                raise AssertionError(f"it does not come; there were {self.events[since:]}")
            return next(filter(wanted, self.events[since:]))


def originate(number: int, *, trunk: str = "carrier", amd: AmdSettings | None = None) -> Originate:
    """Return a command whose ids all follow from a number."""
    return Originate(
        leg_id=LegId(f"t-{number}"),
        call_id=CallId(f"c-{number}"),
        attempt_id=AttemptId(f"a-{number}"),
        lead_id=LeadId(number),
        trunk=TrunkName(trunk),
        amd=amd,
    )


class SipRig:
    """Fits `Rig`."""

    capabilities = frozenset(Capability) - {
        Capability.DETECTION,
        Capability.DIALPLAN,
        Capability.CALLERS,
        Capability.SERVERS,
        Capability.VIDEO,
    }
    lines = 6
    phones_have: tuple[str, ...] = ()
    """More options of the phones' process."""

    def __init__(self, directory: Path) -> None:
        causes_file(directory)
        self._directory = directory
        behaviour = str(behaviour_file(directory))
        # Patient far ends: a switch's own guard is to act first where nothing is heard.
        options = ("--control", "--rtp-timeout", "20")
        self._carrier = Player("carrier", directory / "carrier.log", "--behaviour", behaviour, *options)
        self._phones = Player(
            "phones", directory / "phones.log", "--agents", str(AGENTS), *self.phones_have, *options
        )
        self._sink = Sink()
        self._switch = self._make_switch(directory, self._carrier.port)
        self._ids = count(1)
        self._since = 0
        self._cleared_at = 0.0
        self._users: dict[LegId, str] = {}
        self._switch.start()
        self._since = len(self._sink.events)  # a switch may tell of its trunks as it starts

    def _make_switch(self, directory: Path, carrier_port: int) -> SipTelephony:
        trunk = TrunkConfig(
            host=HOST,
            port=carrier_port,
            caller_id="+12125550199",
            lines=self.lines,
            causes=directory / "causes.toml",
        )
        return SipTelephony(
            sip_config(directory),
            {"carrier": trunk},
            clock=Clock(),
            post=self._sink.post,
            note=self._sink.note,
        )

    @property
    def events(self) -> list[AnyEvent]:
        return self._sink.events[self._since :]

    def place_customer(self, behaviour: Behaviour, amd: AmdSettings | None = None) -> LegId:
        command = originate(next(self._ids), amd=amd)
        self._users[command.leg_id] = NUMBERS[behaviour]
        self._switch.place(command, NUMBERS[behaviour])
        return command.leg_id

    def place_customer_elsewhere(self, behaviour: Behaviour) -> LegId:
        raise AssertionError("there is one switch here: mark the case with needs(Capability.SERVERS)")

    def kill_elsewhere(self) -> None:
        raise AssertionError("there is one switch here: mark the case with needs(Capability.SERVERS)")

    def cut_between(self) -> None:
        raise AssertionError("there is one switch here: mark the case with needs(Capability.SERVERS)")

    def place_agent(self) -> LegId:
        number = next(self._ids)
        leg_id = LegId(f"t-{number}")
        self._users[leg_id] = f"agent-{number % AGENTS + 1}"
        self._switch.place(
            CallAgent(leg_id=leg_id, agent_id=AgentId(number)),
            f"sip:{self._users[leg_id]}@{HOST}:{self._phones.port}",
        )
        return leg_id

    def place_guest(self, beside: LegId, number: str = "") -> LegId:
        """Call a phone, or a number of the carrier's, to the talk of a leg."""
        guest_id = GuestId(next(self._ids))
        command = CallGuest(leg_id=LegId(f"t-{guest_id}"), guest_id=guest_id, beside=beside)
        user = self._users[command.leg_id] = number or f"agent-{guest_id % AGENTS + 1}"
        player = self._carrier if number else self._phones
        self._switch.place(command, f"sip:{user}@{HOST}:{player.port}")
        return command.leg_id

    def place_third(self, behaviour: Behaviour, beside: LegId) -> LegId:
        number = next(self._ids)
        command = CallGuest(
            leg_id=LegId(f"t-{number}"),
            guest_id=GuestId(number),
            beside=beside,
            trunk=TrunkName("carrier"),
        )
        self._users[command.leg_id] = NUMBERS[behaviour]
        self._switch.place(command, NUMBERS[behaviour])
        return command.leg_id

    def execute(self, command: SwitchCommand) -> None:
        self._switch.execute(command)

    def drop(self, leg_id: LegId) -> None:
        user = self._users[leg_id]
        player = self._phones if user.startswith("agent") else self._carrier
        player.tell(do="hang-up", number=user)

    def press(self, leg_id: LegId, keys: str) -> None:
        user = self._users[leg_id]
        player = self._phones if user.startswith("agent") else self._carrier
        player.tell(do="press", number=user, keys=keys)

    def wait_for(self, wanted: Callable[[AnyEvent], bool], *, within_s: float = 30.0) -> AnyEvent:
        return self._sink.wait_for(wanted, within_s=within_s, since=self._since)

    def settle(self, seconds: float = 0.5) -> None:
        time.sleep(seconds)  # what must not happen has no sign to wait for

    def hear_each_other(self, customer_leg: LegId, agent_leg: LegId) -> bool:
        """Close both legs, so that what they heard is told, and compare it."""
        for leg_id in (customer_leg, agent_leg):
            self.execute(HangUp(leg_id=leg_id))
            self.wait_for(lambda event, leg=leg_id: isinstance(event, LegEnded) and event.leg_id == leg)
        return all(
            self._heard(player, self._users[leg_id])
            for leg_id, player in ((customer_leg, self._carrier), (agent_leg, self._phones))
        )

    def _heard(self, player: Player, user: str) -> bool:
        """Return whether a far end heard the other one at all, however many gaps a busy machine made."""
        found = player.await_event(
            Ended, lambda event: event.number == user and (event.answered_at or 0.0) > self._cleared_at
        )
        return found.first_peer_audio_at is not None

    def who_hears(self, *legs: LegId) -> set[tuple[LegId, LegId]]:
        """Compare what each heard, as it says at its end, with what the others sent."""
        for leg_id in legs:
            self.execute(HangUp(leg_id=leg_id))
        said = {leg_id: self.last_word(leg_id) for leg_id in legs}
        return {
            (listener, speaker)
            for listener in legs
            for speaker in legs
            if said[speaker].sent_pair in [heard.pair for heard in said[listener].heard]
        }

    def who_sees(self, *legs: LegId) -> set[tuple[LegId, LegId]]:
        """Compare what each saw, as it says at its end, with what the others sent."""
        for leg_id in legs:
            self.execute(HangUp(leg_id=leg_id))
        said = {leg_id: self.last_word(leg_id) for leg_id in legs}
        return {
            (viewer, shown)
            for viewer in legs
            for shown in legs
            if said[viewer].video_seen.get(said[shown].sent_pair, 0) >= SEEN_PACKETS
        }

    def recording(self, file: str) -> Path:
        return self._directory / "recordings" / file

    def joined(self) -> set[tuple[LegId, LegId]]:
        """Ask for the second audit that comes: the first may have begun before."""
        before = len(self._sink.audits)
        deadline = time.monotonic() + 30
        while len(self._sink.audits) < before + 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        return set(self._sink.audits[-1].bridges)

    def moment(self) -> float:
        time.sleep(1.2)  # what was heard before is over by then, on a busy machine too
        at = time.time()
        time.sleep(0.7)
        return at

    def who_heard(self, moments: Sequence[float], *legs: LegId) -> list[set[tuple[LegId, LegId]]]:
        """Compare what each heard, as it says at its end, with what the others sent."""
        for leg_id in legs:
            self.execute(HangUp(leg_id=leg_id))
        sent = {leg_id: self.last_word(leg_id).sent_pair for leg_id in legs}
        heard = {leg_id: self._segments(leg_id) for leg_id in legs}
        return [
            {
                (listener, speaker)
                for listener in legs
                for speaker in legs
                for one in heard[listener]
                if one.pair == sent[speaker]
                and one.first_at <= at + AROUND_S
                and one.last_at >= at - AROUND_S
            }
            for at in moments
        ]

    def _segments(self, leg_id: LegId) -> list[Heard]:
        player = self._phones if self._users[leg_id].startswith("agent") else self._carrier
        ended = self.last_word(leg_id)
        told = [event for event in player.events() if isinstance(event, Segment)]
        return [event.heard for event in told if event.leg == ended.leg]

    def last_word(self, leg_id: LegId) -> Ended:
        """Return what a far end told of a leg at its end; what it tells late of an earlier test's is none of it."""
        user = self._users[leg_id]
        player = self._phones if user.startswith("agent") else self._carrier
        return player.await_event(
            Ended,
            lambda event: event.number == user and (event.answered_at or event.at) > self._cleared_at,
        )

    def last_words(self, *legs: LegId) -> list[Ended]:
        """Hang all of them up; return what the far ends told of answered calls since the test began, in any order.

        Several may be of one number.
        """
        for leg_id in legs:
            self.execute(HangUp(leg_id=leg_id))
        for leg_id in legs:
            self.wait_for(lambda event, leg=leg_id: isinstance(event, LegEnded) and event.leg_id == leg)
        deadline = time.monotonic() + 30
        told: list[Ended] = []
        while len(told) < len(legs) and time.monotonic() < deadline:
            time.sleep(0.05)
            events = [*self._carrier.events(), *self._phones.events()]
            told = [one for one in events if isinstance(one, Ended) and one.at > self._cleared_at]
        return told

    def clear(self) -> None:
        """End what a test left, and forget it."""
        ended = {event.leg_id for event in self.events if isinstance(event, LegEnded | OriginateRefused)}
        for leg_id in self._users.keys() - ended:
            self.execute(HangUp(leg_id=leg_id))
            self.wait_for(
                lambda event, leg=leg_id: (
                    isinstance(event, LegEnded | OriginateRefused) and event.leg_id == leg
                )
            )
        self._users.clear()
        self._since = len(self._sink.events)
        self._cleared_at = time.time()

    def close(self) -> None:
        """End everything."""
        self._switch.close()
        self._carrier.stop()
        self._phones.stop()
