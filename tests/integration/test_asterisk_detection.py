"""Who picked up, as a real Asterisk hears it: words of tones over RTP, the shipped dialplan, the verdict that is told."""

import threading
import wave

import pytest

from cli.processes import emulator
from dialer.asterisk_config import AsteriskConfig
from dialer.config import Config, TrunkConfig
from dialer.core.rules.machine_detection import AmdSettings, CauseKind, ClockStart, Verdict, read_cause
from dialer.core.switch_events import LegClassified, LegSpoke
from telephony.asterisk import detection
from telephony.asterisk.ami import Ami
from tests.asterisk import NAME, asterisk

WITHIN_S = 40.0
CARRIER = """
[[rule]]
numbers = ["person"]
kind = "person"
ring_s = 0.1
speech = [0.3, 0.7]
[[rule]]
numbers = ["wordy"]
kind = "person"
ring_s = 0.1
speech = [0.3, 0.3, 0.14, 0.3, 0.14, 0.3, 0.14, 0.3, 0.14, 0.3, 1.0, 2.0]
[[rule]]
numbers = ["long"]
kind = "person"
ring_s = 0.1
speech = [0.3, 6.0]
[[rule]]
numbers = ["speechless"]
kind = "person"
ring_s = 0.1
speech = [1.0]
[[rule]]
numbers = ["mute"]
kind = "rtp-less"
ring_s = 0.1
"""


class Floor:
    """An Asterisk with the shipped dialplan, and both of its manager users."""

    def __init__(self, instance):
        self.instance = instance
        self.events = []
        self._changed = threading.Condition()
        self._acts, self._hears = Ami(), Ami(on_events=self._take)
        for ami, user in ((self._acts, "dialer"), (self._hears, "dialer-events")):
            ami.connect("127.0.0.1", instance.ports.manager, timeout_s=WITHIN_S)
            ami.login(user, instance.password, events=ami is self._hears)

    def _take(self, batch):
        with self._changed:
            self.events += batch
            self._changed.notify_all()

    def close(self):
        self._acts.close()
        self._hears.close()

    def send(self, action):
        reply = self._acts.send_action(action)
        assert reply.refused is None

    def wait_for(self, leg, **headers):
        """Return the first event of a leg's channel that has these headers."""

        def wanted(event):
            found = event.headers
            return found.get("Uniqueid") == leg and all(found.get(key) == headers[key] for key in headers)

        with self._changed:
            came = self._changed.wait_for(lambda: any(map(wanted, self.events)), WITHIN_S)
            assert came, [dict(one.headers) for one in self.events if one.headers.get("Uniqueid") == leg]
            return next(event.headers for event in self.events if wanted(event))

    def call(self, number, amd, leg):
        """Call a number whose answer is listened to; return the verdict."""
        self.send(
            {
                "Action": "Originate",
                "Channel": f"PJSIP/{number}@carrier",
                "ChannelId": leg,
                "Context": "dialer-customer",
                "Exten": "s",
                "Priority": "1",
                "Async": "true",
                "Variable": detection.variables(amd),
            }
        )
        told = self.wait_for(leg, Event="UserEvent", UserEvent=detection.CLASSIFIED)
        (verdict,) = detection.classified(leg, told, 5.0)
        return verdict


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("detection")
    (folder / "carrier.toml").write_text(CARRIER)
    with wave.open(str(folder / "call-back.wav"), "wb") as recording:
        recording.setparams((1, 2, 8000, 8000, "NONE", ""))
        recording.writeframes(bytes(16_000))
    behaviour = ("--behaviour", str(folder / "carrier.toml"))
    with emulator("carrier", behaviour, log=folder / "carrier.jsonl") as port:
        config = Config(
            trunks={"carrier": TrunkConfig(host="127.0.0.1", port=port, server=NAME)},
            asterisk=AsteriskConfig(messages={"call-back": folder / "call-back.wav"}),
        )
        with asterisk(config=config) as instance:
            floor = Floor(instance)
            yield floor
            floor.close()


@pytest.mark.parametrize(
    ("number", "verdict", "kind"),
    [
        ("person", Verdict.HUMAN, CauseKind.HUMAN),
        ("wordy", Verdict.MACHINE, CauseKind.MAX_WORDS),
        ("long", Verdict.MACHINE, CauseKind.LONG_GREETING),
        ("speechless", Verdict.MACHINE, CauseKind.INITIAL_SILENCE),
        ("mute", Verdict.UNSURE, CauseKind.NO_AUDIO),
    ],
)
def test_asterisk_tells_who_picked_up_and_why(floor, number, verdict, kind):
    leg = f"judge-{number}"
    told = floor.call(number, AmdSettings(on=True), leg)
    assert isinstance(told, LegClassified)
    assert (told.leg_id, told.verdict, read_cause(told.cause).kind) == (leg, verdict, kind)
    floor.wait_for(leg, Event="BridgeEnter")


def test_the_parameters_of_the_campaign_decide(floor):
    told = floor.call("person", AmdSettings(on=True, greeting_ms=300), "judge-strictly")
    assert (told.verdict, read_cause(told.cause).kind) == (Verdict.MACHINE, CauseKind.LONG_GREETING)


def test_the_first_voice_is_told_if_the_clock_needs_it(floor):
    amd = AmdSettings(on=True, clock=ClockStart.GREETING_START)
    assert floor.call("person", amd, "judge-voice").verdict is Verdict.HUMAN
    heard = floor.wait_for("judge-voice", Event=detection.SPOKE)
    assert [*detection.spoke(heard["Uniqueid"], 1.0)] == [LegSpoke(at=1.0, leg_id="judge-voice")]


@pytest.mark.parametrize(
    ("message", "failed"), [("call-back", ""), ("nothing", "there is no such recording at Asterisk")]
)
def test_a_machine_is_left_the_message_when_it_has_fallen_silent(floor, message, failed):
    leg = f"judge-{message}"
    assert floor.call("wordy", AmdSettings(on=True), leg).verdict is Verdict.MACHINE
    channel = floor.wait_for(leg, Event="BridgeEnter")["Channel"]
    floor.send({"Action": "Setvar", "Channel": channel, "Variable": "DIALER_MESSAGE", "Value": message})
    floor.send(
        {
            "Action": "Redirect",
            "Channel": channel,
            "Context": detection.MACHINE_MESSAGE,
            "Exten": "s",
            "Priority": "1",
        }
    )
    told = floor.wait_for(leg, Event="UserEvent", UserEvent="DialerMessage")
    assert told["Message"] == message
    assert told["Failed"] == failed
